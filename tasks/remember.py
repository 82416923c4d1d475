"""Remember: what was published for this day, in the ledger and under var/riwayat, so that a replay can be held against it."""

from __future__ import annotations

from kla.night import Trouble
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import one_by_one


@effect("riwayat", seconds=600)
def remember(plan: Plan, run_id: str) -> list[Trouble]:
    """Write down the digests of every district's pages as they lie there now; the same again for the same day is no news.

    All are flushed together: waiting for the disk once for each takes seconds for a nation.
    """
    from kla.io import history
    from kla.io.staging import StagedFile, flush
    from kla.io.warehouse.publications import Publication, keep

    if plan.is_rehearsal:
        return []
    found: list[Publication] = []

    def work(code: str) -> list[StagedFile]:
        day, staged = plan.day(code).isoformat(), []
        for cycle, manifest in history.manifests(plan.places.public, code).items():
            if one := history.stage(plan.places.public, code, cycle, day, manifest):
                staged.append(one)
            found.append(Publication(run_id, code, cycle, day, history.digest(history.digests_of(manifest))))
        return staged

    done, troubles = one_by_one("publish", plan.districts, work)
    if any(done.values()):
        flush()
    kept, others = one_by_one("publish", done, lambda code: [one.swap_in() for one in done[code]])
    keep(plan.warehouse, [it for it in found if it.district_code in kept])
    return troubles + others
