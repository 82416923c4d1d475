"""G11: the n-th file operation fails with ENOSPC, EIO, EACCES or EROFS: nothing half-written, and a rerun is equal."""

from __future__ import annotations

import errno
import os
import time

from bench.faults import quick
from bench.faults.g08 import _spread
from bench.faults.goal import Budget, Figure, judged

TITLE = "the n-th file operation fails"
SECONDS, LONG_SECONDS = 35, 600
FAULTS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)
LEAST = 6


def run(budget: Budget) -> Figure:
    """Let one file operation after the other fail, each in four ways; SQLite's own operations are killed in G8 instead."""
    quick.inbox(budget.room)
    quick.remember()
    world = quick.sqlite_world(budget.room)
    world.fresh()
    quick.night()
    expected = quick.facts(world)
    world.fresh()
    points = int(quick.forked(lambda: _night(world, 0, 0))[1])
    tried, wrong, outcomes = 0, [], {"failed": 0, "partial": 0, "complete": 0}
    for point in _spread(points * len(FAULTS)):
        if (tried >= LEAST and time.monotonic() > budget.share(1.0)) or (wrong and budget.is_proof):
            break
        tried += 1
        number, code = 1 + (point - 1) // len(FAULTS), FAULTS[point % len(FAULTS)]
        world.fresh()
        _, said = quick.forked(lambda number=number, code=code: _night(world, number, code))
        name = f"operation {number} {errno.errorcode[code]}"
        outcome = next((it for it in outcomes if said.startswith(it)), "")
        if not outcome:
            wrong.append(f"{name}: {said[-200:]}")
            continue
        outcomes[outcome] += 1
        wrong += [f"{name}: {it}" for it in quick.half_written(world)]
        ended, said = quick.forked(quick.night)
        if ended or (others := quick.differences(expected, quick.facts(world))):
            wrong.append(f"{name}, again: {said if ended else 'differs in ' + ', '.join(others[:3])}")
    told = ", ".join(f"{count} {name}" for name, count in outcomes.items())
    return judged(
        "G11", f"{tried} of {points * len(FAULTS)} faults ({told}), reruns equal, nothing half-written", wrong
    )


def _night(world: quick.World, point: int, code: int) -> str:
    """Run a night in which one file operation fails; return how it ended, and what it said of it."""
    seen = [0]

    def act(_: int, what: str) -> None:
        if what.startswith(("sql", "commit")):
            return
        seen[0] += 1
        if seen[0] == point:
            raise OSError(code, os.strerror(code), what)

    with quick.watched(act, world.var):
        try:
            night = quick.night()
        except Exception as error:
            if getattr(error, "errno", code) != code and os.strerror(code) not in str(error):
                raise
            return f"failed {error}"
    return f"{night.status} {night.troubles[:1]}" if point else str(seen[0])
