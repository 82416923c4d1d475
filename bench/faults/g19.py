"""G19: 35 offices with 20 files each in one run within 5 minutes and 512 MB; one poisoned file costs at most 10 s."""

from __future__ import annotations

import io
import resource
import shutil
import time
import zipfile
from pathlib import Path

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged

TITLE = "35 offices x 20 files, and one poisoned"
SECONDS, LONG_SECONDS = 45, 420
CODE, DAY = "63.10", "2025-05-20"
OFFICES, FILES, SHORT_FILES = 35, 20, 1
MOST_SECONDS, MOST_MB, MOST_POISON_SECONDS = 300.0, 512, 10.0


def run(budget: Budget) -> Figure:
    """Run one night over them all; in ten minutes with one file per office, and its share of the time."""
    each = FILES if budget.is_long else SHORT_FILES
    offices = _inbox(budget.room, each)
    world = quick.sqlite_world(budget.room)
    world.fresh()
    begin = time.monotonic()
    code, said = quick.forked(lambda: quick.night(CODE, DAY).status, 600)
    took = time.monotonic() - begin
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    poison, outcome = _poisoned(budget.room)
    allowed = MOST_SECONDS if budget.is_long else MOST_SECONDS / 3
    faults = [f"ended with {code}: {said}"] if code or said not in ("complete", "partial") else []
    faults += [f"{took:.0f} s of {allowed:.0f}"] if took > allowed else []
    faults += [f"{megabytes} MB of {MOST_MB}"] if megabytes > MOST_MB else []
    faults += [f"the poisoned file: {poison:.1f} s, {outcome}"] if poison > MOST_POISON_SECONDS or not outcome else []
    figure = f"{offices} offices x {each} files in {took:.0f} s, {megabytes} MB; poisoned {poison:.1f} s ({outcome})"
    return judged("G19", figure, faults)


def _inbox(root: Path, each: int) -> int:
    """Make an inbox of one district; an office's further files are its form with another note, so other bytes."""
    from kla.io.samples import build_inbox

    build_inbox(root / "inbox", [CODE])
    folders = sorted(path for path in (root / "inbox" / CODE).iterdir() if path.is_dir() and path.name[0] != "_")
    for folder in folders[:OFFICES]:
        original = next(iter(sorted(folder.glob("*.xlsx"))), None)
        for number in range(1, each if original else 0):
            copy = folder / f"kirim {number}.xlsx"
            shutil.copy(str(original), copy)
            with zipfile.ZipFile(copy, "a") as parts:
                parts.writestr(f"docProps/{number}.txt", str(number))
    return len(folders[:OFFICES])


def _poisoned(root: Path) -> tuple[float, str]:
    """Return the seconds a small file costs whose two cells span the whole sheet, and what became of it."""
    from bench.faults.places import inbox_of
    from kla.io.intake import receive
    from kla.io.reading import read_files

    place = inbox_of(root / "poison", {"DINKES/racun.xlsx": _two_far_cells()})
    receipts = receive(place.inbox, place.archive, place.districts, place.as_of, lambda *_: False).receipts
    begin = time.monotonic()
    (reading,) = read_files(receipts)
    return time.monotonic() - begin, ", ".join(sorted({it.kind for it in reading.problems})[:2]) or "read"


def _two_far_cells() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = 1
    book.active["XFD1048576"] = 1
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
