"""What is on time and how many days are left: a stage closes at 23:59:59 local time of its last day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from kla.district import StageWindow
from kla.holidays import Holidays

# Days before a milestone on which a countdown speaks.
MARKS = (30, 14, 7, 3, 1, 0)
LAST_SECOND = time(23, 59, 59)


def days_left(closes_on: date, as_of: date) -> int:
    """Return the days from `as_of` to the last day; 0 on the last day, negative once it has passed.

    >>> days_left(date(2024, 5, 31), date(2024, 5, 3))
    28
    """
    return (closes_on - as_of).days


def is_on_time(received_at: datetime, window: StageWindow, zone: ZoneInfo) -> bool:
    """Return whether a moment lies no later than the window's last one, 23:59:59 local; a fraction after it is late.

    A file that comes before the window opens is on time.

    Raises:
        ValueError: `received_at` has no time zone.
    """
    if received_at.utcoffset() is None:
        raise ValueError("received_at must carry its zone")
    return received_at <= window.closes_at(zone)


def current_window(windows: Sequence[StageWindow], as_of: date) -> StageWindow | None:
    """Return the stage that matters on a day: the open one, else the next to open, else None when all are over.

    Windows are in order and do not overlap (districts/ is refused otherwise).
    """
    for window in windows:
        if as_of <= window.closes_on:
            return window
    return None


def watched_window(windows: Sequence[StageWindow], as_of: date) -> StageWindow | None:
    """Return the window whose closing people look at: the open or next one, else the last; None without a calendar."""
    return current_window(windows, as_of) or (windows[-1] if windows else None)


def deadline_of(window: StageWindow, as_of: date) -> date:
    """Return the day people look at: the field verification (VLH) until it is over, then the stage's last day.

    A stage with a VLH stays open afterwards only for mending (2 x 24 hours, see districts/*/calendar.yaml).

    >>> window = StageWindow("vlh", date(2025, 1, 2), date(2025, 6, 7), vlh_on=date(2025, 6, 5))
    >>> deadline_of(window, date(2025, 5, 20)), deadline_of(window, date(2025, 6, 6))
    (datetime.date(2025, 6, 5), datetime.date(2025, 6, 7))
    """
    return window.vlh_on if window.vlh_on is not None and as_of <= window.vlh_on else window.closes_on


class Milestone(StrEnum):
    """What a countdown counts to."""

    OPENS = "opens"
    VLH = "vlh"  # the day of the field verification
    CLOSES = "closes"


@dataclass(frozen=True, slots=True)
class Countdown:
    """How long it is to one milestone of a stage, seen from a moment.

    `at` is when it is reached: the first moment of the day a stage opens, 23:59:59 local of the others. `days_left` counts
    local calendar days (0 on the day, negative after), `working_days_left` those among the days after today on which
    offices work, 0 once it is over; `are_holidays_known` False where weekends alone could be left out. `mark` is the H-
    mark in force: the smallest of MARKS not yet undercut (12 days left: 14), None before the first and once it is over.
    """

    stage: str
    milestone: Milestone
    on: date
    at: datetime
    days_left: int
    working_days_left: int
    are_holidays_known: bool
    mark: int | None
    is_over: bool

    @property
    def is_mark_day(self) -> bool:
        """Whether this is the very day of a mark: H-30, H-14 and so on."""
        return not self.is_over and self.days_left in MARKS


def countdown(
    windows: Iterable[StageWindow], as_of: date | datetime, zone: ZoneInfo, holidays: Holidays
) -> tuple[Countdown, ...]:
    """Return the countdown to every milestone of the stages, in order of time.

    Args:
        windows: of one cycle.
        as_of: a moment (with its zone), or a local date, which means its last second.
        zone: the district's own.
        holidays: what offices do not work on beside weekends.

    Raises:
        ValueError: a moment without a zone.
    """
    now = _moment(as_of, zone)
    found = [_counted(window.stage, kind, on, now, zone, holidays) for window in windows for kind, on in _days(window)]
    return tuple(sorted(found, key=lambda it: it.at))


def mark_of(days: int, marks: Iterable[int] = MARKS) -> int | None:
    """Return the mark in force so many days before: the smallest that is not undercut; None outside all of them.

    >>> [mark_of(days) for days in (31, 30, 12, 2, 0, -1)]
    [None, 30, 14, 3, 0, None]
    """
    return min((mark for mark in marks if 0 <= days <= mark), default=None)


def _moment(as_of: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(as_of, datetime):
        return datetime.combine(as_of, LAST_SECOND, zone)
    if as_of.utcoffset() is None:
        raise ValueError("as_of must carry its zone")
    return as_of.astimezone(zone)


def _days(window: StageWindow) -> Iterator[tuple[Milestone, date]]:
    yield Milestone.OPENS, window.opens_on
    if window.vlh_on is not None:
        yield Milestone.VLH, window.vlh_on
    yield Milestone.CLOSES, window.closes_on


def _counted(
    stage: str, milestone: Milestone, on: date, now: datetime, zone: ZoneInfo, holidays: Holidays
) -> Countdown:
    at = datetime.combine(on, time(0) if milestone is Milestone.OPENS else LAST_SECOND, zone)
    today = now.date()
    left = days_left(on, today)
    is_over = now >= at if milestone is Milestone.OPENS else now > at
    return Countdown(
        stage=stage,
        milestone=milestone,
        on=on,
        at=at,
        days_left=left,
        working_days_left=holidays.count_working(today, on),
        are_holidays_known=left <= 0 or holidays.knows(today, on),
        mark=None if is_over else mark_of(left),
        is_over=is_over,
    )
