"""Tells Prefect which of its runs are dead: it believes for minutes that they run, and keeps their place for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from kla.io.run_words import say
from kla.io.warehouse import Warehouse
from kla.io.warehouse.watching import dead_engine_runs

LOOKED_BACK = timedelta(days=14)


def bury(warehouse: Warehouse) -> int:
    """Mark as Crashed the flow runs that Prefect believes to run and the ledger knows as dead; return how many."""
    count = 0
    ids = dead_engine_runs(warehouse, datetime.now(UTC) - LOOKED_BACK)
    with get_client(sync_client=True) as client:
        for flow_run_id in map(UUID, ids):
            try:
                state = client.read_flow_run(flow_run_id).state
            except ObjectNotFound:
                continue
            if state is not None and not state.is_final():
                client.set_flow_run_state(flow_run_id, Crashed(message=say("buried")), force=True)
                count += 1
    return count
