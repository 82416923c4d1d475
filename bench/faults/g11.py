"""G11: the n-th file operation fails with ENOSPC, EIO, EACCES or EROFS: nothing half-written, and a rerun is equal.

Equal to what: to one night that nothing disturbed; where a file could not be taken in, and the night told of it, to two
such nights of which the first did not have that file yet. Pages tell which findings each night brought, so they differ.
"""

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
    expected = Undisturbed(world)
    expected.facts(())
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
        late = tuple(said.splitlines()[1:])
        wrong += [f"{name}: {it}" for it in quick.half_written(world)]
        if late:
            next_second()
        ended, said = quick.forked(quick.night)
        found = quick.facts(world)
        if ended or (others := quick.differences(expected.facts(late), found)):
            wrong.append(f"{name}, again: {said if ended else 'differs in ' + ', '.join(others[:3])}")
    told = ", ".join(f"{count} {name}" for name, count in outcomes.items())
    return judged(
        "G11", f"{tried} of {points * len(FAULTS)} faults ({told}), reruns equal, nothing half-written", wrong
    )


def next_second() -> None:
    """Wait for it: ids of runs tell seconds, and a page tells of the latest run by its id. Nights are hours apart."""
    time.sleep(1.0 - time.time() % 1.0)


class Undisturbed:
    """What is there after nights that nothing disturbed; computed once for each set of files that come a night late."""

    def __init__(self, world: quick.World) -> None:
        self._world = world
        self._known: dict[tuple[str, ...], dict[str, str]] = {}

    def facts(self, late: tuple[str, ...]) -> dict[str, str]:
        """Return the facts after one night, or after two where files (office/name) were not there in the first."""
        if late not in self._known:
            self._world.fresh()
            inbox = self._world.var / "inbox" / quick.CODE
            held = [(inbox / name, self._world.root / f"late-{number}") for number, name in enumerate(late)]
            for path, aside in held:
                path.rename(aside)
            quick.night()
            for path, aside in held:
                aside.rename(path)
            if late:
                next_second()
                quick.night()
            self._known[late] = quick.facts(self._world)
        return self._known[late]


def _night(world: quick.World, point: int, code: int) -> str:
    """Run a night in which one file operation fails.

    Return how it ended and what it said of it, then a line for each file that it said could not be taken in.
    """
    from kla.io.desk_words import say

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
            return f"failed {' '.join(str(error).split())}"
    if any(it.what == say("left_aside.unreadable") for it in night.troubles):  # only what writes fails here
        return f"wrongly told {night.troubles}"
    late = [it.who for it in night.troubles if it.step == "receive" and it.who]
    return "\n".join([f"{night.status} {night.troubles[:1]}", *late]) if point else str(seen[0])
