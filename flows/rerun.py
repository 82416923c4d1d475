"""Once more from the archive: judge again what was judged, score it again, and say what is different now."""

from __future__ import annotations

from dataclasses import replace

from prefect import flow

from flows import ledger, occasion
from flows.damage import confined
from flows.ending import ended
from flows.parameters import Day, DistrictCode, DryRun, Klaster, Offices, Reason, RunId, Stage, Who
from flows.settle import conclude, settle
from kla.errors import SettingsError
from kla.io.instruments import load_instrument
from kla.io.warehouse.replays import has_later_files
from kla.night import Night
from tasks.batch import batches, by_cycle
from tasks.compare import compare
from tasks.load import Arrived
from tasks.plan import Plan, make_plan
from tasks.read import read
from tasks.rehearse import points_of, rehearsal, told_changes
from tasks.rejudge import fetch, rejudge
from tasks.validate import validate


@flow(name="rerun", **occasion.RUN)
def rerun(
    district: DistrictCode,
    reason: Reason,
    who: Who,
    offices: Offices = None,
    klaster: Klaster = None,
    stage: Stage = None,
    as_of: Day = None,
    dry_run: DryRun = False,
    run_id: RunId = "",
) -> Night:
    """Judge and score a district again from the archive; the inbox is not looked at.

    `offices` and `stage` say which files are judged again, `klaster` (block codes) whose changes are told; scores are
    always those of the whole district. A dry run writes nothing and returns what would change. As of a day that is past
    (files arrived after it) the day's report is made again beside today's: nothing of today is touched.
    `run_id` is that of a run opened for this flow before it began (`ledger`).

    Raises:
        BusyError: another run is at work on the district.
        NightFailedError: the district could not be served.
        ParameterTypeError: no reason, no name, or an unknown district, klaster, stage or date.
        SettingsError: an office the district does not have.
    """
    plan = make_plan([district], as_of, None)
    wish = Wish(plan, district, reason, who, offices, klaster, stage)
    if dry_run:
        with rehearsal(plan) as stage_set:
            night = judge_again(stage_set.plan, wish, stage_set.run_id)
            return replace(night, run_id="", is_dry_run=True, page="")
    if has_later_files(plan.warehouse, plan.districts[district], plan.moments[district]):
        return put_back(plan, district, who=who, reason=reason, as_of=as_of, run_id=run_id)
    parameters = occasion.asked(districts=[district], offices=offices, klaster=klaster, stage=stage, as_of=as_of)
    with ledger.run("rerun", plan, who=who, reason=reason, parameters=parameters, run_id=run_id) as book:
        book.night = judge_again(plan, wish, book.run_id)
    return ended(book.night)


def put_back(plan: Plan, district: str, *, who: str, reason: str, as_of: object, run_id: str) -> Night:
    """Make the report of a day that is past again, beside today's, and say whether it is the one published then."""
    from flows.replaying import night_of, replay

    asked = occasion.asked(districts=[district], as_of=as_of)
    with ledger.run("replay", plan, who=who, reason=reason, parameters=asked, run_id=run_id) as book:
        day = plan.day(district).isoformat()
        book.night = night_of(replay(plan, district), district, day, book.run_id)
    return ended(book.night)


class Wish:
    """What is to be judged again, held against what there is."""

    def __init__(
        self,
        plan: Plan,
        code: str,
        reason: str,
        who: str,
        offices: list[str] | None,
        klaster: list[str] | None,
        stage: str | None,
    ) -> None:
        if not reason.strip() or not who.strip():
            raise SettingsError("rerun", "no reason or no name is given", "Say why, and who you are.")
        if code not in plan.districts:
            raise SettingsError(f"districts/{code}", "it does not hold together", plan.troubles[0].what)
        district = plan.districts[code]
        instrument = load_instrument(district.cycle)
        self.offices = tuple(offices or ())
        self.blocks = tuple(klaster or ())
        self.stage = stage or ""
        known = {
            "offices": (self.offices, {office.code for office in district.offices}),
            "klaster": (self.blocks, {block.code for block in instrument.blocks}),
            "stage": ((self.stage,) if stage else (), set(instrument.stages)),
        }
        for name, (given, there) in known.items():
            if unknown := sorted(set(given) - there):
                raise SettingsError(name, f"unknown: {', '.join(unknown)}", f"Use {', '.join(sorted(there))}.")


def judge_again(plan: Plan, wish: Wish, run_id: str) -> Night:
    """Do all of it and return what came of it."""
    before = points_of(plan)
    held = fetch(plan, wish.offices, wish.stage)
    troubles = [*plan.troubles, *held.troubles]
    changes: list[str] = []
    arrived = Arrived()
    for batch in batches(held.receipts):
        with confined("read", batch.codes, troubles):
            readings = read(batch, plan)
            troubles += readings.troubles
            for part in by_cycle(readings, plan.cycles):
                judged = validate(part, plan)
                kept = rejudge(judged, plan, wish.blocks, run_id)
                changes += kept.changes
                troubles += [*judged.troubles, *kept.troubles]
    (code,) = plan.districts
    cycles = frozenset((code, cycle) for cycle in plan.warehouse.cycles(code))
    if held.receipts:
        with confined("validate", (code,), troubles):
            compared = compare(plan, cycles, run_id)
            troubles += compared.troubles
            arrived.deltas = compared.deltas
    night = conclude(plan, settle(plan, arrived, troubles, run_id), run_id)
    return replace(night, changes=(*changes, *told_changes(before, points_of(plan), wish.blocks)))
