"""Data dukung delivered beside a form: can a verifier open it, is it there, is it the same file twice?

What names which file is matched here, without opening anything; the files themselves are opened one by one in reading
processes, under their limits of time and memory: one that kills its reader costs nobody else anything.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from pathlib import Path

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
_MISSING = Look("missing")


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
    problems, digests = [], {}
    for row, name in _named(reading.evidence):
        found = files.get(clean(name))
        seen = look(found) if found else _MISSING
        if seen.sha256:
            digests[clean(name)] = seen.sha256
        if seen.fault:
            cell = row.cells.get("link", "")
            problems.append(Problem(f"attachment_{seen.fault}", row.sheet, cell, name, seen.limit, row.question_id))
    return replace(reading, problems=(*reading.problems, *problems), attachments=digests)


def with_attachments(
    receipts: Sequence[Receipt], readings: Sequence[Reading], folder_of: Callable[[Receipt], Path], workers: int = 2
) -> tuple[Reading, ...]:
    """Return the readings, in order, each form's with what the data dukung beside it is like.

    `folder_of` says in which folder a form lay. A file that kills its reader, or takes too long, is unreadable.
    """
    beside: list[dict[str, Path]] = []
    wanted: dict[Path, None] = {}
    for receipt, reading in zip(receipts, readings, strict=True):
        is_form = receipt.layout is Layout.FORM and bool(reading.evidence)
        files = files_beside(folder_of(receipt)) if is_form else {}
        beside.append(files)
        wanted |= dict.fromkeys(files[clean(name)] for _, name in _named(reading.evidence) if clean(name) in files)
    looks = _looked_into(list(wanted), workers) if wanted else {}
    return tuple(attached(it, files, looks.__getitem__) for it, files in zip(readings, beside, strict=True))


def _looked_into(paths: Sequence[Path], workers: int) -> dict[Path, Look]:
    from pebble import ProcessExpired

    from kla.io.reading import FILE_SECONDS, limited_pool

    found: dict[Path, Look] = {}
    with limited_pool(workers, {}) as pool:
        futures = [pool.schedule(look_into, args=(path,), timeout=FILE_SECONDS) for path in paths]
        for path, future in zip(paths, futures, strict=True):
            try:
                found[path] = future.result()
            except (FutureTimeoutError, ProcessExpired, BrokenExecutor, MemoryError):
                found[path] = UNREADABLE
    return found


def look_into(path: Path) -> Look:
    """Return what one file is like; runs in a reading process."""
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
    fault = _fault_of_pdf(content) if path.suffix.lower() == PDF else ""
    limit = f"{MOST_PAGES} halaman" if fault == "too_large" else ""
    return Look(fault, limit, hashlib.sha256(content).hexdigest())


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
