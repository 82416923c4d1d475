"""G21: a fault planted in each component in turn costs the office or district it hits; all others finish, and it is told."""

from __future__ import annotations

import importlib
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged

TITLE = "a fault in one component costs one office"
SECONDS, LONG_SECONDS = 150, 400  # a ceiling: it ends when all were tried, after about 45 s
OFFICES = ("DINKES", "DP3A", "DISPAR", "DISHUB", "BPBD")
HIT = "DINKES"
SAID = "ditanam oleh uji"
MARK = re.compile(r"\[#[0-9a-f]{8}\]")

Hits = Callable[..., bool]


class Planted(Exception):  # noqa: N818 - of no kind that any handler could have had in mind
    """The fault that is planted."""


@dataclass(frozen=True)
class Plant:
    """Where a fault is planted, on which call, whether it is an office's, and what must not come from memory then."""

    place: str
    hits: Hits = lambda *_: True
    is_office: bool = False
    anew: str = ""


def _of_hit(receipts: Any) -> bool:
    return any(it.folder_opd == HIT for it in receipts)


# Of one office first, then of the whole district.
PLANTS = {
    "copying into the archive": Plant("kla.io.intake:take", lambda _folder, parts, *_: parts[0] == HIT, True),
    "whose a file is": Plant("kla.io.intake:identify", lambda parts, *_: parts[0] == HIT, True),
    "data dukung": Plant("kla.io.attachments:with_attachments", lambda receipts, *_, **__: _of_hit(receipts), True),
    "reading": Plant("kla.io.reading:read_files", lambda receipts, *_, **__: _of_hit(receipts), True),
    "the rules": Plant(
        "kla.io.suites:validate", lambda pairs, *_: _of_hit(it for it, _ in pairs), True, "tasks.validate:judge"
    ),
    "storing a file": Plant(
        "kla.io.warehouse.loading:_load", lambda _c, files, *_, **__: _of_hit(it.receipt for it in files), True
    ),
    "the inbox": Plant("kla.io.intake:receive"),
    "the journal": Plant("kla.io.archive_journal:remember"),
    "the standing rules": Plant("kla.io.suites:validate_standing"),
    "scoring": Plant("kla.io.warehouse.scores:compute"),
    "gaps": Plant("kla.io.warehouse.scores:find_gaps"),
    "the picture": Plant("kla.io.warehouse.picture:build"),
    "rendering": Plant("kla.io.pages:_files"),
    "swapping in": Plant("kla.io.pages:swap_in"),
}


def run(budget: Budget) -> Figure:
    """Plant the faults one by one; hold outcome and what was stored against what must be spared."""
    quick.inbox(budget.room, OFFICES)
    quick.remember()
    world = quick.sqlite_world(budget.room)
    _computed_once(world)
    faults: list[str] = []
    tried = []
    for name, plant in PLANTS.items():
        if tried and time.monotonic() > budget.share(1.0):
            break
        tried.append(name)
        world.fresh()
        _, said = quick.forked(lambda plant=plant: _planted(plant))
        faults += [f"{name}: {it}" for it in _wrong(world, said, plant.is_office)]
    offices = sum(PLANTS[name].is_office for name in tried)
    figure = f"{len(tried)} of {len(PLANTS)} components ({offices} cost one office, the others the district): told with an id, "
    figure += f"{len(OFFICES) - 1} of {len(OFFICES)} offices served"
    if not faults and len(tried) < len(PLANTS):
        return Figure("G21", figure, None, f"no time for {len(PLANTS) - len(tried)} components")
    return judged("G21", figure, faults)


def _computed_once(world: quick.World) -> None:
    """Run a night over all offices and one without the one that is hit, so that what they compute is remembered."""
    world.fresh()
    quick.night()
    world.fresh()
    shutil.rmtree(world.var / "inbox" / quick.CODE / HIT)
    quick.night()


def _planted(plant: Plant) -> str:
    module_name, name = plant.place.split(":")
    if plant.anew:
        quick.compute_again(*plant.anew.split(":"))
    module = importlib.import_module(module_name)
    whole = getattr(module, name)

    def planted(*given: Any, **named: Any) -> Any:
        if plant.hits(*given, **named):
            raise Planted(SAID)
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
    """Return what is not as it must be: outcome, id, whom the trouble names, who was stored."""
    from sqlalchemy import text

    from kla.io.warehouse import open_warehouse

    with open_warehouse(world.url) as warehouse, warehouse.reading() as connection:
        stored = set(connection.execute(text("SELECT opd_code FROM submission")).scalars())
        running = connection.execute(text("SELECT COUNT(*) FROM run WHERE status = 'running'")).scalar()
    wrong = [] if not running else ["the run is left running"]
    wrong += [] if said.startswith(("partial", "failed")) and quick.CODE in said else [f"not told: {said[:200]}"]
    wrong += [] if SAID in said and MARK.search(said) else [f"no id: {said[:200]}"]
    if is_office:
        spared = set(OFFICES) - {HIT}
        wrong += [] if said.startswith("partial") and HIT in said else [f"the office is not named: {said[:200]}"]
        wrong += [] if spared <= stored else [f"not served: {', '.join(sorted(spared - stored))}"]
        wrong += [] if HIT not in stored else [f"{HIT} is stored all the same"]
    return wrong
