"""The night: receive, read and validate what arrived or was decided anew; load, score and publish; then look at it all."""

from __future__ import annotations

from prefect import flow

from flows import ledger, occasion
from flows.ahead import read_ahead
from flows.damage import confined
from flows.ending import ended
from flows.parameters import Days, DistrictCodes, DryRun, MaybeReason, MaybeWho, RunId, Zone
from flows.settle import settle
from kla.night import Night
from tasks.batch import batches, by_cycle, groups
from tasks.compare import compare
from tasks.load import Arrived, load
from tasks.plan import Plan, make_plan
from tasks.receive import receive
from tasks.rehearse import rehearsal
from tasks.rejudge import recall
from tasks.validate import validate


@flow(name="nightly", **occasion.RUN)
def nightly(
    districts: DistrictCodes = None,
    as_of: Days = None,
    zone: Zone = None,
    who: MaybeWho = "",
    reason: MaybeReason = "",
    dry_run: DryRun = False,
    run_id: RunId = "",
) -> Night:
    """Serve every district, or the named ones, or those of a zone, as they stand at `as_of` (default: now).

    `as_of` is one date or moment for all, or a mapping of district code to it; a date means its last second, local.
    One district, office or file that fails never stops the others: the run ends Partial and says who. A dry run writes
    nothing and returns what would change. `run_id` is that of a run opened for this flow before it began (`ledger`).
    A scheduled run that comes late, when another one has served its zone meanwhile, ends at once as Superseded.

    Raises:
        BusyError: other runs are at work on all these districts.
        NightFailedError: nobody was served, or the warehouse holds something that must not be.
        ParameterTypeError: an unknown district or zone, or an `as_of` that is no date.
    """
    plan = make_plan(districts, as_of, zone)
    if dry_run:
        with rehearsal(plan) as stage:
            return stage.told(run_night(stage.plan, stage.run_id))
    if other := occasion.needless(plan, "nightly", zone):
        return occasion.ended_needless(plan, other)
    asked = occasion.asked(districts=districts, zone=zone, as_of=as_of)
    with ledger.run("nightly", plan, who=occasion.asker(who), reason=reason, parameters=asked, run_id=run_id) as book:
        book.night = run_night(plan, book.run_id)
    return ended(book.night)


def run_night(plan: Plan, run_id: str) -> Night:
    """Do all of it and return what came of it."""
    files = recall(plan, receive(plan))
    troubles = [*plan.troubles, *files.troubles]
    arrived = Arrived()
    cut = batches(files.receipts)
    for batch, readings in read_ahead(cut, plan):
        with confined("read", batch.codes, troubles):
            # A cycle is the history of the next one, so it is loaded before that one is judged.
            for part in by_cycle(readings.result(), plan.cycles):
                judged = validate(part, plan, run_id)
                troubles += judged.troubles
                # Districts have a task each when one batch holds them all; in a province each batch is a task.
                for group in groups(judged.codes, most=10 if len(cut) == 1 else 1):
                    arrived.add(load(judged, group, plan, run_id))
    troubles += arrived.troubles
    if arrived.touched:
        with confined("validate", sorted({code for code, _ in arrived.touched}), troubles):
            compared = compare(plan, arrived.touched, run_id)
            troubles += compared.troubles
            arrived.deltas = compared.deltas
    return settle(plan, arrived, troubles, run_id)
