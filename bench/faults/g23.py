"""G23: without a Prefect server, and after a run that was killed and stands as Running: the next run starts by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged

TITLE = "no server, a dead run: the next one starts"
SECONDS, LONG_SECONDS = 120, 180
COMMAND = [sys.executable, "-m", "desk.main", "nightly", "--district", quick.CODE, "--as-of", quick.DAY]


def run(budget: Budget) -> Figure:
    """Start a night as people do, kill it and all it started while it works, and start the next one."""
    from kla.io.warehouse import open_warehouse

    quick.inbox(budget.room)
    world = quick.sqlite_world(budget.room)
    world.fresh()
    killed = _killed(world)
    with open_warehouse(world.url) as warehouse:
        before = _statuses(warehouse)
    begin = time.monotonic()
    code, said = _next(budget.left + 90)
    took = time.monotonic() - begin
    with open_warehouse(world.url) as warehouse:
        after = _statuses(warehouse)
    faults = [] if killed and before == ["running"] else [f"the first run was to be killed while running: {before}"]
    faults += [] if code in (0, 3) else [f"the next one ended with {code}: {said[-300:]!r}"]
    faults += [] if after[:1] == ["abandoned"] and len(after) == 2 else [f"the ledger says {after}"]
    return judged("G23", f"killed while running, next one through in {took:.0f} s, ledger: {', '.join(after)}", faults)


def _next(seconds: float) -> tuple[int, bytes]:
    """Return how the next night ended and what it said; -1 for one that is not through in time."""
    try:
        ended = subprocess.run(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as late:
        return -1, late.output or b""
    return ended.returncode, ended.stdout


def _killed(world: quick.World) -> bool:
    from kla.io.warehouse import open_warehouse

    night = subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    with open_warehouse(world.url) as warehouse:
        while night.poll() is None:
            if warehouse.known(quick.CODE) or (_statuses(warehouse) and (world.var / "archive").is_dir()):
                os.killpg(night.pid, signal.SIGKILL)
                break
            time.sleep(0.1)
    night.wait()
    return night.returncode == -signal.SIGKILL


def _statuses(warehouse: object) -> list[str]:
    from sqlalchemy import text

    with warehouse.reading() as connection:  # type: ignore[attr-defined]
        return list(connection.execute(text("SELECT status FROM run ORDER BY started_at")).scalars())
