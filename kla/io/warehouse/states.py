"""Where each office's answer to each question stands: what arrived and what was decided, played through the legal moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, text

from kla.decisions import Decision, DecisionKind, Opening, openings, spans
from kla.delta import content_of
from kla.district import District
from kla.findings import Finding, Severity
from kla.io.warehouse import filed, findings
from kla.io.warehouse.filed import Filed
from kla.io.warehouse.offices import Ownership, window_of
from kla.io.warehouse.standing import AnswerRow, Place, answer_rows
from kla.states import Event, Position, QuestionState, State, Step
from kla.submission import StatedLevel

SENT_BACK = "W90"  # the code that tells a steward's return
_STATED = text(
    "SELECT t.key, t.points, t.written, t.is_quarantined, t.sheet_row, t.sheet, t.cell, "
    "v.submission_id, v.version, v.received_at, v.sha256 "
    "FROM version AS v INNER JOIN stated AS t ON t.submission_id = v.submission_id "
    "WHERE v.district_code = :district_code AND v.cycle = :cycle AND v.stage = :stage AND v.opd_code = '' "
    "AND t.level = :level ORDER BY t.key, v.version, t.is_quarantined DESC, t.stated_id"
)
_MomentOf = Callable[[str], datetime]
_EVENTS = {
    DecisionKind.ACCEPTANCE: Event.ACCEPT,
    DecisionKind.RETURN: Event.RETURN,
    DecisionKind.WAIVER: Event.WAIVE,
}


class _Row(NamedTuple):
    """What one version of a form or recap holds for a question."""

    version: int
    received_at: str
    sha256: str
    content: str
    is_blank: bool
    is_quarantined: bool
    sheet: str
    cell: str


_NOTHING = _Row(
    version=0, received_at="", sha256="", content="", is_blank=True, is_quarantined=False, sheet="", cell=""
)


class _Happening(NamedTuple):
    """Something that happened to an answer, and what it came from: a version of the form, a decision, or the calendar."""

    at: datetime
    event: Event
    version: int = 0
    sha256: str = ""
    decision_id: str = ""


class _Played(NamedTuple):
    """Where a history led, what brought it there, and all that was seen on the way: fields of QuestionState."""

    state: State
    answer: State
    since_at: datetime | None
    version: int
    sha256: str
    decision_id: str
    steps: tuple[Step, ...]


_Play = Callable[[tuple[_Happening, ...]], _Played]


@dataclass(frozen=True, slots=True)
class Forms:
    """What came of the offices' forms at a stage: the cycle's files, what was found in each, the rows of the stage's."""

    place: Place
    files: Sequence[Filed]
    findings: Mapping[int, Sequence[Finding]]
    rows: Sequence[AnswerRow]


def forms_at(connection: Connection, place: Place) -> Forms:
    """Return what the warehouse holds of the forms at a place."""
    files = filed.read(connection, place.district_code, place.cycle)
    found = findings.of_files(connection, place.district_code, place.cycle)
    return Forms(place, files, found, answer_rows(connection, place))


def of_forms(
    forms: Forms,
    district: District,
    ownership: Ownership,
    taken: Iterable[Decision],
    as_of: date | None = None,
) -> tuple[QuestionState, ...]:
    """Return the state of each (office, question) the district's offices own, by office and in the order of the card.

    `taken` are the cycle's decisions in force. With `as_of` as it is known at that day's end: locked once the stage has
    closed, except while a late slot or repair window is open.
    """
    place = forms.place
    holding = [one for one in taken if one.stage in ("", place.stage)]
    by_office: dict[str, list[Decision]] = {}
    for one in holding:
        if one.kind in _EVENTS:
            by_office.setdefault(one.opd_code, []).append(one)
    rows = _rows(forms)
    moment_of, played = _memory(district)
    opened = [one for one in openings(holding) if one.stage == place.stage]
    found = []
    for opd_code, owned in ownership.items():
        lock = _locks(district, place, as_of, [one for one in opened if one.opd_code in ("", opd_code)])
        for question, is_lead in owned:
            own = rows.get((opd_code, question.question_id), [])
            history = (*_arrivals(own, moment_of), *_decided(by_office.get(opd_code, ()), question.question_id), *lock)
            found.append(_state(place, opd_code, question.question_id, is_lead, own, played(history)))
    order = {office.code: at for at, office in enumerate(district.offices)}
    return tuple(sorted(found, key=lambda state: order[state.opd_code]))


def of_recaps(
    connection: Connection, place: Place, district: District, taken: Iterable[Decision]
) -> tuple[QuestionState, ...]:
    """Return the state of each question the recaps of a stage state points for; opd_code "": they speak for the district.

    `taken` are the cycle's decisions in force. A recap reports what was decided elsewhere and comes when it comes, so the
    calendar locks none.
    """
    acting = [one for one in taken if one.kind in _EVENTS and one.stage in ("", place.stage) and not one.opd_code]
    rows: dict[str, dict[int, _Row]] = {}
    sound = _sound_when_they_came(findings.of_files(connection, place.district_code, place.cycle))
    asked = {**place.parameters(), "level": StatedLevel.QUESTION.value}
    for it in connection.execute(_STATED, asked).all():
        texts = {name: entry for name, (_, entry) in json.loads(it.written).items()}
        is_back = bool(it.is_quarantined) and (it.submission_id, f"{it.sheet}!{it.sheet_row}") not in sound
        content, is_blank = content_of(texts, ()), it.points is None
        row = _Row(it.version, it.received_at, it.sha256, content, is_blank, is_back, it.sheet, it.cell)
        rows.setdefault(it.key, {})[row.version] = row
    moment_of, played = _memory(district)
    return tuple(
        _state(place, "", key, True, own, played((*_arrivals(own, moment_of), *_decided(acting, key))))
        for key, own in ((key, list(versions.values())) for key, versions in rows.items())
    )


def _rows(forms: Forms) -> dict[tuple[str, str], list[_Row]]:
    """Return per office and question one row per version that holds it, oldest first; a row that counts before others."""
    sound = _sound_when_they_came(forms.findings)
    files = {it.submission_id: it for it in forms.files}
    came: dict[tuple[str, str], list[tuple[Filed, AnswerRow]]] = {}
    for row in forms.rows:
        if file := files.get(row.submission_id):  # PostgreSQL may show rows of a file that came after those were read
            came.setdefault((file.opd_code, row.question_id), []).append((file, row))
    return {
        key: [_row_of_form(file, row, sound) for file, row in (_one_per_version(own) if len(own) > 1 else own)]
        for key, own in came.items()
    }


def _one_per_version(rows: Iterable[tuple[Filed, AnswerRow]]) -> Iterable[tuple[Filed, AnswerRow]]:
    ranked = sorted(rows, key=lambda it: (it[0].version, -it[1].is_quarantined, -it[1].is_blank))
    return {file.version: (file, row) for file, row in ranked}.values()


def _row_of_form(file: Filed, row: AnswerRow, sound: frozenset[tuple[int, str]]) -> _Row:
    is_back = bool(row.is_quarantined) and (row.submission_id, f"{row.sheet}!{row.sheet_row}") not in sound
    came = (file.version, file.received_at, file.sha256)
    return _Row(*came, row.content, bool(row.is_blank), is_back, row.sheet, row.cell)


def _sound_when_they_came(found_in: Mapping[int, Iterable[Finding]]) -> frozenset[tuple[int, str]]:
    """Return (submission, row key) of the rows that only a steward's return holds back: it came after them."""
    held = [
        (submission_id, one.row_key, one.code == SENT_BACK)
        for submission_id, found in found_in.items()
        for one in found
        if one.severity is Severity.BLOCKING and one.status == "open"
    ]
    broken = {(submission_id, row_key) for submission_id, row_key, is_return in held if not is_return}
    return frozenset((submission_id, row_key) for submission_id, row_key, _ in held) - broken


def _memory(district: District) -> tuple[_MomentOf, _Play]:
    """Return what reads a stored moment and what plays a history, each thing once: the rows of a form share theirs."""
    return cache(lambda stored: datetime.fromisoformat(stored).astimezone(district.zone)), cache(_played)


def _arrivals(rows: Sequence[_Row], moment_of: _MomentOf) -> Iterable[_Happening]:
    before: tuple[str, int] | None = None
    for row in rows:
        said = (row.content, row.is_quarantined)
        event = Event.SOUND_VERSION
        if row.is_quarantined:
            event = Event.BLOCKED_VERSION
        elif row.is_blank:
            event = Event.BLANK_VERSION
        if said == before:
            event = Event.SAME_VERSION
        before = said
        yield _Happening(moment_of(row.received_at), event, row.version, row.sha256)


def _decided(taken: Sequence[Decision], question_id: str) -> Iterable[_Happening]:
    for one in taken:
        # A waiver of a rule for the whole office leaves its questions to be answered.
        names_it = one.question_id == question_id
        if names_it or (not one.question_id and one.kind is not DecisionKind.WAIVER):
            yield _Happening(one.at, _EVENTS[one.kind], decision_id=one.decision_id)


def _locks(district: District, place: Place, as_of: date | None, opened: Sequence[Opening]) -> list[_Happening]:
    """Return when an office's answers are locked and opened again: the stage closes, a slot or window opens and ends."""
    window = window_of(district, place.cycle, place.stage)
    if window is None or as_of is None:
        return []
    found = [_Happening(window.closes_at(district.zone), Event.LOCK)]
    for one in spans(opened):
        found.append(_Happening(one.from_at, Event.UNLOCK, decision_id=one.decision_id))
        found.append(_Happening(one.until_at, Event.LOCK))
    end = datetime.combine(as_of, time(23, 59, 59), district.zone)
    return [it for it in found if it.at < end]


def _played(history: Sequence[_Happening]) -> _Played:
    """Play what happened through the legal moves, oldest first."""
    position = Position()
    last: _Happening | None = None
    steps: list[Step] = []
    for it in sorted(history, key=lambda one: (one.at, one.decision_id)):
        # What no longer fits (an office accepted as a whole, a question of it sent back) passes this question by.
        if not position.allows(it.event):
            continue
        moved = position.moved(it.event)
        if moved != position or (it.version and it.event is not Event.SAME_VERSION):
            last = it
        if moved.state != position.state:
            steps.append(Step(it.at, moved.state, it.version, it.decision_id))
        position = moved
    seen = position.state, position.answer
    if last is None:
        return _Played(*seen, None, 0, "", "", tuple(steps))
    since_at = None if last.event is Event.LOCK else last.at
    return _Played(*seen, since_at, last.version, last.sha256, last.decision_id, tuple(steps))


def _state(
    place: Place, opd_code: str, question_id: str, is_lead: bool, rows: Sequence[_Row], played: _Played
) -> QuestionState:
    newest = rows[-1] if rows else _NOTHING
    return QuestionState(
        district_code=place.district_code,
        cycle=place.cycle,
        stage=place.stage,
        opd_code=opd_code,
        question_id=question_id,
        is_lead=is_lead,
        state=played.state,
        answer=played.answer,
        since_at=played.since_at,
        version=played.version,
        sha256=played.sha256,
        decision_id=played.decision_id,
        content=newest.content,
        content_sha256=newest.sha256,
        sheet=newest.sheet,
        cell=newest.cell,
        steps=played.steps,
    )
