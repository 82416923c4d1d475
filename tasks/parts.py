"""Cuts the districts of a night into parts that are served side by side."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kla.io import history, settings
from kla.io.seen_files import Seen
from tasks.plan import Plan

# Of work, counted in files: a part below pays more for its suites, its process and its imports than it saves.
LEAST_WORK = 60
# Files a part may hold: it has up to a batch of them in memory, about 150 KB each.
MOST_FILES = 750
# Putting the picture of a district together and drawing it takes as long as so many files.
DRAWING = 8
# So does writing another day on pages that are there.
REDATING = 3


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
    """Return the parts of a night; none where it is served in this process: one worker, or nothing that would pay.

    A part weighs what is to be done for it: files that came, districts that are drawn; a district at rest weighs nothing.
    A wrong guess costs time only.
    """
    workers = settings.current().workers
    if workers < 2 or not plan.districts:
        return []
    if not plan.news.keys() >= plan.districts.keys():
        plan.news = news(plan)
    new = {code: plan.news[code] for code in plan.districts}
    work = {code: count + DRAWING if count else _drawing(plan, code) for code, count in new.items()}
    if not any(new.values()) and sum(work.values()) < workers * LEAST_WORK:
        return []
    rounds = max(1, -(-sum(new.values()) // (MOST_FILES * workers)))
    return [Part(codes) for codes in cut(work, min(rounds * workers, sum(work.values()) // LEAST_WORK))]


def is_much(count: int) -> bool:
    """Whether a night of so many districts is served in parts if it only has to write another day on their pages."""
    workers = settings.current().workers
    return workers >= 2 and count * REDATING >= workers * LEAST_WORK


def is_cut(plan: Plan) -> bool:
    """Whether a night is served in parts; the inbox is not looked into where drawing alone is work enough."""
    workers = settings.current().workers
    drawing = sum(_drawing(plan, code) for code in plan.districts)
    return workers >= 2 and (drawing >= workers * LEAST_WORK or bool(parts_of(plan)))


def news(plan: Plan) -> dict[str, int]:
    """Return how many files of each district a night has to look into.

    Those that landed since the overview was last made and that no night has read since, as far as is remembered.
    """
    overview = plan.places.public / "index.html"
    since = overview.stat().st_mtime if overview.is_file() else 0.0
    return {code: _unread(plan, code, since) for code in plan.districts}


def _unread(plan: Plan, code: str, since: float) -> int:
    landed = [(parts, status) for parts, status in _files(plan.places.inbox / code) if status.st_ctime > since]
    memory = Seen(plan.places.archive, code) if landed else None
    return sum(memory is not None and not memory.sha256(*one) for one in landed)


def _drawing(plan: Plan, code: str) -> int:
    """Return what a district without news costs: nothing where its pages were published for this day."""
    day, cycle = plan.day(code).isoformat(), plan.districts[code].cycle
    if history.place(plan.places.public, code, cycle, day).is_file():
        return 0
    return REDATING if (plan.places.public / code / str(cycle)).is_dir() else DRAWING


def cut(weights: Mapping[str, int], count: int) -> list[list[str]]:
    """Cut districts, in order, into at most `count` parts of about the same weight, at least one.

    >>> cut({"a": 30, "b": 40, "c": 30, "d": 40}, 2)
    [['a', 'b'], ['c', 'd']]
    >>> cut({"a": 30, "b": 20}, 0)
    [['a', 'b']]
    >>> [len(part) for part in cut({str(code): 35 for code in range(100)}, 6)]
    [17, 16, 17, 17, 16, 17]
    """
    total, count = sum(weights.values()), max(1, min(count, len(weights)))
    parts: list[list[str]] = [[] for _ in range(count)]
    before = 0
    for code, weight in weights.items():
        middle = before + weight / 2
        parts[min(int(middle * count / total), count - 1) if total else 0].append(code)
        before += weight
    return [part for part in parts if part]


def _files(folder: Path | str, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], os.stat_result]]:
    """Yield the way to each file below a folder, and what it looks like."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        parts = (*before, entry.name)
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, parts)
        else:
            yield parts, entry.stat(follow_symlinks=False)
