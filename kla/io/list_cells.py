"""The cells of lists as a workbook's XML: text always as text, kept once for all its sheets, numbers as numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from kla.parsing.grid import column_letters

Value = str | int | Decimal
HEADING, TEXT, COUNT, POINTS = "heading", "text", "count", "points"  # styles

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")
_LONGEST_TEXT = 32767  # as Excel counts: what lies beyond the first 65,536 characters of Unicode is two
_LOOKS_ESCAPED = re.compile("(_x[0-9a-fA-F]{4}_)")  # Excel would read it as the character of that number
_LETTERS = tuple(map(column_letters, range(64)))
_OPEN = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
)


class Cells:
    """The cells of one workbook; its texts and styles are numbered as they come."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._uses = 0
        self._styles: dict[str, int] = {}

    @property
    def styles(self) -> tuple[str, ...]:
        """The styles used so far; the first has number 1."""
        return tuple(self._styles)

    def row(self, number: int, values: Sequence[Value], columns: int, points: float = 0, text: str = TEXT) -> str:
        """Return a row (from 1) of a sheet with so many columns; `points` is its height, 0 for the usual one.

        `text` is the style of its texts. A row without values is none.
        """
        if not values:
            return ""
        height = f' ht="{points:g}" customHeight="1"' if points else ""
        cells = "".join(
            [f'<c r="{at}{number}"{self._content(value, text)}' for at, value in zip(_LETTERS, values, strict=False)]
        )
        return f'<row r="{number}" spans="1:{columns}"{height}>{cells}</row>'

    def _content(self, value: Value, text: str) -> str:
        if not isinstance(value, str):
            style = self._style(POINTS if isinstance(value, Decimal) else COUNT)
            return f' s="{style}"><v>{value:.16G}</v></c>'
        if not value:
            return f' s="{self._style(text)}"/>'
        self._uses += 1
        number = self._texts.setdefault(cell_text(value), len(self._texts))
        return f' s="{self._style(text)}"{text_body(value, number)}'

    def _style(self, name: str) -> int:
        return self._styles.setdefault(name, len(self._styles) + 1)

    def texts(self) -> str:
        """Return the part in which the workbook keeps its texts."""
        items = "".join([_item(text) for text in self._texts])
        return f'{_OPEN} count="{self._uses}" uniqueCount="{len(self._texts)}">{items}</sst>'


def text_body(_text: str, number: int) -> str:
    """Return what a cell says that holds a text: its number. So "=1+1" is never a formula, also after an edit."""
    return f' t="s"><v>{number}</v></c>'


def cell_text(text: str) -> str:
    """Return a text as a cell can hold it: lines end in one character, as Excel ends them, and none is a control.

    >>> cell_text("a\\r\\nb\\x01")
    'a\\nb\\ufffd'
    """
    if not text.isprintable():  # nearly every one is, and has neither
        text = _NOT_IN_XML.sub("\ufffd", "\n".join(_LINE_END.split(text)))
    if len(text) > _LONGEST_TEXT // 2:
        text = text.encode("utf-16-le")[: 2 * _LONGEST_TEXT].decode("utf-16-le", "ignore")
    return text


def _item(text: str) -> str:
    keep = "" if text == text.strip() else ' xml:space="preserve"'
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub(r"_x005F\1", text)
    return f"<si><t{keep}>{text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</t></si>"
