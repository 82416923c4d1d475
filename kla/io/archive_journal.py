"""What the archive remembers beside the originals: when each arrived and from where, and what stewards recorded.

Append-only JSON lines in archive/_journal, so that the warehouse can be made again when it is lost (kla.io.rebuilding).
A line is flushed before the fact it tells enters the warehouse. A line cut short by a fault is passed over: what it told
had not happened yet, and is written again by the next run. The same line twice counts once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from kla.findings import CheckedFile
from kla.io.archive import MOST_BYTES, path_of
from kla.io.attachments import Look, looks_of
from kla.io.intake import folder_of
from kla.submission import Layout, Receipt

FOLDER = "_journal"
RECORDS = "records.jsonl"
_OWN_PATH = "path"  # where a copy lies follows from its sha256


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file as it was first received, the moment as of which it was last judged, and its data dukung as seen then."""

    receipt: Receipt
    as_of: datetime
    looks: Mapping[str, Look] | None = None  # by name; None: none was ever seen


def remember(archive: Path, code: str, receipts: Sequence[Receipt], as_of: datetime) -> tuple[Receipt, ...]:
    """Write down the arrivals of a district that are not yet, and return them all, each with the moment first recorded.

    A file whose run was killed before it was loaded arrived when that run saw it, whatever the clock says now.

    Raises:
        OSError: they could not be written; nothing may be loaded then.
    """
    if not receipts:
        return ()
    known = {_key(it.receipt): it.receipt.received_at for it in arrivals(archive, code)}
    _append(_path(archive, code), [_line(it, as_of) for it in receipts if _key(it) not in known])
    return tuple(_as_recorded(it, known.get(_key(it)), as_of) for it in receipts)


def _as_recorded(receipt: Receipt, first: datetime | None, as_of: datetime) -> Receipt:
    if first is None or first > as_of:  # the run looks at a day before the file was first seen
        return receipt
    return replace(receipt, received_at=first.astimezone(receipt.received_at.tzinfo))


def remember_judged(archive: Path, code: str, files: Iterable[CheckedFile], as_of: datetime) -> None:
    """Write down as of when files of a district are judged, and what their data dukung is like, where that is news.

    Raises:
        OSError: it could not be written; the verdict must not be kept then.
    """
    known = {_key(it.receipt): it for it in arrivals(archive, code)}
    news = []
    for file in files:
        key, looks = _key(file.receipt), looks_of(file.reading) or None
        held = known.get(key)
        if held is None or (held.as_of, held.looks) != (as_of, looks):
            told = {name: asdict(look) for name, look in looks.items()} if looks else None
            news.append(_text({"judged": key[0], "sha256": key[1], "as_of": as_of.isoformat(), "looks": told}))
    _append(_path(archive, code), news)


def arrivals(archive: Path, code: str) -> tuple[Arrival, ...]:
    """Return every arrival of a district in the order in which they were recorded; () before the first."""
    found: dict[tuple[str, str], Arrival] = {}
    for facts in _lines(_path(archive, code)):
        if "judged" in facts:
            key = facts["judged"], facts["sha256"]
            if key in found:
                looks = facts["looks"] and {name: Look(**look) for name, look in facts["looks"].items()}
                found[key] = replace(found[key], as_of=datetime.fromisoformat(facts["as_of"]), looks=looks)
        else:
            one = _arrival(facts, archive)
            found.setdefault(_key(one.receipt), one)
    return tuple(found.values())


def districts_of(archive: Path) -> tuple[str, ...]:
    """Return the codes of the districts of which something arrived."""
    return tuple(sorted(path.stem for path in (archive / FOLDER).glob("*.jsonl") if path.name != RECORDS))


def record(archive: Path, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
    """Write down rows (table, facts) that are not yet and return how many; see `records`."""
    known = {_text(one) for one in _lines(archive / FOLDER / RECORDS)}
    new = [line for table, facts in rows if (line := _text({"table": table, "row": dict(facts)})) not in known]
    _append(archive / FOLDER / RECORDS, new)
    return len(new)


def records(archive: Path) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return what was recorded, as (table, facts), the oldest first, each once."""
    found = {_text(one): (one["table"], one["row"]) for one in _lines(archive / FOLDER / RECORDS)}
    return tuple(found.values())


def torn_lines(archive: Path) -> tuple[tuple[str, int], ...]:
    """Return (file, number of lines) for each journal with lines that nobody can read any more."""
    counted = (
        (path.name, sum(_parsed(line) is None for line in path.read_bytes().splitlines()))
        for path in sorted((archive / FOLDER).glob("*.jsonl"))
    )
    return tuple((name, torn) for name, torn in counted if torn)


def _path(archive: Path, code: str) -> Path:
    return archive / FOLDER / f"{code}.jsonl"


def _key(receipt: Receipt) -> tuple[str, str]:
    return folder_of(receipt), receipt.sha256


def _line(receipt: Receipt, as_of: datetime) -> str:
    facts = {it.name: getattr(receipt, it.name) for it in fields(receipt) if it.name != _OWN_PATH}
    return _text(
        facts
        | {
            "layout": receipt.layout.value,
            "received_at": receipt.received_at.isoformat(),
            "as_of": as_of.isoformat(),
        }
    )


def _arrival(facts: Mapping[str, Any], archive: Path) -> Arrival:
    given = {name: value for name, value in facts.items() if name != "as_of"}
    given |= {
        "layout": Layout(facts["layout"]),
        "received_at": datetime.fromisoformat(facts["received_at"]),
        # What was too large to be read was hashed and never kept (kla.io.archive).
        "path": path_of(archive, facts["sha256"]) if facts["size_bytes"] <= MOST_BYTES else "",
    }
    return Arrival(Receipt(**given), datetime.fromisoformat(facts["as_of"]))


def _text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=True, sort_keys=True)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines that can be read; one without its end was cut while it was written."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for line in content.splitlines():
        if (facts := _parsed(line)) is not None:
            yield facts


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        facts = json.loads(line)
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None


def _append(path: Path, lines: Sequence[str]) -> None:
    """Add whole lines in one write and flush them; what a fault cut off before is closed with a line end first."""
    if not lines:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "ab", buffering=0) as journal:
        size = os.fstat(descriptor).st_size
        start = b"" if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"
        content = start + "".join(f"{line}\n" for line in lines).encode("ascii")
        while content:  # a full disk takes part of it and refuses the rest
            content = content[journal.write(content) :]
        os.fsync(descriptor)
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
