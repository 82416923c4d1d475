"""Where each office's answer to each question stands: what arrived and what was decided, played through the legal moves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, RowMapping, text

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
_Row = RowMapping | Mapping[str, Any]
_EVENTS = {
    DecisionKind.ACCEPTANCE: Event.ACCEPT,
    DecisionKind.RETURN: Event.RETURN,
    DecisionKind.WAIVER: Event.WAIVE,
}


@dataclass(frozen=True, slots=True)
class _Happening:
    """Something that happened to an answer, and what it came from."""

    at: datetime
    event: Event
    row: _Row | None = None
    decision_id: str = ""


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
    opened = [one for one in openings(holding) if one.stage == place.stage]
    found = []
    for opd_code, owned in ownership(district, instrument).items():
        lock = _locks(district, place, as_of, [one for one in opened if one.opd_code in ("", opd_code)])
        for question, is_lead in owned:
            own = rows.get((opd_code, question.question_id), [])
            history = [*_arrivals(own, district), *_decided(by_office.get(opd_code, ()), question.question_id), *lock]
            found.append(_state(place, opd_code, question.question_id, is_lead, own, history))
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
    sql = text(
        "SELECT v.version, v.received_at, v.sha256, v.submission_id, t.key, t.points, t.written, t.is_quarantined, "
        "t.sheet, t.sheet_row, t.cell "
        "FROM version AS v INNER JOIN stated AS t ON t.submission_id = v.submission_id "
        "WHERE v.district_code = :district_code AND v.cycle = :cycle AND v.stage = :stage AND v.opd_code = '' "
        "AND t.level = :level ORDER BY t.key, v.version, t.is_quarantined DESC, t.stated_id"
    )
    rows: dict[str, dict[int, _Row]] = {}
    sound = _sound_when_they_came(connection, place)
    for row in connection.execute(sql, {**place.parameters(), "level": StatedLevel.QUESTION.value}).mappings():
        texts = {name: written for name, (_, written) in json.loads(row["written"]).items()}
        is_blank = row["points"] is None
        said = {**_as_it_came(row, sound), "content": content_of(texts, ()), "is_blank": is_blank}
        rows.setdefault(row["key"], {})[row["version"]] = said
    return tuple(
        _state(place, "", key, True, own, [*_arrivals(own, district), *_decided(acting, key)])
        for key, own in ((key, list(versions.values())) for key, versions in rows.items())
    )


def _rows(connection: Connection, place: Place) -> dict[tuple[str, str], list[_Row]]:
    """Return per office and question one row per version that holds it, oldest first; a row that counts before others."""
    sql = text(
        "SELECT v.opd_code, v.version, v.received_at, v.sha256, a.question_id, a.content, a.is_blank, a.is_quarantined, "
        "a.submission_id, a.sheet, a.sheet_row, a.cell FROM version AS v "
        "INNER JOIN answer AS a ON a.submission_id = v.submission_id "
        "WHERE v.district_code = :district_code AND v.cycle = :cycle AND v.stage = :stage AND v.opd_code <> '' "
        "ORDER BY v.opd_code, a.question_id, v.version, a.is_quarantined DESC, a.is_blank DESC, a.answer_id"
    )
    found: dict[tuple[str, str], dict[int, _Row]] = {}
    sound = _sound_when_they_came(connection, place)
    for row in connection.execute(sql, place.parameters()).mappings():
        found.setdefault((row["opd_code"], row["question_id"]), {})[row["version"]] = _as_it_came(row, sound)
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


def _as_it_came(row: RowMapping, sound: frozenset[tuple[int, str]]) -> _Row:
    is_sound = bool(sound) and (row["submission_id"], f"{row['sheet']}!{row['sheet_row']}") in sound
    return {**row, "is_quarantined": 0} if is_sound else row


def _arrivals(rows: Sequence[_Row], district: District) -> Iterable[_Happening]:
    before: tuple[str, int] | None = None
    for row in rows:
        said = (row["content"], row["is_quarantined"])
        event = Event.SOUND_VERSION
        if row["is_quarantined"]:
            event = Event.BLOCKED_VERSION
        elif row["is_blank"]:
            event = Event.BLANK_VERSION
        if said == before:
            event = Event.SAME_VERSION
        before = said
        yield _Happening(datetime.fromisoformat(row["received_at"]).astimezone(district.zone), event, row)


def _decided(taken: Sequence[Decision], question_id: str) -> Iterable[_Happening]:
    for one in taken:
        # A waiver of a rule for the whole office leaves its questions to be answered.
        names_it = one.question_id == question_id
        if names_it or (not one.question_id and one.kind is not DecisionKind.WAIVER):
            yield _Happening(one.at, _EVENTS[one.kind], None, one.decision_id)


def _locks(district: District, place: Place, as_of: date | None, opened: Sequence[Opening]) -> list[_Happening]:
    """Return when an office's answers are locked and opened again: the stage closes, a slot or window opens and ends."""
    window = window_of(district, place.cycle, place.stage)
    if window is None or as_of is None:
        return []
    found = [_Happening(window.closes_at(district.zone), Event.LOCK)]
    for one in spans(opened):
        found.append(_Happening(one.from_at, Event.UNLOCK, None, one.decision_id))
        found.append(_Happening(one.until_at, Event.LOCK))
    end = datetime.combine(as_of, time(23, 59, 59), district.zone)
    return [it for it in found if it.at < end]


def _state(
    place: Place,
    opd_code: str,
    question_id: str,
    is_lead: bool,
    rows: Sequence[_Row],
    history: Iterable[_Happening],
) -> QuestionState:
    position, last = Position(), None
    steps: list[Step] = []
    for it in sorted(history, key=lambda one: (one.at, one.decision_id)):
        # What no longer fits (an office accepted as a whole, a question of it sent back) passes this question by.
        if not position.allows(it.event):
            continue
        moved = position.moved(it.event)
        if moved != position or (it.row is not None and it.event is not Event.SAME_VERSION):
            last = it
        if moved.state != position.state:
            steps.append(Step(it.at, moved.state, it.row["version"] if it.row else 0, it.decision_id))
        position = moved
    newest = rows[-1] if rows else None
    by = last.row if last and last.row is not None else None
    return QuestionState(
        district_code=place.district_code,
        cycle=place.cycle,
        stage=place.stage,
        opd_code=opd_code,
        question_id=question_id,
        is_lead=is_lead,
        state=position.state,
        answer=position.answer,
        since_at=last.at if last and last.event is not Event.LOCK else None,
        version=by["version"] if by else 0,
        sha256=by["sha256"] if by else "",
        decision_id=last.decision_id if last else "",
        content=newest["content"] if newest else "",
        content_sha256=newest["sha256"] if newest else "",
        sheet=newest["sheet"] if newest else "",
        cell=newest["cell"] if newest else "",
        steps=tuple(steps),
    )
