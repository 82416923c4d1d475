"""Everything but facts that a district's pages follow from, as digests; and what its published files look like from outside."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from kla.io import project
from kla.io.staging import left_beside

_CODE = Path(__file__).resolve().parents[2]
_PACKAGES = ("kla", "tasks", "flows")
_DATA = ("instrument", "expectations", "reports", "sql")
_DISTRICT = re.compile(r"\d\d\.\d\d")


@cache
def program_version() -> str:
    """Return the sha256 of all our code and of the law, rules, templates and texts: any edit makes it another.

    More than pages depend on, on purpose: a list of what they do depend on would be forgotten one day.
    """
    code = (path for name in _PACKAGES for path in (_CODE / name).rglob("*.py"))
    data = (path for name in _DATA for path in project.data(name).rglob("*"))
    common = (
        path
        for entry in project.data("districts").iterdir()
        if not _DISTRICT.fullmatch(entry.name)
        for path in (entry, *entry.rglob("*"))
    )
    return _digest((*code, *data, *common))


def district_version(code: str) -> str:
    """Return the sha256 of a district's folder: its offices, owners, calendar, target."""
    return _digest((project.data("districts") / code).rglob("*"))


def look_of(folder: Path) -> str:
    """Return the sha256 of the names, sizes and times of all files below a folder.

    "" where there is none, and where an interrupted run left something beside the pages.

    It tells a file that is gone, added or written since without reading any; what was changed and then given its old
    size and time again it does not tell (`kla doctor` reads them all).
    """
    if left_beside(folder):
        return ""
    lines = sorted(f"{name}\0{status.st_size}\0{status.st_mtime_ns}" for name, status in _found(folder, ""))
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest() if lines else ""


def _digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        content = path.read_bytes()
        whole.update(f"{path}\0{len(content)}\n".encode("utf-8", "surrogateescape") + content)
    return whole.hexdigest()


def _found(folder: Path | str, before: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = f"{before}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _found(entry.path, name)
        else:
            yield name, entry.stat(follow_symlinks=False)
