"""Many districts and cycles once more from the archive, under the rules of today; it can be stopped, and goes on."""

from __future__ import annotations

from dataclasses import replace

from prefect import flow

from flows import ledger, occasion
from flows.damage import confined
from flows.ending import ended
from flows.parameters import Cycles, Days, DistrictCodes, DryRun, Reason, RuleSets, RunId, Who
from flows.settle import conclude, settle
from kla.backfill import Step
from kla.night import Night, Trouble
from tasks.batch import Group, batches, by_cycle
from tasks.compare import compare
from tasks.fill import Place, Wish, begin, done_places, end, told
from tasks.load import Arrived
from tasks.plan import Plan, make_plan
from tasks.read import read
from tasks.rehearse import rehearsal
from tasks.rejudge import rejudge
from tasks.score import score
from tasks.validate import validate


@flow(name="backfill", **occasion.RUN)
def backfill(
    reason: Reason,
    who: Who,
    districts: DistrictCodes = None,
    cycles: Cycles = None,
    rule_sets: RuleSets = None,
    as_of: Days = None,
    dry_run: DryRun = False,
    run_id: RunId = "",
) -> Night:
    """Judge, compare and score again what was last judged under other rules than today's, and count before and after.

    `rule_sets` names the rules under which files were last judged; without it, all but today's. Each district's cycle is
    a step that is written down when it is done: the same wish under the same rules, started again after it was stopped,
    goes on with the step it was at, and counts from where the first start began. A dry run writes nothing.

    Raises:
        BusyError: other runs are at work on all the districts.
        NightFailedError: no district could be served.
        ParameterTypeError: no reason, no name, or an unknown district, cycle or date.
    """
    plan, wish = make_plan(districts, as_of, None), Wish(districts, cycles, rule_sets)
    if dry_run:
        with rehearsal(plan) as stage:
            night = fill(stage.plan, wish, stage.run_id)
            return replace(night, run_id="", is_dry_run=True, page="")
    asked = occasion.asked(
        districts=districts, cycles=cycles, rule_sets=rule_sets, as_of=as_of, backfill_id=wish.backfill_id
    )
    with ledger.run("backfill", plan, who=who, reason=reason, parameters=asked, run_id=run_id) as book:
        book.night = fill(plan, wish, book.run_id)
    return ended(book.night)


def fill(plan: Plan, wish: Wish, run_id: str) -> Night:
    """Do every step that is not done yet, publish, and return what came of all of them."""
    troubles, arrived = list(plan.troubles), Arrived()
    done = done_places(plan, wish)
    for place in wish.places(plan):
        if place not in done:
            with confined("rerun", (place[0],), troubles):
                step, found = _step(plan, wish, place, run_id)
                troubles += found
                if not found:
                    done[place] = step
    night = conclude(plan, settle(plan, arrived, troubles, run_id), run_id)
    return replace(night, changes=tuple(told(done[place]) for place in wish.places(plan) if place in done))


def _step(plan: Plan, wish: Wish, place: Place, run_id: str) -> tuple[Step, list[Trouble]]:
    """Judge the files of one district and cycle again, compare and score; done only when nothing went wrong."""
    step, files = begin(plan, wish, place, run_id)
    troubles = list(files.troubles)
    for batch in batches(files.receipts):
        readings = read(batch, plan)
        troubles += readings.troubles
        for part in by_cycle(readings, plan.cycles):
            judged = validate(part, plan)
            kept = rejudge(judged, plan, (), run_id)
            troubles += [*judged.troubles, *kept.troubles]
    if files.receipts:
        troubles += compare(plan, frozenset({place}), run_id).troubles
        troubles += score(Group(place[:1]), plan, run_id).troubles
    return (step if troubles else end(plan, wish, step)), troubles
