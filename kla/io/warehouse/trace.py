"""The way back from a number: rows of every office, data dukung, findings, and the runs behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from kla.district import District
from kla.errors import WarehouseError
from kla.findings import Finding
from kla.instrument import Instrument
from kla.io.warehouse import findings, runs, scores
from kla.io.warehouse.picture import answer_text
from kla.io.warehouse.standing import OF_STAGE, AnswerRow, Place, leads
from kla.scoring import QuestionScore
from kla.wording import date_text, number_text


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One stored row about the question. `kind`: answer, evidence or stated. `value` is what people read there.

    `is_counted`: the points come from this row. `is_current`: it is its office's last word. `is_quarantined`: sent back.
    """

    kind: str
    opd_code: str
    is_lead: bool
    value: str
    file_name: str
    sha256: str
    sheet: str
    cell: str
    received_at: datetime
    is_current: bool
    is_quarantined: bool
    is_counted: bool
    run_id: str


@dataclass(frozen=True, slots=True)
class TraceStage:
    """What one stage knows of the question: its points, the run that last changed them, rows and findings."""

    stage: str
    score: QuestionScore
    run: runs.RunLine
    instrument_version: str
    code_version: str
    suite_version: str
    rows: tuple[TraceRow, ...]
    findings: tuple[Finding, ...]


def of_question(
    connection: Connection, district: District, instrument: Instrument, cycle: int, question_id: str
) -> tuple[TraceStage, ...]:
    """Return what lies behind a question's points, per stage in order; () before anything was scored.

    Raises:
        WarehouseError: the cycle has no such question.
    """
    if not instrument.has_question(question_id):
        raise WarehouseError(
            f"cycle {cycle}", f"there is no question {question_id}", "Write it as on the card, e.g. 14.P10."
        )
    lead = leads(district, instrument)[question_id]
    found = []
    for sheet in scores.read(connection, district.code, cycle, instrument.stages):
        place = Place(district.code, cycle, sheet.stage)
        score = next(question for question in sheet.questions if question.question_id == question_id)
        made = connection.execute(
            text(
                "SELECT run_id, instrument_version, code_version, suite_version FROM score "  # noqa: S608
                f"WHERE {OF_STAGE} AND level = 'question' AND key = :key"
            ),
            {**place.parameters(), "key": question_id},
        ).one()
        found.append(
            TraceStage(
                stage=sheet.stage,
                score=score,
                run=runs.line(connection, made[0]),
                instrument_version=made[1],
                code_version=made[2],
                suite_version=made[3],
                rows=_rows(connection, place, question_id, lead, score, instrument, district),
                findings=findings.of_question(connection, place, question_id),
            )
        )
    return tuple(found)


_SOURCES = {
    "answer": "SELECT * FROM answer_row WHERE {place} AND question_id = :key ORDER BY received_at DESC, sha256 DESC, answer_id",
    "evidence": "SELECT e.*, s.received_at FROM current_evidence AS e INNER JOIN submission AS s "
    "ON s.submission_id = e.submission_id WHERE {place} AND question_id = :key ORDER BY e.opd_code, e.evidence_id",
    "stated": "SELECT * FROM stated_row WHERE {place} AND level = 'question' AND key = :key "
    "ORDER BY received_at DESC, sha256 DESC, stated_id",
}


def _rows(
    connection: Connection,
    place: Place,
    question_id: str,
    lead: str,
    score: QuestionScore,
    instrument: Instrument,
    district: District,
) -> tuple[TraceRow, ...]:
    lines = []
    for kind, source in _SOURCES.items():
        prefix = "e." if kind == "evidence" else ""
        where = f"{prefix}district_code = :district_code AND {prefix}cycle = :cycle AND {prefix}stage = :stage"
        sql = text(source.format(place=where))
        for row in connection.execute(sql, {**place.parameters(), "key": question_id}).mappings():
            row_id = row[f"{kind}_id"]
            lines.append(
                TraceRow(
                    kind=kind,
                    opd_code=row["opd_code"],
                    is_lead=bool(lead) and row["opd_code"] == lead,
                    value=_value(kind, dict(row), instrument),
                    file_name=row["file_name"],
                    sha256=row["sha256"],
                    sheet=row["sheet"],
                    cell=row["cell"],
                    received_at=datetime.fromisoformat(row["received_at"]).astimezone(district.zone),
                    is_current=kind == "evidence" or (row["age"] == 1 and not row["is_quarantined"]),
                    is_quarantined=bool(row["is_quarantined"]),
                    is_counted=(kind == "answer" and row_id == score.answer_id)
                    or (kind == "stated" and row_id == score.stated_id),
                    run_id=row["run_id"],
                )
            )
    return tuple(lines)


def _value(kind: str, row: Mapping[str, Any], instrument: Instrument) -> str:
    if kind == "answer":
        return answer_text(AnswerRow(*(row[name] for name in AnswerRow._fields)), instrument)
    if kind == "stated":
        return number_text(Decimal(row["points"])) if row["points"] else ""
    known = instrument.evidence_kinds.get(row["kind"])
    described = (
        known.label if known else row["kind"],
        row["title"],
        row["number"],
        date_text(date.fromisoformat(row["dated_on"])) if row["dated_on"] else row["year"] and str(row["year"]),
        row["link"],
    )
    return " · ".join(part for part in described if part)
