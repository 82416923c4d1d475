"""Receives files: each new one is copied once into the archive, under its sha256, and never touched again."""

from __future__ import annotations

import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from kla.district import District
from kla.io.archive import MOST_BYTES, ChangedMeanwhile, NotKeptError, holds, is_too_large, keep, take
from kla.io.arrival_list import ARRIVALS, moments_in
from kla.io.fault_marks import said_of
from kla.io.layout_words import load_limits as load_likeness
from kla.io.personal_words import load_personal_words
from kla.io.rule_data import load_limits
from kla.io.seen_files import Seen
from kla.links import is_attachment_name
from kla.personal import masked
from kla.submission import Identity, Layout, Receipt, identify

__all__ = ["ARRIVALS", "Intake", "LeftAside", "folder_of", "keep", "receive", "told"]

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
STILL_SECONDS = 3.0  # a file touched this recently is looked at twice
LOOK_AGAIN_SECONDS = 0.3
DEEPEST = 6
AT_ONCE = 4  # files taken in side by side: most of that time is spent waiting for the disk to have them
Known = Callable[[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class LeftAside:
    """A path of the inbox that gave no receipt, and why (a key of `left_aside` in reports/desk.id.yaml).

    changing, not_regular, not_a_place, not_yet, unreadable, over_quota (rule F24); attachment: data dukung beside an
    office's workbook, looked into with the form that names it (kla.io.attachments); unwritable (no copy could be made) and
    fault (one of ours), both told in `fault`.
    """

    district_code: str
    path: str
    reason: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a look into the inbox gave: receipts by moment of arrival and path, and what was left where it lies."""

    receipts: tuple[Receipt, ...]
    left_aside: tuple[LeftAside, ...] = ()


@dataclass(frozen=True, slots=True)
class _Arrived:
    path: str
    parts: tuple[str, ...]
    identity: Identity
    received_at: datetime
    status: os.stat_result


def receive(
    inbox: Path,
    archive: Path,
    districts: Mapping[str, District],
    as_of: Mapping[str, datetime],
    known: Known,
    learned: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
) -> Intake:
    """Return a receipt for each file that is new, archiving it; a file nobody could receive stays where it is.

    `known(district, folder, sha256)` says whether these bytes were received from that folder before. The moment in
    `_kedatangan.csv` counts as arrival, else the file's own (st_ctime), never later than the district's `as_of`.
    `learned` is what stewards said texts mean, as kla.io.reading.read_files takes it: of use here are names of folders.
    """
    receipts: list[Receipt] = []
    aside: list[LeftAside] = []
    for code, district in sorted(districts.items()):
        memory = Seen(archive, code)
        names = (learned or {}).get(code, {}).get("office", {})
        arrived = _arrivals(inbox / code, district, as_of[code], names, aside)
        receipts += _received(arrived, inbox / code, archive, memory, partial(known, code), aside)
        memory.keep()
    receipts.sort(key=lambda receipt: (receipt.received_at, receipt.district_code, receipt.file_name, receipt.sha256))
    return Intake(tuple(receipts), tuple(aside))


def _received(
    arrived: list[_Arrived],
    folder: Path,
    archive: Path,
    memory: Seen,
    known: Callable[[str, str], bool],
    aside: list[LeftAside],
) -> Iterator[Receipt]:
    """Yield a receipt for each file of a district that is new, the first to arrive first."""
    code = folder.name
    seen: set[tuple[str, str]] = set()
    wanted = _wanted(arrived, lambda file: _is_as_it_was(file, archive, memory, known), code, aside)
    with ThreadPoolExecutor(AT_ONCE) as hands:
        takings = [hands.submit(_taken, file, folder, archive) for file in wanted]
    for file, taking in zip(wanted, takings, strict=True):
        with _confined(code, file.parts, aside):
            receipt = taking.result()
            if isinstance(receipt, LeftAside):
                aside.append(receipt)
                continue
            memory.remember(file.parts, file.status, receipt.sha256)
            key = folder_of(receipt), receipt.sha256
            if key not in seen and not known(*key):
                seen.add(key)
                yield receipt


def _wanted(
    arrived: list[_Arrived], is_as_it_was: Callable[[_Arrived], bool], code: str, aside: list[LeftAside]
) -> list[_Arrived]:
    """Return the files that are to be opened, the first to arrive first."""
    moving = _still_moving(arrived)
    arrived.sort(key=lambda file: (file.received_at, file.parts))
    over = _over_quota(arrived)
    wanted = []
    for file in arrived:
        if reason := "changing" if file.path in moving else over.get(file.parts, ""):
            aside.append(LeftAside(code, told("/".join(file.parts)), reason))
        else:
            with _confined(code, file.parts, aside):
                wanted += [] if is_as_it_was(file) else [file]
    return wanted


def _is_as_it_was(file: _Arrived, archive: Path, memory: Seen, known: Callable[[str, str], bool]) -> bool:
    """Whether a file is known by its look alone: received from this folder before, its original in the archive still."""
    sha256, place = memory.sha256(file.parts, file.status), file.identity
    if not sha256 or not known(_joined(told(place.folder_opd), place.cycle, place.stage), sha256):
        return False
    return is_too_large(file.status.st_size) or holds(archive, sha256)


@contextmanager
def _confined(code: str, parts: Sequence[str], aside: list[LeftAside]) -> Iterator[None]:
    """Let a fault of ours over one file cost that file alone: it stays where it is, and the run says so."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the next office's files are taken in
        aside.append(LeftAside(code, told("/".join(parts)), "fault", said_of(error)))


def folder_of(receipt: Receipt) -> str:
    """Return the folder a receipt came from, as `known` is asked: the office's, or recap folder, cycle and stage."""
    return _joined(receipt.folder_opd, receipt.cycle, receipt.stage)


def _joined(folder: str, cycle: int | None, stage: str) -> str:
    return "/".join(part for part in (folder, str(cycle or ""), stage) if part)


def _arrivals(
    folder: Path, district: District, as_of: datetime, names: Mapping[str, str], aside: list[LeftAside]
) -> list[_Arrived]:
    found: list[_Arrived] = []
    moments, limits = moments_in(folder), load_likeness()["office"]
    files = list(_regular_files(str(folder), district.code, aside))
    sending = {parts[0] for _, parts, _ in files if _is_workbook(parts[-1])}
    for path, parts, status in files:
        if parts == (ARRIVALS,):
            continue
        with _confined(district.code, parts, aside):
            identity = identify(parts, district, names, limits)
            landed = min(datetime.fromtimestamp(status.st_ctime, district.zone).replace(microsecond=0), as_of)
            received_at = moments.get("/".join(parts), landed)
            if reason := _reason(identity, parts, sending, is_early=received_at > as_of):
                aside.append(LeftAside(district.code, told("/".join(parts)), reason))
            elif identity is not None:
                found.append(_Arrived(path, parts, identity, received_at, status))
    return found


def _is_workbook(name: str) -> bool:
    dot = name.rfind(".")
    return dot > 0 and name[dot:].lower() in WORKBOOKS


def _reason(identity: Identity | None, parts: Sequence[str], sending: set[str], *, is_early: bool) -> str:
    """Return why a file is left where it lies whatever it holds; "" for one that is to be taken."""
    if identity is None:
        return "not_a_place"
    if identity.layout is Layout.FORM and len(parts) > 1 and parts[0] in sending and is_attachment_name(parts[-1]):
        return "attachment"
    return "not_yet" if is_early else ""


def _over_quota(arrived: Sequence[_Arrived]) -> dict[tuple[str, ...], str]:
    """Return path -> reason for the files that are too many, or too much, for their office's folder; the latest ones."""
    quota = load_limits().quota
    files: Counter[str] = Counter()
    megabytes: Counter[str] = Counter()
    over = {}
    for file in arrived:
        folder = file.parts[0] if len(file.parts) > 1 else ""
        size = min(file.status.st_size, MOST_BYTES)
        if files[folder] >= quota.files or megabytes[folder] + size > quota.megabytes * 1_000_000:
            over[file.parts] = "over_quota"
            continue
        files[folder] += 1
        megabytes[folder] += size
    return over


def _regular_files(
    folder: str, code: str, aside: list[LeftAside], parts: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...], os.stat_result]]:
    """Yield every regular file below a folder in order of name; no link is followed, nothing else is opened.

    Paths are text: of each file, night after night, making a Path costs more than looking at it.
    """
    try:
        if os.path.islink(folder):  # noqa: PTH114 - as above
            aside.append(LeftAside(code, told("/".join(parts)) or ".", "not_regular"))
            return
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        if parts:
            aside.append(LeftAside(code, told("/".join(parts)), "unreadable"))
        return
    for entry in entries:
        here = (*parts, entry.name)
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            aside.append(LeftAside(code, told("/".join(here)), "unreadable"))
            continue
        if stat.S_ISDIR(status.st_mode):
            if len(here) < DEEPEST:
                yield from _regular_files(entry.path, code, aside, here)
        elif stat.S_ISREG(status.st_mode):
            yield entry.path, here, status
        else:
            aside.append(LeftAside(code, told("/".join(here)), "not_regular"))


def _still_moving(arrived: list[_Arrived]) -> set[str]:
    """Return the files that change while being looked at; one short wait for all that were touched just now."""
    fresh = [file for file in arrived if abs(time.time() - file.status.st_mtime) < STILL_SECONDS]
    if not fresh:
        return set()
    time.sleep(LOOK_AGAIN_SECONDS)
    return {file.path for file in fresh if _print_of(file.path) != (file.status.st_size, file.status.st_mtime_ns)}


def _print_of(path: str) -> tuple[int, int]:
    try:
        status = Path(path).lstat()
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns


def _taken(file: _Arrived, folder: Path, archive: Path) -> Receipt | LeftAside:
    """Return the receipt of a file, its bytes in the archive unless there are too many; else why there is none."""
    try:
        kept = take(folder, file.parts, file.status, archive)
    except ChangedMeanwhile:
        return _left(file, folder, "changing")
    except NotKeptError as error:
        return _left(file, folder, "unwritable", said_of(error))
    except (OSError, ValueError):
        return _left(file, folder, "unreadable")
    return Receipt(
        sha256=kept.sha256,
        district_code=folder.name,
        opd_code=file.identity.opd_code,
        folder_opd=told(file.identity.folder_opd),
        stage=file.identity.stage,
        cycle=file.identity.cycle,
        layout=file.identity.layout,
        file_name=told(file.parts[-1]),
        path=str(kept.place or ""),
        size_bytes=kept.size_bytes,
        received_at=file.received_at,
    )


def _left(file: _Arrived, folder: Path, reason: str, fault: str = "") -> LeftAside:
    return LeftAside(folder.name, told("/".join(file.parts)), reason, fault)


@lru_cache(maxsize=4096)  # folders of offices, time and again
def told(name: str) -> str:
    """Return the name of a file or folder as it may be told: no control characters, nobody's number in it."""
    return masked(_printable(name), load_personal_words())


def _printable(name: str) -> str:
    """Return a file name that any text may carry: no control characters, no broken encoding."""
    clean = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "�" for sign in clean)[:255]
