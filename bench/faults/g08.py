"""G8: killed at any file operation, SQL statement or commit, a rerun gives what an uninterrupted run gives."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged
from bench.faults.postgres import cluster

TITLE = "kill -9 anywhere, then the same result"
SECONDS, LONG_SECONDS = 45, 1500
POINTS, LEAST = 200, 4  # on each engine: where there is time, and where there is none
# Four threads take files in: each but the first may come too early to a folder that is not there yet, which takes up to
# three operations more. So nights differ by that many points, and the last ones may not come.
MAY_NOT_COME = 9


def run(budget: Budget) -> Figure:
    """Kill a night at points spread over all of them, run it again, and hold what is there against a whole night."""
    quick.inbox(budget.room)
    quick.remember()
    faults: list[str] = []
    held: list[str] = []
    with cluster() as server:
        worlds = {"SQLite": quick.sqlite_world(budget.room)}
        if server is not None:
            worlds["PostgreSQL"] = server.world(budget.room)
        for number, (engine, world) in enumerate(worlds.items(), 1):
            tried, wrong, points, absent = _engine(
                world, budget.share(0.1 + 0.9 * number / len(worlds)), budget.is_proof
            )
            faults += [f"{engine} {it}" for it in wrong]
            beside = f", {absent} of the last did not come" if absent else ""
            held.append(f"{engine} {tried - len(wrong)} of {tried} (of {points} points{beside})")
            if faults and budget.is_proof:
                break
    return judged("G8", ", ".join(held), faults)


def _engine(world: quick.World, until: float, is_proof: bool) -> tuple[int, list[str], int, int]:
    """Return how many points were tried, what was wrong, how many there are, and how many of the last did not come."""
    world.fresh()
    quick.night()
    expected, points = quick.facts(world), _points(world)
    tried, absent, wrong = 0, 0, []
    for point in _spread(points):
        if (time.monotonic() > until and tried >= LEAST) or tried >= POINTS or (wrong and is_proof):
            break
        world.fresh()
        ended, said = quick.forked(lambda point=point: _night_killed_at(world, point))
        if ended == 0 and point > points - MAY_NOT_COME:
            absent += 1
            continue
        tried += 1
        if ended != -signal.SIGKILL:
            wrong.append(f"point {point}: was to be killed and ended with {ended} {said}")
            continue
        wrong += [f"point {point}: {it}" for it in quick.half_written(world)]
        code, said = quick.forked(lambda: quick.night().troubles)
        if code or (others := quick.differences(expected, quick.facts(world))):
            wrong.append(f"point {point}: {said if code else 'differs in ' + ', '.join(others[:3]) + ' ' + said[:150]}")
    return tried, wrong, points, absent


def _spread(points: int) -> Iterator[int]:
    """Yield every point once, spread evenly however soon one stops."""
    step = next(it for it in range(int(points * 0.618), points + 2) if points and _coprime(it, points))
    yield from (1 + number * step % points for number in range(points))


def _coprime(one: int, other: int) -> bool:
    from math import gcd

    return gcd(one, other) == 1


def _points(world: quick.World) -> int:
    def counted() -> int:
        seen = []
        with quick.watched(lambda number, _: seen.append(number), world.var):
            quick.night()
        return seen[-1]

    world.fresh()
    return int(quick.forked(counted)[1])


def _night_killed_at(world: quick.World, point: int) -> None:
    def act(number: int, _: str) -> None:
        if number == point:
            os.kill(os.getpid(), signal.SIGKILL)

    with quick.watched(act, world.var):
        quick.night()
