"""An answer moves by the table and no other way, whatever happens in whatever order."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kla.states import (
    MOVES,
    VERSIONS,
    Event,
    IllegalMoveError,
    Position,
    State,
    next_state,
    office_state,
    position_of,
    state_of,
)

PLAIN = tuple(MOVES)


def test_the_table_speaks_of_every_state_an_answer_can_be_in_and_every_version() -> None:
    assert set(PLAIN) == set(State) - {State.WAIVED, State.LOCKED}
    assert all(set(moves) >= VERSIONS for moves in MOVES.values())


@pytest.mark.parametrize(("state", "event"), list(product(PLAIN, (Event.ACCEPT, Event.RETURN))))
def test_a_steward_decides_only_on_what_came(state: State, event: Event) -> None:
    position = Position(state)
    is_legal = event in MOVES[state]
    assert position.allows(event) == is_legal
    if not is_legal:
        with pytest.raises(IllegalMoveError):
            next_state(state, event)


def test_what_was_sent_back_is_not_accepted_until_it_is_answered_again() -> None:
    with pytest.raises(IllegalMoveError, match="accept is not possible while returned"):
        state_of([Event.SOUND_VERSION, Event.RETURN, Event.ACCEPT])
    assert state_of([Event.SOUND_VERSION, Event.RETURN, Event.SOUND_VERSION, Event.ACCEPT]) is State.ACCEPTED


def test_a_change_after_acceptance_opens_the_question_again_and_a_version_without_one_does_not() -> None:
    accepted = [Event.SOUND_VERSION, Event.ACCEPT]
    assert state_of([*accepted, Event.SAME_VERSION]) is State.ACCEPTED
    assert state_of([*accepted, Event.SOUND_VERSION]) is State.RECEIVED
    assert state_of([*accepted, Event.BLOCKED_VERSION]) is State.RETURNED
    assert state_of([*accepted, Event.BLANK_VERSION]) is State.EXPECTED


def test_the_end_of_a_waiver_or_a_lock_brings_back_what_lies_beneath() -> None:
    assert state_of([Event.SOUND_VERSION, Event.WAIVE, Event.END_WAIVER]) is State.RECEIVED
    assert state_of([Event.WAIVE, Event.LOCK, Event.UNLOCK]) is State.WAIVED
    assert state_of([Event.LOCK, Event.SOUND_VERSION, Event.UNLOCK]) is State.RECEIVED
    assert next_state(State.LOCKED, Event.UNLOCK, beneath=State.ACCEPTED) is State.ACCEPTED
    assert next_state(State.WAIVED, Event.END_WAIVER) is State.EXPECTED


@given(st.lists(st.sampled_from(Event), max_size=30))
@settings(max_examples=200)
def test_a_history_of_legal_moves_is_played_and_any_other_is_refused(history: list[Event]) -> None:
    position = Position()
    is_legal = True
    for event in history:
        if not position.allows(event):
            is_legal = False
            break
        position = position.moved(event)
    if is_legal:
        assert position_of(history) == position
    else:
        with pytest.raises(IllegalMoveError):
            position_of(history)


@given(st.lists(st.sampled_from(State), max_size=8))
def test_an_office_is_accepted_or_locked_only_when_all_it_must_answer_is(states: list[State]) -> None:
    whole = office_state(states)
    asked = [state for state in states if state is not State.WAIVED]
    for state in (State.ACCEPTED, State.LOCKED):
        assert (whole is state) == (bool(asked) and all(it is state for it in asked))
    assert (whole is State.RETURNED) == (State.RETURNED in asked)
    assert (whole is State.WAIVED) == (bool(states) and not asked)


class Office(RuleBasedStateMachine):
    """An office with three questions: versions change some of them, stewards decide, the calendar closes and opens."""

    QUESTIONS = ("1.P1", "1.P2", "2.P1")

    def __init__(self) -> None:
        super().__init__()
        self.positions = {question: Position() for question in self.QUESTIONS}
        self.before = dict(self.positions)
        self.last: tuple[Event, frozenset[str]] | None = None

    def happen(self, event: Event, touched: frozenset[str], others: Event | None = None) -> None:
        self.before = dict(self.positions)
        self.last = event, touched
        for question in self.QUESTIONS:
            one = event if question in touched else others
            if one is not None and self.positions[question].allows(one):
                self.positions[question] = self.positions[question].moved(one)

    @rule(
        touched=st.frozensets(st.sampled_from(QUESTIONS)),
        event=st.sampled_from([Event.SOUND_VERSION, Event.BLOCKED_VERSION, Event.BLANK_VERSION]),
    )
    def a_version_arrives(self, touched: frozenset[str], event: Event) -> None:
        self.happen(event, touched, Event.SAME_VERSION)
        for question in self.QUESTIONS:
            if question not in touched:
                assert self.positions[question] == self.before[question], "a version moved a question it did not touch"
            elif self.before[question].state is State.ACCEPTED:
                assert self.positions[question].state is not State.ACCEPTED, "a change left the question accepted"

    @rule(touched=st.frozensets(st.sampled_from(QUESTIONS)), event=st.sampled_from([Event.ACCEPT, Event.RETURN]))
    def a_steward_decides(self, touched: frozenset[str], event: Event) -> None:
        self.happen(event, touched)

    @rule(touched=st.frozensets(st.sampled_from(QUESTIONS)), event=st.sampled_from([Event.WAIVE, Event.END_WAIVER]))
    def a_waiver_begins_or_ends(self, touched: frozenset[str], event: Event) -> None:
        self.happen(event, touched)

    @rule()
    def the_stage_closes(self) -> None:
        self.happen(Event.LOCK, frozenset(self.QUESTIONS))
        assert {position.state for position in self.positions.values()} == {State.LOCKED}

    @precondition(lambda self: any(position.is_locked for position in self.positions.values()))
    @rule()
    def a_late_slot_opens(self) -> None:
        self.happen(Event.UNLOCK, frozenset(self.QUESTIONS))

    @invariant()
    def only_the_right_event_ends_a_cover(self) -> None:
        for question, was in self.before.items():
            now = self.positions[question]
            event = self.last[0] if self.last and question in self.last[1] else None
            if was.state is State.LOCKED and now.state is not State.LOCKED:
                assert event is Event.UNLOCK
            if was.is_waived and not now.is_waived:
                assert event is Event.END_WAIVER

    @invariant()
    def the_answer_itself_moved_by_the_table(self) -> None:
        for question, was in self.before.items():
            now = self.positions[question]
            assert now.answer is was.answer or now.answer in MOVES[was.answer].values()
            if was.answer is not State.RETURNED and now.answer is State.CORRECTED:
                assert was.answer is State.CORRECTED


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
