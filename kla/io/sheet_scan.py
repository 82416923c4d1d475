"""What a reader hides: error cells, formulas without a result, hidden rows, far cells, false dimensions.

A compiled regular expression over a sheet's XML finds them in about 2 ms per workbook; the cell-by-cell pass runs only
where a quick look says there is something to find.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kla.parsing.grid import CellFault, address, column_number

MOST_CELLS = 2_000_000

_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\b[^>]*?\bref=["']([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b([^>]*?)(/?)>""")
_ROW_NUMBERS = re.compile(rb"""<row\b[^>]*?\br=["'](\d+)["']""")
_PREFIXED_ROW_NUMBERS = re.compile(rb"""<\w+:row\b[^>]*?\br=["'](\d+)["']""")
_ROW_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_IS_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_FAR_COLUMN = re.compile(rb""" r=["']([A-Z]{2,3})\d""")
_NEAR_COLUMN = re.compile(rb""" r=["']([A-Z])\d""")
_CELL = re.compile(rb"""<(?:\w+:)?(?:(row)\b([^>]*)>|c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>))""", re.DOTALL)
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_TYPE = re.compile(rb"""\bt=["'](\w+)["']""")
_CONTENT = re.compile(rb"""<(?:\w+:)?v\b[^>]*?>([^<]*)<|<(?:\w+:)?t\b[^>]*?>([^<]+)<""")
_FORMULA = re.compile(rb"""<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)""")
_MARKUP_TO_SEE = (b't="e"', b"t='e'", b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/")
_VALUE_MARKS = (b"<v", b":v>", b"<is", b":is>")


@dataclass(frozen=True, slots=True)
class SheetScan:
    """What the XML of one sheet says. Places are (row, column) from 0; `area` is "" unless it is too wide to read."""

    faults: Mapping[tuple[int, int], CellFault] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    declared: str = ""  # the dimension as declared, only where the sheet is in fact larger
    real: str = ""
    area: str = ""


def scan_sheet(xml: bytes) -> SheetScan:
    """Return what hides in a sheet's XML; never fails, a sheet that is no XML just shows nothing."""
    last_row, hidden = _rows(xml)
    last_column = _last_column(xml)
    area = ""
    if (last_row + 1) * (last_column + 1) > MOST_CELLS:
        last_row, last_column, area = _valued_extent(xml)
    declared, real = _false_dimension(xml, last_row, last_column)
    faults = dict(_faults(xml)) if any(mark in xml for mark in _MARKUP_TO_SEE) else {}
    return SheetScan(faults, hidden, declared, real, area)


def _rows(xml: bytes) -> tuple[int, frozenset[int]]:
    """Return the last row's number and the hidden rows that hold a value."""
    numbers = _ROW_NUMBERS.findall(xml) or _PREFIXED_ROW_NUMBERS.findall(xml)
    last = max((int(number[:8]) for number in numbers), default=0) - 1
    if len(numbers) != xml.count(b"</row>") + xml.count(b":row>"):  # rows may stand there without a number
        last = max(last, sum(1 for _ in _ROW.finditer(xml)) - 1)
    return last, frozenset(_hidden_rows(xml)) if b"hidden=" in xml else frozenset()


def _hidden_rows(xml: bytes) -> Iterator[int]:
    number = -1
    for found in _ROW.finditer(xml):
        given = _ROW_NUMBER.search(found[1])
        number = int(given[1][:8]) - 1 if given else number + 1
        if not found[2] and _IS_HIDDEN.search(found[1]):
            end = xml.find(b"row>", found.end())
            body = xml[found.end() : end if end >= 0 else None]
            if any(mark in body for mark in _VALUE_MARKS):
                yield number


def _last_column(xml: bytes) -> int:
    columns = set(_FAR_COLUMN.findall(xml)) or set(_NEAR_COLUMN.findall(xml))
    return max((column_number(letters.decode()) for letters in columns), default=0)


def _cells(xml: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield (row, column, attributes, body) of every cell; a cell without a reference stands right of the one before."""
    row, column = -1, -1
    for found in _CELL.finditer(xml):
        if found[1]:
            given = _ROW_NUMBER.search(found[2])
            row, column = (int(given[1][:8]) - 1 if given else row + 1), -1
            continue
        if place := _REFERENCE.search(found[3]):
            row, column = int(place[2]) - 1, column_number(place[1].decode())
        else:
            column += 1
        yield row, column, found[3], found[4] or b""


def _valued_extent(xml: bytes) -> tuple[int, int, str]:
    """Return the last row and column that hold a value, and the area they span where that is too much."""
    rows, columns = [], []
    for row, column, _, body in _cells(xml):
        if _CONTENT.search(body) or _FORMULA.search(body):
            rows.append(row)
            columns.append(column)
    if not rows:
        return 0, 0, ""
    # A reader lays out the rectangle between the first and the last of them.
    size = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
    area = f"{address(min(rows), min(columns))}:{address(max(rows), max(columns))}"
    return max(rows), max(columns), area if size > MOST_CELLS else ""


def _false_dimension(xml: bytes, last_row: int, last_column: int) -> tuple[str, str]:
    found = _DIMENSION.search(xml[:20_000])
    if not found or last_row < 0:
        return "", ""
    end_letters, end_row = found[3] or found[1], found[4] or found[2]
    declared = f"{found[1].decode()}{found[2].decode()}:{end_letters.decode()}{end_row.decode()}"
    is_false = int(end_row[:8]) - 1 < last_row or column_number(end_letters.decode()) < last_column
    # One cell as dimension is what writers put that never computed it.
    return (declared, f"A1:{address(last_row, last_column)}") if is_false and found[3] else ("", "")


def _faults(xml: bytes) -> Iterator[tuple[tuple[int, int], CellFault]]:
    for row, column, attributes, body in _cells(xml):
        kind = _TYPE.search(attributes)
        content = _CONTENT.search(body)
        text = html.unescape((content[1] or content[2] or b"").decode("utf-8", "replace")) if content else ""
        if kind and kind[1] == b"e":
            yield (row, column), CellFault("error_cell", text or "#ERROR!")
        elif not text and (formula := _FORMULA.search(body)) and not (kind and kind[1] in (b"str", b"s")):
            written = html.unescape((formula[1] or b"").decode("utf-8", "replace"))
            yield (row, column), CellFault("formula_uncached", f"={written}")
