"""The temporary server is the same whether forked or begun, answers to the end of its process and ends with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import ModuleType

import pytest

import desk.server
from desk.server import ASKED

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no server is forked")

# Tells where the server answers, and how it was started, once it does; then waits for a line, or for its end.
PROGRAM = """
import atexit, json, os, sys, threading, time, urllib.request
{before}
from desk.server import server_for_the_run
server = server_for_the_run()
server.wait()
url = os.environ["PREFECT_API_URL"]
import prefect.main
def last_words():
    time.sleep({pause})
    print(urllib.request.urlopen(url + "/health").status, flush=True)
atexit.register(last_words)
print(json.dumps([url, type(server._process).__name__]), flush=True)
sys.stdin.readline()
"""
THREADED = "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
BROKEN = "import desk.server; desk.server._serve_forked = lambda *_: os._exit(1)"


def _started(before: str, pause: int = 0) -> tuple[subprocess.Popen[str], str, str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(before=before, pause=pause)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    url, kind = json.loads(process.stdout.readline())
    return process, url, kind


def _settings(url: str) -> object:
    with urllib.request.urlopen(f"{url}/admin/settings") as answer:
        return json.load(answer)


def _ends(url: str) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=2).close()
        except urllib.error.URLError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.usefixtures("prefect_home")
def test_a_forked_server_is_what_a_process_of_its_own_would_be() -> None:
    forked, begun = _started(""), _started(THREADED)
    assert (forked[2], begun[2]) == ("ForkProcess", "Popen")
    assert _settings(forked[1]) == _settings(begun[1])
    for process, url, _ in (forked, begun):
        told, _errors = process.communicate("\n", timeout=60)
        assert told.split() == ["200"], "what is said last at exit finds no server"
        assert process.returncode == 0
        assert _ends(url)


@pytest.mark.usefixtures("prefect_home")
@pytest.mark.parametrize("before", ["", THREADED])
def test_it_ends_when_its_process_is_killed(before: str) -> None:
    process, url, _ = _started(before)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert _ends(url)


@pytest.mark.usefixtures("prefect_home")
@pytest.mark.parametrize("before", ["", THREADED])
def test_ctrl_c_ends_the_run_and_the_server_answers_its_last_words(before: str) -> None:
    """A server that ended first left the run trying to reach it for minutes."""
    process, url, _ = _started(before, pause=3)
    os.killpg(process.pid, signal.SIGINT)
    told, _errors = process.communicate(timeout=60)
    assert told.split() == ["200"]
    assert process.returncode != 0
    assert _ends(url)


@pytest.mark.usefixtures("prefect_home")
def test_a_fork_that_ends_at_once_is_followed_by_a_process_of_its_own() -> None:
    process, url, kind = _started(BROKEN)
    assert kind == "Popen"
    process.communicate("\n", timeout=60)
    assert _ends(url)


def test_prefect_can_still_be_told_to_read_the_environment_again() -> None:
    """Else no server is forked: slower, and nothing else would tell."""
    import prefect.context

    assert callable(prefect.context.refresh_global_settings_context)


def test_what_a_run_asks_for_stands_first_and_all_else_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A router is made ready when a request first passes it by: behind all others, two hundred are for one question."""
    from prefect.server.api import server

    before = server.API_ROUTERS
    monkeypatch.setattr(server, "API_ROUTERS", before)
    desk.server._ask_first(server)
    after = server.API_ROUTERS
    assert {router.prefix for router in after[: len(ASKED)]} == set(ASKED)
    assert sorted(map(id, after)) == sorted(map(id, before))


@pytest.mark.parametrize("routers", [{}, {"API_ROUTERS": (object(),)}])
def test_a_server_without_such_routers_is_left_as_it_is(routers: dict[str, tuple[object, ...]]) -> None:
    module = ModuleType("server")
    vars(module).update(routers)
    desk.server._ask_first(module)
    assert {name: it for name, it in vars(module).items() if name == "API_ROUTERS"} == routers
