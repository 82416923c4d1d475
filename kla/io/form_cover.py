"""The cover of the office form: whose it is, until when, how to fill it in, what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import ceil

from openpyxl.worksheet.worksheet import Worksheet

from kla.instrument import Instrument
from kla.io.form_sheets import FormFrame, Owned
from kla.io.form_style import protect, set_up_page, text, texts
from kla.io.steady_xlsx import write_text

_WIDTHS = {"A": 3, "B": 26, "C": 46, "D": 12, "E": 12, "F": 18}
_LAST = 6
_CHARACTERS_PER_LINE = 115
_ROW_HEIGHT = 19
_NAME_ON_ONE_LINE = 44
_IDENTITY = ("district", "office", "cycle", "stage", "years", "deadline", "coordinator", "questions")
_LEGEND = (("input", "kla_input"), ("locked", "kla_locked"), ("group", "kla_group"))


def write_cover(
    sheet: Worksheet, instrument: Instrument, owned: Sequence[Owned], form: FormFrame, warning: str
) -> None:
    """Fill the cover. Nothing on it is read back."""
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    row = _line(sheet, 1, text("title", **form.fields), "kla_title", 30)
    row = _line(sheet, row, text("subtitle", **form.fields), "kla_subtitle", 18)
    if warning:
        row = _line(sheet, row, warning, "kla_warning", 18)
    row = _write_identity(sheet, row + 1, form)
    row = _line(sheet, row + 1, text("how_to_heading"), "kla_heading", 20)
    for number, step in enumerate(texts("how_to"), 1):
        line = f"{number}. {step.format(**form.fields)}"
        row = _line(sheet, row, line, "kla_plain", 14 * ceil(len(line) / _CHARACTERS_PER_LINE) + 4)
    row = _line(sheet, row + 1, text("legend_heading"), "kla_heading", 20)
    for name, style in _LEGEND:
        sheet.cell(row, 2).style = style
        _put(sheet, row, 3, text(f"legend.{name}"), "kla_plain")
        row += 1
    row = _line(sheet, row + 1, text("blocks_heading"), "kla_heading", 20)
    _write_blocks(sheet, row, instrument, owned)
    sheet.sheet_view.showGridLines = False
    set_up_page(sheet, form.footer, None)
    sheet.page_setup.orientation = "portrait"
    protect(sheet)


def _write_identity(sheet: Worksheet, row: int, form: FormFrame) -> int:
    values = dict(form.fields)
    values["years"] = text("years", **form.fields)
    values["questions"] = text("questions", **form.fields)
    for key in _IDENTITY:
        _put(sheet, row, 2, text(f"identity.{key}"), "kla_label_bold")
        for column in range(3, _LAST + 1):
            sheet.cell(row, column).style = "kla_label"
        write_text(sheet.cell(row, 3), str(values[key]))
        sheet.row_dimensions[row].height = _ROW_HEIGHT
        sheet.merge_cells(start_row=row, end_row=row, start_column=3, end_column=_LAST)
        row += 1
    return row


def _write_blocks(sheet: Worksheet, row: int, instrument: Instrument, owned: Sequence[Owned]) -> None:
    for column, name in enumerate(texts("blocks_header"), 2):
        _put(sheet, row, column, name, "kla_header")
    sheet.row_dimensions[row].height = 32
    for block in instrument.blocks:
        own = [(question, is_lead) for question, is_lead in owned if question.block_code == block.code]
        if not own:
            continue
        row += 1
        led = [question.max_points for question, is_lead in own if is_lead]
        sheet.row_dimensions[row].height = 2 * _ROW_HEIGHT if len(block.name) > _NAME_ON_ONE_LINE else _ROW_HEIGHT
        _put(sheet, row, 2, block.sheet, "kla_label")
        sheet.cell(row, 2).hyperlink = f"#'{block.sheet}'!A1"
        _put(sheet, row, 3, block.name, "kla_label")
        for column, figure in ((4, len(led)), (5, len(own) - len(led)), (6, sum(led, Decimal(0)))):
            sheet.cell(row, column).value = figure
            sheet.cell(row, column).style = "kla_points"


def _put(sheet: Worksheet, row: int, column: int, line: str, style: str) -> None:
    cell = sheet.cell(row, column)
    write_text(cell, line)
    cell.style = style


def _line(sheet: Worksheet, row: int, line: str, style: str, height: int) -> int:
    _put(sheet, row, 2, line, style)
    sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=_LAST)
    sheet.row_dimensions[row].height = height
    return row + 1
