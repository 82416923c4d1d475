"""Workbooks of lists, to be sorted and sent on: a frozen heading, a filter, numbers as numbers, text always text.

XlsxWriter draws each kind of workbook once, without its rows; they are put in here, for a district has a dozen such lists of
a few kinds, and cell by cell they took a twentieth of a night.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from math import ceil
from zipfile import ZipFile

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kla.io.list_cells import COUNT, HEADING, POINTS, TEXT, Cells, Value
from kla.io.steady_zip import zipped
from kla.parsing.grid import address

_A4 = 9
_PAGE_WIDTH = 200  # characters on a page, upright enough to read
_LINE_POINTS, _HIGHEST_POINTS = 15.0, 408.75  # the latter is the most a row may have, in whole pixels
_BOLD = 0.85  # of the characters of a line fit when they are bold
_PLAIN = {"num_format": "@", "valign": "top", "text_wrap": True}
_STYLES = {
    TEXT: _PLAIN,
    POINTS: {"num_format": "#,##0.00", "valign": "top"},
    COUNT: {"num_format": "0", "valign": "top"},
    HEADING: {**_PLAIN, "bold": True, "font_color": "#FFFFFF", "bg_color": "#14505A"},
}
# What stands in a model for the number of a sheet's last row, the rows that offer a choice, and the day.
_LAST_ROW, _CHOSEN_ROW, _SOME_DAY = 1_000_000, 1_048_575, date(1900, 1, 1)
_DIMENSION = re.compile('(?<=<dimension ref=")[^"]*')
_SHEET, _WORKBOOK = "xl/worksheets/sheet{}.xml", "xl/workbook.xml"
_TEXTS, _PROPERTIES = "xl/sharedStrings.xml", "docProps/core.xml"


@dataclass(frozen=True, slots=True)
class Choice:
    """Entries that some rows (from 1) of a column (from 0) offer; `entries` is the range they stand in."""

    column: int
    rows: Sequence[int]
    entries: str
    title: str
    prompt: str
    error: str


@dataclass(frozen=True, slots=True)
class ListSheet:
    """One sheet: `columns` are heading and width in characters (0: hidden). One that only explains has no headings."""

    title: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Value]]
    choice: Choice | None = None
    has_headings: bool = True


@dataclass(frozen=True)
class ListBook:
    """A workbook of lists, written when first asked for; `made_on` is the day it bears."""

    sheets: Sequence[ListSheet]
    made_on: date

    @cached_property
    def digest(self) -> str:
        """The sha256 of what it says: the same digest, the same bytes, as long as our code is the same."""
        return hashlib.sha256(repr(self).encode("utf-8", "surrogatepass")).hexdigest()

    def content(self) -> bytes:
        """Return the workbook's bytes."""
        return self._written

    @cached_property
    def _written(self) -> bytes:
        return list_workbook(self.sheets, self.made_on)


def list_workbook(sheets: Sequence[ListSheet], made_on: date) -> bytes:
    """Return the workbook; the same content and day give the same bytes."""
    cells = Cells()
    rows = [_rows(sheet, cells) for sheet in sheets]
    parts = dict(_model(tuple(map(_without_rows, sheets)), cells.styles))
    for place, sheet in enumerate(sheets):
        stand_in, last_row = str(_LAST_ROW + place), str(_last_row(sheet))
        before, after = (part.replace(stand_in, last_row) for part in _around(parts[_SHEET.format(place + 1)], sheet))
        parts[_SHEET.format(place + 1)] = f"{before}<sheetData>{rows[place]}</sheetData>{after}"
        parts[_WORKBOOK] = parts[_WORKBOOK].replace(stand_in, last_row)
    parts[_TEXTS] = cells.texts()
    parts[_PROPERTIES] = parts[_PROPERTIES].replace(_SOME_DAY.isoformat(), made_on.isoformat())
    return zipped({name: part.encode() for name, part in parts.items()})


def _rows(sheet: ListSheet, cells: Cells) -> str:
    columns, wide = sheet.columns, len(sheet.columns)
    headings = [heading for heading, _ in columns] if sheet.has_headings else []
    rows = [cells.row(1, headings, wide, _height(headings, columns, _BOLD), HEADING)]
    rows += [
        cells.row(number, line, wide, _height(line, columns))
        for number, line in enumerate(sheet.rows, 1 + sheet.has_headings)
    ]
    return "".join(rows)


def _without_rows(sheet: ListSheet) -> ListSheet:
    """Return what all sheets of a kind have in common, as a key."""
    choice = sheet.choice and replace(sheet.choice, rows=())
    return replace(sheet, columns=tuple(sheet.columns), rows=(), choice=choice)


def _last_row(sheet: ListSheet) -> int:
    return len(sheet.rows) + sheet.has_headings or 1


@lru_cache(maxsize=32)
def _model(kinds: Sequence[ListSheet], styles: Sequence[str]) -> Mapping[str, str]:
    """Return the parts of a workbook of such sheets, in which the styles have their numbers, the first 1."""
    out = io.BytesIO()
    workbook = Workbook(out, {"in_memory": True})
    workbook.set_properties({"author": "KLA", "created": datetime.combine(_SOME_DAY, time())})
    formats = [workbook.add_format(_STYLES[name]) for name in styles]
    for place, kind in enumerate(kinds):
        _draw(workbook.add_worksheet(kind.title), kind, _LAST_ROW + place, formats)
    workbook.close()
    with ZipFile(out) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def _draw(worksheet: Worksheet, sheet: ListSheet, last_row: int, formats: Sequence[Format]) -> None:
    """Draw a sheet; its only row is there for the styles, which are numbered as they are met in it."""
    for column, style in enumerate(formats):
        worksheet.write_string(0, column, "-", style)
    for column, (_, width) in enumerate(sheet.columns):
        worksheet.set_column(column, column, width or 1, None, {} if width else {"hidden": True})
    if sheet.has_headings:
        worksheet.freeze_panes(1, 0)
        worksheet.autofilter(0, 0, last_row - 1, len(sheet.columns) - 1)
        worksheet.repeat_rows(0)
        worksheet.set_landscape()
        worksheet.set_paper(_A4)
        worksheet.fit_to_pages(pages := _pages(sheet.columns), 0)
        if pages > 1:
            worksheet.repeat_columns(0, 1)
    if sheet.choice:
        _offer(worksheet, sheet.choice)


def _around(drawn: str, sheet: ListSheet) -> tuple[str, str]:
    """Return what stands before and after the rows of a drawn sheet."""
    before, _, rest = drawn.partition("<sheetData>")
    after = rest.rpartition("</sheetData>")[2]
    before = _DIMENSION.sub(f"A1:{address(_last_row(sheet) - 1, len(sheet.columns) - 1)}", before, count=1)
    if sheet.choice:
        after = after.replace(address(_CHOSEN_ROW, sheet.choice.column), _places(sheet.choice))
    return before, after


def _pages(columns: Sequence[tuple[str, float]]) -> int:
    """Return over how many pages a list is printed side by side, so that it can be read."""
    return max(1, round(sum(width for _, width in columns) / _PAGE_WIDTH))


def _height(line: Sequence[Value], columns: Sequence[tuple[str, float]], fit: float = 1.0) -> float:
    """Return how high a row must be for its longest text, 0 where one line is enough.

    Excel finds it by itself, LibreOffice and what prints do not.
    """
    lines = 1
    for value, (_, width) in zip(line, columns, strict=False):
        # Most texts fit: they are passed over without a call.
        if width and isinstance(value, str) and (len(value) > width * fit or "\n" in value):
            lines = max(lines, _lines(value, width * fit))
    return min(lines * _LINE_POINTS, _HIGHEST_POINTS) if lines > 1 else 0


def _lines(text: str, width: float) -> int:
    """Return in about how many lines a text is written."""
    return sum(max(1, ceil(len(part) / width)) for part in text.split("\n"))


def _offer(worksheet: Worksheet, choice: Choice) -> None:
    refused = worksheet.data_validation(
        _CHOSEN_ROW,
        choice.column,
        _CHOSEN_ROW,
        choice.column,
        {
            "validate": "list",
            "source": f"={choice.entries}",
            "input_title": choice.title,
            "input_message": choice.prompt,
            "error_title": choice.title,
            "error_message": choice.error,
        },
    )
    if refused:
        raise ValueError(f"{choice.title!r}: Excel takes no title over 32 signs and no text over 255; shorten it")


def _places(choice: Choice) -> str:
    """Return where a choice is offered: "P3 P5:P7"."""
    runs = [[address(row - 1, choice.column) for row in sorted({*run})] for run in _runs(choice.rows)]
    return " ".join(":".join(run) for run in runs)


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each unbroken run of numbers."""
    first = last = rows[0]
    for row in rows[1:]:
        if row != last + 1:
            yield first, last
            first = row
        last = row
    yield first, last
