"""A stage closes at 23:59:59 local time of its last day, in all three zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.deadlines import (
    MARKS,
    Milestone,
    countdown,
    current_window,
    days_left,
    deadline_of,
    is_on_time,
    mark_of,
    watched_window,
)
from kla.district import StageWindow
from kla.holidays import Holiday, Holidays

ZONES = {"WIB": ("Asia/Jakarta", 7), "WITA": ("Asia/Makassar", 8), "WIT": ("Asia/Jayapura", 9)}
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
WINDOW = StageWindow("mandiri", date(2024, 1, 2), date(2024, 5, 31))
LATER = StageWindow("administrasi", date(2024, 7, 1), date(2024, 12, 31))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("seconds", "on_time"), [(-1, True), (0, True), (1, False)])
def test_the_last_second_is_on_time_and_the_next_is_late(zone, seconds, on_time):
    name, hours = ZONES[zone]
    last = datetime(2024, 5, 31, 23, 59, 59, tzinfo=UTC) - timedelta(hours=hours)
    assert is_on_time(last + timedelta(seconds=seconds), WINDOW, ZoneInfo(name)) is on_time


@pytest.mark.parametrize(("zone", "on_time"), [("WIB", True), ("WITA", False), ("WIT", False)])
def test_the_same_moment_can_be_on_time_in_one_zone_and_late_in_another(zone, on_time):
    moment = datetime(2024, 5, 31, 16, 30, tzinfo=UTC)  # 23.30 WIB, 00.30 WITA the day after
    assert is_on_time(moment, WINDOW, ZoneInfo(ZONES[zone][0])) is on_time


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        is_on_time(datetime(2024, 5, 31, 12), WINDOW, ZoneInfo("Asia/Jakarta"))


@given(
    day=DAYS,
    zone=st.sampled_from([name for name, _ in ZONES.values()]),
    seconds=st.integers(-400_000, 400_000),
    offset=st.integers(-12, 14),
)
def test_on_time_means_no_later_than_the_closing_moment_wherever_the_clock_stood(day, zone, seconds, offset):
    window = StageWindow("mandiri", day, day)
    moment = (window.closes_at(ZoneInfo(zone)) + timedelta(seconds=seconds)).astimezone(ZoneInfo("UTC"))
    elsewhere = moment.astimezone(ZoneInfo(f"Etc/GMT{-offset:+d}"))
    assert is_on_time(elsewhere, window, ZoneInfo(zone)) is (seconds <= 0)
    assert is_on_time(elsewhere, window, ZoneInfo(zone)) is (elsewhere.astimezone(ZoneInfo(zone)).date() <= day)


@given(closes_on=DAYS, days=st.integers(-4000, 4000))
def test_days_left_count_down_to_zero_on_the_last_day(closes_on, days):
    assert days_left(closes_on, closes_on - timedelta(days=days)) == days


@pytest.mark.parametrize(
    ("as_of", "stage"),
    [
        (date(2023, 12, 31), "mandiri"),
        (date(2024, 1, 2), "mandiri"),
        (date(2024, 5, 31), "mandiri"),
        (date(2024, 6, 1), "administrasi"),
        (date(2024, 12, 31), "administrasi"),
    ],
)
def test_the_current_stage_is_the_open_one_or_the_next_to_open(as_of, stage):
    assert current_window((WINDOW, LATER), as_of).stage == stage


def test_there_is_no_current_stage_once_all_have_closed():
    assert current_window((WINDOW, LATER), date(2025, 1, 1)) is None
    assert current_window((), date(2024, 1, 2)) is None


def test_once_all_stages_are_over_the_last_one_is_watched() -> None:
    assert watched_window((WINDOW, LATER), date(2024, 2, 1)) == WINDOW
    assert watched_window((WINDOW, LATER), date(2025, 1, 1)) == LATER
    assert watched_window((), date(2024, 1, 2)) is None


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        (date(2025, 5, 20), date(2025, 6, 5)),
        (date(2025, 6, 5), date(2025, 6, 5)),
        (date(2025, 6, 6), date(2025, 6, 7)),
        (date(2025, 6, 9), date(2025, 6, 7)),
    ],
)
def test_until_the_field_verification_is_over_its_day_is_the_deadline(as_of, day):
    window = StageWindow("vlh", date(2025, 1, 2), date(2025, 6, 7), vlh_on=date(2025, 6, 5))
    assert deadline_of(window, as_of) == day


def test_a_stage_without_field_verification_is_counted_to_its_last_day():
    assert deadline_of(WINDOW, date(2024, 5, 3)) == WINDOW.closes_on


NOTHING_OFF = Holidays({}, frozenset({2024, 2025}))
FIELD = StageWindow("vlh", date(2025, 1, 2), date(2025, 6, 7), vlh_on=date(2025, 6, 5))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("seconds", "left", "is_over"), [(-1, 0, False), (0, 0, False), (1, -1, True)])
def test_a_countdown_turns_with_the_last_second_of_the_districts_own_day(zone, seconds, left, is_over):
    name, hours = ZONES[zone]
    now = datetime(2024, 5, 31, 23, 59, 59, tzinfo=UTC) - timedelta(hours=hours) + timedelta(seconds=seconds)
    (closing,) = [it for it in countdown((WINDOW,), now, ZoneInfo(name), NOTHING_OFF) if it.milestone == "closes"]
    assert (closing.days_left, closing.is_over) == (left, is_over)
    assert closing.mark == (None if is_over else 0)
    assert closing.is_over is not is_on_time(now, WINDOW, ZoneInfo(name))


def test_every_milestone_of_every_stage_is_counted_in_order_of_time():
    found = countdown((WINDOW, LATER, FIELD), date(2024, 5, 3), ZoneInfo("Asia/Makassar"), NOTHING_OFF)
    told = [(it.stage, it.milestone.value, it.days_left, it.mark, it.is_over) for it in found]
    assert told == [
        ("mandiri", "opens", -122, None, True),
        ("mandiri", "closes", 28, 30, False),
        ("administrasi", "opens", 59, None, False),
        ("administrasi", "closes", 242, None, False),
        ("vlh", "opens", 244, None, False),
        ("vlh", "vlh", 398, None, False),
        ("vlh", "closes", 400, None, False),
    ]


def test_working_days_left_leave_out_what_the_lists_hold_and_say_when_there_is_none():
    holiday = Holiday(date(2024, 5, 9), "Kenaikan Yesus Kristus", False)
    known = Holidays({holiday.on: holiday}, frozenset({2024}))
    for holidays, working, is_known in ((known, 19, True), (Holidays(), 20, False)):
        closing = countdown((WINDOW,), date(2024, 5, 3), ZoneInfo("Asia/Jakarta"), holidays)[-1]
        assert (closing.working_days_left, closing.are_holidays_known) == (working, is_known)


def test_a_stage_opens_with_the_first_moment_of_its_day():
    midnight = datetime(2024, 1, 2, tzinfo=ZoneInfo("Asia/Jayapura"))
    for seconds, is_over in ((-1, False), (0, True)):
        now = midnight + timedelta(seconds=seconds)
        assert countdown((WINDOW,), now, ZoneInfo("Asia/Jayapura"), NOTHING_OFF)[0].is_over is is_over


def test_a_countdown_needs_a_zone():
    with pytest.raises(ValueError, match="zone"):
        countdown((WINDOW,), datetime(2024, 5, 3), ZoneInfo("Asia/Jakarta"), NOTHING_OFF)


@given(days=st.integers(-50, 400))
def test_the_mark_in_force_is_the_smallest_not_undercut(days):
    mark = mark_of(days)
    assert (mark is None) == (days < 0 or days > 30)
    if mark is not None:
        assert mark in MARKS
        assert days <= mark
        assert not any(days <= smaller < mark for smaller in MARKS)


@given(
    day=DAYS,
    zone=st.sampled_from([name for name, _ in ZONES.values()]),
    seconds=st.integers(-40 * 86_400, 3 * 86_400),
    offset=st.integers(-12, 14),
)
def test_a_countdown_is_the_same_wherever_the_clock_stood(day, zone, seconds, offset):
    window, own = StageWindow("mandiri", day, day), ZoneInfo(zone)
    now = window.closes_at(own) + timedelta(seconds=seconds)
    closing = countdown((window,), now, own, NOTHING_OFF)[-1]
    assert closing == countdown((window,), now.astimezone(ZoneInfo(f"Etc/GMT{-offset:+d}")), own, NOTHING_OFF)[-1]
    assert closing.milestone is Milestone.CLOSES
    assert closing.is_over is (seconds > 0)
    assert closing.days_left == (day - now.date()).days
    assert 0 <= closing.working_days_left <= max(closing.days_left, 0)
