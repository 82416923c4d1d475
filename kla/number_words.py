"""Whole numbers in Indonesian words, as offices write them behind a figure: 12 (dua belas)."""

from __future__ import annotations

from functools import cache

DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
SCALES = ((10**9, "miliar"), (10**6, "juta"), (10**3, "ribu"))
_LARGEST_SPELLED = 2_000  # a word alone stands for no more than this
_WORDS = frozenset(
    [*DIGITS, "sepuluh", "sebelas", "belas", "puluh", "seratus", "ratus", "seribu", "ribu", "juta", "miliar", "milyar"]
)


def words_of(number: int) -> str:
    """Return a whole number from 0 below 10^12 in words.

    >>> words_of(12), words_of(1234)
    ('dua belas', 'seribu dua ratus tiga puluh empat')
    """
    if number == 0:
        return DIGITS[0]
    parts = []
    for size, name in SCALES:
        many, number = divmod(number, size)
        if many:
            parts.append("seribu" if (many, name) == (1, "ribu") else f"{_below_thousand(many)} {name}")
    if number:
        parts.append(_below_thousand(number))
    return " ".join(parts)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [] if not hundreds else ["seratus" if hundreds == 1 else f"{DIGITS[hundreds]} ratus"]
    tens, ones = divmod(rest, 10)
    if tens == 1:
        parts.append({0: "sepuluh", 1: "sebelas"}.get(ones) or f"{DIGITS[ones]} belas")
    else:
        parts += [f"{DIGITS[tens]} puluh"] if tens else []
        parts += [DIGITS[ones]] if ones else []
    return " ".join(parts)


@cache
def _spelled() -> dict[str, int]:
    return {words_of(number): number for number in range(_LARGEST_SPELLED + 1)}


def spelled_number(text: str) -> int | None:
    """Return the number some words stand for, up to 2000; None for other words.

    >>> spelled_number("dua puluh lima"), spelled_number("banyak")
    (25, None)
    """
    return _spelled().get(text) if text[:1].isalpha() and is_spelled(text) else None


def is_spelled(text: str) -> bool:
    """Whether any word of a text belongs to a number."""
    return not _WORDS.isdisjoint(text.split())
