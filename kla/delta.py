"""What is different: findings between two runs of an office, cells between two attempts. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from kla.findings import Finding, Severity

_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: json.dumps would make one per question


class Change(StrEnum):
    """How a finding came or went."""

    NEW = "new"
    FIXED = "fixed"
    PERSISTING = "persisting"
    RETURNED = "returned"  # was fixed once, and is back


@dataclass(frozen=True, slots=True, order=True)
class FindingKey:
    """What makes a finding of an office the same one tomorrow.

    A finding about a question is told by it, so that an inserted row does not make everything new; any other one by its
    sheet and cell (`place`). `position` tells several alike apart, from 1, in the order of the sheet.
    """

    code: str
    frame: str
    question_id: str
    place: str
    position: int


@dataclass(frozen=True, slots=True)
class FindingChange:
    """How one finding of an office came or went; `sheet` and `cell` are where it is now, or last was."""

    key: FindingKey
    change: Change
    sheet: str
    cell: str


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell that differs between two attempts; `cell` is its address in the newer one ("before" only: in the older)."""

    sheet: str
    cell: str
    question_id: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """What an office wrote in one row: `written` maps field -> (A1 address, text), filled cells only."""

    frame: str
    sheet: str
    row: int
    question_id: str
    written: Mapping[str, tuple[str, str]]

    @property
    def texts(self) -> dict[str, str]:
        """Field -> text."""
        return {name: text for name, (_, text) in self.written.items()}


def keyed(findings: Iterable[Finding]) -> dict[FindingKey, tuple[str, str]]:
    """Return (sheet, cell) of each finding of one office and stage by its key; what is only shown (INFO) is left out."""
    found: dict[FindingKey, tuple[str, str]] = {}
    counts: dict[tuple[str, str, str, str], int] = {}
    for finding in sorted(findings, key=lambda it: (it.code, it.sheet, _row_of(it), it.cell, it.value)):
        if finding.severity is Severity.INFO:
            continue
        place = "" if finding.question_id else f"{finding.sheet}!{finding.cell}"
        alike = (finding.code, finding.frame, finding.question_id, place)
        counts[alike] = counts.get(alike, 0) + 1
        found[FindingKey(*alike, counts[alike])] = (finding.sheet, finding.cell)
    return found


def _row_of(finding: Finding) -> int:
    digits = finding.row_key.rpartition("!")[2]
    return int(digits) if digits.isdigit() else 0


def changes(
    history: Mapping[FindingKey, FindingChange], now: Mapping[FindingKey, tuple[str, str]]
) -> tuple[FindingChange, ...]:
    """Return how the findings of an office changed: `history` is the last change known of each, `now` what is found.

    A finding that was fixed and is still away is not told again.
    """
    told = []
    for key, (sheet, cell) in now.items():
        before = history.get(key)
        change = Change.NEW if before is None else Change.PERSISTING
        if before is not None and before.change is Change.FIXED:
            change = Change.RETURNED
        told.append(FindingChange(key, change, sheet, cell))
    told += [
        FindingChange(key, Change.FIXED, before.sheet, before.cell)
        for key, before in history.items()
        if key not in now and before.change is not Change.FIXED
    ]
    return tuple(sorted(told, key=lambda it: it.key))


def delta(before: Iterable[Finding], now: Iterable[Finding]) -> tuple[FindingChange, ...]:
    """Return what is new, fixed and persisting between two sets of findings of one office and stage."""
    known = {key: FindingChange(key, Change.NEW, *place) for key, place in keyed(before).items()}
    return changes(known, keyed(now))


def content_of(answer: Mapping[str, str], evidence: Iterable[Mapping[str, str]]) -> str:
    """Return a digest of what an office wrote for a question (field -> text), its data dukung included; "" for nothing.

    Where it stands does not matter, nor does the order of the data dukung: a moved row is the same answer.

    >>> content_of({}, [])
    ''
    """
    proofs = ((item for item in row.items() if item[0] != "question_id") for row in evidence)
    rows = [sorted(answer.items()), *sorted(sorted(proof) for proof in proofs)]
    if not any(rows):
        return ""
    # Written this way in sql/migrations/versions/0002 too, for answers that were there before.
    return hashlib.sha256(_json(rows).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def cell_changes(previous: Sequence[WrittenRow], new: Sequence[WrittenRow]) -> tuple[CellChange, ...]:
    """Return each cell that differs between two attempts, in the order of the newer one, what is gone last in its sheet.

    Rows are paired by frame and question, never by where they stand. Several rows of one question (data dukung) that
    say the same are paired first; of the others the first with the first.
    """
    found = []
    before, after = _by_question(previous), _by_question(new)
    for place in dict.fromkeys([*after, *before]):
        for old, now in _paired(before.get(place, []), after.get(place, [])):
            found += _row_changes(old, now)
    return tuple(found)


def _by_question(rows: Iterable[WrittenRow]) -> dict[tuple[str, str], list[WrittenRow]]:
    found: dict[tuple[str, str], list[WrittenRow]] = {}
    for row in rows:
        found.setdefault((row.frame, row.question_id), []).append(row)
    return found


def _paired(old: list[WrittenRow], new: list[WrittenRow]) -> list[tuple[WrittenRow | None, WrittenRow | None]]:
    """Return the rows that differ, side by side; None where one side has no row left."""
    left = list(old)
    changed = []
    for row in new:
        same = next((other for other in left if other.texts == row.texts), None)
        if same is None:
            changed.append(row)
        else:
            left.remove(same)
    return list(zip_longest(left, changed))


def _row_changes(old: WrittenRow | None, new: WrittenRow | None) -> list[CellChange]:
    before, after = (old.written if old else {}), (new.written if new else {})
    row = new or old
    assert row is not None  # noqa: S101 - zip_longest never gives two Nones
    return [
        CellChange(
            sheet=row.sheet,
            cell=(after.get(field) or before[field])[0],
            question_id=row.question_id,
            field=field,
            before=before.get(field, ("", ""))[1],
            after=after.get(field, ("", ""))[1],
        )
        for field in dict.fromkeys([*after, *before])
        if before.get(field, ("", ""))[1] != after.get(field, ("", ""))[1]
    ]
