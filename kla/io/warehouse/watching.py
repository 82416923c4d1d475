"""The ledger of runs as the watch over the nights needs it, and the run of the flow engine each belongs to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, select

from kla.io.warehouse.exact import moment_text
from kla.io.warehouse.lease import stale_runs
from kla.io.warehouse.store import Warehouse
from kla.io.warehouse.tables import run
from kla.watching import RUNNING, Run

ENGINE_RUN = "flow_run"  # where a run's parameters name its run of the flow engine


def runs_since(warehouse: Warehouse, since: datetime) -> tuple[Run, ...]:
    """Return the runs that started at or after a moment, and all that are still running, the oldest first."""
    with warehouse.reading() as connection:
        is_wanted = (run.c.started_at >= moment_text(since.astimezone(UTC))) | (run.c.status == RUNNING)
        rows = connection.execute(select(run).where(is_wanted).order_by(run.c.started_at, run.c.run_id)).mappings()
        dead = frozenset(stale_runs(connection))
        return tuple(_run(row, dead) for row in rows)


def dead_engine_runs(warehouse: Warehouse, since: datetime) -> tuple[str, ...]:
    """Return the flow engine's ids of runs since a moment that are dead, found so now or by a run that came after.

    The engine itself may believe for minutes that they run, and keep their place.
    """
    with warehouse.reading() as connection:
        wanted = run.c.started_at >= moment_text(since.astimezone(UTC))
        rows = connection.execute(select(run.c.run_id, run.c.parameters, run.c.status).where(wanted)).all()
        dead = {row[0] for row in rows if row[2] == "abandoned"} | set(stale_runs(connection))
        return tuple(sorted(found for row in rows if row[0] in dead and (found := _asked(row[1]).get(ENGINE_RUN))))


def _asked(parameters: str) -> Mapping[str, Any]:
    found = json.loads(parameters or "{}")
    return found if isinstance(found, dict) else {}


def _run(row: RowMapping, dead: frozenset[str]) -> Run:
    asked = _asked(row["parameters"])
    districts = asked.get("districts")
    return Run(
        run_id=row["run_id"],
        kind=row["kind"],
        zone=asked.get("zone"),
        districts=None if districts is None else tuple(districts),
        status=row["status"],
        started_at=datetime.fromisoformat(row["started_at"]),
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
        is_dead=row["run_id"] in dead,
        message=row["message"],
    )
