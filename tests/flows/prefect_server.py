"""A real Prefect server and worker for tests, on PostgreSQL where there is one: started, killed and asked over its API."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.docs.machine import CHECKOUT, blocks

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


def run_by(unit: str) -> list[str]:
    """Return the words after `kla` that a unit of deploy/systemd starts."""
    text = (CHECKOUT / "deploy" / "systemd" / f"{unit}.service").read_text(encoding="utf-8")
    (words,) = re.findall(r"^ExecStart=\S+/kla (.+)$", text, re.MULTILINE)
    return str(words).split()


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
        time.sleep(0.4)  # each question costs the server more than the answer is worth sooner
    raise AssertionError(f"no {what} in time")


class Stage:
    """A server with a home of its own, and a worker beside it; both may be killed and started again.

    Both keep what they know where `urls` says: (the warehouse, Prefect's own database); else in SQLite files, Prefect's
    being a copy of `template`.
    """

    def __init__(self, folder: Path, template: Path, urls: tuple[str, str] | None = None) -> None:
        self.folder, self.var = folder, folder / "var"
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/api"
        own = {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_API_URL": self.url, "KLA_VAR": str(self.var)}
        self.warehouse_url = urls[0] if urls else f"sqlite:///{self.var / 'warehouse.db'}"
        own["KLA_WAREHOUSE_URL"] = self.warehouse_url
        if urls:
            own["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = urls[1]
        else:
            shutil.copytree(template, folder / "prefect")
        self.environment = {**os.environ, **QUICK, **own}
        self.api = httpx.Client(base_url=self.url, timeout=10)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_server(self) -> None:
        """Start the server as its unit does and wait for it; one on PostgreSQL makes its tables first."""
        self._start(*(str(self._port) if word == "4200" else word for word in run_by("kla-server")))
        until("server", lambda: self.api.get("/health").status_code == 200)

    def start_worker(self) -> None:
        """Start the worker as its unit does, but that all is registered; one that works already is left alone."""
        if "worker" in self._running and self._running["worker"].poll() is None:
            return
        self._start(*run_by("kla-worker"), "--no-setup", name="worker")

    def setup(self) -> str:
        """Register pool and deployments by the command of the guide; return what it said."""
        (words,) = (it.text.split()[1:] for it in blocks("id") if it.text.startswith("kla server"))
        done = subprocess.run(
            [*KLA, *words], env=self.environment, cwd=CHECKOUT, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kill(self, name: str) -> None:
        """Kill a process and all it started, at once."""
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
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
        """Return columns of the runs of a kind, the oldest first; [] where the warehouse is not there (yet)."""
        engine = create_engine(self.warehouse_url, poolclass=NullPool)
        if engine.url.get_backend_name() == "sqlite" and not Path(str(engine.url.database)).exists():
            return []  # asking would make it
        try:
            with engine.connect() as connection:
                sql = text(f"SELECT {columns} FROM run WHERE kind = :kind ORDER BY started_at")
                return [tuple(row) for row in connection.execute(sql, {"kind": kind})]
        except DBAPIError:  # not migrated yet, or its server is down
            return []
        finally:
            engine.dispose()
