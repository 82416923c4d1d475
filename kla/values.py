"""Numbers and dates as Indonesian offices write them. Pure; nothing is guessed: what has two readings is asked back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache


class State(StrEnum):
    """What a cell turned out to hold."""

    VALUE = "value"
    NIL = "nil"  # nihil, -, tidak ada kasus: an answer of nought, if a reason stands beside it
    BLANK = "blank"
    AMBIGUOUS = "ambiguous"  # 1.234 is 1234 or 1,234: asked back
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as understood; `value` only with State.VALUE, and 12 with `is_percent` for "12 %"."""

    state: State
    value: Decimal | None = None
    is_percent: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A date as understood: `day`, or only `year` (and perhaps `month`) where no more was written."""

    state: State
    day: date | None = None
    year: int | None = None
    month: int | None = None


NIL_TEXTS = frozenset(
    {"-", "--", "---", "–", "—", "nihil", "nil", "kosong", "tidak ada", "tdk ada", "belum ada", "tidak terdapat"}
    | {"tidak ada kasus", "tdk ada kasus", "nihil kasus", "tidak terdapat kasus", "tidak ada kejadian"}
)
# "Not available" is neither nought nor blank.
UNKNOWN_TEXTS = frozenset(
    {"na", "n/a", "n.a", "n.a.", "#n/a", "±", "tidak ada data", "belum ada data", "tad", "td", "ybs", "?"}
)
UNITS = ["orang", "anak", "kasus", "dokumen", "unit", "buah", "kali", "kecamatan", "desa", "kelurahan", "sekolah"]
UNITS += ["rupiah", "lembaga", "kegiatan", "kelompok", "puskesmas", "jiwa", "titik"]
WORDS = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"]
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

_SPACES = re.compile(r"\s+")
_UNIT = re.compile(rf"\s*\b(?:{'|'.join(UNITS)})\.?$")
_IN_WORDS = re.compile(r"^(?P<number>[^()]*\d)\s*\((?P<words>[a-z ]+)\)$")
_PERCENT = re.compile(r"\s*(?:%|persen)$")
_CURRENCY = re.compile(r"^rp\.?\s*")
_CURRENCY_END = re.compile(r",-+$")

# How digits may be grouped -> (thousands mark, decimal mark), None where two readings are possible. First match decides.
SHAPES: tuple[tuple[re.Pattern[str], tuple[str, str] | None], ...] = (
    (re.compile(r"\d+"), ("", "")),
    (re.compile(r"0[.]\d+"), ("", ".")),
    (re.compile(r"0,\d+"), ("", ",")),
    (re.compile(r"\d{1,3}[.]\d{3}"), None),
    (re.compile(r"\d{1,3},\d{3}"), None),
    (re.compile(r"\d{1,3}(?:[.]\d{3})+,\d+"), (".", ",")),
    (re.compile(r"\d{1,3}(?:[.]\d{3}){2,}"), (".", "")),
    (re.compile(r"\d{1,3}(?:,\d{3})+[.]\d+"), (",", ".")),
    (re.compile(r"\d{1,3}(?:,\d{3}){2,}"), (",", "")),
    (re.compile(r"\d{1,3}(?: \d{3})+"), (" ", "")),
    (re.compile(r"\d{1,3}(?: \d{3})+,\d+"), (" ", ",")),
    (re.compile(r"\d+,\d+"), ("", ",")),
    (re.compile(r"\d+[.]\d+"), ("", ".")),
)


def clean(text: str) -> str:
    """Return a text for comparing: NFKC, one blank for any white space, trimmed, case folded.

    >>> clean("  Tidak\\u00a0ADA ")
    'tidak ada'
    """
    return _remembered(text) if len(text) <= _SHORT else _cleaned(text)


def _cleaned(text: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


# A province's forms hold the same few thousand labels over and over.
_SHORT = 120
_remembered = lru_cache(maxsize=8192)(_cleaned)


def text_of(cell: object) -> str:
    """Return a cell's content as an office would write it: 12 for 12.0, 2025-06-05 for a date; "" when blank.

    >>> text_of(12.0), text_of(date(2025, 6, 5)), text_of(None)
    ('12', '2025-06-05', '')
    """
    if cell.__class__ is str:
        return str(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        exact = exact_decimal(cell)
        return str(cell) if exact is None else f"{exact:f}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    return str(cell)


def exact_decimal(number: float) -> Decimal | None:
    """Return what the cell shows, to the 15 digits Excel keeps; None for infinities and not-a-number.

    >>> exact_decimal(0.1 + 0.2)
    Decimal('0.3')
    """
    if isinstance(number, int):
        return Decimal(number)
    found = Decimal(f"{number:.15g}")
    return (Decimal(int(found)) if found == found.to_integral_value() else found) if found.is_finite() else None


def number_of(cell: object, *, asks_back: bool = True) -> Number:
    """Return the number in a cell.

    With `asks_back` a stored 1.234 (three decimals, below 1000) is ambiguous too: a program set to English turns a typed
    1.234 into that. Points of a recap, which are never thousands, are read without.

    >>> number_of("1.234,5").value, number_of("12 %").is_percent, number_of("1.234").state.value
    (Decimal('1234.5'), True, 'ambiguous')
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float | str | None):
        return Number(State.NOT_UNDERSTOOD)
    if isinstance(cell, int | float):
        return _stored_number(cell, asks_back)
    return _written_number(clean(cell or ""))


def _stored_number(cell: float, asks_back: bool) -> Number:
    exact = exact_decimal(cell)
    if exact is None:
        return Number(State.NOT_UNDERSTOOD)
    if asks_back and 1 <= abs(exact) < 1000 and exact.as_tuple().exponent == -3:
        return Number(State.AMBIGUOUS)
    return Number(State.VALUE, exact)


def _written_number(text: str) -> Number:
    if not text:
        return Number(State.BLANK)
    if text.rstrip(".") in NIL_TEXTS:
        return Number(State.NIL)
    if text in UNKNOWN_TEXTS or text.startswith(("±", "+/-", "~", "±")):
        return Number(State.AMBIGUOUS)
    if spelled := _IN_WORDS.match(text):
        return _agreeing(_written_number(spelled["number"].strip()), clean(spelled["words"]))
    if text in WORDS:
        return Number(State.VALUE, Decimal(WORDS.index(text)))
    bare, percents = _PERCENT.subn("", _UNIT.sub("", text))
    money, currency = _CURRENCY.subn("", bare)
    if currency:
        money = _CURRENCY_END.sub("", money)
    return _shaped_number(money.strip(), percents > 0)


def _agreeing(number: Number, words: str) -> Number:
    """Ask back where the figure and the word beside it differ: 2 (satu)."""
    if number.value is not None and words in WORDS and WORDS.index(words) != number.value:
        return Number(State.AMBIGUOUS)
    return number


def _shaped_number(text: str, is_percent: bool) -> Number:
    sign, digits = ("-", text[1:].strip()) if text.startswith(("-", "−")) else ("", text.removeprefix("+"))
    if not digits.isascii():
        return Number(State.NOT_UNDERSTOOD)
    for shape, marks in SHAPES:
        if shape.fullmatch(digits):
            if marks is None:
                return Number(State.AMBIGUOUS)
            plain = digits.replace(marks[0], "") if marks[0] else digits
            return Number(
                State.VALUE, Decimal(sign + (plain.replace(marks[1], ".") if marks[1] else plain)), is_percent
            )
    return Number(State.NOT_UNDERSTOOD)


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


def _written_day(text: str, uses_1904: bool) -> Day:
    if not text:
        return Day(State.BLANK)
    if text in NIL_TEXTS:
        return Day(State.NIL)
    if found := _DAY_MONTH_NAME.fullmatch(text):
        return _checked_day(int(found[3]), MONTHS.get(found[2], 0), int(found[1]))
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
