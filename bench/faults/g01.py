"""G1: thousands of odd files through the real intake: no crash, none over 10 s, no process over 512 MB, one outcome each."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from datetime import date
from itertools import pairwise

from bench.faults import books, odd
from bench.faults.books import CYCLE, world
from bench.faults.goal import Budget, Figure, judged
from bench.faults.memory import Memory
from bench.faults.places import Place, inbox_of

TITLE = "odd files through the real intake"
SECONDS, LONG_SECONDS = 90, 500
MOST_SECONDS, MOST_MEGABYTES = 10.0, 512.0
OFFICES = 20
MADE, MADE_LONG = 700, 6000


def run(budget: Budget) -> Figure:
    """Receive, read, judge and load a corpus and as many files made here as the seconds allow."""
    from kla.io.instruments import load_instrument
    from kla.io.intake import receive
    from kla.io.reading import read_files
    from kla.io.suites import validate
    from kla.io.warehouse import open_warehouse

    if opened := _opened_here(budget):
        return judged(
            "G1",
            f"{opened} files opened in the run's own process",
            ["no file may be opened there: it would die with it"],
        )
    foreign = odd.corpus_files(budget.corpus)
    place = _filled(budget)
    district, _ = world()
    faults: list[str] = []
    with Memory() as memory:
        intake = receive(place.inbox, place.archive, place.districts, place.as_of, lambda *_: False)
        moments = [time.monotonic()]
        readings = read_files(intake.receipts, on_progress=lambda _: moments.append(time.monotonic()))
        pairs = list(zip(intake.receipts, readings, strict=True))
        instruments = {cycle: load_instrument(cycle) for cycle in (CYCLE,)}
        checked = validate(pairs, {place.code: district}, instruments, {place.code: date(2024, 5, 20)})
        with open_warehouse(f"sqlite:///{budget.room / 'warehouse.db'}") as warehouse:
            run_id = warehouse.begin_run(kind="faults", as_of="2024-05-20", code_version="", suite_version="")
            loaded = warehouse.load_many(checked, run_id, {place.code: CYCLE})
            faults += [f"check {check}" for check in warehouse.failed_checks()]
    slowest = max((later - sooner for sooner, later in pairwise(moments)), default=0.0)
    files = sum(1 for path in place.inbox.rglob("*") if path.is_file())
    outcomes = Counter(file.outcome.value for file in loaded.stored)
    faults += [f"{len(loaded.failed)} files could not be stored: {loaded.failed[0].message}"] if loaded.failed else []
    outcomes.update(f"{left.reason} (waits)" for left in intake.left_aside)
    faults += [f"{files} files, {outcomes.total()} outcomes"] if outcomes.total() != files else []
    faults += [f"a file took {slowest:.1f} s"] if slowest > MOST_SECONDS else []
    faults += [f"a process ({memory.who}) took {memory.peak:.0f} MB"] if memory.peak > MOST_MEGABYTES else []
    faults += [
        f"{it.file_name}: {it.value or 'refused without a reason'}"
        for file in loaded.stored
        for it in (*_unexplained(file),)
    ]
    told = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
    figure = f"{files} files ({len(foreign)} foreign): {told}; slowest {slowest:.1f} s, largest {memory.peak:.0f} MB"
    return judged("G1", figure, faults)


def _opened_here(budget: Budget) -> int:
    """Return how often this process opened a harmless file itself that was to be read in a child process."""
    from kla.io.reading import read_files

    path = budget.room / "biasa.xlsx"
    path.write_bytes(books.plain())
    receipt = books.receipt_of(path)
    opened, is_on = [], [True]

    def hook(name: str, given: tuple[object, ...]) -> None:
        if is_on[0] and name == "open" and str(given[0]) == str(path):
            opened.append(name)

    sys.addaudithook(hook)
    read_files([receipt])
    is_on[0] = False
    return len(opened)


def _unexplained(file):
    """Yield what stands for a fault of ours: a refusal whose cause is a Python exception in the reading process."""
    return [found for found in file.findings if found.code == "F09" and found.value]


def _filled(budget: Budget) -> Place:
    """Return an inbox with the corpus and odd files in the folders of several offices, each name used once."""
    district, _ = world()
    folders = [office.code for office in district.offices[:OFFICES]]
    place = inbox_of(budget.room, {})
    wanted = MADE_LONG if budget.is_long else MADE
    made = odd.odd_files()
    kinds: Counter[str] = Counter()
    seen: set[bytes] = set()
    for number, path in enumerate(odd.corpus_files(budget.corpus)):
        target = place.inbox / place.code / folders[number % OFFICES] / f"{number:05d}-{path.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        if content not in seen:  # the same bytes again in one folder are one submission
            target.write_bytes(content)
            seen.add(content)
    until = budget.share(0.4)
    for number in range(wanted):
        if time.monotonic() > until:
            break
        name, content = next(made)
        if content in seen:
            continue
        seen.add(content)
        kinds[name.split("-")[1]] += 1
        target = place.inbox / place.code / folders[number % OFFICES] / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    for path in place.inbox.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return place
