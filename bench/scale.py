"""`make bench-scale`: whole nights of a province or the nation, on both databases and with one, two or more processes.

Usage: python -m bench.scale [1500 6000 18000] [--engine sqlite,postgresql] [--spread 1,2,dask]
Beside each size stand, of the same run of this command: the floor (unzip each workbook and look at every byte of its XML)
and openpyxl read-only, both on a sample of the files and scaled up where there are more than SAMPLE of them; a second
night in which 1 % of the workbooks came anew, one in which nothing did, both once more on another day, 1 % once again, then
a zone at a time. PostgreSQL is started for the measurement from /usr/lib/postgresql; where there is none the command says
so and leaves it out.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.night import Cost, environment_of, measured, migrated_home
from bench.province import AGAIN, DAY, FURTHER_DAY, LAST_DAY, LATER_DAY, NEXT_DAY, Province, build, renew, sound_forms
from kla.io.districts import regencies
from kla.io.seen_files import SETTLED_NS

SIZES = (1500, 6000, 18000)
SAMPLE = 1500  # openpyxl takes the same for each workbook; an hour of it tells no more than a minute
NEW = 0.01
# Each begins with what the one before left: its name, its day, which part of the workbooks comes anew. On another day the
# days that are left are others, so every page is.
NIGHTS = (
    ("night", DAY, 0.0),
    ("1 % new, same day", DAY, NEW),
    ("nothing new, same day", DAY, 0.0),
    ("1 % new, next day", NEXT_DAY, NEW),
    ("nothing new, a day later", LATER_DAY, 0.0),
    ("1 % new, a further day", FURTHER_DAY, NEW),
)
# As nights are scheduled: a zone at a time, on one more day, after 1 % came anew in all of them.
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
TO_REACH = (
    "to reach: ms/book flat within 10 % from 1,500 to 18,000; 18,000 with all pages under 600 s (300 is the aim) and "
    "1,500 MB on 2 cores; a night with 1 % new under 45 s"
)
_TOOK = re.compile(r"bagian .*?: (.*)$")
_VERB = re.compile(r"([^,]+?) ([0-9.]+) s")


def engines(wanted: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, warehouse URL) of each engine that is wanted and there; "" means SQLite beside the province."""
    for name in wanted:
        if name == "sqlite":
            yield name, ""
        elif found := sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            with (
                tempfile.TemporaryDirectory(prefix="kla-scale-pg-") as folder,
                cluster(found[-1].parent, folder) as url,
            ):
                yield name, url
        else:
            print("postgresql: not installed here, left out", flush=True)


@contextmanager
def cluster(programs: Path, place: str) -> Iterator[str]:
    """Give the URL of a PostgreSQL of our own, reached by a socket in its folder, as its packages configure it."""
    from kla.io.settings import environment

    folder, as_user = Path(place), list[str]()
    if os.geteuid() == 0:  # initdb refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data, run = folder / "data", {"check": True, "capture_output": True, "env": environment({"LC_ALL": "C"})}
    subprocess.run([*as_user, programs / "initdb", "-D", data, "-A", "trust", "-U", "kla", "-E", "UTF8"], **run)
    options = f"-c listen_addresses='' -k {folder}"
    control = [*as_user, programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], **run)
    try:
        yield f"postgresql+psycopg://kla@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **run)


def floor(listing: Path) -> int:
    """Return the number of bytes of XML in the workbooks, each part unzipped and looked through once."""
    size = 0
    for line in listing.read_text().splitlines():
        with zipfile.ZipFile(line) as book:
            for name in book.namelist():
                content = book.read(name)
                size += len(content) + content.count(b't="e"')
    return size


def fresh(province: Province, prefect: Path) -> None:
    """Leave of a province only what arrived at first, and a Prefect home in which nothing ran."""
    for path in (province.var / "inbox").glob(f"*/*/{AGAIN} *"):
        path.unlink()
    for path in province.var.iterdir():
        if path.name != "inbox":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    home = province.home.parent / "prefect"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(prefect, home)


def emptied(url: str) -> None:
    """Drop whatever an earlier night left in a PostgreSQL warehouse."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()


def verbs(log: Path) -> str:
    """Return how many seconds each verb took, added up over the parts that ran side by side."""
    total: dict[str, float] = {}
    for line in log.read_text(errors="replace").splitlines():
        if found := _TOOK.search(line):
            for name, seconds in _VERB.findall(found[1]):
                total[name.strip()] = total.get(name.strip(), 0.0) + float(seconds)
    return ", ".join(f"{name} {seconds:.0f}" for name, seconds in total.items())


def digest(url: str) -> str:
    """Return the sha256 of all facts of a warehouse: the same whatever the engine and whoever served the districts."""
    from kla.io.warehouse import open_warehouse
    from kla.io.warehouse.export import digest_of, export

    with open_warehouse(url) as warehouse:
        return digest_of(export(warehouse))


def stored(province: Province, url: str, size: int) -> str:
    """Return how many megabytes each place holds after the nights, and what a workbook takes of it in kilobytes."""
    from sqlalchemy import create_engine, text

    held = {path.name: path for path in sorted(province.var.iterdir()) if path.name != "inbox"}
    bytes_ = {
        name: sum(it.stat().st_size for it in (place, *place.rglob("*")) if it.is_file())
        for name, place in held.items()
    }
    if url:
        engine = create_engine(url)
        with engine.connect() as connection:
            bytes_["database"] = connection.execute(text("select pg_database_size(current_database())")).scalar_one()
        engine.dispose()
    each = sum(bytes_.values()) / 1024 / size
    return ", ".join(f"{name} {it / 2**20:.1f}" for name, it in bytes_.items()) + f"; {each:.0f} KB/book"


def told(name: str, cost: Cost, size: int, alone: float, more: str = "") -> None:
    """Print one row."""
    print(
        f"  {name:34}{cost.seconds:8.1f}{cost.seconds / alone:8.0%}{cost.seconds / size * 1000:9.1f}"
        f"{cost.processor:9.1f}{cost.megabytes:7.0f}{cost.code:5}  {more}",
        flush=True,
    )


def reading_alone(province: Province, root: Path, environment: dict[str, str]) -> float:
    """Print the floor and openpyxl, and return the seconds openpyxl needs for all workbooks."""
    listing, size = root / "forms.txt", len(province.forms)
    some = province.forms[:: max(1, size // SAMPLE)][:SAMPLE]
    listing.write_text("\n".join(map(str, some)))
    scale = size / len(some)
    ways = {
        "floor: unzip and look": ["bench.scale", "--floor", str(listing)],
        "openpyxl read-only": ["bench.readers", "openpyxl", str(listing)],
    }
    costs = {
        name: measured([sys.executable, "-m", *way], environment, root / "alone.log") for name, way in ways.items()
    }
    costs = {name: Cost(it.seconds * scale, it.processor * scale, it.megabytes, it.code) for name, it in costs.items()}
    alone = costs["openpyxl read-only"].seconds
    for name, cost in costs.items():
        told(name, cost, size, alone, "" if scale == 1 else f"scaled from {len(some)}")
    return alone


def arrive(province: Province, new: float) -> None:
    """Let a part of the workbooks come anew, and wait until they lie still: what landed a moment ago is read again."""
    if new:
        renew(province, max(1, int(len(province.forms) * new)))
        time.sleep(SETTLED_NS / 1e9)


def by_zone(province: Province) -> dict[str, int]:
    """Return how many districts of the province each zone has, those that have any."""
    zones = [str(regencies()[code].zone) for code in province.codes]
    return {name: zones.count(zone) for name, zone in ZONES.items() if zone in zones}


def bench(size: int, root: Path, models: list[tuple[str, Path]], prefect: Path, asked: argparse.Namespace) -> None:
    """Measure one size on each engine and spread, and print its rows."""
    province = build(root, size, models)
    print(f"\n{size} workbooks, {len(province.codes)} districts")
    print(f"  {'':34}{'s':>8}{'share':>8}{'ms/book':>9}{'cpu s':>9}{'MB':>7}{'exit':>5}")
    fresh(province, prefect)
    alone = reading_alone(province, root, environment_of(province))
    facts: set[str] = set()
    for engine, url in engines(asked.engine.split(",")):
        for spread in asked.spread.split(","):
            fresh(province, prefect)
            if url:
                emptied(url)
            environment = environment_of(province) | {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO"}
            environment |= {"KLA_WAREHOUSE_URL": url} if url else {}
            environment |= {"KLA_RUNNER": "dask", "KLA_WORKERS": "2"} if spread == "dask" else {"KLA_WORKERS": spread}
            kla, log = [sys.executable, "-m", "desk.main", "nightly", "--as-of"], root / "night.log"
            for name, day, new in NIGHTS:
                arrive(province, new)
                cost = measured([*kla, day], environment, log)
                told(f"{name}, {engine}, {spread}", cost, size, alone, verbs(log))
            if len(zones := by_zone(province)) > 1:
                arrive(province, NEW)
                for name, count in zones.items():
                    cost = measured([*kla, LAST_DAY, "--zone", ZONES[name]], environment, log)
                    told(f"1 % new, {name} ({count} districts)", cost, size, alone, verbs(log))
            facts.add(digest(url or f"sqlite:///{province.var / 'warehouse.db'}"))
            print(f"    stored, MB: {stored(province, url, size)}", flush=True)
    print(f"  facts of these nights: {'the same' if len(facts) == 1 else f'{len(facts)} DIFFERENT ones'}", flush=True)


def main() -> None:
    """Measure the sizes in turn, in a temporary folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--engine", default="sqlite,postgresql")
    parser.add_argument("--spread", default="1,2,dask")
    parser.add_argument("--floor", type=Path)
    asked = parser.parse_args()
    if asked.floor:
        print(floor(asked.floor))
        return
    with tempfile.TemporaryDirectory(prefix="kla-scale-") as folder:
        root = Path(folder)
        models = sound_forms(root / "model")
        prefect = migrated_home(root / "prefect")
        for size in asked.sizes:
            bench(size, root / str(size), models, prefect, asked)
            shutil.rmtree(root / str(size), ignore_errors=True)
        print(f"\n{TO_REACH}")


if __name__ == "__main__":
    main()
