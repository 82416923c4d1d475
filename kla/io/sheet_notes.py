"""Texts with a long number behind and beside a workbook's sheets: headers, footers, prompts, tips, cached values."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from kla.personal import has_many_digits, plain

_DIGIT = re.compile(rb"[\d\x80-\xff]")  # plain, or of another writing system
_NOTES = (
    re.compile(rb"""Header(?<=(?:odd|ven|rst)Header)>([^<]*)<"""),  # odd, even, first
    re.compile(rb"""Footer(?<=(?:odd|ven|rst)Footer)>([^<]*)<"""),
    re.compile(rb"""display(?<!\wdisplay)="([^"]*)\""""),
    re.compile(rb"""tooltip(?<!\wtooltip)="([^"]*)\""""),
    re.compile(rb"""prompt(?<!\wprompt)="([^"]*)\""""),
    re.compile(rb"""promptTitle(?<!\wpromptTitle)="([^"]*)\""""),
    re.compile(rb"""error(?<!\werror)="([^"]*)\""""),
)
_LONG_NUMBER = re.compile(rb"\d[\d .\-]{8}")
_STORED = re.compile(rb""">([^<]+)<|\bv="([^"]*)\"""")
_HEADER_CODE = re.compile(r"""&(?:[A-Z]|"[^"]*")""")  # &L, &"Arial,Bold": where and how it is printed


def long_numbers(xml: bytes) -> tuple[str, ...]:
    """Return the texts behind a sheet's data that hold a long number."""
    start = xml.rfind(b"sheetData>")
    found = (text for note in _NOTES for text in note.findall(xml, start)) if start >= 0 else ()
    texts = (text for text in found if _DIGIT.search(text))
    printed = (_remembered(text) if len(text) <= _SHORT else _printed(text) for text in texts)
    return tuple(text for text in printed if text)


def _printed(text: bytes) -> str:
    """Return a header, footer, prompt or tip as it is printed where it holds a long number, else ""."""
    printed = _HEADER_CODE.sub(" ", html.unescape(text.decode("utf-8", "replace")))
    return printed if has_many_digits(plain(printed)) else ""


# Every sheet of every form bears the same few prompts, and those of an office the same footer.
_SHORT = 300
_remembered = lru_cache(maxsize=4096)(_printed)


def numbers_beside(xml: bytes) -> list[str]:
    """Return the texts with a long number in a part that stands beside the sheets."""
    if not _LONG_NUMBER.search(xml):
        return []
    texts = (html.unescape((one or other).decode("utf-8", "replace")) for one, other in _STORED.findall(xml))
    return [text for text in texts if has_many_digits(plain(text))]
