"""Numbers as Indonesian offices write them. Pure; nothing is guessed: what has two readings is asked back."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from kla.number_words import is_spelled, spelled_number, words_of
from kla.record import record


class State(StrEnum):
    """What a cell turned out to hold."""

    VALUE = "value"
    NIL = "nil"  # nihil, -, tidak ada kasus: an answer of nought, if a reason stands beside it
    BLANK = "blank"
    AMBIGUOUS = "ambiguous"  # 1.234 is 1234 or 1,234: asked back
    NOT_UNDERSTOOD = "not_understood"


@record(frozen=True, slots=True)
class Number:
    """A number as understood; `value` only with State.VALUE, and 12 with `is_percent` for "12 %".

    `reason` is what a nil says for itself: "nihil, belum ada laporan".
    """

    state: State
    value: Decimal | None = None
    is_percent: bool = False
    reason: str = ""


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
_SPACES = re.compile(r"\s+")
_UNIT = re.compile(rf"\s*\b(?:{'|'.join(UNITS)})\.?$")
_REMARK = re.compile(r"^(?P<number>[^()]*\d)\s*\((?P<words>[^()\d]+)\)$")
_PERCENT = re.compile(r"\s*(?:%|persen|prosen)$")
_CURRENCY = re.compile(r"^rp\.?\s*")
_CURRENCY_END = re.compile(r",-+$")
_SCALED = re.compile(r"^(?P<number>.*\d)\s*(?P<scale>ribu|rb|juta|jt|miliar|milyar)$")
_SCALES = {"ribu": 3, "rb": 3, "juta": 6, "jt": 6, "miliar": 9, "milyar": 9}
_NIL_WITH_REASON = re.compile(r"^nihil\b[\s,:;.(–-]+(?P<reason>[^\d()]{4,})\)?$")
_ABOUT = re.compile(
    r"^(?:±|\+/-|\+-|~|≈|[<>≤≥]=?|(?:kurang lebih|kl\.?|k\.l\.|sekitar|kira-kira|kira kira|hampir|lebih dari|kurang dari"
    r"|di atas|diatas|di bawah|dibawah|minimal|maksimal|sekurang-kurangnya|paling sedikit|paling banyak)\b)"
    r"|\d\s*(?:-an|an|\+|lebih)$"
)
# Two numbers in one cell: from-to, part of whole, a fraction.
_TWO_NUMBERS = re.compile(
    r"\d[\d.,]*\s*%?\s*(?:-|–|—|s/d|s\.?\s?d\.?|sampai(?: dengan)?|hingga|/|⁄|dari|dan|&|:|;)\s*\d[\d.,]*\s*%?"
)

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

    >>> text_of(12.0), text_of(datetime(2025, 6, 5)), text_of(None)
    ('12', '2025-06-05', '')
    """
    if isinstance(cell, str):
        return cell
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
    if said := _NIL_WITH_REASON.match(text):
        return Number(State.NIL, reason=said["reason"].strip())
    if text in UNKNOWN_TEXTS or _ABOUT.search(text):
        return Number(State.AMBIGUOUS)
    text = _UNIT.sub("", text)
    if remark := _REMARK.match(text):
        return _agreeing(remark["number"].strip(), _UNIT.sub("", remark["words"].strip()))
    if (number := spelled_number(text)) is not None:
        return Number(State.VALUE, Decimal(number))
    bare, percents = _PERCENT.subn("", text)
    money, currency = _CURRENCY.subn("", bare)
    if currency:
        money = _CURRENCY_END.sub("", money)
    return _scaled_number(money.strip(), percents > 0)


def _agreeing(figure: str, words: str) -> Number:
    """Return the figure beside words: 12 (dua belas). They may settle what 1.234 means; where they differ it is asked back."""
    number = _written_number(figure)
    if words == "nihil":
        words = "nol"
    if not is_spelled(words):
        return number
    meant = number.value if number.state is State.VALUE else None
    digits = figure.replace(".", "").replace(",", "")
    if number.state is State.AMBIGUOUS and digits.isdecimal():
        meant = Decimal(digits)
    if meant is None or meant != int(meant) or not 0 <= meant < 10**12 or words_of(int(meant)) != words:
        return Number(State.AMBIGUOUS)
    return Number(State.VALUE, meant, number.is_percent)


def _scaled_number(text: str, is_percent: bool) -> Number:
    """Return a number that may be counted in thousands or millions: 1,5 juta."""
    found = _SCALED.match(text)
    if not found:
        return _shaped_number(text, is_percent)
    number = _shaped_number(found["number"].strip(), is_percent)
    if number.value is None:
        return number
    return Number(State.VALUE, Decimal(f"{number.value.scaleb(_SCALES[found['scale']]):f}"), is_percent)


def _shaped_number(text: str, is_percent: bool) -> Number:
    sign, digits = ("-", text[1:].strip()) if text.startswith(("-", "−")) else ("", text.removeprefix("+"))
    if _TWO_NUMBERS.fullmatch(digits):
        return Number(State.AMBIGUOUS)
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
