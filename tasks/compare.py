"""Compare: the current answers of all offices against each other, and today's findings against yesterday's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from kla.delta import Change
from kla.findings import Finding
from kla.io import data_docs
from kla.io.data_docs import Witness
from kla.io.desk_words import items, say
from kla.io.judging import every_instrument
from kla.night import OfficeChange, Trouble
from tasks import artifacts
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import one_by_one
from tasks.served import by_news
from tasks.validate import docs_kept, docs_of

Place = tuple[str, int, str]  # district code, cycle, stage


class Compared:
    """How the findings of each office changed, and what went wrong. A plain class like `Batch`."""

    def __init__(self, deltas: Sequence[OfficeChange], troubles: Sequence[Trouble]) -> None:
        self.deltas = tuple(deltas)
        self.troubles = tuple(troubles)


@effect("banding", "banding antar-OPD")
def compare(plan: Plan, touched: frozenset[tuple[str, int]], run_id: str) -> Compared:
    """Hold current answers against each other wherever something new came; keep and return what came and went."""
    from kla.io.suites import validate_standing

    known = every_instrument()
    places: defaultdict[str, list[Place]] = defaultdict(list)
    cycles: defaultdict[str, list[int]] = defaultdict(list)
    rows = []
    for code, cycle in sorted(place for place in touched if place[0] in plan.districts):
        district, instrument = plan.districts[code], known[cycle]
        cycles[code].append(cycle)
        for stage in plan.warehouse.stages(code, instrument, cycle):
            places[code].append((code, cycle, stage))
            rows += plan.warehouse.standing_rows(district, instrument, cycle, stage)
    witness = Witness()
    findings = validate_standing(rows, plan.districts, known, plan.days, plan.decisions, witness)
    found: defaultdict[Place, list[Finding]] = defaultdict(list)
    for it in findings:
        found[it.district_code, it.cycle, it.stage].append(it)

    def work(code: str) -> list[OfficeChange]:
        told = []
        for place in places[code]:
            plan.warehouse.replace_standing_findings(*place, found[place], run_id)
            told += _told(plan, place, run_id)
        for cycle in cycles[code]:
            plan.warehouse.settled(code, cycle, run_id)
        return told

    done, troubles = one_by_one("validate", tuple(places), work)
    if not plan.is_rehearsal:
        part = f"antar-{min(plan.districts, default='')}"
        troubles += docs_kept(lambda: data_docs.keep_also(docs_of(plan), run_id, part, witness))
    deltas = by_news(it for told in done.values() for it in told)
    artifacts.keep("perubahan", _table(deltas), say("artifact.delta"))
    return Compared(deltas, troubles)


def _told(plan: Plan, place: Place, run_id: str) -> list[OfficeChange]:
    found = []
    for opd_code, changes in plan.warehouse.delta(*place, run_id).items():
        counts = Counter(one.change for one in changes)
        found.append(OfficeChange(*place, opd_code, **{it.value: counts[it] for it in Change}))
    return found


def _table(deltas: Sequence[OfficeChange]) -> str:
    rows = [
        (
            it.district_code,
            it.opd_code or say("delta.whole"),
            say(f"stage.{it.stage}"),
            *(it.returned, it.new, it.fixed, it.persisting),
        )
        for it in deltas
    ]
    return artifacts.table(items("delta.header"), rows) if rows else say("delta.nothing")
