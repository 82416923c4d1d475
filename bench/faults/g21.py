"""G21: a fault planted in each component in turn costs the office or district it hits; all others finish, and it is told."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged

TITLE = "a fault in one component costs one office"
SECONDS, LONG_SECONDS = 40, 240
OFFICES = ("DINKES", "DP3A", "DISPAR", "DISHUB", "BPBD")
HIT = "DINKES"
SAID = "ditanam oleh uji"

Hits = Callable[..., bool]
# Where a fault is planted, and on which call: of one office, else of its whole district ("").
PLANTS: dict[str, tuple[str, Hits, bool]] = {
    "copying into the archive": ("kla.io.intake:take", lambda _folder, parts, *_: parts[0] == HIT, True),
    "the rules": ("kla.io.suites:validate", lambda pairs, *_: any(it.opd_code == HIT for it, _ in pairs), True),
    "storing a file": ("kla.io.warehouse.loading:_load", lambda _c, file, *_: file.receipt.opd_code == HIT, True),
    "the journal": ("kla.io.archive_journal:remember", lambda *_: True, False),
    "the inbox": ("kla.io.intake:receive", lambda *_: True, False),
    "the standing rules": ("kla.io.suites:validate_standing", lambda *_: True, False),
    "scoring": ("kla.io.warehouse.scores:compute", lambda *_: True, False),
    "gaps": ("kla.io.warehouse.scores:find_gaps", lambda *_: True, False),
    "the picture": ("kla.io.warehouse.picture:build", lambda *_: True, False),
    "rendering": ("kla.io.pages:_files", lambda *_: True, False),
    "swapping in": ("kla.io.pages:replace_folder", lambda *_: True, False),
}


def run(budget: Budget) -> Figure:
    """Plant the faults one by one; hold outcome and what was stored against what must be spared."""
    quick.inbox(budget.room, OFFICES)
    world = quick.sqlite_world(budget.room)
    faults: list[str] = []
    tried = []
    for name, (place, hits, is_office) in PLANTS.items():
        if tried and time.monotonic() > budget.share(1.0):
            break
        tried.append(name)
        world.fresh()
        _, said = quick.forked(lambda place=place, hits=hits: _planted(place, hits))
        faults += [f"{name}: {it}" for it in _wrong(world, said, is_office)]
    offices = sum(PLANTS[name][2] for name in tried)
    figure = f"{len(tried)} of {len(PLANTS)} components ({offices} by office, the others by district): told, the others served"
    return judged("G21", figure, faults)


def _planted(place: str, hits: Hits) -> str:
    module_name, name = place.split(":")
    module = importlib.import_module(module_name)
    whole = getattr(module, name)

    def planted(*given: Any, **named: Any) -> Any:
        if hits(*given, **named):
            raise ValueError(SAID)
        return whole(*given, **named)

    setattr(module, name, planted)
    from kla.errors import KlaError

    try:
        night = quick.night()
    except KlaError as error:
        return f"raised {error}"
    told = " ".join(f"{it.district_code} {it.who} {it.what}" for it in night.troubles)
    return f"{night.status} {told}"


def _wrong(world: quick.World, said: str, is_office: bool) -> list[str]:
    """Return what is not as it must be: outcome, whom the trouble names, who was stored."""
    from sqlalchemy import text

    from kla.io.warehouse import open_warehouse

    with open_warehouse(world.url) as warehouse, warehouse.reading() as connection:
        stored = set(connection.execute(text("SELECT opd_code FROM submission")).scalars())
        running = connection.execute(text("SELECT COUNT(*) FROM run WHERE status = 'running'")).scalar()
    wrong = [] if not running else ["the run is left running"]
    wrong += [] if said.startswith(("partial", "failed")) and quick.CODE in said else [f"not told: {said[:200]}"]
    if is_office:
        spared = set(OFFICES) - {HIT}
        wrong += [] if said.startswith("partial") and HIT in said else [f"the office is not named: {said[:200]}"]
        wrong += [] if spared <= stored else [f"not served: {', '.join(sorted(spared - stored))}"]
    return wrong
