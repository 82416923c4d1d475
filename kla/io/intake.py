"""Receives files: each new one is copied once into the archive, under its sha256, and never touched again."""

from __future__ import annotations

import csv
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kla.district import District
from kla.io.layout_words import load_limits
from kla.links import is_attachment_name
from kla.submission import Identity, Layout, Receipt, identify

ARRIVALS = "_kedatangan.csv"
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
MOST_BYTES = 20_000_000  # larger files are hashed and archived up to the limit of what reading will refuse anyway
STILL_SECONDS = 3.0  # a file touched this recently is looked at twice
LOOK_AGAIN_SECONDS = 0.3
DEEPEST = 6
_COPY_BYTES = 1 << 20
Known = Callable[[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class LeftAside:
    """A path of the inbox that gave no receipt, and why (a key of `left_aside` in reports/desk.id.yaml).

    changing, not_regular, not_a_place, not_yet, unreadable; attachment: data dukung beside an office's workbook, looked
    into with the form that names it (kla.io.attachments).
    """

    district_code: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What a look into the inbox gave: receipts by moment of arrival and path, and what was left where it lies."""

    receipts: tuple[Receipt, ...]
    left_aside: tuple[LeftAside, ...] = ()


@dataclass(frozen=True, slots=True)
class _Arrived:
    path: Path
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
        names = (learned or {}).get(code, {}).get("office", {})
        arrived = list(_arrivals(inbox / code, district, as_of[code], names, aside))
        moving = _still_moving(arrived)
        seen: set[tuple[str, str]] = set()
        for file in sorted(arrived, key=lambda file: (file.received_at, file.parts)):
            if file.path in moving:
                aside.append(LeftAside(code, "/".join(file.parts), "changing"))
                continue
            receipt = _archived(file, code, archive)
            if receipt is None:
                aside.append(LeftAside(code, "/".join(file.parts), "unreadable"))
            elif (folder := folder_of(receipt), receipt.sha256) not in seen and not known(code, folder, receipt.sha256):
                seen.add((folder, receipt.sha256))
                receipts.append(receipt)
    receipts.sort(key=lambda receipt: (receipt.received_at, receipt.district_code, receipt.file_name, receipt.sha256))
    return Intake(tuple(receipts), tuple(aside))


def folder_of(receipt: Receipt) -> str:
    """Return the folder a receipt came from, as `known` is asked: the office's, or recap folder, cycle and stage."""
    parts = (receipt.folder_opd, str(receipt.cycle or ""), receipt.stage)
    return "/".join(part for part in parts if part)


def _arrivals(
    folder: Path, district: District, as_of: datetime, names: Mapping[str, str], aside: list[LeftAside]
) -> Iterator[_Arrived]:
    moments, limits = _moments(folder / ARRIVALS), load_limits()["office"]
    files = list(_regular_files(folder, district.code, aside))
    sending = {parts[0] for _, parts, _ in files if Path(parts[-1]).suffix.lower() in WORKBOOKS}
    for path, parts, status in files:
        identity = identify(parts, district, names, limits)
        relative = "/".join(parts)
        if identity is None:
            if parts[-1] != ARRIVALS:
                aside.append(LeftAside(district.code, relative, "not_a_place"))
            continue
        if identity.layout is Layout.FORM and len(parts) > 1 and parts[0] in sending and is_attachment_name(parts[-1]):
            aside.append(LeftAside(district.code, relative, "attachment"))
            continue
        landed = min(
            datetime.fromtimestamp(status.st_ctime, UTC).astimezone(district.zone).replace(microsecond=0), as_of
        )
        received_at = moments.get(relative, landed)
        if received_at > as_of:
            aside.append(LeftAside(district.code, relative, "not_yet"))
            continue
        yield _Arrived(path, parts, identity, received_at, status)


def _moments(path: Path) -> dict[str, datetime]:
    """Return path -> moment of arrival; lines that cannot be understood say nothing."""
    found: dict[str, datetime] = {}
    if path.is_symlink() or not path.is_file():
        return found
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for line in csv.DictReader(file):
            try:
                moment = datetime.fromisoformat((line.get("received_at") or "").strip())
            except ValueError:
                continue
            if moment.tzinfo is not None:
                found[(line.get("path") or "").strip()] = moment
    return found


def _regular_files(
    folder: Path, code: str, aside: list[LeftAside], parts: tuple[str, ...] = ()
) -> Iterator[tuple[Path, tuple[str, ...], os.stat_result]]:
    """Yield every regular file below a folder in order of name; no link is followed, nothing else is opened."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        here = (*parts, entry.name)
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            aside.append(LeftAside(code, "/".join(here), "unreadable"))
            continue
        if stat.S_ISDIR(status.st_mode):
            if len(here) < DEEPEST:
                yield from _regular_files(Path(entry.path), code, aside, here)
        elif stat.S_ISREG(status.st_mode):
            yield Path(entry.path), here, status
        else:
            aside.append(LeftAside(code, "/".join(here), "not_regular"))


def _still_moving(arrived: list[_Arrived]) -> set[Path]:
    """Return the files that change while being looked at; one short wait for all that were touched just now."""
    now = time.time()
    fresh = [file for file in arrived if abs(now - file.status.st_mtime) < STILL_SECONDS]
    if not fresh:
        return set()
    time.sleep(LOOK_AGAIN_SECONDS)
    return {file.path for file in fresh if _print_of(file.path) != (file.status.st_size, file.status.st_mtime_ns)}


def _print_of(path: Path) -> tuple[int, int]:
    try:
        status = path.stat(follow_symlinks=False)
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns


def _archived(file: _Arrived, district_code: str, archive: Path) -> Receipt | None:
    """Return the receipt of a file, its bytes in the archive; None when it cannot be read or changed meanwhile."""
    try:
        sha256, size, place = _copied(file, archive)
    except (OSError, ValueError):
        return None
    identity = file.identity
    return Receipt(
        sha256=sha256,
        district_code=district_code,
        opd_code=identity.opd_code,
        folder_opd=identity.folder_opd,
        stage=identity.stage,
        cycle=identity.cycle,
        layout=identity.layout,
        file_name=_printable(file.parts[-1]),
        path=str(place),
        size_bytes=size,
        received_at=file.received_at,
    )


def _printable(name: str) -> str:
    """Return a file name that any text may carry: no control characters, no broken encoding."""
    clean = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "�" for sign in clean)[:255]


def _copied(file: _Arrived, archive: Path) -> tuple[str, int, Path]:
    descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as source:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise ValueError("not a regular file")
        content = source.read(MOST_BYTES + 1)
        digest = hashlib.sha256(content)
        while piece := source.read(_COPY_BYTES):  # more than will ever be read: hashed, kept only up to the limit
            digest.update(piece)
        after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ValueError("changed while being read")
    sha256 = digest.hexdigest()
    place = archive / sha256[:2] / sha256
    if not place.exists():
        keep(content, place)
    return sha256, after.st_size, place


def keep(content: bytes, place: Path) -> None:
    """Write the bytes beside their place, flush them, make them read-only, and move them in with one step."""
    for folder in (place.parents[1], place.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, 0o400)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
