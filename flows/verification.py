"""What verifiers sent back, without waiting for the night: only the folders of verification are looked at."""

from __future__ import annotations

from prefect import flow

from flows import ledger, occasion
from flows.ending import ended
from flows.nightly import run_night
from flows.parameters import Days, DistrictCodes, DryRun, MaybeReason, MaybeWho, Zone
from kla.night import Night
from kla.submission import VERIFICATION_FOLDER
from tasks.plan import make_plan
from tasks.rehearse import rehearsal


@flow(name="verification", **occasion.RUN)
def verification(
    districts: DistrictCodes = None,
    as_of: Days = None,
    zone: Zone = None,
    who: MaybeWho = "",
    reason: MaybeReason = "",
    dry_run: DryRun = False,
) -> Night:
    """Take in what lies in `_verifikasi` of every district, or of some: results of administrasi, VLH and final.

    Stages are compared, scored and published as in the night; what offices sent stays where it is until then.

    Raises:
        BusyError: other runs are at work on all these districts.
        NightFailedError: nobody was served, or the warehouse holds something that must not be.
        ParameterTypeError: an unknown district or zone, or an `as_of` that is no date.
    """
    plan = make_plan(districts, as_of, zone)
    plan.only_folder = VERIFICATION_FOLDER
    if dry_run:
        with rehearsal(plan) as stage:
            return stage.told(run_night(stage.plan, stage.run_id))
    if other := occasion.needless(plan, "verification", zone):
        return occasion.ended_needless(plan, other)
    asked = occasion.asked(districts=districts, zone=zone, as_of=as_of)
    with ledger.run("verification", plan, who=occasion.asker(who), reason=reason, parameters=asked) as book:
        book.night = run_night(plan, book.run_id)
    return ended(book.night)
