"""Who this process is, and whether another one is provably dead: told by machine, start-up and process id."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path


@cache
def _machine() -> str:
    """Return what two processes share only where one can see the other: name, start-up and room of process ids."""
    parts = [platform.node()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8])
        parts.append(str(Path("/proc/self/ns/pid").readlink()).removeprefix("pid:"))
    except OSError:
        pass
    return "~".join(parts)


def this_process() -> str:
    """Return a name for this process that no other one has, on this machine or another: machine, id, moment of birth."""
    pid = os.getpid()
    return f"{_machine()} {pid} {_born(pid)}"


def is_dead(process: str) -> bool:
    """Whether a process named by `this_process` lived on this machine and is gone; False where nobody can tell."""
    machine, _, rest = process.rpartition(" ")[0].rpartition(" ")
    pid, born = rest, process.rpartition(" ")[2]
    if machine != _machine() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it is there, and somebody else's
    return _born(int(pid)) not in (born, "?")


def _born(pid: int) -> str:
    """Return when a process began, in ticks since start-up; "0" for one that has ended but is still listed, "?" unknown."""
    try:
        # The second field is the program's name in brackets and may itself hold blanks and brackets.
        state, *fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return "?"
    return "0" if state in ("Z", "X") else fields[18]
