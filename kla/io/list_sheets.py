"""Sheets that list things, to be sorted and sent on: a frozen heading, a filter, numbers as numbers, text always text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from kla.io.page_words import word
from kla.io.steady_xlsx import workbook_bytes

Value = str | int | Decimal
Column = tuple[
    str, float
]  # key of its heading in reports/text.id.yaml, width in characters; 0: hidden, the key as heading
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT = 32767


def write_list(
    workbook: Workbook,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Value]],
    choice: DataValidation | None = None,
) -> None:
    """Write one list on a sheet of its own; `title` is the key of its name, `choice` a list some of its cells offer."""
    sheet = workbook.create_sheet(word(title))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for place, (_, width) in enumerate(columns, 1):
        held = sheet.column_dimensions[get_column_letter(place)]
        held.width, held.hidden = width or 1, not width
    heading = _heading(sheet)
    sheet.append([_styled(sheet, word(f"xlsx.{key}") if width else key, heading) for key, width in columns])
    text, points, count = list_cell(sheet, ""), list_cell(sheet, Decimal(0)), list_cell(sheet, 0)
    for row in rows:
        sheet.append([_like(sheet, value, text, points, count) for value in row])
    if choice is not None:
        sheet.data_validations.append(choice)


def list_cell(sheet: WriteOnlyWorksheet, value: Value) -> Cell:
    """Return a styled cell; text is typed as text, so that "=1+1" is never a formula, also after an edit."""
    cell = WriteOnlyCell(sheet)
    cell.number_format = "@" if isinstance(value, str) else "#,##0.00" if isinstance(value, Decimal) else "0"
    cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    _put(cell, value)
    return cell


def list_bytes(workbook: Workbook, made_on: date) -> bytes:
    """Return the workbook; the same content and day give the same bytes."""
    workbook.properties.creator = "KLA"
    return workbook_bytes(workbook, datetime.combine(made_on, time(0), UTC))


def _heading(sheet: WriteOnlyWorksheet) -> Cell:
    """Return the model of a heading."""
    cell = list_cell(sheet, "")
    cell.font = Font(bold=True, color="FFFFFFFF")
    cell.fill = PatternFill("solid", fgColor="FF14505A")
    return cell


def _like(sheet: WriteOnlyWorksheet, value: Value, text: Cell, points: Cell, count: Cell) -> Cell:
    """Return a cell with the style of the model for its kind."""
    return _styled(sheet, value, text if isinstance(value, str) else points if isinstance(value, Decimal) else count)


def _styled(sheet: WriteOnlyWorksheet, value: Value, model: Cell) -> Cell:
    """Return a cell with the style of a model: styling anew costs ten times the writing."""
    cell = WriteOnlyCell(sheet)
    cell._style = model._style  # type: ignore[attr-defined]
    _put(cell, value)
    return cell


def _put(cell: Cell, value: Value) -> None:
    if value == "":
        return
    if isinstance(value, str):
        cell.value = _NOT_IN_XML.sub("\ufffd", value)[:_LONGEST_TEXT]
        cell.data_type = "s"
    else:
        cell.value = value
