"""What is on time and how many days are left: a stage closes at 23:59:59 local time of its last day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kla.district import StageWindow


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


def deadline_of(window: StageWindow, as_of: date) -> date:
    """Return the day people look at: the field verification (VLH) until it is over, then the stage's last day.

    A stage with a VLH stays open afterwards only for mending (2 x 24 hours, see districts/*/calendar.yaml).

    >>> window = StageWindow("vlh", date(2025, 1, 2), date(2025, 6, 7), vlh_on=date(2025, 6, 5))
    >>> deadline_of(window, date(2025, 5, 20)), deadline_of(window, date(2025, 6, 6))
    (datetime.date(2025, 6, 5), datetime.date(2025, 6, 7))
    """
    return window.vlh_on if window.vlh_on is not None and as_of <= window.vlh_on else window.closes_on
