"""Rehearse: a throwaway copy of the warehouse, on which a dry run does everything and leaves nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
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

Points = Mapping[tuple[str, int, str, str], Decimal]


class Rehearsal:
    """A plan whose places are a temporary folder; the real archive and public folder are out of its reach."""

    def __init__(self, plan: Plan, run_id: str) -> None:
        self.plan = plan
        self.run_id = run_id
        self._before = _points(plan)

    def told(self, night: Night) -> Night:
        """Return the night as a dry run: no run id, no page, and a sentence for each thing that would change."""
        return replace(night, run_id="", is_dry_run=True, page="", changes=tuple(self._changes()))

    def _changes(self) -> Iterator[str]:
        after = _points(self.plan)
        none = say("night.none")
        for place in dict.fromkeys([*self._before, *after]):
            old, new = self._before.get(place), after.get(place)
            if old != new:
                code, cycle, stage, key = place
                shown = [none if it is None else points_text(it) for it in (old, new)]
                sentence = "night.change_total" if key == "total" else "night.change_points"
                where = {"code": code, "cycle": cycle, "stage": say(f"stage.{stage}"), "question": key}
                yield say(sentence, old=shown[0], new=shown[1], **where)


def _points(plan: Plan) -> Points:
    """Return the stored points of every question and total of the plan's districts."""
    from kla.io.instruments import load_instrument

    found = {}
    for code, district in plan.districts.items():
        for cycle in sorted({*plan.warehouse.cycles(code), district.cycle}):
            for sheet in plan.warehouse.sheets(code, load_instrument(cycle), cycle):
                found[code, cycle, sheet.stage, "total"] = sheet.total.points
                found |= {(code, cycle, sheet.stage, it.question_id): it.points for it in sheet.questions}
    return found


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
