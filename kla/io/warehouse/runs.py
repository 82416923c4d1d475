"""The ledger of runs: who ran what, why, as of when, and how it ended. The only place that reads a clock."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from kla.errors import WarehouseError
from kla.io.warehouse.exact import moment_text
from kla.io.warehouse.tables import run

STATUSES = ("complete", "partial", "failed")


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
) -> str:
    """Write a running run and return its id, which begins with its UTC start so that ids sort as time."""
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    connection.execute(
        run.insert().values(
            run_id=run_id,
            kind=kind,
            who=who,
            reason=reason,
            as_of=as_of,
            parameters=json.dumps(parameters, ensure_ascii=False, sort_keys=True, default=str),
            status="running",
            started_at=moment_text(now),
            code_version=code_version,
            suite_version=suite_version,
            message="",
        )
    )
    return run_id


def finish(connection: Connection, run_id: str, status: str, message: str) -> None:
    """Write how a run ended: complete, partial or failed.

    Raises:
        WarehouseError: the run is not in the ledger, or the status is none of the three.
    """
    if status not in STATUSES:
        raise WarehouseError(f"run {run_id}", f"status {status!r} is not known", f"Use one of {', '.join(STATUSES)}.")
    values = {"status": status, "message": message, "finished_at": moment_text(datetime.now(UTC))}
    if connection.execute(run.update().where(run.c.run_id == run_id).values(values)).rowcount != 1:
        raise WarehouseError(f"run {run_id}", "it is not in the ledger", "Begin the run first.")


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
    """Return the rule set of the latest run that ended well or in part; "" before the first."""
    ended = select(run.c.suite_version).where(run.c.status.in_(("complete", "partial")))
    return str(connection.execute(ended.order_by(run.c.started_at.desc(), run.c.run_id.desc())).scalar() or "")
