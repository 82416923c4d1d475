"""How often Python looks for garbage: rarely, in a process that imports and builds tables and pages, hardly a cycle."""

from __future__ import annotations

import atexit
import gc

FEWER_COLLECTIONS = (50_000, 20, 20)


def collect_rarely() -> None:
    """Let this process look for garbage rarely: its imports alone make it look a thousand times, a fifth of their time.

    At its end it does not look at all: the system takes everything back at once.
    """
    gc.set_threshold(*FEWER_COLLECTIONS)
    atexit.register(gc.freeze)
