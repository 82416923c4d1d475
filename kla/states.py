"""Where one office's answer to one question stands, and the only ways from one state to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kla.record import record


class State(StrEnum):
    """The state of (office, question) at a stage; Indonesian names are in reports/text.id.yaml."""

    EXPECTED = "expected"  # owed, nothing came
    RECEIVED = "received"  # came, nothing blocks it, not yet accepted by a steward
    RETURNED = "returned"  # sent back, by a rule or by a steward
    CORRECTED = "corrected"  # came again after a return, nothing blocks it
    ACCEPTED = "accepted"  # accepted by a steward
    WAIVED = "waived"  # need not be answered for the period of a waiver
    LOCKED = "locked"  # the stage is closed


class Event(StrEnum):
    """What moves an answer from one state to another."""

    SOUND_VERSION = "sound_version"  # a version whose row is not blocked, and differs from the row before
    BLOCKED_VERSION = "blocked_version"  # a version whose row is blocked
    BLANK_VERSION = "blank_version"  # a version in which the row is empty
    SAME_VERSION = "same_version"  # a new version with the same content in this row
    ACCEPT = "accept"
    RETURN = "return"
    WAIVE = "waive"
    END_WAIVER = "end_waiver"
    LOCK = "lock"
    UNLOCK = "unlock"  # a repair window or a late slot opens


class IllegalMoveError(ValueError):
    """A move the table does not have: the answer's state and the event that does not belong there."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event.value} is not possible while {state.value}")
        self.state = state
        self.event = event


_S, _E = State, Event
# What happens to the answer itself. Every version is legal always: files come when they come.
MOVES: Mapping[State, Mapping[Event, State]] = {
    _S.EXPECTED: {
        _E.SOUND_VERSION: _S.RECEIVED,
        _E.BLOCKED_VERSION: _S.RETURNED,
        _E.BLANK_VERSION: _S.EXPECTED,
        _E.SAME_VERSION: _S.EXPECTED,
    },
    _S.RECEIVED: {
        _E.SOUND_VERSION: _S.RECEIVED,
        _E.BLOCKED_VERSION: _S.RETURNED,
        _E.BLANK_VERSION: _S.EXPECTED,
        _E.SAME_VERSION: _S.RECEIVED,
        _E.ACCEPT: _S.ACCEPTED,
        _E.RETURN: _S.RETURNED,
    },
    # What was sent back stays so until it is answered soundly; a steward who thinks again withdraws the return.
    _S.RETURNED: {
        _E.SOUND_VERSION: _S.CORRECTED,
        _E.BLOCKED_VERSION: _S.RETURNED,
        _E.BLANK_VERSION: _S.RETURNED,
        _E.SAME_VERSION: _S.RETURNED,
        _E.RETURN: _S.RETURNED,
    },
    _S.CORRECTED: {
        _E.SOUND_VERSION: _S.CORRECTED,
        _E.BLOCKED_VERSION: _S.RETURNED,
        _E.BLANK_VERSION: _S.EXPECTED,
        _E.SAME_VERSION: _S.CORRECTED,
        _E.ACCEPT: _S.ACCEPTED,
        _E.RETURN: _S.RETURNED,
    },
    # A change after acceptance opens the question again; a version that changes others leaves it accepted.
    _S.ACCEPTED: {
        _E.SOUND_VERSION: _S.RECEIVED,
        _E.BLOCKED_VERSION: _S.RETURNED,
        _E.BLANK_VERSION: _S.EXPECTED,
        _E.SAME_VERSION: _S.ACCEPTED,
        _E.ACCEPT: _S.ACCEPTED,
        _E.RETURN: _S.RETURNED,
    },
}
VERSIONS = frozenset({_E.SOUND_VERSION, _E.BLOCKED_VERSION, _E.BLANK_VERSION, _E.SAME_VERSION})


@dataclass(frozen=True, slots=True)
class Position:
    """Where an answer stands: the answer itself (one of the states of MOVES), and whether it is waived or locked above it."""

    answer: State = State.EXPECTED
    is_waived: bool = False
    is_locked: bool = False

    @property
    def state(self) -> State:
        """The one state people see: locked before waived before the answer's own."""
        if self.is_locked:
            return State.LOCKED
        return State.WAIVED if self.is_waived else self.answer

    def moved(self, event: Event) -> Position:
        """Return the position after an event.

        While locked, versions still move the answer beneath (late files are kept), and only UNLOCK opens it again; a
        waiver may end, for its time runs on. While waived, stewards neither accept nor return.

        Raises:
            IllegalMoveError: the state knows no such event.
        """
        if event in (Event.LOCK, Event.UNLOCK, Event.WAIVE, Event.END_WAIVER):
            return self._covered(event)
        is_open = event in VERSIONS or not (self.is_locked or self.is_waived)
        if not is_open or event not in MOVES[self.answer]:
            raise IllegalMoveError(self.state, event)
        return replace(self, answer=MOVES[self.answer][event])

    def _covered(self, event: Event) -> Position:
        """Return the position after a lock or waiver begins or ends; one that is there cannot begin again."""
        if event is Event.LOCK and not self.is_locked:
            return replace(self, is_locked=True)
        if event is Event.UNLOCK and self.is_locked:
            return replace(self, is_locked=False)
        if event is Event.WAIVE and self.state not in (State.LOCKED, State.WAIVED):
            return replace(self, is_waived=True)
        if event is Event.END_WAIVER and self.is_waived:
            return replace(self, is_waived=False)
        raise IllegalMoveError(self.state, event)

    def allows(self, event: Event) -> bool:
        """Whether the event may happen here."""
        try:
            self.moved(event)
        except IllegalMoveError:
            return False
        return True


def next_state(state: State, event: Event, beneath: State = State.EXPECTED) -> State:
    """Return the state after an event; `beneath` is what a waiver or lock covers, and what its end brings back.

    Raises:
        IllegalMoveError: the state knows no such event.

    >>> next_state(State.RETURNED, Event.SOUND_VERSION).value
    'corrected'
    """
    is_covered = state in (State.WAIVED, State.LOCKED)
    position = Position(beneath if is_covered else state, state is State.WAIVED, state is State.LOCKED)
    return position.moved(event).state


def position_of(history: Iterable[Event]) -> Position:
    """Return where an answer stands after all that happened to it, oldest first; IllegalMoveError as `Position.moved`."""
    position = Position()
    for event in history:
        position = position.moved(event)
    return position


def state_of(history: Iterable[Event]) -> State:
    """Return the state after all that happened, oldest first; nothing: EXPECTED. IllegalMoveError as `Position.moved`."""
    return position_of(history).state


def office_state(states: Iterable[State]) -> State:
    """Return where an office stands as a whole; questions it need not answer say nothing unless there are no others.

    Locked and accepted only when all are; returned when one is; corrected when one is and none is returned; received
    when something came; expected when nothing did (or nothing is asked).
    """
    found = set(states)
    asked = found - {State.WAIVED}
    if not asked:
        return State.WAIVED if found else State.EXPECTED
    if len(asked) == 1:
        return asked.pop()
    for state in (State.RETURNED, State.CORRECTED):
        if state in asked:
            return state
    return State.RECEIVED


@dataclass(frozen=True, slots=True)
class Step:
    """One change of what people see: since when, which state, and what brought it.

    `version` is that of the office's file (0: none did), `decision_id` the steward's; neither: the calendar.
    """

    at: datetime
    state: State
    version: int = 0
    decision_id: str = ""


@record(frozen=True, slots=True)
class QuestionState:
    """Where one office's answer to one question stands at a stage.

    `state` is what people see, `answer` what lies beneath a waiver or a lock. `since_at` is the moment of the version
    (`sha256`, `version`) or decision (`decision_id`) that brought it there; None while nothing happened or where the
    calendar did. `content` is the digest of what the office wrote last (`kla.delta.content_of`): what a return names;
    `content_sha256` the file in which it stands, at `sheet` and `cell`. "" where there is none. `steps` are all states it
    ever had, oldest first; before the first it was expected.
    """

    district_code: str
    cycle: int
    stage: str
    opd_code: str
    question_id: str
    is_lead: bool
    state: State
    answer: State
    since_at: datetime | None = None
    version: int = 0
    sha256: str = ""
    decision_id: str = ""
    content: str = ""
    content_sha256: str = ""
    sheet: str = ""
    cell: str = ""
    steps: tuple[Step, ...] = ()
