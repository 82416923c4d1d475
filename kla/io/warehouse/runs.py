"""The ledger of runs: who ran what, why, as of when, and how it ended. The only place that reads a clock."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from kla.errors import WarehouseError
from kla.io.alive import this_process
from kla.io.warehouse import lease
from kla.io.warehouse.exact import moment_text
from kla.io.warehouse.tables import run

STATUSES = ("complete", "partial", "failed")
ABANDONED = "abandoned"  # killed: written by the next run


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of the ledger; `finished_at` None while it runs (or was killed)."""

    run_id: str
    kind: str
    who: str
    reason: str
    as_of: str
    parameters: Mapping[str, object]
    status: str
    started_at: datetime
    finished_at: datetime | None
    code_version: str
    suite_version: str
    message: str
    token: int
    process: str


def new_id() -> str:
    """Return an id for a run that begins now; it starts with the UTC moment, so that ids sort as time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"


def begin(
    connection: Connection,
    *,
    kind: str,
    who: str,
    reason: str,
    as_of: str,
    parameters: Mapping[str, object],
    code_version: str,
    suite_version: str,
    run_id: str,
    districts: Sequence[str] | None,
) -> None:
    """Write a running run and lease to it those of the districts that no other living run holds.

    With `districts` None it takes no leases. Begun again under the same id (its first answer was lost on the way), it
    is begun once.

    Raises:
        BusyError: others hold all the districts; nothing is written.
    """
    if connection.execute(select(run.c.run_id).where(run.c.run_id == run_id)).first() is not None:
        return
    connection.execute(
        run.insert().values(
            run_id=run_id,
            kind=kind,
            who=who,
            reason=reason,
            as_of=as_of,
            parameters=json.dumps(parameters, ensure_ascii=False, sort_keys=True, default=str),
            status="running",
            started_at=moment_text(datetime.now(UTC)),
            code_version=code_version,
            suite_version=suite_version,
            message="",
            token=0,
            process=this_process(),
        )
    )
    if districts is not None:
        lease.take(connection, run_id, districts)


def finish(connection: Connection, run_id: str, status: str, message: str) -> None:
    """Write how a run ended: complete, partial or failed; its leases end with it. One given up as dead stays abandoned.

    Raises:
        WarehouseError: the run is not in the ledger, or the status is none of the three.
    """
    if status not in STATUSES:
        raise WarehouseError(f"run {run_id}", f"status {status!r} is not known", f"Use one of {', '.join(STATUSES)}.")
    values = {"status": status, "message": message, "finished_at": moment_text(datetime.now(UTC))}
    if line(connection, run_id).status == ABANDONED:
        return
    mine = (run.c.run_id == run_id) & (run.c.status != ABANDONED)
    connection.execute(run.update().where(mine).values(values))
    lease.give_back(connection, run_id)


def line(connection: Connection, run_id: str) -> RunLine:
    """Return one run of the ledger.

    Raises:
        WarehouseError: the run is not in the ledger.
    """
    row = connection.execute(select(run).where(run.c.run_id == run_id)).mappings().first()
    if row is None:
        raise WarehouseError(f"run {run_id}", "it is not in the ledger", "Begin the run first.")
    moments = {
        "started_at": datetime.fromisoformat(row["started_at"]),
        "finished_at": row["finished_at"] and datetime.fromisoformat(row["finished_at"]),
    }
    return RunLine(**{**row, **moments, "parameters": json.loads(row["parameters"])})


def last_suite_version(connection: Connection) -> str:
    """Return the rule set of the latest run that judged and ended well or in part; "" before the first."""
    ended = select(run.c.suite_version).where(run.c.status.in_(("complete", "partial")), run.c.kind != "remind")
    return str(connection.execute(ended.order_by(run.c.started_at.desc(), run.c.run_id.desc())).scalar() or "")
