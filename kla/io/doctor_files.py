"""The doctor at the inbox and the archive: what waits, what nobody can take in, what is not as it was received."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from kla.district import District
from kla.errors import KlaError
from kla.io import archive_journal
from kla.io.archive import MOST_BYTES, left_arriving
from kla.io.districts import district_codes, load_district
from kla.io.doctor import Area, Chart
from kla.io.intake import ARRIVALS, WORKBOOKS, folder_of, told
from kla.io.layout_words import load_limits
from kla.io.warehouse import Warehouse
from kla.io.warehouse.recorded import missing_records
from kla.io.warehouse.rejudging import archived
from kla.submission import identify

WAITING_HOURS = 36.0  # a night and a half
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o400


def inbox(chart: Chart, folder: Path, warehouse: Warehouse | None) -> None:
    """Look at every file of the inbox without following a link."""
    if not folder.is_dir():
        chart.note(Area.INBOX, "none", folder)
        return
    known = set(district_codes())
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith((".", "_")):
            continue
        if not entry.is_dir(follow_symlinks=False):
            chart.note(Area.INBOX, "stray", told(entry.name))
        elif entry.name not in known:
            chart.note(Area.INBOX, "unknown_district", told(entry.name))
        else:
            _district(chart, Path(entry.path), entry.name, warehouse)


def _district(chart: Chart, folder: Path, code: str, warehouse: Warehouse | None) -> None:
    judged = {sha256 for _, sha256 in warehouse.known(code)} if warehouse else set()
    try:
        district = load_district(code)
    except KlaError as error:
        chart.note(Area.INBOX, "broken_district", code, what=str(error))
        return
    for path, parts, status in _entries(folder):
        chart.saw("inbox")
        shown = f"{code}/{told('/'.join(parts))}"
        if not stat.S_ISREG(status.st_mode):
            chart.note(Area.INBOX, "not_regular", shown)
        elif not os.access(path, os.R_OK):
            chart.note(Area.INBOX, "unreadable", shown)
        elif parts != (ARRIVALS,) and not _has_place(parts, district):
            chart.note(Area.INBOX, "not_a_place", shown)
        elif path.suffix.lower() in WORKBOOKS and _waits(path, status, judged):
            chart.note(Area.INBOX, "waiting", shown, hours=f"{WAITING_HOURS:.0f}")


def _has_place(parts: tuple[str, ...], district: District) -> bool:
    return identify(parts, district, {}, load_limits()["office"]) is not None


def _entries(folder: Path, parts: tuple[str, ...] = ()) -> Iterator[tuple[Path, tuple[str, ...], os.stat_result]]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        status, here = entry.stat(follow_symlinks=False), (*parts, entry.name)
        if stat.S_ISDIR(status.st_mode):
            yield from _entries(Path(entry.path), here)
        else:
            yield Path(entry.path), here, status


def _waits(path: Path, status: os.stat_result, judged: set[str]) -> bool:
    """Whether a file has been there for longer than a night and was never judged."""
    if time.time() - status.st_ctime < WAITING_HOURS * 3600:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() not in judged


def archive(chart: Chart, folder: Path, warehouse: Warehouse | None) -> None:
    """Hold the archive against its own names, its journal and what the warehouse received."""
    if not folder.is_dir():
        chart.note(Area.ARCHIVE, "none", folder)
        return
    kept = dict(_originals(chart, folder))
    for name, count in archive_journal.torn_lines(folder):
        chart.note(Area.ARCHIVE, "torn_journal", name, count=count)
    journaled = {
        (code, folder_of(it.receipt), it.receipt.sha256)
        for code in archive_journal.districts_of(folder)
        for it in archive_journal.arrivals(folder, code)
    }
    if warehouse is None:
        return
    received = set()
    for code in district_codes():
        for receipt in archived(warehouse, load_district(code), folder):
            received.add((code, folder_of(receipt), receipt.sha256))
            if receipt.sha256 not in kept and receipt.size_bytes <= MOST_BYTES:
                chart.note(Area.ARCHIVE, "missing", f"{code} {receipt.opd_code} {receipt.file_name}")
    if unwritten := len(received - journaled):
        chart.note(Area.ARCHIVE, "not_in_journal", "", count=unwritten)
    if unjudged := len(journaled - received):
        chart.note(Area.ARCHIVE, "not_judged", "", count=unjudged)
    if lost := missing_records(warehouse, folder):
        chart.note(Area.ARCHIVE, "lost_records", "", count=lost)


def _originals(chart: Chart, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield every original by its name, and note those that are not what their name says."""
    if stat.S_IMODE(folder.stat().st_mode) != _PRIVATE_FOLDER:
        chart.note(Area.ARCHIVE, "open_folder", folder)
    for path in sorted(folder.glob("[0-9a-f][0-9a-f]/*")):
        chart.saw("archive")
        if path.name.startswith("."):
            chart.note(Area.ARCHIVE, "left_over", path)
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != path.name:
                chart.note(Area.ARCHIVE, "changed", path.name)
        if stat.S_IMODE(path.stat().st_mode) != _PRIVATE_FILE:
            chart.note(Area.ARCHIVE, "open_file", path.name)
        yield path.name, path
    for path in left_arriving(folder):
        chart.note(Area.ARCHIVE, "left_over", path)
