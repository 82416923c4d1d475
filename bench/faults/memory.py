"""The most memory that any one process of a family ever had, looked at a few times a second."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType


class Memory:
    """Used in `with`; afterwards `peak` is the highest resident size of a single process in megabytes."""

    def __init__(self, pid: int | None = None) -> None:
        self._pid = pid or os.getpid()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak = 0.0
        self.who = ""

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            self.look()

    def look(self) -> None:
        """Look at every process of the family once."""
        for pid in family(self._pid):
            size = _highest(pid)
            if size > self.peak:
                self.peak, self.who = size, "main" if pid == self._pid else "child"


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue
    return found


def _highest(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return 0.0
