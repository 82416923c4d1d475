"""A process that has imported what is heavy and forks itself for each piece of work: many children, one import.

Great Expectations alone takes five seconds to import. The foreman does it once, while this process still imports Prefect and
waits for its server; a child of his is ready in twenty milliseconds, may die alone, and shares his memory.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from kla.errors import KlaError
from kla.io.garbage import collect_rarely

P = ParamSpec("P")
R = TypeVar("R")
START_SECONDS = 120.0


class ChildDiedError(KlaError):
    """A child ended without an answer: killed, or out of memory."""


class Foreman:
    """The process that forks. It ends with this one, however this one ends, and takes its children along."""

    def __init__(self, warm: Sequence[str]) -> None:
        """Start him; he imports the modules named, and calls "module:function", while the caller goes on."""
        # A folder that only its owner may enter: nobody else can ask for work.
        self._folder = tempfile.TemporaryDirectory(prefix="kla-mandor-")
        self._address = str(Path(self._folder.name) / "s")
        self._process = subprocess.Popen(  # noqa: S603 - this very module
            [sys.executable, "-m", "kla.io.foreman", self._address, *warm],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self._process.stdin is not None:
            # A child forked from this process would hold his line open when this one is gone.
            os.register_at_fork(after_in_child=self._process.stdin.close)
        self._ready = threading.Lock()
        self._is_ready = False
        atexit.register(self.close)

    def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `work` returns in a child of its own; function, arguments and result must be picklable.

        Raises:
            ChildDiedError: the child ended without an answer.
            Exception: whatever `work` raised, with the child's traceback as a note.
        """
        self._wait()
        with self._line() as line:
            line.send((work, args, kwargs))
            try:
                is_done, answer, told = line.recv()
            except (EOFError, ConnectionError):
                name = getattr(work, "__qualname__", repr(work))
                raise ChildDiedError(name, "its process ended without an answer", "Look for lack of memory.") from None
        if is_done:
            return cast(R, answer)
        answer.add_note(told)
        raise answer

    def close(self) -> None:
        """Let him and his children go."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._folder.cleanup()
        atexit.unregister(self.close)

    def _line(self) -> Connection:
        door = socket.socket(socket.AF_UNIX)
        door.connect(self._address)
        return Connection(door.detach())

    def _wait(self) -> None:
        with self._ready:
            if self._is_ready:
                return
            assert self._process.stdout is not None  # noqa: S101 - asked for above
            if self._process.stdout.readline().strip() != b"ready":
                raise ChildDiedError("kla.io.foreman", "it ended while it imported", "Look at what it printed.")
            self._is_ready = True


_hired: dict[tuple[str, ...], Foreman] = {}
_hiring = threading.Lock()


def foreman_for(warm: tuple[str, ...]) -> Foreman:
    """Return the foreman of this process for some work, started when first asked for."""
    with _hiring:
        if warm not in _hired:
            _hired[warm] = Foreman(warm)
        return _hired[warm]


def _serve(address: str, warm: Sequence[str]) -> None:
    """Warm up, then fork for each caller until standard input closes. No thread: whoever forks has none."""
    gc.disable()  # nothing that is imported is garbage; looking for it takes a fifth of the time
    for entry in warm:
        name, _, function = entry.partition(":")
        module = importlib.import_module(name)
        if function:
            getattr(module, function)()
    # No child need look through it either, nor get a copy of it by doing so.
    gc.freeze()
    # Nobody waits for the children: they answer over their own line, and the system buries them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    os.setpgid(0, 0)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            readable, _, _ = select.select([0, door.fileno()], [], [])
            if 0 in readable:  # the parent is gone, or lets go
                os.killpg(0, signal.SIGKILL)
            line = Connection(door.accept()[0].detach())
            if os.fork() == 0:
                door.close()
                _answer(line)
            line.close()


def _answer(line: Connection) -> None:
    """Do one piece of work in this freshly forked child, answer and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    collect_rarely()
    gc.enable()
    try:
        work, args, kwargs = line.recv()
        try:
            answer = (True, work(*args, **kwargs), "")
        except Exception as error:  # noqa: BLE001 - raised again where the work was asked for
            answer = (False, _picklable(error), traceback.format_exc())
        line.send(answer)
        line.close()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _picklable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - an error that cannot travel is told by its name
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2:])
