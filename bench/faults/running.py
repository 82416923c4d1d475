"""Runs each goal in a process of its own, so that what kills one is its own red and nobody else's."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.faults.goal import MUTANT, Budget, Figure, not_tried

_NAME = re.compile(r"g(\d\d)\.py$")
_HERE = Path(__file__).parent
CHECKOUT = _HERE.parents[1]
MOST_SECONDS, MOST_LONG_SECONDS = (
    540.0,
    3400.0,
)  # of all goals together: 10 minutes and an hour, less what tidying takes
_GRACE_SECONDS = 120  # what a goal may overrun before it is ended and red


@dataclass(frozen=True)
class Line:
    """A goal's figure and the seconds it took."""

    figure: Figure
    seconds: float


def goals(wanted: Sequence[str] = ()) -> list[str]:
    """Return the names of the goals there are (G1 ... G23), or those wanted; SystemExit for one that is not there."""
    found = sorted(int(match[1]) for path in _HERE.iterdir() if (match := _NAME.search(path.name)))
    known = [f"G{number}" for number in found]
    if unknown := [goal for goal in wanted if goal not in known]:
        raise SystemExit(f"no such goal: {', '.join(unknown)}; there are {', '.join(known)}")
    return [goal for goal in known if not wanted or goal in wanted]


def corpus_of(given: Path | None) -> Path | None:
    """Return the folder of odd files: the one given, KLA_CORPUS, or shared/corpus beside the checkout; None for none."""
    places = (given, os.environ.get("KLA_CORPUS"), CHECKOUT.parent / "shared" / "corpus")
    return next((Path(place).resolve() for place in places if place and Path(place).is_dir()), None)


def tried(goal: str, root: Path, *, is_long: bool, corpus: Path | None, mutant: str = "", seconds: float = 0) -> Line:
    """Return what came of a goal; one that dies or hangs did not hold. `mutant` names a guard taken away meanwhile."""
    room = root / f"{goal}{mutant and '-' + mutant}"
    room.mkdir()
    allowed = seconds or seconds_of(goal, is_long)
    order = {"goal": goal, "room": str(room), "is_long": is_long, "seconds": allowed, "corpus": str(corpus or "")}
    begin = time.monotonic()
    figure = _figure(goal, order, environment(root, room, mutant), allowed + _GRACE_SECONDS)
    shutil.rmtree(room, ignore_errors=True)
    return Line(figure, time.monotonic() - begin)


def all_tried(
    wanted: Sequence[str], root: Path, *, is_long: bool, corpus: Path | None, lanes: int, seconds: float = 0
) -> Iterator[Line]:
    """Yield what came of each goal as it ends: `lanes` of them at a time, those that take longest first.

    `seconds` are what each is given; 0: what it asks for, cut where together they ask for too much.
    """
    model_home(root)
    names = sorted(wanted, key=lambda goal: -seconds_of(goal, is_long))
    # What is short by itself keeps its seconds; together they must not take longer than they may.
    most = MOST_LONG_SECONDS if is_long else MOST_SECONDS
    part = min(1.0, most * lanes / max(1.0, sum(seconds_of(goal, is_long) for goal in names)))
    with ThreadPoolExecutor(lanes) as pool:
        given = {goal: seconds or part * seconds_of(goal, is_long) for goal in names}
        futures = [
            pool.submit(tried, goal, root, is_long=is_long, corpus=corpus, seconds=given[goal]) for goal in names
        ]
        yield from (future.result() for future in as_completed(futures))


def seconds_of(goal: str, is_long: bool) -> float:
    """Return the seconds a goal asks for; most end sooner."""
    module = module_of(goal)
    return float(module.LONG_SECONDS if is_long else module.SECONDS)


def module_of(goal: str):
    """Return the module of a goal."""
    return importlib.import_module(f"bench.faults.g{int(goal[1:]):02d}")


def environment(root: Path, room: Path, mutant: str = "") -> dict[str, str]:
    """Return the environment of a goal: its own var and Prefect home, nothing of the checkout's, no telemetry."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KLA_", "PREFECT_"))}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("KLA_TEST_")}
    kept |= {"KLA_VAR": str(room / "var"), "PREFECT_HOME": str(_prefect_home(root, room)), "DO_NOT_TRACK": "1"}
    kept |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180"}
    paths = [str(CHECKOUT), *([str(_HERE / "site")] if mutant else [])]
    kept["PYTHONPATH"] = os.pathsep.join([*reversed(paths), *filter(None, [kept.get("PYTHONPATH", "")])])
    return kept | ({MUTANT: mutant} if mutant else {})


def _prefect_home(root: Path, room: Path) -> Path:
    """Return a migrated Prefect home of the room's own, copied from the one that is made once."""
    shutil.copytree(model_home(root), room / "prefect")
    return room / "prefect"


def model_home(root: Path) -> Path:
    """Return a migrated Prefect home to copy; to be asked for once before goals run side by side."""
    model = root / "prefect-model"
    if not model.exists():
        model.mkdir()
        ready = CHECKOUT / "var" / "prefect"
        if (ready / "ready").exists():
            source, target = f"file:{ready / 'prefect.db'}?mode=ro", model / "prefect.db"
            with closing(sqlite3.connect(source, uri=True)) as held, closing(sqlite3.connect(target)) as new:
                held.backup(new)
        else:
            command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
            subprocess.run(command, env={**os.environ, "PREFECT_HOME": str(model)}, check=True, capture_output=True)
    return model


def _figure(goal: str, order: dict[str, object], env: dict[str, str], most: float) -> Figure:
    command = [sys.executable, "-m", "bench.faults.running", json.dumps(order)]
    log = Path(str(order["room"])).with_suffix(".log")
    with log.open("wb") as out:
        try:
            ended = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=most)
        except subprocess.TimeoutExpired:
            return Figure(goal, "–", False, f"did not end within {most:.0f} s")
    said = log.read_text(errors="replace").strip().splitlines()
    if ended.returncode == 0 and said:
        return Figure(**json.loads(said[-1]))
    return Figure(goal, "–", False, f"ended with {ended.returncode}: {' | '.join(said[-3:])[:600]}")


def _child(order: dict[str, object]) -> Figure:
    corpus = Path(str(order["corpus"])) if order["corpus"] else None
    budget = Budget(float(str(order["seconds"])), Path(str(order["room"])), bool(order["is_long"]), corpus)
    try:
        return module_of(str(order["goal"])).run(budget)
    except ModuleNotFoundError as error:
        return not_tried(str(order["goal"]), f"not installed here: {error.name}")


if __name__ == "__main__":
    print("\n" + json.dumps(asdict(_child(json.loads(sys.argv[1])))))
