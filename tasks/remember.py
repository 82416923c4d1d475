"""Remember: what was published for this day, in the ledger and under var/riwayat, so that a replay can be held against it."""

from __future__ import annotations

from kla.night import Trouble
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import one_by_one


@effect("riwayat", seconds=600)
def remember(plan: Plan, run_id: str) -> list[Trouble]:
    """Write down the digests of every district's pages as they lie there now; the same again for the same day is no news."""
    from kla.io import history
    from kla.io.warehouse.publications import Publication, keep

    if plan.is_rehearsal:
        return []
    found: list[Publication] = []

    def work(code: str) -> None:
        day = plan.day(code).isoformat()
        for cycle, manifest in history.manifests(plan.places.public, code).items():
            history.keep(plan.places.public, code, cycle, day, manifest)
            found.append(Publication(run_id, code, cycle, day, history.digest(history.digests_of(manifest))))

    _, troubles = one_by_one("publish", plan.districts, work)
    keep(plan.warehouse, found)
    return troubles
