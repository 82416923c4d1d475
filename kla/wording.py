"""Numbers, dates and moments as Indonesian readers write them. Pure; sentences live in reports/text.id.yaml."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache

HUNDREDTH = Decimal("0.01")
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PROGRAM_NUMBER = re.compile(r"-?[0-9]+\.[0-9]+")
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
# Indonesia keeps three zones and no daylight saving, so the offset names the zone.
ZONE_NAMES = {timedelta(hours=7): "WIB", timedelta(hours=8): "WITA", timedelta(hours=9): "WIT"}


_SWAPPED = str.maketrans(",.", ".,")
# The same figures stand on dozens of pages. Only what is read from the value alone is remembered: equal moments of
# two zones, or a date and its midnight, are written differently.
_REMEMBERED = 1 << 14


def _swap_separators(text: str) -> str:
    return text.translate(_SWAPPED)


@lru_cache(_REMEMBERED)
def points_text(points: Decimal) -> str:
    """Return points with exactly two decimals, comma for the decimal, point for thousands.

    Digits beyond hundredths are cut, as the published cards do; a minus is the true minus sign.

    >>> points_text(Decimal("800.38"))
    '800,38'
    >>> points_text(Decimal(1000))
    '1.000,00'
    >>> points_text(Decimal("-161.48"))
    '−161,48'
    """
    cut = points.quantize(HUNDREDTH, rounding=ROUND_DOWN)
    text = _swap_separators(f"{abs(cut):,.2f}")
    return f"−{text}" if cut < 0 else text


def change_text(points: Decimal) -> str:
    """Return a difference of points with its sign: plus, true minus, or the bare zero.

    >>> change_text(Decimal("12.5")), change_text(Decimal("-0.62")), change_text(Decimal(0))
    ('+12,50', '−0,62', '0,00')
    """
    return f"+{points_text(points)}" if points > 0 else points_text(points)


@lru_cache(_REMEMBERED)
def limit_text(points: Decimal) -> str:
    """Return points that others are measured by, a maximum or a bound: whole ones bare, others with two decimals.

    >>> limit_text(Decimal("801.00")), limit_text(Decimal(1000)), limit_text(Decimal("143.5"))
    ('801', '1.000', '143,50')
    """
    return number_text(points) if points == points.to_integral_value() else points_text(points)


@lru_cache(_REMEMBERED)
def number_text(number: Decimal | int) -> str:
    """Return a count or an amount without needless decimals.

    >>> number_text(Decimal("801.00")), number_text(13617), number_text(Decimal("0.50"))
    ('801', '13.617', '0,5')
    """
    text = f"{Decimal(number):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return _swap_separators(text)


def percent_text(part: Decimal, whole: Decimal) -> str:
    """Return a share as a percentage with one decimal, cut; an empty whole has no share.

    >>> percent_text(Decimal("800.38"), Decimal(1000)), percent_text(Decimal(0), Decimal(0))
    ('80,0%', '–')
    """
    if not whole:
        return "–"
    share = (part / whole * 100).quantize(Decimal("0.1"), rounding=ROUND_DOWN)
    return _swap_separators(f"{share:,.1f}") + "%"


def date_text(day: date) -> str:
    """Return a date in full.

    >>> date_text(date(2025, 6, 5))
    '5 Juni 2025'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def written_text(text: str) -> str:
    """Return what stands in a cell the way people write it: a number cell with a comma, a date cell in full.

    What can be read two ways ("1.234") and whatever is neither is left as it stands.

    >>> written_text("12.5"), written_text("2023-07-27"), written_text("1.234"), written_text("2,25")
    ('12,5', '27 Juli 2023', '1.234', '2,25')
    """
    if _ISO_DATE.fullmatch(text):
        try:
            return date_text(date.fromisoformat(text))
        except ValueError:
            return text
    if _PROGRAM_NUMBER.fullmatch(text) and not _GROUPED.fullmatch(text):
        return _swap_separators(text)
    return text


def day_text(day: date) -> str:
    """Return a date without its year, the month cut to three letters, for where there is no room.

    >>> day_text(date(2025, 6, 5)), day_text(date(2024, 8, 17))
    ('5 Jun', '17 Agu')
    """
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


def moment_text(moment: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment with its zone's Indonesian name, in `zone` when given, else in its own.

    A zone outside Indonesia is written as its offset from UTC.

    Raises:
        ValueError: the moment has no zone.

    >>> from zoneinfo import ZoneInfo
    >>> moment_text(datetime(2025, 5, 28, 23, 59, 59, tzinfo=ZoneInfo("Asia/Makassar")))
    '28 Mei 2025, 23.59 WITA'
    """
    local = moment.astimezone(zone) if zone is not None and moment.tzinfo is not None else moment
    offset = local.utcoffset()
    if offset is None:
        raise ValueError(f"a moment without a zone cannot be shown: {moment}")
    return f"{date_text(local)}, {local:%H.%M} {ZONE_NAMES.get(offset) or f'{local:%Z}'}"
