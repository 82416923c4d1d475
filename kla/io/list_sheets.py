"""Workbooks of lists, to be sorted and sent on: a frozen heading, a filter, numbers as numbers, text always text."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from math import ceil

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Value = str | int | Decimal
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")
_LONGEST_TEXT = 32767
_A4 = 9
_PAGE_WIDTH = 200  # characters on a page, upright enough to read
_LINE_POINTS, _HIGHEST_POINTS = 15.0, 409.0  # the latter is the most a row may have
_BOLD = 0.85  # of the characters of a line fit when they are bold
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


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


@dataclass(frozen=True, slots=True)
class _Formats:
    text: Format
    points: Format
    count: Format
    heading: Format


def list_workbook(sheets: Sequence[ListSheet], made_on: date) -> bytes:
    """Return the workbook; the same content and day give the same bytes."""
    out = io.BytesIO()
    workbook = Workbook(out, _OPTIONS)
    workbook.set_properties({"author": "KLA", "created": datetime.combine(made_on, time())})
    formats = _Formats(
        text=workbook.add_format({"num_format": "@", "valign": "top", "text_wrap": True}),
        points=workbook.add_format({"num_format": "#,##0.00", "valign": "top"}),
        count=workbook.add_format({"num_format": "0", "valign": "top"}),
        heading=workbook.add_format(
            {
                "num_format": "@",
                "valign": "top",
                "text_wrap": True,
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": "#14505A",
            }
        ),
    )
    for sheet in sheets:
        _write(workbook.add_worksheet(sheet.title), sheet, formats)
    workbook.close()
    return out.getvalue()


def _write(worksheet: Worksheet, sheet: ListSheet, formats: _Formats) -> None:
    for column, (_, width) in enumerate(sheet.columns):
        worksheet.set_column(column, column, width or 1, None, {} if width else {"hidden": True})
    if sheet.has_headings:
        for column, (heading, _) in enumerate(sheet.columns):
            _put_text(worksheet, 0, column, heading, formats.heading)
        worksheet.freeze_panes(1, 0)
        worksheet.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
        worksheet.repeat_rows(0)
        worksheet.set_landscape()
        worksheet.set_paper(_A4)
        worksheet.fit_to_pages(pages := _pages(sheet.columns), 0)
        if pages > 1:
            worksheet.repeat_columns(0, 1)
        _heighten(worksheet, 0, [heading for heading, _ in sheet.columns], sheet.columns, _BOLD)
    for row, line in enumerate(sheet.rows, int(sheet.has_headings)):
        _heighten(worksheet, row, line, sheet.columns)
        for column, value in enumerate(line):
            _put(worksheet, row, column, value, formats)
    if sheet.choice:
        _offer(worksheet, sheet.choice)


def _pages(columns: Sequence[tuple[str, float]]) -> int:
    """Return over how many pages a list is printed side by side, so that it can be read."""
    return max(1, round(sum(width for _, width in columns) / _PAGE_WIDTH))


def _heighten(
    worksheet: Worksheet, row: int, line: Sequence[Value], columns: Sequence[tuple[str, float]], fit: float = 1.0
) -> None:
    """Give a row room for its longest text: Excel finds it by itself, LibreOffice and what prints do not."""
    lines = 1
    for value, (_, width) in zip(line, columns, strict=False):
        # Most texts fit: they are passed over without a call.
        if width and isinstance(value, str) and (len(value) > width * fit or "\n" in value):
            lines = max(lines, _lines(value, width * fit))
    if lines > 1:
        worksheet.set_row(row, min(lines * _LINE_POINTS, _HIGHEST_POINTS))


def _lines(text: str, width: float) -> int:
    """Return in about how many lines a text is written."""
    return sum(max(1, ceil(len(part) / width)) for part in text.split("\n"))


def _put(worksheet: Worksheet, row: int, column: int, value: Value, formats: _Formats) -> None:
    if isinstance(value, str):
        _put_text(worksheet, row, column, value, formats.text)
    else:
        worksheet.write_number(row, column, value, formats.points if isinstance(value, Decimal) else formats.count)


def _put_text(worksheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """Write a cell that is typed as text, so that "=1+1" is never a formula, also after an edit."""
    if text:
        worksheet.write_string(row, column, _cell_text(text), style)
    else:
        worksheet.write_blank(row, column, None, style)


def _cell_text(text: str) -> str:
    """Return a text as a cell can hold it: lines end in one character, as Excel ends them, and none is a control."""
    if text.isprintable():  # nearly every one, and has neither
        return text[:_LONGEST_TEXT]
    return _NOT_IN_XML.sub("\ufffd", "\n".join(_LINE_END.split(text)))[:_LONGEST_TEXT]


def _offer(worksheet: Worksheet, choice: Choice) -> None:
    column, runs = choice.column, list(_runs(choice.rows))
    (first, last), *others = runs
    refused = worksheet.data_validation(
        first - 1,
        column,
        last - 1,
        column,
        {
            "validate": "list",
            "source": f"={choice.entries}",
            "input_title": choice.title,
            "input_message": choice.prompt,
            "error_title": choice.title,
            "error_message": choice.error,
            "other_cells": [[start - 1, column, end - 1, column] for start, end in others],
        },
    )
    if refused:
        raise ValueError(f"{choice.title!r}: Excel takes no title over 32 signs and no text over 255; shorten it")


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each unbroken run of numbers."""
    first = last = rows[0]
    for row in rows[1:]:
        if row != last + 1:
            yield first, last
            first = row
        last = row
    yield first, last
