"""What counts now: current answers and data dukung of one district, cycle and stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, text

from kla.district import District
from kla.findings import PreviousAnswer, PreviousAnswers, StandingRow
from kla.instrument import Instrument
from kla.io.warehouse import filed
from kla.io.warehouse.exact import decimal
from kla.io.warehouse.filed import Filed
from kla.scoring import CountedAnswer, Standing
from kla.submission import Layout

OF_STAGE = "district_code = :district_code AND cycle = :cycle AND stage = :stage"


@dataclass(frozen=True, slots=True)
class Place:
    """A district, a cycle and a stage: where anything in the warehouse belongs."""

    district_code: str
    cycle: int
    stage: str

    def parameters(self) -> dict[str, object]:
        """Return the bound values of OF_STAGE."""
        return {"district_code": self.district_code, "cycle": self.cycle, "stage": self.stage}


class AnswerRow(NamedTuple):
    """One row of `answer`, as stored."""

    submission_id: int
    answer_id: int
    question_id: str
    answer: str
    level: str
    value_t2: str | None
    denominator_t2: str | None
    value_t1: str | None
    denominator_t1: str | None
    is_blank: int
    content: str
    sheet: str
    sheet_row: int
    cell: str
    is_quarantined: int


class AnswerInForce(NamedTuple):
    """One row of the view `current_answer`: what was stored, and the file it came in."""

    file: Filed
    row: AnswerRow


_ANSWERS = text(
    f"SELECT {', '.join(f'a.{name}' for name in AnswerRow._fields)} "  # noqa: S608 - names of ours
    "FROM submission AS s INNER JOIN answer AS a ON a.submission_id = s.submission_id "
    "WHERE s.district_code = :district_code AND s.cycle = :cycle AND s.stage = :stage ORDER BY a.answer_id"
)
_EVIDENCE = text(
    "SELECT question_id, opd_code, SUM(1 - is_quarantined) AS accepted, SUM(is_quarantined) AS rejected "  # noqa: S608
    f"FROM current_evidence WHERE {OF_STAGE} GROUP BY question_id, opd_code"
)


def rows(connection: Connection, view: str, place: Place, order: str, columns: str = "*") -> list[Mapping[str, Any]]:
    """Return the rows of one of our views at a place, in a stated order (all of them names of ours, never input)."""
    result = connection.execute(_selected(view, order, columns), place.parameters())
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


@cache
def _selected(view: str, order: str, columns: str) -> TextClause:
    return text(f"SELECT {columns} FROM {view} WHERE {OF_STAGE} ORDER BY {order}")  # noqa: S608


def answer_rows(connection: Connection, place: Place) -> list[AnswerRow]:
    """Return every stored row of the office forms at a place, in the order of its id."""
    return list(map(AnswerRow._make, connection.execute(_ANSWERS, place.parameters()).all()))


def answers_in_force(connection: Connection, place: Place) -> list[AnswerInForce]:
    """Return what the view `current_answer` holds at a place, by question and office."""
    files = filed.read(connection, place.district_code, place.cycle)
    return in_force(files, answer_rows(connection, place))


def in_force(files: Iterable[Filed], rows: Sequence[AnswerRow]) -> list[AnswerInForce]:
    """Return the same from the cycle's files and the place's rows (`answer_rows`)."""
    newest = _newest(files, rows, is_quarantined=False)
    return [newest[key] for key in sorted(newest)]


def _newest(
    files: Iterable[Filed], rows: Sequence[AnswerRow], *, is_quarantined: bool
) -> dict[tuple[str, str], AnswerInForce]:
    """Return by question and office the newest row that counts, or was sent back, in no order."""
    came = _as_they_came(files, rows, is_quarantined=is_quarantined)
    return {(it.row.question_id, it.file.opd_code): it for it in came}


def _as_they_came(
    files: Iterable[Filed], rows: Sequence[AnswerRow], *, is_quarantined: bool
) -> Iterator[AnswerInForce]:
    """Yield the rows that count, or those sent back, with their file: the last one of an office and question is the newest.

    Ranking them, as the view `answer_row` does, takes a database four times as long.
    """
    usable = {it.submission_id: it for it in files if not it.is_refused}
    arrived = {it.submission_id: _arrival(it) for it in usable.values()}
    held = [it for it in reversed(rows) if it.is_quarantined == is_quarantined and it.submission_id in usable]
    for row in sorted(held, key=lambda it: arrived[it.submission_id]):
        yield AnswerInForce(usable[row.submission_id], row)


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
            question_id=row.question_id,
            opd_code=file.opd_code,
            is_lead=leading.get(row.question_id) == file.opd_code,
            level=row.level,
            value_t2=decimal(row.value_t2),
            denominator_t2=decimal(row.denominator_t2),
            value_t1=decimal(row.value_t1),
            denominator_t1=decimal(row.denominator_t1),
            is_blank=bool(row.is_blank),
            file_name=file.file_name,
            sheet=row.sheet,
            cell=row.cell,
            sha256=file.sha256,
        )
        for file, row in answers_in_force(connection, place)
    )


def previous_answers(connection: Connection, district: District, instrument: Instrument) -> PreviousAnswers:
    """Return what counted at the form stage of an earlier cycle (that of `instrument`), blanks left out."""
    place = Place(district.code, instrument.cycle, instrument.stages[0])
    return {
        (district.code, row.question_id, file.opd_code): PreviousAnswer(
            cycle=instrument.cycle,
            years=instrument.evidence_years,
            level=row.level,
            value_t2=decimal(row.value_t2),
            denominator_t2=decimal(row.denominator_t2),
            value_t1=decimal(row.value_t1),
            denominator_t1=decimal(row.denominator_t1),
        )
        for file, row in answers_in_force(connection, place)
        if not row.is_blank
    }


def standings(connection: Connection, place: Place, district: District, instrument: Instrument) -> dict[str, Standing]:
    """Return what scoring needs to know of every question of the instrument at a form stage."""
    files = filed.read(connection, place.district_code, place.cycle)
    rows = answer_rows(connection, place)
    answers = _newest(files, rows, is_quarantined=False)
    returned = _newest(files, rows, is_quarantined=True)
    submitted = {
        code
        for (stage, code), file in filed.in_force(files).items()
        if stage == place.stage and file.layout == Layout.FORM.value
    }
    counts = evidence_counts(connection, place)
    found = {}
    for question_id, codes in owners(district, instrument).items():
        lead = codes[0] if codes else ""
        own = answers.get((question_id, lead))
        given = [counts[question_id, code] for code in codes if (question_id, code) in counts]
        found[question_id] = Standing(
            lead_opd=lead,
            answer=_counted(own) if own else None,
            has_submitted=lead in submitted,
            is_returned=_is_returned(own, returned.get((question_id, lead))),
            evidence_accepted=sum(accepted for accepted, _ in given),
            evidence_rejected=sum(rejected for _, rejected in given),
        )
    return found


def _is_returned(answer: AnswerInForce | None, returned: AnswerInForce | None) -> bool:
    """Whether the office's last word was sent back and it has no earlier answer but a blank."""
    if returned is None:
        return False
    return answer is None or (bool(answer.row.is_blank) and _arrival(returned.file) >= _arrival(answer.file))


def _arrival(file: Filed) -> tuple[str, str]:
    return file.received_at, file.sha256


def _counted(answer: AnswerInForce) -> CountedAnswer:
    file, row = answer
    return CountedAnswer(
        question_id=row.question_id,
        opd_code=file.opd_code,
        answer_id=row.answer_id,
        level=row.level,
        value_t2=decimal(row.value_t2),
        denominator_t2=decimal(row.denominator_t2),
        value_t1=decimal(row.value_t1),
        denominator_t1=decimal(row.denominator_t1),
        is_blank=bool(row.is_blank),
    )


def evidence_counts(connection: Connection, place: Place) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (accepted, sent back) rows of data dukung per question and office."""
    found = connection.execute(_EVIDENCE, place.parameters()).all()
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in found}
