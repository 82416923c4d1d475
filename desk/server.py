"""A temporary Prefect server that starts while this process still works: what Prefect itself would start, 3 s sooner.

Prefect starts its own when a flow is called without one; that first imports the whole server into the calling process.
Half of what a server imports the flow's own process needs too. Where it can, the server is therefore a fork of this process
once that is imported, else a Python of its own.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from kla.io import settings

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

START_SECONDS = 180
STOP_SECONDS = 10
# What one run on one machine does not need: a web page, blocks, automations, and the stream of events they listen to.
LEAN = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # To tell whether blocks have changed it would import every collection, Dask among them.
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    # It would check the types of every call to what Prefect keeps queues in.
    "PY_KEY_VALUE_DISABLE_BEARTYPE": "true",
}
# What a client need not ask a server that was started by itself, from the same installation, on a loopback port.
TRUSTING = {"PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false", "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false"}
# What a flow and a server both import.
SHARED = ("prefect.flows", "prefect.context", "fastapi.encoders", "sqlalchemy.orm")
# What a run asks for. A router is made ready when a request first passes it by, so these stand before all others.
ASKED = ("/flows", "/flow_runs", "/admin", "/events", "/logs", "/artifacts")


class TemporaryServer:
    """A Prefect server of our own on a free loopback port; it ends with this process, however this process ends."""

    def __init__(self) -> None:
        self._port = _free_port()
        self._environment = settings.environment(LEAN)
        self._process: subprocess.Popen[bytes] | BaseProcess
        settings.suggest_to_others(TRUSTING)
        settings.tell_others("PREFECT_API_URL", f"http://127.0.0.1:{self._port}/api")
        import multiprocessing.util  # noqa: F401 - at exit it ends the processes it knows, unless that is over by then

        # After it, and before Prefect is imported: what was asked for last is done first at exit, so that Prefect's own
        # last words still find the server.
        atexit.register(self._stop)
        if _may_fork():
            self._process = _forked(self._port, self._environment)
        else:
            self._process = _begun(self._port, self._environment)

    def wait(self) -> None:
        """Return when it answers; a fork that ended before it did is followed by a Python of its own.

        Raises:
            TimeoutError: it ended, or did not answer in time (a fresh home's migrations take half a minute).
        """
        until = time.monotonic() + START_SECONDS
        while not _is_up(self._port):
            if self._is_over() and not isinstance(self._process, subprocess.Popen):
                self._process = _begun(self._port, self._environment)
            if time.monotonic() > until or self._is_over():
                raise TimeoutError(f"the temporary Prefect server did not answer on port {self._port}")
            time.sleep(0.05)

    def _is_over(self) -> bool:
        if isinstance(self._process, subprocess.Popen):
            return self._process.poll() is not None
        return not self._process.is_alive()

    def _stop(self) -> None:
        if not hasattr(self, "_process"):
            return
        self._process.terminate()
        until = time.monotonic() + STOP_SECONDS
        while not self._is_over() and time.monotonic() < until:
            time.sleep(0.02)
        self._process.kill()


def server_for_the_run() -> TemporaryServer | None:
    """Return a server that is starting, or None where one is named by the environment or by a profile in use."""
    import flows  # noqa: F401 - settles PREFECT_HOME

    if settings.names_a_prefect_server():
        return None
    return TemporaryServer()


def _may_fork() -> bool:
    """Import what both need, and return whether a fork is as good as a fresh process: no thread is there, and Linux."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    for name in SHARED:
        importlib.import_module(name)
    import prefect.context

    return threading.active_count() == 1 and hasattr(prefect.context, "refresh_global_settings_context")


def _forked(port: int, environment: dict[str, str]) -> BaseProcess:
    import multiprocessing

    process = multiprocessing.get_context("fork").Process(target=_serve_forked, args=(port, environment), daemon=True)
    process.start()
    return process


def _begun(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - this very module
        [sys.executable, "-m", "desk.server", str(port)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C ends the run; the server serves until that is over
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_up(port: int) -> bool:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _end_after(parent_ends: Callable[[], object]) -> None:
    parent_ends()
    os.kill(os.getpid(), signal.SIGTERM)


def _serve_forked(port: int, environment: dict[str, str]) -> None:
    """Serve in this freshly forked child, as a fresh process with this environment would."""
    import multiprocessing

    import prefect.context

    os.setsid()  # Ctrl-C ends the run; the server serves until that is over
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    settings.replace_environment(environment)

    prefect.context.refresh_global_settings_context()
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - it forked this process
    serve(port, parent.join)


def serve(port: int, parent_ends: Callable[[], object]) -> None:
    """Serve on a loopback port until a call of `parent_ends` returns."""
    threading.Thread(target=_end_after, args=(parent_ends,), daemon=True).start()
    gc.disable()  # nothing that is imported is garbage; looking for it takes a quarter of the time
    import uvicorn
    from prefect.server.api import server

    gc.freeze()  # before the application is made, which looks through all of it on purpose
    _ask_first(server)
    app = server.create_app()
    gc.freeze()
    gc.enable()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
        timeout_graceful_shutdown=1,
    )


def _ask_first(server: ModuleType) -> None:
    """Let the routers a run asks for stand before the others, which answer as ever; their order says nothing else."""
    routers = getattr(server, "API_ROUTERS", ())
    if routers and all(hasattr(router, "prefix") for router in routers):
        vars(server)["API_ROUTERS"] = tuple(sorted(routers, key=lambda router: router.prefix not in ASKED))


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.stdin.buffer.read)
