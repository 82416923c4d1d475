"""Dates and years as Indonesian offices write them. Pure; what has two readings is asked back.

Day comes before month. A cell Excel holds as a date is read from its serial, so how a computer set to English shows it
(6/5/2025 for 5 June) does not matter; typed as text, 05/06/2025 is 5 June, and only where the second number cannot be a
month (06/25/2025) does the month come first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kla.values import NIL_TEXTS, State, clean


@dataclass(frozen=True, slots=True)
class Day:
    """A date as understood: `day`, or only `year` (and perhaps `month`) where no more was written."""

    state: State
    day: date | None = None
    year: int | None = None
    month: int | None = None


MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb pebruari peb february febuari",
            "maret mar mrt march",
            "april apr",
            "mei may",
            "juni jun june",
            "juli jul july",
            "agustus agt ags agu agust agus aug august",
            "september sep sept",
            "oktober okt oct october",
            "november nov nopember nop",
            "desember des december dec",
        ),
        start=1,
    )
    for name in names.split()
}
ROMAN_MONTHS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")

_TIME = r"(?:[ t]\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?)?"
_DAY_MONTH_NAME = re.compile(r"(?:[a-z' .]+,\s*)?(\d{1,2})[ ./-]+([a-z]+)\.?[ ,./-]+(\d{4})")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})" + _TIME)
_YEAR_MONTH_DAY = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})" + _TIME)
_MONTH_YEAR = re.compile(r"([a-z]+)\.?[ ,./-]+(\d{4})")
_YEAR = re.compile(r"(?:tahun|thn\.?|th\.?|ta\.?)?\s*(\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}[ /.-]+(?:\d{1,2}|[a-z]+)[ /.-]+\d{2}")
_YEARS = re.compile(r"\d{4}\s*(?:-|–|/|,|&|dan|s/d|s\.d\.?|sampai)\s*\d{4}")
FIRST_YEAR, LAST_YEAR = 1945, 2100
_EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}


def date_of(cell: object, *, uses_1904: bool = False) -> Day:
    """Return the date in a cell, or the year where only that was written; a bare serial counts from the file's epoch.

    Day comes before month, as Indonesians write; only where that is impossible month comes first.

    >>> date_of("5 Juni 2025").day, date_of("Agt 2024").month, date_of("2023").year
    (datetime.date(2025, 6, 5), 8, 2023)
    """
    if isinstance(cell, datetime):
        return _checked_day(cell.year, cell.month, cell.day)
    if isinstance(cell, date):
        return _checked_day(cell.year, cell.month, cell.day)
    if isinstance(cell, bool) or not isinstance(cell, int | float | str | None):
        return Day(State.NOT_UNDERSTOOD)
    if isinstance(cell, int | float):
        return _serial_day(cell, uses_1904)
    return _written_day(clean(cell or ""), uses_1904)


def _serial_day(serial: float, uses_1904: bool) -> Day:
    if serial != serial or not 0 < serial < 100_000:
        return Day(State.NOT_UNDERSTOOD)
    if serial == int(serial) and FIRST_YEAR <= serial <= LAST_YEAR:
        return Day(State.VALUE, year=int(serial))
    found = _EPOCHS[uses_1904] + timedelta(days=int(serial))
    return _checked_day(found.year, found.month, found.day)


def _checked_day(year: int, month: int, day: int) -> Day:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Day(State.NOT_UNDERSTOOD)
    try:
        return Day(State.VALUE, date(year, month, day), year, month)
    except ValueError:
        return Day(State.NOT_UNDERSTOOD)


def _month(name: str) -> int:
    """Return a month by its name, or by its Roman number between day and year (5-VI-2025); 0 for neither."""
    return MONTHS.get(name) or (ROMAN_MONTHS.index(name) + 1 if name in ROMAN_MONTHS else 0)


def _written_day(text: str, uses_1904: bool) -> Day:
    if not text:
        return Day(State.BLANK)
    if text in NIL_TEXTS:
        return Day(State.NIL)
    if found := _DAY_MONTH_NAME.fullmatch(text):
        return _checked_day(int(found[3]), _month(found[2]), int(found[1]))
    if found := _DAY_MONTH_YEAR.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        return _checked_day(year, second, first) if second <= 12 else _checked_day(year, first, second)
    if found := _YEAR_MONTH_DAY.fullmatch(text):
        return _checked_day(int(found[1]), int(found[2]), int(found[3]))
    return _written_part(text, uses_1904)


def _written_part(text: str, uses_1904: bool) -> Day:
    """Return what is less than a date: a year, a month, a serial stored as text, or something with two readings."""
    if (found := _YEAR.fullmatch(text)) and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return Day(State.VALUE, year=int(found[1]))
    if (found := _MONTH_YEAR.fullmatch(text)) and found[1] in MONTHS and FIRST_YEAR <= int(found[2]) <= LAST_YEAR:
        return Day(State.VALUE, year=int(found[2]), month=MONTHS[found[1]])
    if text.isascii() and text.isdigit() and len(text) == 5:
        return _serial_day(int(text), uses_1904)
    if _SHORT_YEAR.fullmatch(text) or _YEARS.fullmatch(text):
        return Day(State.AMBIGUOUS)
    return Day(State.NOT_UNDERSTOOD)
