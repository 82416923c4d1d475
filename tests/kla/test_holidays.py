"""Working days leave out weekends, national holidays and joint leave, and say when a year is not known."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kla.holidays import Holiday, Holidays
from kla.route import Days

ASCENSION = Holiday(date(2024, 5, 9), "Kenaikan Yesus Kristus", False)
BESIDE_IT = Holiday(date(2024, 5, 10), "Kenaikan Yesus Kristus", True)
ON_SUNDAY = Holiday(date(2024, 7, 7), "1 Muharam", False)
KNOWN = Holidays({it.on: it for it in (ASCENSION, BESIDE_IT, ON_SUNDAY)}, frozenset({2024}))
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 12, 31))


def test_a_holiday_and_joint_leave_are_no_working_days():
    assert [day.day for day in KNOWN.working_days(date(2024, 5, 7), date(2024, 5, 14))] == [8, 13, 14]
    assert KNOWN.between(date(2024, 5, 7), date(2024, 5, 14)) == (ASCENSION, BESIDE_IT)


def test_a_holiday_on_a_sunday_takes_no_working_day():
    assert len(KNOWN.working_days(date(2024, 7, 1), date(2024, 7, 8))) == 5
    assert KNOWN.between(date(2024, 7, 1), date(2024, 7, 8)) == ()


def test_a_year_without_a_list_is_said_not_to_be_known():
    assert KNOWN.knows(date(2024, 12, 1), date(2024, 12, 31))
    assert not KNOWN.knows(date(2024, 12, 1), date(2025, 1, 3))


@given(first=DAYS, days=st.integers(-40, 200))
def test_working_days_and_holidays_and_weekends_are_all_days_between(first, days):
    last = first + timedelta(days=days)
    working, off = KNOWN.working_days(first, last), KNOWN.between(first, last)
    between = [first + timedelta(days=ahead) for ahead in range(1, days + 1)]
    weekend = [day for day in between if day.weekday() >= 5]
    assert len(working) + len(off) + len(weekend) == max(days, 0)
    assert KNOWN.count_working(first, last) == len(working)
    assert working == Days(first, last, KNOWN.dates).working  # the way to the target counts alike
