"""G9: two and eight runs at once give what one gives; whoever comes too late ends at once and says why."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged
from bench.faults.postgres import cluster

TITLE = "runs at once: one works, the others say so"
SECONDS, LONG_SECONDS = 40, 500
ROUNDS, AT_ONCE = 50, (2, 8)
MOST_SECONDS = 5.0


def run(budget: Budget) -> Figure:
    """Start several nights at the same moment, again and again, on each engine."""
    quick.inbox(budget.room)
    quick.remember()
    faults: list[str] = []
    told: list[str] = []
    with cluster() as server:
        worlds = {"SQLite": quick.sqlite_world(budget.room)}
        if server is not None:
            worlds["PostgreSQL"] = server.world(budget.room)
        parts = [(engine, many) for engine in worlds for many in AT_ONCE]
        for number, (engine, many) in enumerate(parts, 1):
            rounds, slowest, wrong = _rounds(worlds[engine], many, budget.share(0.2 + 0.8 * number / len(parts)))
            faults += [f"{engine} {many} at once: {it}" for it in wrong]
            told.append(f"{engine} {many} at once x {rounds} (late ones {slowest:.1f} s)")
    return judged("G9", ", ".join(told), faults)


def _rounds(world: quick.World, many: int, until: float) -> tuple[int, float, list[str]]:
    world.fresh()
    quick.night()
    expected, rounds, slowest, wrong = quick.facts(world), 0, 0.0, []
    while rounds == 0 or (rounds < ROUNDS and time.monotonic() < until):
        rounds += 1
        world.fresh()
        said = _at_once(many)
        late = [float(it.split()[1]) for it in said if it.startswith("late")]
        slowest = max([slowest, *late])
        wrong += [it for it in said if not it.startswith(("late", "through"))]
        wrong += _overlaps(world)
        wrong += ["nobody got through"] if len(late) == many else []
        wrong += [f"a late one took {max(late):.1f} s"] if late and max(late) > MOST_SECONDS else []
        wrong += [f"differs in {', '.join(it[:3])}" for it in [quick.differences(expected, quick.facts(world))] if it]
    return rounds, slowest, wrong


def _overlaps(world: quick.World) -> list[str]:
    """Return a fault where two runs were at work on the district at the same moment."""
    from sqlalchemy import text

    from kla.io.warehouse import open_warehouse

    with open_warehouse(world.url) as warehouse, warehouse.reading() as connection:
        rows = connection.execute(text("SELECT started_at, finished_at FROM run ORDER BY started_at")).all()
    moments = [tuple(datetime.fromisoformat(it) for it in row) for row in rows]
    # Who comes while another one gives its leases back writes its row a moment before it has them.
    overlaps = (one[1] - other[0] for one, other in pairwise(moments))
    return ["two were at work at once"] if any(it > timedelta(seconds=0.25) for it in overlaps) else []


def _at_once(many: int) -> Sequence[str]:
    """Return what each said: through, late and after how many seconds, or what went wrong."""
    start = time.monotonic() + 0.2 + 0.05 * many
    pipes = []
    for _ in range(many):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, _one(start).encode()[:4000])
            os._exit(0)
        os.close(writing)
        pipes.append(reading)
    said = []
    for pipe in pipes:
        with os.fdopen(pipe, "rb") as file:
            said.append(file.read().decode())
    for _ in range(many):
        os.wait()
    return said


def _one(start: float) -> str:
    from kla.errors import BusyError

    time.sleep(max(0.0, start - time.monotonic()))
    begin = time.monotonic()
    try:
        night = quick.night()
    except BusyError as busy:
        is_clear = "sedang dikerjakan" in str(busy) and "Jalankan lagi" in str(busy)
        return f"late {time.monotonic() - begin:.2f}" if is_clear else f"unclear: {busy}"
    except BaseException as error:  # noqa: BLE001 - whatever it was is the fault
        return f"{type(error).__name__}: {error}"[:400]
    return "through" if night.status == "complete" else f"{night.status}: {night.troubles[:2]}"
