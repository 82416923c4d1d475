"""Rest: which districts a night can leave as they are, since nothing that their pages follow from has changed.

What they follow from: all that is known of them (a mark in the warehouse, another after each change), their folder, our
code, the law, rules and texts, what must be said of samples, and the day. Where only the day is another the points
stand, and only the pages are made again; where the day decides nothing but the days left, only what names these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from kla.day_state import day_state
from kla.io.made_from import district_version, look_of, program_version
from kla.io.overview import MANIFEST, OverviewLine, from_json
from kla.io.sample_marks import sample_notices
from kla.night import DistrictLine
from tasks.plan import Plan

if TYPE_CHECKING:
    from kla.io.warehouse import Warehouse


class Rest:
    """The line of each district that is left alone, and the cycles of each whose points stand as they are.

    Of these the pages of some only have to be `redated` (`kla.io.redating`).
    """

    def __init__(
        self,
        lines: Mapping[str, DistrictLine] | None = None,
        scored: Mapping[str, tuple[int, ...]] | None = None,
        redated: Collection[str] = (),
    ) -> None:
        self.lines = dict(lines or {})
        self.scored = dict(scored or {})
        self.redated = frozenset(redated)


def resting(plan: Plan) -> Rest:
    """Return what a night can leave; nothing in a rehearsal, which compares points of its own."""
    from kla.io.warehouse.freshness import made

    if plan.is_rehearsal:
        return Rest()
    codes = tuple(plan.districts)
    known, now = made(plan.warehouse, codes), made_from(plan, codes, plan.warehouse)
    same = [code for code in plan.districts if code in known and known[code].made_from == now[code]]
    lines, redated = {}, []
    for code in same:
        files = look_of(plan.places.public / code)
        # No look: pages are gone, or something is to be cleared away beside them.
        if not files or known[code].files != files:
            continue
        if known[code].made_for != plan.day(code).isoformat():
            redated.append(code)
        elif line := _line(plan, code):
            lines[code] = line
    scored = {code: _cycles(plan, code) for code in same if code not in lines}
    return Rest(lines, scored, [code for code in redated if _are_alike(plan, code, known[code].made_for, scored[code])])


def _are_alike(plan: Plan, code: str, made_for: str, cycles: Sequence[int]) -> bool:
    """Whether the day that pages were made for and the plan's decide the same of a district but for the days left."""
    from kla.io.planning import load_efforts

    district, taken, waits = plan.districts[code], plan.decisions[code], load_efforts().waits
    days = date.fromisoformat(made_for), plan.day(code)
    return all(len({day_state(district, cycle, taken, waits, day) for day in days}) == 1 for cycle in cycles)


def made_from(plan: Plan, codes: Sequence[str], warehouse: Warehouse) -> Mapping[str, str]:
    """Return the digest of all that the pages of some districts follow from but the day, as a warehouse knows it."""
    from kla.io.warehouse.freshness import marks

    known, notices = marks(warehouse, codes), sample_notices(plan.places.inbox)
    return {
        code: hashlib.sha256(
            repr((program_version(), district_version(code), known[code], notices.get(code, ()))).encode()
        ).hexdigest()
        for code in codes
    }


def keep_made(plan: Plan, codes: Sequence[str], source: Mapping[str, str]) -> None:
    """Write down what the pages of some districts have just been made from: `source`, asked before of what they show."""
    from kla.io.warehouse.freshness import Made, keep

    keep(
        plan.warehouse,
        {code: Made(source[code], plan.day(code).isoformat(), look_of(plan.places.public / code)) for code in codes},
    )


def _cycles(plan: Plan, code: str) -> tuple[int, ...]:
    return tuple(sorted({*plan.warehouse.cycles(code), plan.districts[code].cycle}))


def _line(plan: Plan, code: str) -> DistrictLine | None:
    """Return a district's line of the closing table, as its pages tell it; None where they do not."""
    manifest = plan.places.public / code / str(plan.districts[code].cycle) / MANIFEST
    try:
        return _row(from_json(json.loads(manifest.read_bytes())["overview"]))
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _row(shown: OverviewLine) -> DistrictLine:
    return DistrictLine(
        district_code=shown.district_code,
        name=shown.district_name,
        stage=shown.stage,
        score=shown.points,
        predikat=shown.predikat,
        target_predikat=shown.target_predikat,
        points_to_target=shown.points_to_target,
        days_left=shown.days_left,
    )
