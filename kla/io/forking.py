"""The server from which multiprocessing forks, itself a fork of a process that has imported what its children need.

By itself multiprocessing starts a Python that imports all of it anew, in each part of a night.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Sequence
from multiprocessing import forkserver, util
from pathlib import Path

_LAST_COMMON = 2  # standard input, output and error


def start_fork_server() -> None:
    """Fork this process's server from it; where that cannot be, the first who needs one starts a Python, as ever.

    For a process that has opened nothing yet which must not be open in its children.
    """
    if sys.platform != "linux" or threading.active_count() > 1 or not hasattr(util, "spawnv_passfds"):
        return
    begin = util.spawnv_passfds
    util.spawnv_passfds = _forked  # type: ignore[assignment]
    try:
        forkserver.ensure_running()
    finally:
        util.spawnv_passfds = begin


def _forked(_path: object, arguments: Sequence[str], kept: Sequence[int]) -> int:
    """Return a fork that does what the arguments tell a Python to do: the last is what it runs.

    It has `kept` open, and what any program has.
    """
    child = os.fork()
    if child == 0:
        try:
            for number in (int(it.name) for it in list(Path("/proc/self/fd").iterdir())):
                if number > _LAST_COMMON and number not in kept:
                    with contextlib.suppress(OSError):  # that of the listing itself
                        os.close(number)
            exec(arguments[-1], {})  # noqa: S102 - multiprocessing's own words
        finally:
            os._exit(0)
    return child
