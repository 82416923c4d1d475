"""Two days of one state tell the same of a district but for the days left; on every turn of its calendar the state is another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reports.factory import WITA, district, small_picture

from kla.day_state import day_state
from kla.deadlines import days_left, deadline_of, watched_window
from kla.decisions import Decision, DecisionKind, aliases, in_force, openings, spans
from kla.io.page_findings import placed_findings
from kla.io.warehouse.offices import window_of

FIRST = date(2025, 2, 20)
DAYS = st.integers(0, 120).map(lambda days: FIRST + timedelta(days=days))
WAITS = (0, 14, 30)
HERE = district(3)
TAKEN = Decision(
    kind=DecisionKind.ACCEPTANCE,
    district_code="99.01",
    cycle=2024,
    stage="mandiri",
    opd_code="DINAS01",
    who="Siti",
    at=datetime(2025, 3, 1, 9, tzinfo=WITA),
    reason="uji",
)


def state(day: date, *taken: Decision) -> object:
    return day_state(HERE, 2024, taken, WAITS, day)


@st.composite
def decision(draw: st.DrawFn) -> Decision:
    kind = draw(st.sampled_from([DecisionKind.ACCEPTANCE, DecisionKind.ALIAS, DecisionKind.LATE_SLOT]))
    at = datetime.combine(draw(DAYS), time(draw(st.integers(0, 23))), WITA)
    one = replace(TAKEN, kind=kind, at=at, opd_code=draw(st.sampled_from(["", "DINAS01", "DINAS02"])))
    if kind is DecisionKind.ALIAS:
        return replace(one, code="office", value="Dinas Anu", result=draw(st.sampled_from(["DINAS01", "DINAS02"])))
    if kind is DecisionKind.LATE_SLOT:
        until = at + timedelta(hours=draw(st.integers(1, 400)))
        return replace(one, value=at.isoformat(), result=until.isoformat())
    return replace(one, from_on=draw(st.none() | DAYS), until_on=draw(st.none() | DAYS))


@given(
    taken=st.lists(decision(), max_size=5), day=DAYS, later=st.integers(1, 25), office=st.sampled_from(["DINAS01", ""])
)
def test_days_of_one_state_share_windows_decisions_locks_and_what_can_still_be_done(
    taken: list[Decision], day: date, later: int, office: str
) -> None:
    other = day + timedelta(days=later)
    assume(state(day, *taken) == state(other, *taken))
    windows = HERE.windows(2024)

    def told(on: date) -> object:
        end = datetime.combine(on, time(23, 59, 59), WITA)
        window = watched_window(windows, on)
        assert window
        held = in_force(taken, on)
        own = spans(one for one in openings(held) if one.opd_code in ("", office))
        return (
            window,
            deadline := deadline_of(window, on),
            [days_left(deadline, on) < wait for wait in WAITS],
            held,
            aliases(taken, on),
            [(one.from_at < end, one.until_at < end) for one in own],
            [it.closes_at(WITA) < end for it in windows],
            [it.vlh_on is not None and it.vlh_on >= on for it in windows],
        )

    assert told(day) == told(other)


@given(day=DAYS, later=st.integers(1, 25))
def test_days_of_one_state_put_findings_in_one_order(day: date, later: int) -> None:
    other = day + timedelta(days=later)
    assume(state(day) == state(other))
    base = small_picture()
    stages = [window.stage for window in HERE.windows(2024)]
    spread = tuple(replace(it, stage=stages[place % 3]) for place, it in enumerate(base.findings * 3))
    shown = [placed_findings(replace(base, findings=spread, as_of=on)) for on in (day, other)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("window", HERE.windows(2024), ids=lambda it: it.stage)
def test_each_turn_of_the_calendar_is_another_state(window) -> None:
    assert window == window_of(HERE, 2024, window.stage)
    for turn in (window.opens_on, window.closes_on, window.vlh_on):
        if turn is not None:
            around = [state(turn + timedelta(days=days)) for days in (-1, 0, 1)]
            assert len(set(around)) == 3


def test_a_day_on_which_work_has_to_wait_too_long_is_another_state() -> None:
    last = date(2025, 6, 5)  # the VLH
    assert state(last - timedelta(days=14)) != state(last - timedelta(days=13))
    assert state(last - timedelta(days=12)) == state(last - timedelta(days=13))


def test_a_slot_that_ends_within_another_offices_is_seen_to_end() -> None:
    at = datetime(2025, 5, 2, 9, tzinfo=WITA)
    slots = [
        replace(
            TAKEN,
            kind=DecisionKind.LATE_SLOT,
            opd_code=office,
            at=at,
            value=at.isoformat(),
            result=(at + timedelta(days=days)).isoformat(),
        )
        for office, days in (("DINAS01", 2), ("DINAS02", 6))
    ]
    assert state(date(2025, 5, 3), *slots) != state(date(2025, 5, 4), *slots)


def test_no_two_days_are_alike_while_a_waiver_counts_its_days() -> None:
    waiver = replace(TAKEN, kind=DecisionKind.WAIVER, until_on=date(2025, 4, 20))
    assert state(date(2025, 4, 1), waiver) != state(date(2025, 4, 2), waiver)
    assert state(date(2025, 4, 1), replace(waiver, until_on=None)) == state(
        date(2025, 4, 2), replace(waiver, until_on=None)
    )
    assert state(date(2025, 4, 21), waiver) == state(date(2025, 4, 22), waiver)
