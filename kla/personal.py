"""Numbers of persons and families (NIK, KK) and of their telephones in a text, told from honest figures.

A NIK and a KK have 16 digits: province, regency and kecamatan (2 each), a date as DDMMYY (a woman's day of birth plus
40; for a KK the day it was issued), a serial number. Source: Permendagri on population administration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

PERSONAL_KINDS = ("personal_number", "personal_phone", "personal_names")
MASK = "•"

# Sixteen digits in a row, or cut the ways people write them; not a part of something longer (an account code, a decree).
_ALONE = r"(?:(?<![0-9A-Za-z])|(?i:(?<=nik)|(?<=kk)|(?<=ktp)|(?<=no)|(?<=hp)|(?<=wa)|(?<=telp)|(?<=tlp)))(?<!\d[.,/\-])"
_NUMBER = re.compile(
    rf"{_ALONE}(?:\d{{16}}|\d{{4}}([ .\-])\d{{4}}\1\d{{4}}\1\d{{4}}|\d{{6}}([ .\-])\d{{6}}\2\d{{4}}"
    r"|\d{2}([ .\-])\d{2}\3\d{2}\3\d{6}\3\d{4}|\d{2}([ .\-])\d{2}\4\d{2}\4\d{2}\4\d{2}\4\d{2}\4\d{4})"
    r"(?![0-9A-Za-z])(?![.,/\-]\d)"
)
_PHONE = re.compile(
    rf"{_ALONE}(?:\+\s?62[ .\-]?\(?0?\)?[ .\-]?|\(?0)8[1-9]\d\)?(?:[ .\-]?\d){{6,9}}(?![0-9A-Za-z])(?![,/]\d)"
)
_PHONE_62 = r"(?:\b(?:{words})\W{{0,3}})(62[ .\-]?8[1-9]\d(?:[ .\-]?\d){{6,9}})(?![0-9A-Za-z])"
_MANY_DIGITS = re.compile(r"\d(?:[ .\-()]{0,3}\d){8}")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_MONEY = re.compile(r"\brp\.?\s*$|\bidr\s*$", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?:https?://|www\.)\S*$", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"\D+")
_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, eq=False)
class PersonalWords:
    """What expectations/personal.yaml holds, ready to compare with; `regencies` are codes as a NIK begins (6402).

    Equal only to itself, so that what was found out about a text can be remembered for these words.
    """

    regencies: frozenset[str]
    id_headings: frozenset[str]
    phone_headings: frozenset[str]
    child_headings: frozenset[str]
    name_headings: frozenset[str]
    beside_headings: frozenset[str]
    office_headings: frozenset[str]
    money_words: frozenset[str]
    figure_words: frozenset[str]
    phone_words: tuple[str, ...]
    public_numbers: frozenset[str]
    not_names: frozenset[str]
    given_names: frozenset[str]
    places: Mapping[str, str]  # sheet_name, page, text_box -> how it is called

    @cached_property
    def headings(self) -> frozenset[str]:
        """Every heading under which personal data may stand."""
        return self.id_headings | self.phone_headings | self.child_headings | self.name_headings

    @cached_property
    def harmless(self) -> set[object]:
        """What was found in cells before and is nobody's: added to by whoever looks, who keeps it bounded."""
        return set()


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Return a text as headings and names are compared: lower case, only letters and digits, single blanks.

    >>> folded(" No. KTP/NIK\\n")
    'no ktp nik'
    """
    return " ".join(_LETTERS.sub(" ", plain(text)).casefold().split())


def plain(text: str) -> str:
    """Return a text in which no other writing system's digits, wide forms or invisible signs hide a number.

    >>> plain("６４02\u200b15")
    '640215'
    """
    if text.isascii():
        return text
    wide = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return _OTHER_DIGIT.sub(lambda sign: str(unicodedata.decimal(sign[0])), wide)


def has_many_digits(text: str) -> bool:
    """Whether a (plain) text holds as many digits close together as the shortest number looked for.

    >>> has_many_digits("0812-345-678"), has_many_digits("188.45/1234/2023")
    (True, False)
    """
    return _MANY_DIGITS.search(text) is not None


def has_birth_date(digits: str) -> bool:
    """Whether 16 digits are built like a NIK or KK: a province, a day (women: plus 40), a month, a serial number.

    >>> has_birth_date("6402155005100001"), has_birth_date("3500000000000000"), has_birth_date("6402159905100001")
    (True, False, False)
    """
    province, day, month = int(digits[:2]), int(digits[6:8]), int(digits[8:10])
    return 11 <= province <= 97 and (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12


def is_from_a_regency(digits: str, words: PersonalWords) -> bool:
    """Whether the number is built like a NIK or KK and begins with a regency there is."""
    return has_birth_date(digits) and digits[:4] in words.regencies and digits[4:6] != "00"


def numbers_in(text: str, words: PersonalWords) -> Iterator[tuple[int, int]]:
    """Yield where in a (plain) text a NIK or KK stands.

    Behind "Rp" it is money; inside an address on the web only one that begins with a regency there is counts.
    """
    for found in _NUMBER.finditer(text):
        digits, before = _NOT_DIGITS.sub("", found[0]), text[max(0, found.start() - 200) : found.start()]
        is_one = is_from_a_regency if _IN_ADDRESS.search(before) else _is_built
        if is_one(digits, words) and not _MONEY.search(before):
            yield found.span()


def _is_built(digits: str, _: PersonalWords) -> bool:
    return has_birth_date(digits) and digits[12:] != "0000"


def phones_in(text: str, words: PersonalWords) -> Iterator[tuple[int, int]]:
    """Yield where in a (plain) text a mobile telephone number stands, numbers open to the public aside."""
    for found in _PHONE.finditer(text):
        if not _is_public(found[0], words):
            yield found.span()
    for found in _behind(words.phone_words).finditer(text) if "62" in text else ():
        if not _is_public(found[1], words):
            yield found.span(1)


@cache
def _behind(phone_words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_PHONE_62.format(words="|".join(map(re.escape, phone_words))), re.IGNORECASE)


def _is_public(written: str, words: PersonalWords) -> bool:
    digits = _NOT_DIGITS.sub("", written)
    return (
        f"0{digits[2:].lstrip('0')}" in words.public_numbers
        if digits.startswith("62")
        else digits in words.public_numbers
    )


def is_suspect(text: str, words: PersonalWords) -> bool:
    """Whether a text holds a number of a person, a family or a telephone."""
    clean = plain(text)
    return has_many_digits(clean) and (any(numbers_in(clean, words)) or any(phones_in(clean, words)))


def masked(text: str, words: PersonalWords) -> str:
    """Return the text with every such number made unreadable; a text without one is returned as it is.

    >>> from kla.io.personal_words import load_personal_words
    >>> masked("Data 6402155005100001.xlsx", load_personal_words())
    'Data ••••••••••••••••.xlsx'
    """
    clean = plain(text)
    if not has_many_digits(clean):
        return text
    spans = [*numbers_in(clean, words), *phones_in(clean, words)]
    if not spans:
        return text
    signs = list(clean)
    for start, end in spans:
        signs[start:end] = MASK * (end - start)
    return "".join(signs)
