"""The server that reading processes are forked from, as a fork: it serves, holds nothing of its parent open, and ends with it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forked on Linux only")

PROGRAM = """
import os, sys, threading
from pathlib import Path
from kla.io.reading import limited_pool, prepare_for_reading

secret = open("secret", "w")
if sys.argv[1] == "threads":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
prepare_for_reading()
with limited_pool(1, {}) as pool:
    server = Path(f"/proc/{pool.schedule(os.getppid).result()}")
    is_fork = (server / "cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes()
    is_open = any(it.name == "secret" for it in (one.resolve() for one in (server / "fd").iterdir()))
    print(server.name, is_fork, is_open)
"""


def run(folder: Path, way: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, way], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    )
    assert not done.stderr
    return done.stdout.split()


def test_children_come_from_a_fork_that_holds_nothing_open_and_ends_with_its_parent(tmp_path: Path) -> None:
    server, *found = run(tmp_path, "alone")
    assert found == ["True", "False"]
    until = time.monotonic() + 10
    while Path("/proc", server).exists():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_where_threads_are_a_python_is_started_as_ever(tmp_path: Path) -> None:
    _, *found = run(tmp_path, "threads")
    assert found == ["False", "False"]
