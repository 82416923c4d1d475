"""Rehearse: a throwaway copy of the warehouse, on which a dry run does everything and leaves nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from kla import __version__
from kla.io.desk_words import say
from kla.io.rules import rules_version
from kla.night import Night
from kla.wording import points_text
from tasks.plan import Places, Plan

TOTAL = "total"
Points = Mapping[tuple[str, int, str, str], Decimal]


class Rehearsal:
    """A plan whose places are a temporary folder; the real warehouse, archive and pages are out of its reach."""

    def __init__(self, plan: Plan, run_id: str) -> None:
        self.plan = plan
        self.run_id = run_id
        self._before = points_of(plan)

    def told(self, night: Night) -> Night:
        """Return the night as a dry run: no run id, no page, and a sentence for each thing that would change."""
        changes = told_changes(self._before, points_of(self.plan))
        return replace(night, run_id="", is_dry_run=True, page="", changes=changes)


def points_of(plan: Plan) -> Points:
    """Return the stored points of the plan's districts: by district, cycle, stage and question id, or "total"."""
    from kla.io.instruments import load_instrument

    found: dict[tuple[str, int, str, str], Decimal] = {}
    for code, district in plan.districts.items():
        for cycle in sorted({*plan.warehouse.cycles(code), district.cycle}):
            for sheet in plan.warehouse.sheets(code, load_instrument(cycle), cycle):
                found[code, cycle, sheet.stage, TOTAL] = sheet.total.points
                found |= {(code, cycle, sheet.stage, it.question_id): it.points for it in sheet.questions}
    return found


def told_changes(before: Points, after: Points, blocks: Sequence[str] = ()) -> tuple[str, ...]:
    """Return a sentence for each total and question whose points differ; with `blocks`, only their questions."""
    return tuple(
        _sentence(place, before.get(place), after.get(place))
        for place in dict.fromkeys([*before, *after])
        if before.get(place) != after.get(place) and (not blocks or place[3] == TOTAL or _block_of(place) in blocks)
    )


def _block_of(place: tuple[str, int, str, str]) -> str:
    from kla.io.instruments import load_instrument

    return load_instrument(place[1]).question(place[3]).block_code


def _sentence(place: tuple[str, int, str, str], old: Decimal | None, new: Decimal | None) -> str:
    code, cycle, stage, key = place
    shown = [say("night.none") if it is None else points_text(it) for it in (old, new)]
    where = {"code": code, "cycle": cycle, "stage": say(f"stage.{stage}"), "old": shown[0], "new": shown[1]}
    if key == TOTAL:
        return say("night.change_total", **where)
    return say("night.change_points", question=key, **where)


def _exists(url: str) -> bool:
    """Whether there is a warehouse: opening a SQLite file that is not there would make it."""
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


@contextmanager
def rehearsal(real: Plan) -> Iterator[Rehearsal]:
    """Give a rehearsal of a plan; everything it made is gone afterwards."""
    from kla.io.warehouse.copying import copy_districts

    with tempfile.TemporaryDirectory(prefix="kla-uji-") as folder:
        root = Path(folder)
        places = Places(f"sqlite:///{root / 'warehouse.db'}", real.places.inbox, root / "archive", root / "public")
        plan = real.rehearsed_at(places)
        try:
            if _exists(real.places.warehouse_url):
                copy_districts(real.warehouse, plan.warehouse, tuple(real.districts))
            run_id = plan.warehouse.begin_run(
                kind="dry_run", as_of="", code_version=__version__, suite_version=rules_version()
            )
            yield Rehearsal(plan, run_id)
        finally:
            plan.close()
            real.close()
