"""Takes old folders away behind a run's back: moved aside at once, removed by other processes at its end.

A nation's night replaces 25,000 files. Each that goes may wait for the disk (all do where the file system gives room back
at once), and may make the next new file dearer, so they go together, several at a time, when a part of the night is through.
They wait in one place beside `public`, where nothing is ever read: whoever comes by may remove whatever lies there, so
what a killed run left there is gone after the next one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

GONE = ".gone"  # beside public, on the same disk
TOGETHER = 8

_at_work: list[subprocess.Popen[bytes]] = []


def put_away(folders: Iterable[Path], public: Path) -> None:
    """Take folders below `public` away, those that are there; what cannot be taken away stays."""
    for folder in folders:
        if not _is_moved(folder, public.with_name(GONE)):
            shutil.rmtree(folder, ignore_errors=True)


def begin_sweeping(public: Path) -> None:
    """Have other processes remove what was put away, while this one works on; where none can be had, `sweep` removes it."""
    left = _left(public)
    for some in (left[index::TOGETHER] for index in range(min(TOGETHER, len(left)))):
        with contextlib.suppress(OSError):
            _at_work.append(_remover(some))


def sweep(public: Path) -> None:
    """Return when all that was put away is gone, whoever put it there, and the place as well."""
    begin_sweeping(public)
    while _at_work:
        _at_work.pop().wait()
    for folder in _left(public):
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        public.with_name(GONE).rmdir()


def _is_moved(folder: Path, place: Path) -> bool:
    """Move a folder to the place for what goes; whether it is no longer where it stood."""
    try:
        place.mkdir(mode=0o700, exist_ok=True)  # another run's end may just have removed it
        folder.rename(place / uuid4().hex)
    except OSError:  # it is not there, or `public` is a disk of its own
        return not folder.exists()
    return True


def _left(public: Path) -> list[str]:
    try:
        return sorted(it.path for it in os.scandir(public.with_name(GONE)))
    except OSError:
        return []


def _remover(folders: Iterable[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - the system's own program, on names of our own
        ["rm", "-rf", "--", *folders],  # noqa: S607
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
