"""Who sent what: every version handed in, and where each expected office stands at the form stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from kla.deadlines import days_left, is_on_time
from kla.district import District, StageWindow
from kla.findings import Outcome
from kla.instrument import Instrument, Question
from kla.io.warehouse.filed import Filed
from kla.io.warehouse.standing import AnswerInForce, Place
from kla.picture import OfficeLine, SubmissionLine
from kla.scoring import ScoreSheet
from kla.turnout import Turnout, turnout

Ownership = Mapping[str, Sequence[tuple[Question, bool]]]  # office -> the questions it owns, and whether it leads them


def window_of(district: District, cycle: int, stage: str) -> StageWindow | None:
    """Return the window of a stage in a district's calendar, None when it has none."""
    return next((window for window in district.windows(cycle) if window.stage == stage), None)


def submissions(
    connection: Connection, district: District, cycle: int, files: Iterable[Filed]
) -> tuple[SubmissionLine, ...]:
    """Return every version handed in, in the order of the cycle's `files`; moments are in the district's zone."""
    rules = _ignored(connection, {"district_code": district.code, "cycle": cycle})
    windows = {window.stage: window for window in reversed(district.windows(cycle))}
    return tuple(_line(file, district, windows.get(file.stage), rules.get(file.submission_id, ())) for file in files)


def last_moment(files: Iterable[Filed], district: District) -> datetime | None:
    """Return when the last of some files arrived, in the district's zone; None where there is none."""
    moments = (datetime.fromisoformat(it.received_at).astimezone(district.zone) for it in files)
    return max(moments, default=None)


def _ignored(connection: Connection, place: dict[str, Any]) -> dict[int, list[tuple[str, int]]]:
    sql = text(
        "SELECT i.submission_id, i.rule, i.cells FROM ignored AS i INNER JOIN submission AS s"
        " ON s.submission_id = i.submission_id WHERE s.district_code = :district_code AND s.cycle = :cycle ORDER BY i.rule"
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for submission_id, rule, cells in connection.execute(sql, place).all():
        found.setdefault(submission_id, []).append((rule, cells))
    return found


def _line(
    file: Filed, district: District, window: StageWindow | None, ignored: Sequence[tuple[str, int]]
) -> SubmissionLine:
    received_at = datetime.fromisoformat(file.received_at).astimezone(district.zone)
    return SubmissionLine(
        sha256=file.sha256,
        opd_code=file.opd_code,
        stage=file.stage,
        file_name=file.file_name,
        version=file.version,
        outcome=Outcome(file.outcome),
        code=file.code,
        received_at=received_at,
        is_on_time=is_on_time(received_at, window, district.zone) if window else None,
        cells_read=file.cells_read,
        cells_loaded=file.cells_loaded,
        cells_quarantined=file.cells_quarantined,
        cells_ignored=file.cells_ignored,
        ignored=tuple(ignored),
    )


def answered(held: Iterable[AnswerInForce]) -> dict[str, frozenset[str]]:
    """Return the questions each office holds an answer to now, blanks left out."""
    found: dict[str, set[str]] = {}
    for file, row in held:
        if not row.is_blank:
            found.setdefault(file.opd_code, set()).add(row.question_id)
    return {code: frozenset(questions) for code, questions in found.items()}


def lines(
    district: District,
    ownership: Ownership,
    forms: Place,
    as_of: date,
    sheet: ScoreSheet | None,
    versions: Sequence[SubmissionLine],
    given: Mapping[str, frozenset[str]],
) -> tuple[OfficeLine, ...]:
    """Return where each expected office stands at the form stage; points are those of `sheet` that it leads.

    `ownership` is what each owns, `forms` the form stage, `given` what they answered there (`answered`).
    """
    window = window_of(district, forms.cycle, forms.stage)
    is_over = window is not None and days_left(window.closes_on, as_of) < 0
    found = []
    sent: dict[str, list[SubmissionLine]] = {}
    for line in versions:
        if line.stage == forms.stage:
            sent.setdefault(line.opd_code, []).append(line)
    led_by: dict[str, list[Decimal]] = {}
    for question in sheet.questions if sheet else ():
        led_by.setdefault(question.opd_code, []).append(question.points)
    for office in district.offices:
        if not (owned := ownership.get(office.code)):
            continue
        own = sent.get(office.code, [])
        filled = given.get(office.code, frozenset()) & {question.question_id for question, _ in owned}
        found.append(
            OfficeLine(
                opd_code=office.code,
                status=status_of(own, len(filled), is_over),
                questions_owned=len(owned),
                questions_led=sum(1 for _, is_lead in owned if is_lead),
                questions_answered=len(filled),
                points=sum(led_by.get(office.code, ()), Decimal("0.00")),
                max_points=sum((q.max_points for q, is_lead in owned if is_lead), Decimal("0.00")),
                submission=own[-1] if own else None,
            )
        )
    return tuple(found)


def turnouts(
    district: District,
    instrument: Instrument,
    cycle: int,
    versions: Sequence[SubmissionLine],
    given: Mapping[str, frozenset[str]],
) -> tuple[Turnout, ...]:
    """Return who has sent at each stage with a closing or something sent: offices at the form stage, else the verifier.

    `given` is what offices answered at the form stage (`answered`).
    """
    found = []
    for stage in instrument.stages:
        window, is_form = window_of(district, cycle, stage), stage == instrument.stages[0]
        own = [line for line in versions if line.stage == stage]
        if window is None and not own:
            continue
        answers = {code: len(questions) for code, questions in given.items()} if is_form else {"": 1 if own else 0}
        expected = [office.code for office in district.expected_offices(instrument)] if is_form else [""]
        found.append(turnout(stage, expected, own, answers, has_deadline=window is not None))
    return tuple(found)


def ownership_of(instrument: Instrument, owners: Mapping[str, Sequence[str]]) -> Ownership:
    """Return (question, is_lead) per office code, from the owners of each question; who owns nothing is not there."""
    found: dict[str, list[tuple[Question, bool]]] = {}
    for question_id, codes in owners.items():
        question = instrument.question(question_id)
        for place, code in enumerate(codes):
            found.setdefault(code, []).append((question, place == 0))
    return found


def status_of(versions: Sequence[SubmissionLine], filled: int, is_over: bool) -> str:
    """Return the key of an office's status (reports/text.id.yaml) from its versions, oldest first.

    `filled` counts its current answers. A form in which nothing is filled in is never complete: it is `empty`.
    """
    if not versions:
        return "overdue" if is_over else "expected"
    newest = versions[-1]
    if newest.outcome is not Outcome.ACCEPTED:
        return newest.outcome.value
    if not filled:
        return "empty"
    return "late" if not was_on_time(versions) and newest.is_on_time is not None else "accepted"


def was_on_time(versions: Sequence[SubmissionLine]) -> bool:
    """Whether a version that was not refused came in time."""
    return any(line.is_on_time is True and line.outcome is not Outcome.REFUSED for line in versions)
