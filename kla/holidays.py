"""Days on which nobody works: weekends, national holidays and joint leave. Pure; the days are read by kla.io.holidays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holiday:
    """A national holiday, or a day of joint leave (cuti bersama) granted beside one."""

    on: date
    name: str
    is_joint_leave: bool


@dataclass(frozen=True)
class Holidays:
    """The holidays of the years that are known; a year that is not has only its weekends (`knows` says so)."""

    days: Mapping[date, Holiday] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    @property
    def dates(self) -> frozenset[date]:
        """All of them as dates."""
        return frozenset(self.days)

    def knows(self, first: date, last: date) -> bool:
        """Whether the holidays of every year from one day to another are known."""
        return all(year in self.years for year in range(first.year, last.year + 1))

    def is_working(self, day: date) -> bool:
        """Whether offices work on a day: Monday to Friday, neither holiday nor joint leave."""
        return day.weekday() < SATURDAY and day not in self.days

    def working_days(self, after: date, until: date) -> tuple[date, ...]:
        """Return the working days after one day up to and with another, in order; () when that is not later.

        >>> len(Holidays().working_days(date(2024, 5, 3), date(2024, 5, 31)))
        20
        """
        return tuple(day for day in _days(after, until) if self.is_working(day))

    def count_working(self, after: date, until: date) -> int:
        """Return how many working days there are after one day up to and with another; 0 when that is not later.

        Whole weeks are counted at once: a nation's nights ask this of every milestone of every district.

        >>> Holidays().count_working(date(2024, 5, 3), date(2024, 5, 31))
        20
        """
        weeks, rest = divmod(max((until - after).days, 0), 7)
        ends = [after.weekday() + ahead for ahead in range(1, rest + 1)]
        free = sum(1 for day in self.days if after < day <= until and day.weekday() < SATURDAY)
        return weeks * SATURDAY + sum(1 for day in ends if day % 7 < SATURDAY) - free

    def between(self, after: date, until: date) -> tuple[Holiday, ...]:
        """Return the holidays after one day up to and with another that fall on Monday to Friday, in order."""
        return tuple(self.days[day] for day in _days(after, until) if day in self.days and day.weekday() < SATURDAY)


def _days(after: date, until: date) -> Iterator[date]:
    return (after + timedelta(days=ahead) for ahead in range(1, (until - after).days + 1))
