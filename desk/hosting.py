"""`kla server`: a Prefect server of one's own, its work pool and schedules, and the worker, each by one command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from desk.frame import Command, Group, out, stop
from kla.io import project, settings
from kla.io.run_words import say

POOL = "kla"
FILE = "prefect.yaml"
PORT = 4200
ANSWER_SECONDS = 90.0
# A lease in memory would be forgotten when the server restarts, and its place never be free again.
SERVER = {"PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem"}
DEFAULT_URL = f"http://127.0.0.1:{PORT}/api"

cli = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Url = Annotated[str | None, typer.Option("--url", metavar="ALAMAT", help=say("server.url"), show_default=False)]


@cli.command(cls=Command, help=say("server.help_start"), short_help=say("server.help_start"))
def start(
    host: Annotated[str, typer.Option("--host", metavar="ALAMAT", help=say("server.host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="PORTA", help=say("server.port"))] = PORT,
) -> None:
    """Become the server; what ends this process ends it."""
    settings.settle_prefect()
    _become("server", "start", "--host", host, "--port", str(port), more=SERVER)


@cli.command(cls=Command, help=say("server.help_setup"), short_help=say("server.help_setup"))
def setup(url: Url = None) -> None:
    """Register pool and deployments; what is there already is brought up to date."""
    there = _server(url)
    out(say("server.registered", url=there, names=", ".join(register(there))))


@cli.command(cls=Command, help=say("server.help_work"), short_help=say("server.help_work"))
def work(
    url: Url = None,
    is_ready: Annotated[bool, typer.Option("--no-setup", help=say("server.no_setup"))] = False,
) -> None:
    """Register everything, free the places of dead runs, and become the worker."""
    there = _server(url)
    if not is_ready:
        out(say("server.registered", url=there, names=", ".join(register(there))))
    if count := _bury():
        out(say("server.buried", count=count))
    _become("worker", "start", "--pool", POOL, "--type", "process", more={})


def register(url: str) -> list[str]:
    """Make the work pool and every deployment of prefect.yaml on a server; return the deployments' names."""
    import httpx

    with httpx.Client(base_url=url, timeout=30) as api:
        made = api.post("/work_pools/", json={"name": POOL, "type": "process"})
        if made.status_code not in (201, 409):
            stop(say("server.not_registered", what=made.text[:300]))
        root, file = _code()
        command = [*_prefect(), "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
        done = subprocess.run(  # noqa: S603 - Prefect's own command
            command, cwd=root, env=settings.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode:
            stop(say("server.not_registered", what=(done.stdout + done.stderr).strip()[-1000:]))
        found = api.post("/deployments/filter", json={}).json()
        return sorted(it["name"] for it in found)


def _code() -> tuple[Path, Path]:
    """Return the folder in which flows/ stands, and prefect.yaml: in a checkout beside it, else with the wheel's data."""
    root = Path(__file__).resolve().parents[1]
    beside = root / FILE
    return root, beside if beside.is_file() else project.data("instrument").with_name(FILE)


def _server(url: str | None) -> str:
    """Return the API's address once it answers, and tell Prefect of it."""
    settings.settle_prefect()
    found = url or settings.environment().get("PREFECT_API_URL") or DEFAULT_URL
    until = time.monotonic() + ANSWER_SECONDS
    while not _answers(found):
        if time.monotonic() > until:
            stop(say("server.silent", url=found))
        time.sleep(0.5)
    settings.tell_others("PREFECT_API_URL", found)
    return found


def _answers(url: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _bury() -> int:
    from flows.burying import bury
    from kla.io.warehouse import open_warehouse

    with open_warehouse() as warehouse:
        return bury(warehouse)


def _prefect() -> list[str]:
    return [sys.executable, "-m", "prefect"]


def _become(*words: str, more: dict[str, str]) -> None:
    """Replace this process by Prefect's command, so that a service manager's signals reach it."""
    sys.stdout.flush()
    os.execve(sys.executable, [*_prefect(), *words], settings.environment(more))  # noqa: S606 - no shell wanted
