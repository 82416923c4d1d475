"""A temporary Prefect server that starts while this process still imports: what Prefect itself would start, 3 s sooner.

Prefect starts its own when a flow is called without one; that first imports the whole server into the calling process.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from kla.io import settings

START_SECONDS = 180
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
}
# What a client need not ask a server that was started by itself, from the same installation, on a loopback port.
TRUSTING = {"PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false", "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false"}


class TemporaryServer:
    """A Prefect server of our own on a free loopback port; it ends with this process, however this process ends."""

    def __init__(self) -> None:
        self._port = _free_port()
        # It stops when this pipe closes; only then, so that Prefect's own last words at exit still find it.
        self._process = subprocess.Popen(  # noqa: S603 - this very module
            [sys.executable, "-m", "desk.server", str(self._port)],
            env=settings.environment(LEAN),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        settings.suggest_to_others(TRUSTING)
        settings.tell_others("PREFECT_API_URL", f"http://127.0.0.1:{self._port}/api")
        atexit.register(self._stop)

    def wait(self) -> None:
        """Return when it answers.

        Raises:
            TimeoutError: it ended, or did not answer in time (a fresh home's migrations take half a minute).
        """
        until = time.monotonic() + START_SECONDS
        while not _is_up(self._port):
            if time.monotonic() > until or self._process.poll() is not None:
                raise TimeoutError(f"the temporary Prefect server did not answer on port {self._port}")
            time.sleep(0.05)

    def _stop(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def server_for_the_run() -> TemporaryServer | None:
    """Return a server that is starting, or None where one is named by the environment or by a profile in use."""
    import flows  # noqa: F401 - settles PREFECT_HOME

    if settings.names_a_prefect_server():
        return None
    return TemporaryServer()


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


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def serve(port: int) -> None:
    """Serve on a loopback port until standard input closes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # nothing that is imported is garbage; looking for it takes a quarter of the time
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app()
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


if __name__ == "__main__":
    serve(int(sys.argv[1]))
