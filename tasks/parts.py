"""Cuts the districts of a night into parts that are served side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from kla.io import settings
from tasks.plan import Plan

# A part pays two to three seconds for its suites whatever its size, and holds its files in memory, about 150 KB each.
LEAST_FILES = 60
MOST_FILES = 750
# Without news a district costs a tenth of a second or, where its pages show another day, half of one.
LEAST_QUIET = 10


class Part:
    """Some districts that one process serves. A plain class: Prefect walks through dataclasses handed to a task."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = tuple(codes)

    @property
    def label(self) -> str:
        """The first district, and how many more."""
        return self.codes[0] + (f" +{len(self.codes) - 1}" if len(self.codes) > 1 else "")

    def halves(self) -> tuple[Part, Part]:
        """Return the part as two."""
        half = len(self.codes) // 2
        return Part(self.codes[:half]), Part(self.codes[half:])


def parts_of(plan: Plan) -> list[Part]:
    """Return the parts of a night; none where it is served in this process: one worker, or nothing that would pay."""
    workers = settings.current().workers
    if workers < 2 or not plan.districts:
        return []
    files = {code: _files(plan.places.inbox / code) for code in plan.districts}
    if has_news(plan):
        return [Part(codes) for codes in cut(files, workers, LEAST_FILES, MOST_FILES)]
    if len(files) < workers * LEAST_QUIET:
        return []
    return [Part(codes) for codes in cut(dict.fromkeys(files, 1), workers, LEAST_QUIET, MOST_FILES)]


def has_news(plan: Plan) -> bool:
    """Whether something may have arrived since the overview was last looked at; a wrong answer costs time only."""
    overview = plan.places.public / "index.html"
    if not overview.is_file():
        return True
    since = overview.stat().st_mtime
    return any(_newest(plan.places.inbox / code) > since for code in plan.districts)


def cut(weights: Mapping[str, int], workers: int, least: int, most: int) -> list[list[str]]:
    """Cut districts, in order, into parts of about the same weight: as many for each worker, neither tiny nor huge.

    >>> cut({"a": 30, "b": 40, "c": 30, "d": 40}, workers=2, least=60, most=750)
    [['a', 'b'], ['c', 'd']]
    >>> cut({"a": 30, "b": 20}, workers=2, least=60, most=750)
    [['a', 'b']]
    >>> [len(part) for part in cut({str(code): 35 for code in range(100)}, workers=2, least=60, most=750)]
    [17, 17, 16, 17, 17, 16]
    """
    total = sum(weights.values())
    rounds = -(-total // (most * workers))
    count = max(1, min(rounds * workers, total // least, len(weights)))
    parts: list[list[str]] = [[] for _ in range(count)]
    before = 0
    for code, weight in weights.items():
        middle = before + weight / 2
        parts[min(int(middle * count / total), count - 1) if total else 0].append(code)
        before += weight
    return [part for part in parts if part]


def _files(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def _newest(folder: Path) -> float:
    """Return the last moment at which something landed in a folder or left it; 0 where there is none."""
    newest = 0.0
    for place, _, names in os.walk(folder):
        for name in ("", *names):
            newest = max(newest, (Path(place) / name).lstat().st_ctime)
    return newest
