"""Where each office's answer to each question stands: what arrived and what was decided, played through the legal moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, text

from kla.decisions import Decision, DecisionKind, Opening, in_force, openings, spans
from kla.delta import content_of
from kla.district import District
from kla.instrument import Instrument
from kla.io.warehouse import decisions
from kla.io.warehouse.offices import ownership, window_of
from kla.io.warehouse.standing import Place
from kla.states import Event, Position, QuestionState, Step
from kla.submission import StatedLevel

SENT_BACK = "W90"  # the code that tells a steward's return
_CAME = "v.submission_id, {0}.is_quarantined, {0}.sheet_row, v.version, v.received_at, v.sha256, {0}.sheet, {0}.cell"
_ANSWERS = text(
    f"SELECT v.opd_code, a.question_id, a.is_blank, a.content, {_CAME.format('a')} "  # noqa: S608 - names of ours
    "FROM version AS v INNER JOIN answer AS a ON a.submission_id = v.submission_id "
    "WHERE v.district_code = :district_code AND v.cycle = :cycle AND v.stage = :stage AND v.opd_code <> '' "
    "ORDER BY v.version, a.is_quarantined DESC, a.is_blank DESC, a.answer_id"
)
_STATED = text(
    f"SELECT t.key, t.points, t.written, {_CAME.format('t')} "  # noqa: S608 - names of ours
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


class _Happening(NamedTuple):
    """Something that happened to an answer, and what it came from: a version of the form, a decision, or the calendar."""

    at: datetime
    event: Event
    version: int = 0
    sha256: str = ""
    decision_id: str = ""


class _Played(NamedTuple):
    """Where a history led, what brought it there, and all that was seen on the way."""

    position: Position
    last: _Happening | None
    steps: tuple[Step, ...]


_Play = Callable[[tuple[_Happening, ...]], _Played]


def of_place(
    connection: Connection, place: Place, district: District, instrument: Instrument, as_of: date | None = None
) -> tuple[QuestionState, ...]:
    """Return the state of each (office, question) the district's offices own, by office and in the order of the card.

    With `as_of` as it is known at that day's end: decisions in force, and locked once the stage has closed, except while a
    late slot or repair window is open.
    """
    taken = decisions.read(connection, district, place.cycle)
    holding = [one for one in in_force(taken, as_of or date.max) if one.stage in ("", place.stage)]
    by_office: dict[str, list[Decision]] = {}
    for one in holding:
        if one.kind in _EVENTS:
            by_office.setdefault(one.opd_code, []).append(one)
    rows = _rows(connection, place)
    moment_of, played = _memory(district)
    opened = [one for one in openings(holding) if one.stage == place.stage]
    found = []
    for opd_code, owned in ownership(district, instrument).items():
        lock = _locks(district, place, as_of, [one for one in opened if one.opd_code in ("", opd_code)])
        for question, is_lead in owned:
            own = rows.get((opd_code, question.question_id), [])
            history = (*_arrivals(own, moment_of), *_decided(by_office.get(opd_code, ()), question.question_id), *lock)
            found.append(_state(place, opd_code, question.question_id, is_lead, own, played(history)))
    order = {office.code: at for at, office in enumerate(district.offices)}
    return tuple(sorted(found, key=lambda state: order[state.opd_code]))


def of_recaps(
    connection: Connection, place: Place, district: District, as_of: date | None = None
) -> tuple[QuestionState, ...]:
    """Return the state of each question the recaps of a stage state points for; opd_code "": they speak for the district.

    A recap reports what was decided elsewhere and comes when it comes, so the calendar locks none.
    """
    taken = in_force(decisions.read(connection, district, place.cycle), as_of or date.max)
    acting = [one for one in taken if one.kind in _EVENTS and one.stage in ("", place.stage) and not one.opd_code]
    rows: dict[str, dict[int, _Row]] = {}
    sound = _sound_when_they_came(connection, place)
    asked = {**place.parameters(), "level": StatedLevel.QUESTION.value}
    for key, points, written, *came in connection.execute(_STATED, asked).all():
        texts = {name: entry for name, (_, entry) in json.loads(written).items()}
        row = _as_it_came(content_of(texts, ()), points is None, sound, *came)
        rows.setdefault(key, {})[row.version] = row
    moment_of, played = _memory(district)
    return tuple(
        _state(place, "", key, True, own, played((*_arrivals(own, moment_of), *_decided(acting, key))))
        for key, own in ((key, list(versions.values())) for key, versions in rows.items())
    )


def _rows(connection: Connection, place: Place) -> dict[tuple[str, str], list[_Row]]:
    """Return per office and question one row per version that holds it, oldest first; a row that counts before others."""
    found: dict[tuple[str, str], dict[int, _Row]] = {}
    sound = _sound_when_they_came(connection, place)
    for opd_code, question_id, is_blank, content, *came in connection.execute(_ANSWERS, place.parameters()).all():
        row = _as_it_came(content, is_blank, sound, *came)
        found.setdefault((opd_code, question_id), {})[row.version] = row
    return {key: list(versions.values()) for key, versions in found.items()}


def _sound_when_they_came(connection: Connection, place: Place) -> frozenset[tuple[int, str]]:
    """Return (submission, row key) of the rows that only a steward's return holds back: it came after them."""
    sql = text(
        "SELECT f.submission_id, f.row_key, MIN(CASE WHEN f.code = :sent_back THEN 1 ELSE 0 END) AS is_alone "
        "FROM finding AS f INNER JOIN submission AS s ON s.submission_id = f.submission_id "
        "WHERE s.district_code = :district_code AND s.cycle = :cycle AND s.stage = :stage "
        "AND f.severity = 'blocking' AND f.status = 'open' GROUP BY f.submission_id, f.row_key"
    )
    held = connection.execute(sql, {**place.parameters(), "sent_back": SENT_BACK})
    return frozenset((row[0], row[1]) for row in held if row[2])


def _as_it_came(
    content: str,
    is_blank: bool,
    sound: frozenset[tuple[int, str]],
    submission_id: int,
    is_quarantined: int,
    sheet_row: int,
    version: int,
    received_at: str,
    sha256: str,
    sheet: str,
    cell: str,
) -> _Row:
    is_sound = bool(sound) and (submission_id, f"{sheet}!{sheet_row}") in sound
    return _Row(version, received_at, sha256, content, is_blank, bool(is_quarantined) and not is_sound, sheet, cell)


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
    position, last = Position(), None
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
    return _Played(position, last, tuple(steps))


def _state(
    place: Place, opd_code: str, question_id: str, is_lead: bool, rows: Sequence[_Row], played: _Played
) -> QuestionState:
    newest, last = rows[-1] if rows else None, played.last
    return QuestionState(
        district_code=place.district_code,
        cycle=place.cycle,
        stage=place.stage,
        opd_code=opd_code,
        question_id=question_id,
        is_lead=is_lead,
        state=played.position.state,
        answer=played.position.answer,
        since_at=last.at if last and last.event is not Event.LOCK else None,
        version=last.version if last else 0,
        sha256=last.sha256 if last else "",
        decision_id=last.decision_id if last else "",
        content=newest.content if newest else "",
        content_sha256=newest.sha256 if newest else "",
        sheet=newest.sheet if newest else "",
        cell=newest.cell if newest else "",
        steps=played.steps,
    )
