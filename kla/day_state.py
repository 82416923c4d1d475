"""What a day decides of a district: two days of the same state tell the same of it, but for the days left. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from kla.deadlines import LAST_SECOND, days_left, deadline_of, watched_window
from kla.decisions import Decision, DecisionKind, in_force, openings
from kla.district import District

DayState = tuple[object, ...]


def day_state(district: District, cycle: int, taken: Sequence[Decision], waits: Iterable[int], as_of: date) -> DayState:
    """Return all that the day decides of what is known and shown of a district and cycle, except for counted days.

    Args:
        district: with its calendar.
        cycle: the evaluation year.
        taken: every decision ever taken for the district.
        waits: calendar days that work may have to wait for others (`EffortTable.waits`).
        as_of: the day, local.

    Where a waiver in force has an end, its remaining days are told in many places: no two days are the same then.
    """
    windows = district.windows(cycle)
    held = in_force(taken, as_of)
    end = datetime.combine(as_of, LAST_SECOND, district.zone)
    window = watched_window(windows, as_of)
    ahead = days_left(deadline_of(window, as_of), as_of) if window else 0
    return (
        tuple(_side(day, as_of) for it in windows for day in (it.opens_on, it.closes_on, it.vlh_on)),
        tuple(one.decision_id for one in held),
        tuple((it.from_at < end, it.until_at < end) for it in openings(held)),
        tuple(ahead < wait for wait in sorted(set(waits))),
        as_of if any(one.kind is DecisionKind.WAIVER and one.until_on is not None for one in held) else None,
    )


def _side(day: date | None, as_of: date) -> int | None:
    """Return whether a day lies before (-1), on (0) or after (1) another."""
    return None if day is None else (day > as_of) - (day < as_of)
