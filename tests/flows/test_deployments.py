"""The two deployments, on a real Prefect server with a real worker."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PREFECT = [sys.executable, "-m", "prefect"]
PATIENCE_SECONDS = 150


def _until(what: str, ask: Callable[[], Any], deadline: float, processes: list[subprocess.Popen[bytes]]) -> Any:
    while time.monotonic() < deadline:
        died = [process.args for process in processes if process.poll() is not None]
        assert not died, f"{died} ended while waiting for {what}"
        try:
            if answer := ask():
                return answer
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"no {what} in time")


@contextmanager
def _process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=environment, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def tiny_var(tmp_path: Path) -> Path:
    """Return a working folder whose inbox holds Ogan Ilir's card and nothing else."""
    from kla.io.samples import build_inbox

    build_inbox(tmp_path / "var" / "inbox", ["16.10"])
    return tmp_path / "var"


def test_both_deployments_run_on_a_real_server_and_the_cron_is_seen(
    tiny_var: Path, prefect_template: Path, tmp_path: Path
) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    shutil.copytree(prefect_template, tmp_path / "prefect")
    url = f"http://127.0.0.1:{(port := _free_port())}/api"
    environment = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": url,
        "KLA_VAR": str(tiny_var),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "3",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    with httpx.Client(base_url=url, timeout=10) as api:
        serve = [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
        with _process(serve, environment, tmp_path / "server.log") as server:
            _until("server", lambda: api.get("/health").status_code == 200, deadline, [server])
            api.post("/work_pools/", json={"name": "kla", "type": "process"}).raise_for_status()
            deploy = subprocess.run(
                [*PREFECT, "--no-prompt", "deploy", "--all"],
                env=environment,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert deploy.returncode == 0, deploy.stdout + deploy.stderr
            work = [*PREFECT, "worker", "start", "--pool", "kla"]
            with _process(work, environment, tmp_path / "worker.log") as worker:
                running = [server, worker]
                deployments = {it["name"]: it for it in api.post("/deployments/filter", json={}).json()}
                assert set(deployments) == {"nightly", "rerun"}
                zones = _until("scheduled runs", lambda: _scheduled_zones(api), deadline, running)
                assert zones == {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}
                night = {"districts": ["16.10"], "as_of": "2024-06-15", "who": "uji"}
                assert _state_of(api, deployments["nightly"], night, deadline, running) == ("COMPLETED", "Completed")
                assert (tiny_var / "public" / "16.10" / "2024" / "index.html").is_file()
                again = {"district": "16.10", "as_of": "2024-06-15", "who": "uji", "reason": "uji penempatan"}
                assert _state_of(api, deployments["rerun"], again, deadline, running) == ("COMPLETED", "Completed")


def _scheduled_zones(api: httpx.Client) -> set[str]:
    """Return the zones for which the cron has made runs, once all three have."""
    states = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    runs = api.post("/flow_runs/filter", json={**states, "limit": 200}).json()
    zones = {run["parameters"].get("zone") for run in runs if run["auto_scheduled"]}
    return zones if len(zones) == 3 else set()


def _state_of(
    api: httpx.Client,
    deployment: dict[str, Any],
    parameters: dict[str, Any],
    deadline: float,
    running: list[subprocess.Popen[bytes]],
) -> tuple[str, str]:
    created = api.post(f"/deployments/{deployment['id']}/create_flow_run", json={"parameters": parameters})
    created.raise_for_status()

    def ended() -> tuple[str, str] | None:
        state = api.get(f"/flow_runs/{created.json()['id']}").json()["state"]
        return (
            (state["type"], state["name"]) if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None
        )

    return _until(f"end of {deployment['name']}", ended, deadline, running)
