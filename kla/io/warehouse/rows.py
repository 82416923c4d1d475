"""A checked file as rows of the warehouse, in the order of the tables' columns. No database here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kla.delta import content_of
from kla.findings import CheckedFile, Finding, Outcome, Severity
from kla.io.intake import folder_of
from kla.io.warehouse import attached
from kla.io.warehouse.exact import decimal_text, hundredths, moment_text
from kla.repairs import merged
from kla.submission import AnswerRow, EvidenceRow, Reading, Repair, StatedRow

FORM_STAGE = "mandiri"  # where a file belongs that could not say so itself
ROW_BITS = 21  # rows per file that ids leave room for: more than a file may hold cells
FILE_BITS = 42
ANSWER_FIELDS = ("answer", "value_t1", "denominator_t1", "value_t2", "denominator_t2")

Row = tuple[Any, ...]
_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: json.dumps would make one per row


@dataclass(frozen=True, slots=True)
class FileRows:
    """All rows of one file. `key` is what makes it the same file: district, folder, sha256."""

    key: tuple[str, str, str]
    receipt: Row
    submission: Row
    ignored: list[Row]
    answers: list[Row]
    evidence: list[Row]
    stated: list[Row]
    findings: list[Row]
    repairs: list[Row]
    attachments: list[Row]


def id_of(key: tuple[str, str, str]) -> int:
    """Return the id a file has in every warehouse; the ids of its rows follow it."""
    digest = hashlib.sha256("\0".join(key).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - FILE_BITS)) << ROW_BITS


def key_of(checked: CheckedFile) -> tuple[str, str, str]:
    """Return what makes a file the same file: the same bytes again in the same folder change nothing."""
    receipt = checked.receipt
    return receipt.district_code, folder_of(receipt), receipt.sha256


def rows_of(checked: CheckedFile, submission_id: int, cycle: int, run_id: str, suite_version: str) -> FileRows:
    """Return every row one file gives. A refused file gives none of its content, only its outcome and findings."""
    receipt, reading = checked.receipt, checked.reading
    is_refused = checked.outcome is Outcome.REFUSED
    blocked = {(f.frame, f.row_key) for f in checked.findings if f.effective is Severity.BLOCKING}
    stage = reading.stage or receipt.stage or FORM_STAGE
    received_at = moment_text(receipt.received_at)
    nothing: tuple[list[Row], list[Row], list[Row], int] = ([], [], [], reading.ledger.used)
    kept = nothing if is_refused else _content_rows(reading, submission_id, blocked)
    answers, evidence, stated, quarantined = kept
    ledger = reading.ledger
    repairs = [] if is_refused else merged(reading.repairs)
    first = next((f.code for f in checked.findings if f.effective is Severity.BLOCKING), "")
    return FileRows(
        key=key_of(checked),
        receipt=(*(submission_id, *key_of(checked), receipt.file_name, receipt.size_bytes, received_at, run_id),),
        submission=(
            *(submission_id, submission_id, receipt.district_code, cycle, stage, receipt.opd_code),
            *(reading.layout.value, checked.outcome.value, first, receipt.sha256, receipt.file_name, received_at),
            *(reading.seal.template_version if reading.seal else "", reading.reader, ledger.cells_read),
            *(ledger.used - quarantined, quarantined, sum(ledger.ignored.values()), len(repairs)),
            *(suite_version, checked.decisions, run_id),
        ),
        ignored=[(submission_id, rule, cells) for rule, cells in sorted(ledger.ignored.items()) if cells],
        answers=answers,
        evidence=evidence,
        stated=stated,
        findings=[_finding(f, submission_id, place) for place, f in enumerate(checked.findings, 1)],
        repairs=[_repair(it, submission_id + place, submission_id) for place, it in enumerate(repairs, 1)],
        attachments=[] if is_refused else attached.rows(reading, submission_id),
    )


def _content_rows(
    reading: Reading, submission_id: int, blocked: set[tuple[str, str]]
) -> tuple[list[Row], list[Row], list[Row], int]:
    """Return rows of answers, data dukung and recap, and how many of their cells go back to the office."""
    contents = _contents(reading)
    answers = _numbered(reading.answers, submission_id, blocked, "answers")
    evidence = _numbered(reading.evidence, submission_id, blocked, "evidence")
    stated = _numbered(reading.stated, submission_id, blocked, "stated")
    back = sum(len(row.raw) for row, _, _, is_back in (*answers, *evidence, *stated) if is_back)
    return (
        [_answer(contents, *it) for it in answers],
        [_evidence(*it) for it in evidence],
        [_stated(*it) for it in stated],
        min(back, reading.ledger.used),
    )


def _contents(reading: Reading) -> dict[str, str]:
    """Return the digest of what was written for each question: all its rows, its data dukung included."""
    proofs: dict[str, list[Mapping[str, str]]] = {}
    for row in reading.evidence:
        proofs.setdefault(row.question_id, []).append(row.raw)
    return {row.question_id: content_of(row.raw, proofs.get(row.question_id, ())) for row in reading.answers}


def _repair(repair: Repair, row_id: int, submission_id: int) -> Row:
    place = (repair.sheet, repair.cell, repair.frame, repair.field, repair.row_key, repair.question_id)
    return (row_id, submission_id, *place, repair.original, repair.result, repair.rule)


def _numbered(
    rows: Iterable[Any], submission_id: int, blocked: set[tuple[str, str]], frame: str
) -> list[tuple[Any, ...]]:
    """Return (row, its id, its submission, whether it goes back to the office) for each row."""
    tables = {row_key for _, row_key in blocked if row_key.endswith("!")}
    return [
        (
            *(row, submission_id + place, submission_id),
            (frame, f"{row.sheet}!{row.row}") in blocked or f"{row.sheet}!" in tables,
        )
        for place, row in enumerate(rows, 1)
    ]


def _written(cells: Mapping[str, str], raw: Mapping[str, str]) -> str:
    return _json({name: [cells.get(name, ""), text] for name, text in raw.items()}) if raw else "{}"


def _answer(contents: Mapping[str, str], row: AnswerRow, row_id: int, submission_id: int, is_back: bool) -> Row:
    numbers = (row.value_t2, row.denominator_t2, row.value_t1, row.denominator_t1)
    is_filled = row.answer != "" or any(n is not None for n in numbers) or any(row.raw.get(f) for f in ANSWER_FIELDS)
    field = next((name for name in ANSWER_FIELDS if row.raw.get(name)), "answer")
    return (
        *(
            row_id,
            row.question_id,
            row.answer,
            row.level,
            *(decimal_text(n) for n in numbers),
            row.note,
            int(not is_filled),
            contents[row.question_id],
        ),
        *(submission_id, row.sheet, row.row, _place(row.cells, field), _written(row.cells, row.raw), int(is_back)),
    )


def _place(cells: Mapping[str, str], field: str) -> str:
    """Return the address of a field, or of the first one the row has (a table may lack a column)."""
    return cells.get(field) or next(iter(cells.values()), "")


def _evidence(row: EvidenceRow, row_id: int, submission_id: int, is_back: bool) -> Row:
    dated_on = row.dated_on.isoformat() if row.dated_on else None
    return (
        *(
            row_id,
            row.question_id,
            row.kind,
            row.title,
            row.number,
            dated_on,
            row.year,
            row.link,
            row.note,
            submission_id,
        ),
        *(row.sheet, row.row, _place(row.cells, "title"), _written(row.cells, row.raw), int(is_back)),
    )


def _stated(row: StatedRow, row_id: int, submission_id: int, is_back: bool) -> Row:
    stated = (decimal_text(row.max_points), decimal_text(row.points))
    return (
        *(row_id, row.level.value, row.key, row.label, *stated, row.reason, row.offices, submission_id),
        *(row.sheet, row.row, _place(row.cells, "points"), _written(row.cells, row.raw), int(is_back)),
    )


def _finding(finding: Finding, submission_id: int, place: int) -> Row:
    return (submission_id + place, submission_id, *finding_facts(finding))


def finding_facts(finding: Finding) -> Row:
    """Return a finding's own columns, in the order both tables of findings have them."""
    return (
        *(finding.code, finding.severity.value, finding.sha256, finding.district_code, finding.opd_code, finding.stage),
        *(
            finding.file_name,
            finding.sheet,
            finding.cell,
            finding.question_id,
            finding.value,
            finding.tell,
            finding.fix,
        ),
        *(finding.frame, finding.row_key, " ".join(finding.cells), finding.status, finding.decision_id),
        *(finding.cycle, hundredths(finding.points_at_stake)),
    )
