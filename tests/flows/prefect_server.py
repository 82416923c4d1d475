"""A real Prefect server and worker for tests: started, killed and asked over its API."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

CHECKOUT = Path(__file__).resolve().parents[2]
KLA = [sys.executable, "-m", "desk.main"]
PATIENCE_SECONDS = 200.0
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
# What a server does every few seconds or minutes, it does every second here.
QUICK = {
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "1",
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "DO_NOT_TRACK": "1",
}


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, ask: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Return the first answer that is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if answer := ask():
                return answer
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no {what} in time")


class Stage:
    """A server with a home of its own, and a worker beside it; both may be killed and started again."""

    def __init__(self, folder: Path, template: Path, var: Path) -> None:
        shutil.copytree(template, folder / "prefect")
        self.folder, self.var = folder, var
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/api"
        own = {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_API_URL": self.url, "KLA_VAR": str(var)}
        self.environment = {**os.environ, **QUICK, **own}
        self.api = httpx.Client(base_url=self.url, timeout=10)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_server(self) -> None:
        """Start the server by the documented command and wait for it."""
        self._start("server", "start", "--port", str(self._port))
        until("server", lambda: self.api.get("/health").status_code == 200)

    def start_worker(self) -> None:
        """Start the worker by the documented command, unless it works already."""
        if "worker" in self._running:
            return
        self._start("server", "work", "--no-setup", name="worker")

    def setup(self) -> str:
        """Register pool and deployments by the documented command; return what it said."""
        done = subprocess.run(
            [*KLA, "server", "setup"], env=self.environment, cwd=CHECKOUT, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kill(self, name: str) -> None:
        """Kill a process and all it started, at once."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Let go of everything."""
        self.api.close()
        for name in list(self._running):
            self.kill(name)

    def _start(self, *words: str, name: str = "server") -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*KLA, *words],
                env=self.environment,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    # What the server says

    def deployments(self) -> dict[str, dict[str, Any]]:
        """Return every deployment by name."""
        return {it["name"]: it for it in self.ask("POST", "/deployments/filter", {}).json()}

    def ask_for(self, name: str, parameters: dict[str, Any]) -> httpx.Response:
        """Ask for a run of a deployment, as the Prefect page does."""
        return self.ask(
            "POST", f"/deployments/{self.deployments()[name]['id']}/create_flow_run", {"parameters": parameters}
        )

    def ask(self, method: str, path: str, content: Any) -> httpx.Response:
        """Ask the server for something; while its own SQLite file is busy (503), again."""
        found: httpx.Response

        def is_answered() -> bool:
            nonlocal found
            found = self.api.request(method, path, json=content)
            return found.status_code != 503

        until(path, is_answered)
        return found

    def ended(self, flow_run_id: str) -> dict[str, Any]:
        """Return a flow run once it has ended."""

        def ask() -> dict[str, Any] | None:
            run: dict[str, Any] = self.api.get(f"/flow_runs/{flow_run_id}").json()
            return run if run.get("state", {}).get("type") in ENDED else None

        found: dict[str, Any] = until(f"end of {flow_run_id}", ask)
        return found

    def flow_runs(self, deployment_id: str) -> list[dict[str, Any]]:
        """Return the runs of a deployment."""
        wanted = {"deployments": {"id": {"any_": [deployment_id]}}, "limit": 200}
        found: list[dict[str, Any]] = self.ask("POST", "/flow_runs/filter", wanted).json()
        return found

    def ledger(self, columns: str, kind: str) -> list[tuple[Any, ...]]:
        """Return columns of the runs of a kind, the oldest first."""
        if not (self.var / "warehouse.db").exists():
            return []
        with closing(sqlite3.connect(self.var / "warehouse.db", timeout=30)) as db:
            try:
                sql = f"SELECT {columns} FROM run WHERE kind = ? ORDER BY started_at"
                return db.execute(sql, (kind,)).fetchall()
            except sqlite3.OperationalError:  # not migrated yet
                return []
