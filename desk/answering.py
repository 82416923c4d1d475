"""`kla return`, `kla accept`: what stewards decide about an office's answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from desk.forms import DistrictArgument
from desk.frame import USAGE, me, stop
from desk.steward import AsOf, Cycle, Json, Later, Reason, Seat, Stage, Who, keep, offices_of, sit
from kla.io.desk_words import say
from kla.io.page_words import word

if TYPE_CHECKING:
    from kla.states import Position, QuestionState

OfficeArgument = Annotated[str, typer.Argument(metavar="OPD", help=say("option.one_opd"), show_default=False)]
Questions = Annotated[
    list[str] | None, typer.Argument(metavar="PERTANYAAN", help=say("option.questions"), show_default=False)
]


def return_(
    district_code: DistrictArgument,
    opd: OfficeArgument,
    reason: Reason,
    questions: Questions = None,
    who: Who = "",
    stage: Stage = None,
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """Send answers back to an office."""
    from kla.decisions import DecisionError, send_back
    from kla.states import Event

    seat = sit(district_code, cycle, stage, as_of)
    opd_code = seat.sender(opd)
    try:
        taken = [
            send_back(
                seat.about(opd_code),
                seat.words,
                who=who or me(),
                at=seat.at,
                reason=reason,
                question_id=state.question_id,
                content=state.content,
                sha256=state.content_sha256,
            )
            for state in _movable(seat, opd_code, questions, Event.RETURN)
        ]
    except DecisionError as refused:
        stop(str(refused), USAGE)
    keep(seat, taken, offices=offices_of(opd_code), is_later=is_later, is_json=is_json)


def accept(
    district_code: DistrictArgument,
    opd: OfficeArgument,
    questions: Questions = None,
    reason: Annotated[str, typer.Option("--reason", metavar="ALASAN", help=say("option.remark"))] = "",
    who: Who = "",
    stage: Stage = None,
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """Accept an office's answers."""
    from kla.decisions import DecisionError
    from kla.decisions import accept as decided
    from kla.states import Event

    seat = sit(district_code, cycle, stage, as_of)
    opd_code = seat.sender(opd)
    given = {"who": who or me(), "at": seat.at, "reason": reason or say("accept.reason")}
    states = _movable(seat, opd_code, questions, Event.ACCEPT)
    try:
        taken = [
            decided(seat.about(opd_code), seat.words, question_id=it.question_id, sha256=it.content_sha256, **given)
            for it in states
        ]
    except DecisionError as refused:
        stop(str(refused), USAGE)
    keep(seat, taken, offices=offices_of(opd_code), is_later=is_later, is_json=is_json)


def _movable(seat: Seat, opd_code: str, questions: Sequence[str] | None, event: str) -> list[QuestionState]:
    """Return the answers that may be accepted or returned: those named, or all of the office that can be.

    A named one that cannot ends as a usage error that says where it stands.
    """
    from kla.io.warehouse import open_reader
    from kla.states import Event

    with open_reader() as warehouse:
        if opd_code:
            found = warehouse.states(seat.district, seat.instrument, seat.cycle, seat.stage, seat.day)
        else:
            found = warehouse.recap_states(seat.district, seat.cycle, seat.stage, seat.day)
    own = {it.question_id: it for it in found if it.opd_code == opd_code}
    named = [seat.question(one) for one in questions or ()]
    sender = opd_code or say("decide.recap")
    if foreign := [one for one in named if one not in own]:
        stop(say("decide.not_owned", opd=sender, questions=", ".join(foreign)), USAGE)
    meant = [own[one] for one in dict.fromkeys(named)] or list(own.values())
    able = [it for it in meant if it.content and _position(it).allows(Event(event))]
    stuck = [it for it in meant if it not in able]
    if not able or (named and stuck):
        states = "; ".join(dict.fromkeys(f"{it.question_id} ({word(f'state.{it.state}.name')})" for it in stuck[:10]))
        stop(say(f"decide.cannot_{event}", opd=sender, states=states), USAGE)
    return able


def _position(state: QuestionState) -> Position:
    from kla.states import Position, State

    return Position(state.answer, state.state is State.WAIVED, state.state is State.LOCKED)
