"""Writes a recap workbook as a district or a verifier keeps it: title rows, two-row merged header, block and indicator rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kla.district import District
from kla.io.form_style import add_styles, set_up_page, text
from kla.io.steady_xlsx import workbook_bytes, write_text
from kla.submission import StatedLevel

_COLUMNS = ("number", "key", "label", "max_points", "points", "reason", "offices")
_WIDTHS = (6, 15, 60, 12, 14, 40, 44)
_HEADER_ROW = 5


@dataclass(frozen=True, slots=True)
class RecapLine:
    """One line to write. `key` as people write it (14.P10, Indikator 14, Klaster III); points None leaves the cell blank.

    `is_typed`: the points stand there as text with a decimal comma, as somebody typed them.
    """

    level: StatedLevel
    key: str
    label: str
    max_points: Decimal | None
    points: Decimal | None
    reason: str = ""
    offices: str = ""
    is_typed: bool = False


def recap_bytes(
    district: District,
    cycle: int,
    stage: str,
    lines: Sequence[RecapLine],
    made_at: datetime,
    source: str,
    note: str = "",
) -> bytes:
    """Return a recap workbook; same input, same bytes. `note` stands under the titles, `source` in the footer line."""
    workbook = Workbook()
    add_styles(workbook)
    sheet = workbook.worksheets[0]
    sheet.title = text("recap.sheet")
    titles = (
        (text(f"recap.title.{stage}", cycle=cycle), "kla_title"),
        (text("recap.subtitle", district=district.name, province=district.province_name), "kla_subtitle"),
        (note, "kla_warning"),
    )
    for row, (words, style) in enumerate(titles, 1):
        write_text(sheet.cell(row, 1), words)
        sheet.cell(row, 1).style = style
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(_COLUMNS))
    _write_header(sheet, stage)
    row = _HEADER_ROW + 2
    count = 0
    for line in lines:
        count += line.level is StatedLevel.QUESTION
        _write_line(sheet, row, line, count)
        row += 1
    write_text(sheet.cell(row + 1, 1), text("recap.source", source=source))
    sheet.cell(row + 1, 1).style = "kla_subtitle"
    sheet.merge_cells(start_row=row + 1, end_row=row + 1, start_column=1, end_column=len(_COLUMNS))
    sheet.freeze_panes = f"D{_HEADER_ROW + 2}"
    set_up_page(sheet, f"{district.name} · KLA {cycle}", None)
    sheet.print_title_rows = f"{_HEADER_ROW}:{_HEADER_ROW + 1}"
    workbook.properties.creator = "KLA"
    return workbook_bytes(workbook, made_at)


def _write_header(sheet: Worksheet, stage: str) -> None:
    for column, (name, width) in enumerate(zip(_COLUMNS, _WIDTHS, strict=True), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        for row in (_HEADER_ROW, _HEADER_ROW + 1):
            sheet.cell(row, column).style = "kla_header"
        if name == "max_points":
            write_text(sheet.cell(_HEADER_ROW, column), text("recap.header.score"))
            sheet.merge_cells(start_row=_HEADER_ROW, end_row=_HEADER_ROW, start_column=column, end_column=column + 1)
            write_text(sheet.cell(_HEADER_ROW + 1, column), text("recap.header.max_points"))
        elif name == "points":
            write_text(sheet.cell(_HEADER_ROW + 1, column), text(f"recap.header.points.{stage}"))
        else:
            write_text(sheet.cell(_HEADER_ROW, column), text(f"recap.header.{name}"))
            sheet.merge_cells(start_row=_HEADER_ROW, end_row=_HEADER_ROW + 1, start_column=column, end_column=column)


def _write_line(sheet: Worksheet, row: int, line: RecapLine, number: int) -> None:
    is_question = line.level is StatedLevel.QUESTION
    for column in range(1, len(_COLUMNS) + 1):
        sheet.cell(row, column).style = "kla_label" if is_question else "kla_group"
    if is_question:
        sheet.cell(row, 1).value = number
    if line.level is StatedLevel.TOTAL:
        write_text(sheet.cell(row, 1), line.label)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
    else:
        write_text(sheet.cell(row, 2), line.key)
        write_text(sheet.cell(row, 3), line.label)
    for column, figure in ((4, line.max_points), (5, line.points)):
        sheet.cell(row, column).value = figure
        if is_question:
            sheet.cell(row, column).style = "kla_points_exact"
        else:
            sheet.cell(row, column).number_format = "#,##0.00"
    if line.is_typed and line.points is not None:
        write_text(sheet.cell(row, 5), f"{line.points:f}".replace(".", ","))
    for column, words in ((6, line.reason), (7, line.offices)):
        if words:
            write_text(sheet.cell(row, column), words)
