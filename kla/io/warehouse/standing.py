"""What counts now: current answers, data dukung and stated points of one district, cycle and stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from kla.district import District
from kla.findings import PreviousAnswer, PreviousAnswers, StandingRow
from kla.instrument import Instrument
from kla.io.warehouse.exact import decimal
from kla.predikat import StatedPredikat
from kla.scoring import Cause, CountedAnswer, Standing, StatedPoints
from kla.submission import Layout, StatedLevel

OF_STAGE = "district_code = :district_code AND cycle = :cycle AND stage = :stage"
_ANSWER = "question_id, opd_code, is_blank, level, value_t2, denominator_t2, value_t1, denominator_t1"


@dataclass(frozen=True, slots=True)
class Place:
    """A district, a cycle and a stage: where anything in the warehouse belongs."""

    district_code: str
    cycle: int
    stage: str

    def parameters(self) -> dict[str, object]:
        """Return the bound values of OF_STAGE."""
        return {"district_code": self.district_code, "cycle": self.cycle, "stage": self.stage}


def rows(connection: Connection, view: str, place: Place, order: str, columns: str = "*") -> list[Mapping[str, Any]]:
    """Return the rows of one of our views at a place, in a stated order (all of them names of ours, never input)."""
    sql = text(f"SELECT {columns} FROM {view} WHERE {OF_STAGE} ORDER BY {order}")  # noqa: S608
    result = connection.execute(sql, place.parameters())
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def owners(district: District, instrument: Instrument) -> dict[str, tuple[str, ...]]:
    """Return the office codes that own each question, the lead first; () when nobody does."""
    return {q.question_id: tuple(office.code for office in district.owners_of(q)) for q in instrument.questions}


def leads(district: District, instrument: Instrument) -> dict[str, str]:
    """Return the lead's office code of each question, "" when nobody owns it."""
    return {question_id: codes[0] if codes else "" for question_id, codes in owners(district, instrument).items()}


def stage_layouts(connection: Connection, district_code: str, cycle: int, instrument: Instrument) -> dict[str, Layout]:
    """Return the stages to score, in the instrument's order, each with the layout that decides it.

    Office forms decide wherever one was read; else the recap. The first stage is there even before anything came,
    unless a recap speaks for it. A form from no office's folder, a recap from an office's and a recap without a single
    question (it only gives a predikat) decide nothing.
    """
    sql = text(
        "SELECT DISTINCT stage, layout FROM submission AS s "
        "WHERE district_code = :district_code AND cycle = :cycle AND outcome <> 'refused' "
        "AND (layout = 'recap') = (opd_code = '') AND (layout <> 'recap' "
        "OR EXISTS (SELECT 1 FROM stated AS t WHERE t.submission_id = s.submission_id AND t.level = 'question'))"
    )
    found = {tuple(row) for row in connection.execute(sql, {"district_code": district_code, "cycle": cycle})}
    layouts = {}
    for stage in instrument.stages:
        if (stage, Layout.FORM.value) in found:
            layouts[stage] = Layout.FORM
        elif (stage, Layout.RECAP.value) in found:
            layouts[stage] = Layout.RECAP
        elif stage == instrument.stages[0]:
            layouts[stage] = Layout.FORM
    return layouts


def standing_rows(
    connection: Connection, place: Place, district: District, instrument: Instrument
) -> tuple[StandingRow, ...]:
    """Return every office's current answer at a stage, blanks included, by question and office."""
    leading = leads(district, instrument)
    return tuple(
        StandingRow(
            district_code=place.district_code,
            cycle=place.cycle,
            stage=place.stage,
            question_id=row["question_id"],
            opd_code=row["opd_code"],
            is_lead=leading.get(row["question_id"]) == row["opd_code"],
            level=row["level"],
            value_t2=decimal(row["value_t2"]),
            denominator_t2=decimal(row["denominator_t2"]),
            value_t1=decimal(row["value_t1"]),
            denominator_t1=decimal(row["denominator_t1"]),
            is_blank=bool(row["is_blank"]),
            file_name=row["file_name"],
            sheet=row["sheet"],
            cell=row["cell"],
            sha256=row["sha256"],
        )
        for row in rows(
            connection, "current_answer", place, "question_id, opd_code", f"{_ANSWER}, file_name, sheet, cell, sha256"
        )
    )


def previous_answers(connection: Connection, district: District, instrument: Instrument) -> PreviousAnswers:
    """Return what counted at the form stage of an earlier cycle (that of `instrument`), blanks left out."""
    place = Place(district.code, instrument.cycle, instrument.stages[0])
    return {
        (district.code, row["question_id"], row["opd_code"]): PreviousAnswer(
            cycle=instrument.cycle,
            years=instrument.evidence_years,
            level=row["level"],
            value_t2=decimal(row["value_t2"]),
            denominator_t2=decimal(row["denominator_t2"]),
            value_t1=decimal(row["value_t1"]),
            denominator_t1=decimal(row["denominator_t1"]),
        )
        for row in rows(connection, "current_answer", place, "question_id, opd_code", _ANSWER)
        if not row["is_blank"]
    }


def standings(connection: Connection, place: Place, district: District, instrument: Instrument) -> dict[str, Standing]:
    """Return what scoring needs to know of every question of the instrument at a form stage."""
    held = rows(connection, "current_answer", place, "answer_id", f"{_ANSWER}, answer_id, received_at, sha256")
    answers = {(r["question_id"], r["opd_code"]): r for r in held}
    returned = _returned(connection, place)
    submitted = {
        r["opd_code"] for r in rows(connection, "current_submission", place, "opd_code") if r["layout"] == "form"
    }
    counts = evidence_counts(connection, place)
    found = {}
    for question_id, codes in owners(district, instrument).items():
        lead = codes[0] if codes else ""
        row = answers.get((question_id, lead))
        given = [counts.get((question_id, code), (0, 0)) for code in codes]
        found[question_id] = Standing(
            lead_opd=lead,
            answer=_counted(row) if row else None,
            has_submitted=lead in submitted,
            is_returned=_is_returned(row, returned.get((question_id, lead))),
            evidence_accepted=sum(accepted for accepted, _ in given),
            evidence_rejected=sum(rejected for _, rejected in given),
        )
    return found


def _returned(connection: Connection, place: Place) -> dict[tuple[str, str], tuple[str, str]]:
    """Return when the newest row sent back arrived (moment, sha256), per question and office."""
    view = "(SELECT * FROM answer_row WHERE is_quarantined = 1 AND age = 1) AS returned"
    return {
        (row["question_id"], row["opd_code"]): (row["received_at"], row["sha256"])
        for row in rows(connection, view, place, "answer_id", "question_id, opd_code, received_at, sha256")
    }


def _is_returned(answer: Mapping[str, Any] | None, returned: tuple[str, str] | None) -> bool:
    """Whether the office's last word was sent back and it has no earlier answer but a blank."""
    if returned is None:
        return False
    return answer is None or (bool(answer["is_blank"]) and returned >= (answer["received_at"], answer["sha256"]))


def _counted(row: Mapping[str, Any]) -> CountedAnswer:
    return CountedAnswer(
        question_id=row["question_id"],
        opd_code=row["opd_code"],
        answer_id=row["answer_id"],
        level=row["level"],
        value_t2=decimal(row["value_t2"]),
        denominator_t2=decimal(row["denominator_t2"]),
        value_t1=decimal(row["value_t1"]),
        denominator_t1=decimal(row["denominator_t1"]),
        is_blank=bool(row["is_blank"]),
    )


def evidence_counts(connection: Connection, place: Place) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (accepted, sent back) rows of data dukung per question and office."""
    sql = text(
        "SELECT question_id, opd_code, SUM(1 - is_quarantined) AS accepted, SUM(is_quarantined) AS rejected "  # noqa: S608
        f"FROM current_evidence WHERE {OF_STAGE} GROUP BY question_id, opd_code"
    )
    return {(r[0], r[1]): (int(r[2]), int(r[3])) for r in connection.execute(sql, place.parameters())}


def stated_points(connection: Connection, place: Place) -> tuple[dict[str, StatedPoints], dict[str, Cause]]:
    """Return (points that count, why the others do not) per question, as the recaps of a stage state them.

    A row without points is BLANK; one that was sent back, with no earlier one in force, ANSWER_RETURNED.
    """
    level = StatedLevel.QUESTION.value
    current = [r for r in rows(connection, "current_stated", place, "stated_id") if r["level"] == level]
    uncounted = {r["key"]: Cause.BLANK for r in current}
    for row in rows(connection, "stated_row", place, "stated_id"):
        if row["is_quarantined"] and row["level"] == level:
            uncounted[row["key"]] = Cause.ANSWER_RETURNED
    counted = {}
    for row in current:
        points = decimal(row["points"])
        if points is not None:
            counted[row["key"]] = StatedPoints(row["key"], row["stated_id"], points)
    return counted, {key: cause for key, cause in uncounted.items() if key not in counted}


def given_predikat(connection: Connection, place: Place) -> tuple[StatedPredikat, Mapping[str, Any]] | None:
    """Return the predikat that the recaps of a stage give, and the row it stands in; None where none does."""
    for row in rows(connection, "current_stated", place, "stated_id"):
        if row["level"] == StatedLevel.PREDIKAT.value:
            return StatedPredikat(row["stated_id"], row["label"]), row
    return None
