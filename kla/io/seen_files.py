"""What the files of an inbox held when they were last read: one that looks the same from outside is not opened again.

As in git's index, the look of a file is its place, device, inode, size, and the moments of its last writing and of its
last change (ctime, which nobody can set back). A file that had changed just before it was looked at is not remembered:
it may change once more within one tick of the clock, and look the same. Looks are kept as digests, so that no name of a
file is written. This is no fact: without it, or where it cannot be read, every file is read again (docs/decisions/0018).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = "seen"
# Clocks tick in milliseconds, those of some shares in two seconds, and theirs and ours differ.
SETTLED_NS = 10_000_000_000


class Seen:
    """What is remembered of a district's inbox; made before the inbox is looked at."""

    def __init__(self, archive: Path, district_code: str) -> None:
        self._path = archive.with_name(FOLDER) / f"{district_code}.json"
        self._settled_before = time.time_ns() - SETTLED_NS
        self._before = _read(self._path)
        self._now: dict[str, str] = {}

    def sha256(self, parts: Sequence[str], status: os.stat_result) -> str:
        """Return the digest of a file that looks as it did when it was last read; "" where it has to be read."""
        look = _look_of(parts, status)
        held = self._before.get(look, "")
        if held:
            self._now[look] = held
        return held

    def remember(self, parts: Sequence[str], status: os.stat_result, sha256: str) -> None:
        """Remember what a file holds that was read after it had looked like this."""
        if status.st_ctime_ns < self._settled_before:
            self._now[_look_of(parts, status)] = sha256

    def keep(self) -> None:
        """Write down what was seen this time, and nothing else; what cannot be written is read again the next time."""
        if self._now != self._before:
            with contextlib.suppress(OSError):
                _write(self._path, json.dumps(self._now, sort_keys=True))


def _look_of(parts: Sequence[str], status: os.stat_result) -> str:
    marks = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return hashlib.sha256(repr((*parts, *marks)).encode()).hexdigest()


def _read(path: Path) -> Mapping[str, str]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    is_whole = isinstance(found, dict) and all(isinstance(it, str) for it in found.values())
    return found if is_whole else {}


def _write(path: Path, text: str) -> None:
    """Put a file in its place in one step; not flushed: one that a power cut tore cannot be read, and is not needed."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")  # one name, so that what a killed run left is written over
    try:
        beside.write_text(text, encoding="ascii")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
