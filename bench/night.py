"""`make bench`: reading with openpyxl alone, reading here, and the whole run, on the same workbooks, side by side.

Usage: python -m bench.night [35 350 1500]
Each figure is one whole process with everything it starts; memory is the highest sum over the process and its children.
On a machine with other work to do, processor seconds say more than the clock. (c) works in two processes, (a) in one: where
openpyxl in two does not take half of what it takes in one, the second processor is none (its neighbours have it).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.province import DAY, Province, build, sound_forms

SIZES = (35, 350, 1500)
TO_REACH = "to reach: (c) under half of (a) for 1,500, a quarter is the aim; memory under 1,000 MB; one quiet district under 15 s"


@dataclass(frozen=True)
class Cost:
    """What a whole process took: seconds by the clock and of processors, peak megabytes, children included; its exit code."""

    seconds: float
    processor: float
    megabytes: float
    code: int


def measured(command: list[str], environment: dict[str, str], log: Path) -> Cost:
    """Run a command and return its cost; what it prints goes to a log."""
    with log.open("wb") as out:
        begin = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        watch = _Watch(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    megabytes, processor = watch.stop()
    # The system buries the children of the foreman that serves a night, and tells nobody what they used: they were watched.
    return Cost(seconds, max(used.ru_utime + used.ru_stime, processor), megabytes, process.returncode)


LOOKS_A_SECOND = 10  # at processor time; at memory once


class _Watch:
    """Adds up processor time and, once a second, memory of a process and all that descend from it.

    Each shared page counts once, so that the system goes through all pages of all these processes: ten times a second that
    took a tenth of both processors. Of a process that ended, the time it had used when it was last looked at.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0.0
        self._used: dict[int, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        looks = 0
        while not self._done.wait(1 / LOOKS_A_SECOND):
            family = _family(self._pid)
            if looks % LOOKS_A_SECOND == 0:
                self._peak = max(self._peak, sum(map(_megabytes, family)))
            looks += 1
            self._used.update((pid, seconds) for pid in family if (seconds := _processor(pid)))

    def stop(self) -> tuple[float, float]:
        """Return the highest megabytes and the seconds of processors."""
        self._done.set()
        self._thread.join()
        return self._peak, sum(self._used.values())


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _megabytes(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _processor(pid: int) -> float:
    """Return the seconds a process itself has used so far; 0.0 for one that is gone."""
    try:
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def environment_of(province: Province) -> dict[str, str]:
    """Return the environment in which a run sees the province and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KLA_", "PREFECT_"))}
    prefect = {"PREFECT_HOME": str(province.home.parent / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    return {**kept, **prefect, "KLA_HOME": str(province.home), "KLA_VAR": str(province.var), "DO_NOT_TRACK": "1"}


def migrated_home(folder: Path) -> Path:
    """Return a Prefect home with its database migrated, as `make setup` leaves it."""
    environment = {**os.environ, "PREFECT_HOME": str(folder)}
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return folder


def bench(size: int, root: Path, models: list[tuple[str, Path]], prefect: Path) -> None:
    """Measure one size and print its rows."""
    province = build(root, size, models)
    shutil.copytree(prefect, root / "prefect")
    environment = environment_of(province)
    listing = root / "forms.txt"
    listing.write_text("\n".join(map(str, province.forms)))
    kla = [sys.executable, "-m", "desk.main", "nightly", "--as-of", DAY]
    alone = measured([sys.executable, "-m", "bench.readers", "openpyxl", str(listing)], environment, root / "a.log")
    twice = measured(
        [sys.executable, "-m", "bench.readers", "openpyxl-twice", str(listing)], environment, root / "a.log"
    )
    here = measured([sys.executable, "-m", "bench.readers", "here", str(listing)], environment, root / "b.log")
    whole = measured(kla, environment, root / "c.log")
    quiet = measured([*kla, "--district", province.codes[0]], environment, root / "d.log")
    named = {
        "(a) openpyxl read-only, reading alone": alone,
        "    the same in two processes": twice,
        "(b) reading here": here,
        "(c) the whole run, pages included": whole,
        "(d) one district, nothing new, cold": quiet,
    }
    pages = sum(1 for path in (province.var / "public").rglob("*") if path.is_file())
    print(f"\n{size} workbooks, {len(province.codes)} districts, {pages} files published")
    print(f"{'':40}{'s':>8}{'of (a)':>9}{'ms/book':>9}{'cpu s':>8}{'MB':>7}{'exit':>6}")
    for name, cost in named.items():
        share, each = f"{cost.seconds / alone.seconds:.0%}", f"{cost.seconds / size * 1000:.1f}"
        if cost is quiet:
            share = each = ""
        print(
            f"{name:40}{cost.seconds:8.1f}{share:>9}{each:>9}{cost.processor:8.1f}{cost.megabytes:7.0f}{cost.code:6}",
            flush=True,
        )


def main(sizes: list[int]) -> None:
    """Measure the sizes in turn, in a temporary folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kla-bench-") as folder:
        root = Path(folder)
        print("making the workbooks ...", flush=True)
        models = sound_forms(root / "model")
        prefect = migrated_home(root / "prefect")
        for size in sizes:
            bench(size, root / str(size), models, prefect)
            shutil.rmtree(root / str(size))
        print(f"\n{TO_REACH}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
