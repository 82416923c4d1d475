"""Data dukung delivered beside a form: can a verifier open it, is it there, is it the same file twice?

What names which file is matched here, without opening anything; the files themselves are opened one by one in reading
processes, under their limits of time and memory: one that kills its reader costs nobody else anything. What was seen is
kept with the submission, and the bytes in the archive, so that judging again says the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from pathlib import Path

from kla.io.intake import keep
from kla.links import is_attachment_name, link_parts
from kla.submission import EvidenceRow, Layout, Problem, Reading, Receipt
from kla.values import clean

MOST_BYTES = 25_000_000
MOST_PAGES = 2_000
PDF = ".pdf"
_DEEPEST = 3
# A PDF may begin with a few bytes of something else.
_MAGIC_WITHIN = 1024


@dataclass(frozen=True, slots=True)
class Look:
    """What one file is like: what is wrong (encrypted, unreadable, too_large, "" for nothing), the limit, its sha256."""

    fault: str
    limit: str = ""
    sha256: str = ""


UNREADABLE = Look("unreadable")
MISSING = Look("missing")
_KIND = "attachment_"
FolderOf = Callable[[Receipt], Path | None]
# What is known of the data dukung of a file that was judged before, by name; None for one that is new.
Seen = Callable[[Receipt], Mapping[str, Look] | None]


def files_beside(folder: Path) -> dict[str, Path]:
    """Return name (cleaned) -> file of what may be data dukung in an office's folder; no link is followed."""
    return {clean(path.name): path for path in _regular_files(folder, 1)}


def _regular_files(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and depth < _DEEPEST:
            yield from _regular_files(Path(entry.path), depth + 1)
        elif entry.is_file(follow_symlinks=False) and is_attachment_name(entry.name):
            yield Path(entry.path)


def _named(evidence: Sequence[EvidenceRow]) -> Iterator[tuple[EvidenceRow, str]]:
    """Yield each file name of the link column with its row; addresses and words are none."""
    for row in evidence:
        for part in link_parts(row.link):
            if is_attachment_name(part) and "/" not in part:
                yield row, part


def attached(reading: Reading, files: Mapping[str, Path], look: Callable[[Path], Look]) -> Reading:
    """Return the reading with what the files it names are like: problems at their cells, and name -> sha256.

    Where no data dukung lies beside the form the office delivers it some other way, and nothing is missed.
    """
    if not files:
        return reading
    return _told(reading, lambda name: look(files[name]) if name in files else MISSING)


def _told(reading: Reading, look: Callable[[str], Look]) -> Reading:
    problems, digests = [], {}
    for row, name in _named(reading.evidence):
        seen = look(clean(name))
        if seen.sha256:
            digests[clean(name)] = seen.sha256
        if seen.fault:
            cell = row.cells.get("link", "")
            problems.append(Problem(_KIND + seen.fault, row.sheet, cell, name, seen.limit, row.question_id))
    return replace(reading, problems=(*reading.problems, *problems), attachments=digests)


def looks_of(reading: Reading) -> Mapping[str, Look]:
    """Return what a reading says of the data dukung beside it, by name: what is kept with the submission."""
    found = {name: Look("", "", sha256) for name, sha256 in reading.attachments.items()}
    for problem in reading.problems:
        if problem.kind.startswith(_KIND):
            name = clean(problem.value)
            found[name] = Look(problem.kind.removeprefix(_KIND), problem.expected, reading.attachments.get(name, ""))
    return dict(sorted(found.items()))


def with_attachments(
    receipts: Sequence[Receipt],
    readings: Sequence[Reading],
    folder_of: FolderOf,
    workers: int = 2,
    *,
    seen: Seen = lambda _: None,
    archive: Path | None = None,
) -> tuple[Reading, ...]:
    """Return the readings, in order, each form's with what the data dukung beside it is like.

    `folder_of` says in which folder a form lay. A file that kills its reader, or takes too long, is unreadable. Of a form
    that was judged before only what was wanting is looked for again; the rest is as it was `seen`. What is opened goes
    into `archive`, where one is given.
    """
    parcels = [_parcel(it, reading, folder_of, seen) for it, reading in zip(receipts, readings, strict=True)]
    wanted: dict[Path, None] = {}
    for reading, (_, files) in zip(readings, parcels, strict=True):
        named = (clean(name) for _, name in _named(reading.evidence)) if files else ()
        wanted |= dict.fromkeys(files[name] for name in named if name in files)
    looks = _looked_into(list(wanted), workers, archive) if wanted else {}

    def told(reading: Reading, known: Mapping[str, Look], files: Mapping[str, Path]) -> Reading:
        if not known:
            return attached(reading, files, looks.__getitem__)
        return _told(reading, lambda name: looks[files[name]] if name in files else known.get(name, MISSING))

    return tuple(told(reading, *parcel) for reading, parcel in zip(readings, parcels, strict=True))


def _parcel(
    receipt: Receipt, reading: Reading, folder_of: FolderOf, seen: Seen
) -> tuple[Mapping[str, Look], Mapping[str, Path]]:
    """Return what is known of a form's data dukung already, and the files that have to be looked into."""
    if receipt.layout is not Layout.FORM or not reading.evidence:
        return {}, {}
    known, folder = seen(receipt), folder_of(receipt)
    wanting = {name for name, look in (known or {}).items() if look.fault}
    if folder is None or (known is not None and not wanting):
        return known or {}, {}
    beside = files_beside(folder)
    return known or {}, beside if known is None else {name: beside[name] for name in sorted(wanting & set(beside))}


def is_mended(look: Look, path: Path) -> bool:
    """Whether a file that was missing or at fault is there now, and is another one than was seen."""
    if look.fault == MISSING.fault:
        return True
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode) or os.fstat(descriptor).st_size > MOST_BYTES:
                return False
            return hashlib.file_digest(file, "sha256").hexdigest() != look.sha256
    except OSError:
        return False


def _looked_into(paths: Sequence[Path], workers: int, archive: Path | None) -> dict[Path, Look]:
    from pebble import ProcessExpired

    from kla.io.reading import FILE_SECONDS, limited_pool

    found: dict[Path, Look] = {}
    with limited_pool(workers, {}) as pool:
        futures = [pool.schedule(look_into, args=(path, archive), timeout=FILE_SECONDS) for path in paths]
        for path, future in zip(paths, futures, strict=True):
            try:
                found[path] = future.result()
            except (FutureTimeoutError, ProcessExpired, BrokenExecutor, MemoryError):
                found[path] = UNREADABLE
    return found


def look_into(path: Path, archive: Path | None = None) -> Look:
    """Return what one file is like, its bytes kept in the archive where one is given; runs in a reading process."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return UNREADABLE
            if status.st_size > MOST_BYTES:
                return Look("too_large", f"{MOST_BYTES // 1_000_000} MB")
            content = file.read(MOST_BYTES + 1)
    except OSError:
        return UNREADABLE
    sha256 = hashlib.sha256(content).hexdigest()
    if archive is not None:
        _keep_copy(content, archive / sha256[:2] / sha256)
    fault = _fault_of_pdf(content) if path.suffix.lower() == PDF else ""
    limit = f"{MOST_PAGES} halaman" if fault == "too_large" else ""
    return Look(fault, limit, sha256)


def _keep_copy(content: bytes, place: Path) -> None:
    """Keep bytes read-only under their digest; a full disk shows where the archive matters more, and stops no look."""
    with contextlib.suppress(OSError):
        if not place.exists():
            keep(content, place)


def _fault_of_pdf(content: bytes) -> str:
    """Return what keeps a PDF from being read; an owner's password that only forbids printing is no fault."""
    import io

    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    if b"%PDF-" not in content[:_MAGIC_WITHIN]:
        return "unreadable"
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return "encrypted"
        pages = reader.get_num_pages()
        if not pages:
            return "unreadable"
        return "too_large" if pages > MOST_PAGES else ""
    except (FileNotDecryptedError, DependencyError):
        return "encrypted"
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a broken PDF makes the reader raise almost anything
        return "unreadable"
