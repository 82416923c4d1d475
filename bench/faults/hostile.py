"""A night over forms whose every free text is hostile, and what is alive in the files it published."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from urllib.parse import unquote, urlsplit

from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from bench.faults import books, quick
from kla.layout import ANSWER_KEYS, EVIDENCE_KEYS, START, TAG_PREFIX

# Free texts of a form, and two fields with lists: what nobody chose from a list comes back in a finding's sentence.
FREE, LISTED = frozenset({"note", "title", "number", "link"}), frozenset({"kind", "answer"})
FILE_NAME = "isian <svg onload=window.terkena=1> [klik](x) =1+1.xlsx"
SHEET = "<svg onload=window.terkena=1>"
_LEADS_OUT = re.compile(
    rb'<Relationship [^>]*Target="(?!#)[^"]*" TargetMode="External"|TargetMode="External" Target="(?!#)'
)
_KEYS = frozenset(ANSWER_KEYS) | frozenset(EVIDENCE_KEYS)
# What pages are built of; of these only `style` could do harm, and it stands once, in the head.
_ELEMENTS = (
    "html head meta title link style body header main footer nav section article aside div p span a ul ol li dl dt dd h1 h2 h3 h4"
    " table caption colgroup col thead tbody tfoot tr th td details summary strong em small b i abbr code time br hr figure"
    " figcaption svg g path rect line circle polyline polygon text tspan desc defs marker use clippath pattern mark"
)
ELEMENTS = frozenset(_ELEMENTS.split())


def inbox(root: Path, texts: Sequence[str], offices: tuple[str, ...] = quick.OFFICES) -> list[str]:
    """Make an inbox of one district whose forms hold these texts; return those that a workbook can hold at all."""
    quick.inbox(root, offices)
    written = [text for text in texts if not ILLEGAL_CHARACTERS_RE.search(text) and "\r" not in text]
    supply = cycle(written), cycle(written)
    for path in sorted((root / "inbox" / quick.CODE).glob("*/*.xlsx")):
        content = _with_texts(path.read_bytes(), supply)
        path.unlink()
        path.with_name(FILE_NAME).write_bytes(content)
    return written


def _with_texts(content: bytes, supply: tuple[Iterator[str], Iterator[str]]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        _fill(sheet, supply)
    extra = book.create_sheet(SHEET)
    for number in range(1, 9):
        _put(extra, number, 1, next(supply[0]))
    return books.saved(book)


def _fill(sheet: Worksheet, supply: tuple[Iterator[str], Iterator[str]]) -> None:
    """Put texts into the free fields of filled rows, and into every second field with a list: nobody offers those."""
    keys: dict[int, str] = {}
    rows = 0
    for row in sheet.iter_rows():
        named = {cell.column: str(cell.value) for cell in row if cell.value in _KEYS}
        if len(named) > 3:
            keys, rows = named, 0
        elif any(str(cell.value or "").startswith(TAG_PREFIX) for cell in row):
            keys = keys if any(str(cell.value or "").startswith(START) for cell in row) else {}
        elif keys and rows == 0:
            rows = 1  # the headers people read
        elif keys and (filled := [cell for cell in row if cell.value is not None]):
            rows += 1
            for column, key in keys.items():
                if key in FREE or (key in LISTED and rows % 2 == 0 and len(filled) > 3):
                    _put(sheet, row[0].row, column, next(supply[key in LISTED]))


def _put(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    if not isinstance(cell, MergedCell):
        cell.value = text
        cell.data_type = "s"


class Page(HTMLParser):
    """Gathers what could be alive in a page, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.alive: list[str] = []
        self.text: list[str] = []
        self._path = path
        self._once = {"style": 0, "h1": 0, "title": 0}
        self.feed(path.read_text(encoding="utf-8"))
        self.alive += [f"{count} x {tag}" for tag, count in self._once.items() if count != 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.alive.append(f"<{tag}>")
        if tag in self._once and not (tag == "title" and self._once["title"]):  # a chart has titles of its own
            self._once[tag] += 1
        for name, content in attrs:
            if name.startswith("on") or (name == "http-equiv" and content != "Content-Security-Policy"):
                self.alive.append(f"{tag} {name}={content}")
            if name in ("href", "src", "action", "xlink:href") and not self._is_ours(content or ""):
                self.alive.append(f"{tag} {name}={content}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def _is_ours(self, address: str) -> bool:
        """Whether an address stays inside what is published: a place in this page, or a file that is there."""
        if address == "data:,":  # no icon
            return True
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return False
        return not parts.path or (self._path.parent / unquote(parts.path)).exists()


def alive(public: Path) -> tuple[int, list[str], str]:
    """Return how many files were looked at, what is alive in them, and all text of the pages."""
    found: list[str] = []
    said: list[str] = []
    files = 0
    for path in sorted(public.rglob("*.html")):
        files += 1
        page = Page(path)
        found += [f"{path.relative_to(public)}: {it}" for it in page.alive]
        said += page.text
    for path in sorted(public.rglob("*.xlsx")):
        files += 1
        found += [f"{path.name}: {it}" for it in _alive_in(path.read_bytes())]
    return files, found, "".join(said)


def _alive_in(content: bytes) -> list[str]:
    """Return formulas and links that lead out of a workbook; links from sheet to sheet are ours."""
    found = []
    for name, body in books.parts_of(content).items():
        if re.search(rb"<f[ >/]", body) and "worksheets/sheet" in name:
            found.append("a formula")
        if _LEADS_OUT.search(body):
            found.append("a link")
    return found
