"""Nights that were missed are caught up by one run; what stays away, comes late or hangs raises an alarm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.watching import Alarm, AlarmKind, Run, alarms, newest_good, superseding

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
MORNING = datetime(2025, 5, 20, 1, 0, tzinfo=UTC)  # 08.00 WIB
DAY = timedelta(hours=26)


def run(hours_ago: float, **facts: object) -> Run:
    started = MORNING - timedelta(hours=hours_ago)
    known = {"run_id": f"r{hours_ago}", "kind": "nightly", "zone": WIB, "districts": None, "status": "complete"}
    return Run(**{**known, "started_at": started, "finished_at": started, **facts})  # type: ignore[arg-type]


def kinds(found: tuple[Alarm, ...]) -> list[tuple[str, str]]:
    return [(it.kind.value, it.zone) for it in found]


def test_a_good_run_after_the_moment_due_makes_a_scheduled_one_needless() -> None:
    due = MORNING - timedelta(hours=48)
    assert superseding([run(1)], "nightly", WIB, due) == run(1)
    assert superseding([run(49)], "nightly", WIB, due) is None


@pytest.mark.parametrize(
    "other",
    [
        {"status": "failed"},
        {"status": "running"},
        {"zone": WIT},
        {"districts": ("16.10",)},
        {"kind": "rerun"},
        {"kind": "verification"},
    ],
)
def test_a_run_that_failed_or_served_others_makes_nothing_needless(other: dict[str, object]) -> None:
    assert superseding([run(1, **other)], "nightly", WIB, MORNING - timedelta(hours=48)) is None


def test_a_run_over_all_zones_serves_each_but_a_zone_does_not_serve_all() -> None:
    assert newest_good([run(1, zone=None)], "nightly", WIT)
    assert newest_good([run(1)], "nightly", None) is None


@given(st.lists(st.floats(0, 96), max_size=8), st.floats(0, 96))
def test_after_one_catch_up_run_every_missed_night_is_needless(missed: list[float], begun: float) -> None:
    caught_up = run(begun)
    for hours in missed:
        due = MORNING - timedelta(hours=hours)
        assert (superseding([caught_up], "nightly", WIB, due) is not None) == (due <= caught_up.started_at)


def test_a_healthy_morning_raises_no_alarm() -> None:
    assert alarms([run(7), run(7, zone=WITA, run_id="b")], [WIB, WITA], MORNING, DAY) == ()


def test_a_zone_that_was_never_served_is_silent_and_late() -> None:
    assert kinds(alarms([run(7)], [WIB, WITA], MORNING, DAY)) == [("silent", WITA), ("late", WITA)]


def test_a_night_that_has_not_begun_two_hours_after_its_hour_is_late_before_it_is_silent() -> None:
    yesterday = [run(30.5)]
    at_two = datetime(2025, 5, 19, 19, 30, tzinfo=UTC)  # 02.30 WIB
    assert alarms(yesterday, [WIB], at_two, DAY) == ()
    assert kinds(alarms(yesterday, [WIB], at_two + timedelta(minutes=31), DAY)) == [("late", WIB)]


def test_a_failed_night_is_not_late_but_in_time_its_zone_is_silent() -> None:
    tonight = run(7, status="failed", run_id="x")
    assert alarms([run(20), tonight], [WIB], MORNING, DAY) == ()
    assert kinds(alarms([run(31), tonight], [WIB], MORNING, DAY)) == [("silent", WIB)]


def test_a_run_that_died_or_takes_too_long_is_stuck_whatever_it_is() -> None:
    dead = run(0.2, kind="rerun", zone=None, status="running", is_dead=True, run_id="dead", finished_at=None)
    slow = run(6.5, status="running", run_id="slow", finished_at=None)
    found = alarms([run(7), dead, slow], [WIB], MORNING, DAY)
    assert [(it.kind, it.run_id) for it in found] == [(AlarmKind.STUCK, "dead"), (AlarmKind.STUCK, "slow")]


def test_a_run_on_its_way_raises_no_alarm() -> None:
    on_its_way = run(1, status="running", finished_at=None)
    assert alarms([run(20), on_its_way], [WIB], MORNING, DAY) == ()
