"""The night: receive, read and validate what arrived or was decided anew; load, score and publish; then look at it all."""

from __future__ import annotations

from prefect import flow

from flows import ledger, occasion
from flows.ending import ended
from flows.parameters import Days, DistrictCodes, DryRun, MaybeReason, MaybeWho, RunId, Zone
from flows.runners import runner
from flows.settle import conclude
from flows.spread import prepare, spread
from kla.night import Night
from tasks.plan import Plan, make_plan
from tasks.rehearse import rehearsal


@flow(name="nightly", task_runner=runner(), **occasion.RUN)
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
    if other := occasion.needless(plan, "nightly", zone):
        return occasion.ended_needless(plan, other)
    prepare(plan)
    if dry_run:
        with rehearsal(plan) as stage:
            return stage.told(run_night(stage.plan, stage.run_id))
    asked = occasion.asked(districts=districts, zone=zone, as_of=as_of)
    with ledger.run("nightly", plan, who=occasion.asker(who), reason=reason, parameters=asked, run_id=run_id) as book:
        book.night = run_night(plan, book.run_id)
    return ended(book.night)


def run_night(plan: Plan, run_id: str) -> Night:
    """Serve every district of the plan, look at the whole, and return what came of it."""
    served = spread(plan, run_id)
    served.troubles[:0] = plan.troubles
    return conclude(plan, served, run_id)
