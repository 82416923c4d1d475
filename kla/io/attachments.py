"""Looks into the data dukung delivered beside a form: can a verifier open it, and is it the same file twice?

Runs where foreign files are opened: in a reading process, under its limits of time and memory.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kla.submission import EvidenceRow, Problem, link_parts
from kla.values import clean

MOST_BYTES = 25_000_000
MOST_PAGES = 2_000
PDF = ".pdf"
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
# A PDF may begin with a few bytes of something else.
_MAGIC_WITHIN = 1024


@dataclass(frozen=True, slots=True)
class Attached:
    """What was found beside a form: problems at the cells that name a file, and name (cleaned) -> sha256."""

    problems: tuple[Problem, ...]
    digests: Mapping[str, str]


def look_beside(folder: Path, evidence: Sequence[EvidenceRow]) -> Attached:
    """Return what the files named in the link column are like, as they lie in the office's folder beside its form.

    Where nothing but workbooks lies there, the office delivers its data dukung some other way and nothing is missed.
    Links of the web are never followed; neither are links of the file system.
    """
    files = {clean(path.name): path for path in _regular_files(folder)}
    if not files:
        return Attached((), {})
    problems: list[Problem] = []
    digests: dict[str, str] = {}
    verdicts: dict[str, tuple[str, str]] = {}
    for row in evidence:
        for part in link_parts(row.link):
            name = clean(part)
            if "/" in part or not Path(name).suffix:
                continue
            if name not in verdicts:
                verdicts[name], digest = _looked_into(files[name]) if name in files else (("missing", ""), "")
                if digest:
                    digests[name] = digest
            kind, limit = verdicts[name]
            if kind:
                cell = row.cells.get("link", "")
                problems.append(Problem(f"attachment_{kind}", row.sheet, cell, part, limit, row.question_id))
    return Attached(tuple(problems), digests)


def _regular_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that may be data dukung, by name; no link is followed, no folder entered."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        is_sent = not entry.name.startswith((".", "~$", "_"))
        if is_sent and entry.is_file(follow_symlinks=False) and Path(entry.name).suffix.lower() not in _WORKBOOKS:
            yield Path(entry.path)


def _looked_into(path: Path) -> tuple[tuple[str, str], str]:
    """Return ((what is wrong, limit), sha256): missing, too_large, encrypted, unreadable, or "" when nothing is."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return ("unreadable", ""), ""
            if status.st_size > MOST_BYTES:
                return ("too_large", f"{MOST_BYTES // 1_000_000} MB"), ""
            content = file.read(MOST_BYTES + 1)
    except OSError:
        return ("unreadable", ""), ""
    kind = _fault_of_pdf(content) if path.suffix.lower() == PDF else ""
    limit = f"{MOST_PAGES} halaman" if kind == "too_large" else ""
    return (kind, limit), hashlib.sha256(content).hexdigest()


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
