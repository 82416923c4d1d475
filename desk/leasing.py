"""Leases before anything heavy: a run that must wait for another one ends at once, before its flow begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from desk.frame import BUSY, stop
from kla.errors import BusyError
from kla.io.desk_words import say


@contextmanager
def opened(
    kind: str,
    districts: Sequence[str] | None,
    as_of: Any,
    *,
    who: str,
    reason: str,
    parameters: Mapping[str, object],
    zone: str | None = None,
    is_dry_run: bool = False,
) -> Iterator[str]:
    """Give the id of an open run that holds its districts ("" for a dry run); end with BUSY when others hold them all.

    The leases are renewed until the flow is through. A run whose flow never began is closed as failed.
    """
    if is_dry_run:
        yield ""
        return
    from flows.ledger import beating, open_run
    from tasks.plan import make_plan

    plan = make_plan(districts, as_of, zone)
    try:
        run_id = open_run(kind, plan, who=who, reason=reason, parameters=parameters)
    except BusyError as busy:
        plan.close()
        stop(str(busy), BUSY)
    try:
        with beating(plan.warehouse, run_id):
            yield run_id
    finally:
        if plan.warehouse.run(run_id).status == "running":
            plan.warehouse.finish_run(run_id, "failed", say("lease.never_began"))
        plan.close()
