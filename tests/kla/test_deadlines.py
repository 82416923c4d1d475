"""A stage closes at 23:59:59 local time of its last day, in all three zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.deadlines import current_window, days_left, deadline_of, is_on_time
from kla.district import StageWindow

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
