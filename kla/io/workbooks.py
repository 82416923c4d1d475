"""gap.xlsx and findings.xlsx: the lists behind the pages, to sort and send on. Text stays text, bytes stay the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from kla.findings import Finding
from kla.gaps import Gap
from kla.io.page_lines import NOTHING, grouped
from kla.io.page_views import PictureView
from kla.io.page_words import word, words
from kla.io.steady_xlsx import workbook_bytes
from kla.wording import date_text

Value = str | int | Decimal
Column = tuple[str, float]  # key of its heading in reports/text.id.yaml, width in characters
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT = 32767

GAP_COLUMNS: tuple[Column, ...] = (
    ("gap.number", 6),
    ("gap.question_id", 10),
    ("gap.question", 60),
    ("gap.indicator", 10),
    ("gap.block", 20),
    ("gap.opd", 16),
    ("gap.cause", 28),
    ("gap.lost", 12),
    ("gap.max", 12),
)
OFFICE_COLUMNS: tuple[Column, ...] = (("gap.opd", 16), ("gap.count", 12), ("gap.lost", 12))
BLOCK_COLUMNS: tuple[Column, ...] = (("gap.block", 60), ("gap.count", 12), ("gap.lost", 12))
FINDING_COLUMNS: tuple[Column, ...] = (
    ("findings.number", 6),
    ("findings.code", 8),
    ("findings.severity", 18),
    ("findings.opd", 16),
    ("findings.stage", 22),
    ("findings.file", 28),
    ("findings.worksheet", 18),
    ("findings.cell", 8),
    ("findings.question", 10),
    ("findings.value", 24),
    ("findings.tell", 60),
    ("findings.fix", 50),
    ("findings.stake", 12),
)


def gap_workbook(view: PictureView) -> bytes:
    """Return gap.xlsx: every gap (points), then the same by office and by block, and what it was made of."""
    workbook = Workbook(write_only=True)
    rows = [_gap_row(view, number, gap) for number, gap in enumerate(view.gaps, 1)]
    _sheet(workbook, "xlsx.gap.sheet", GAP_COLUMNS, rows)
    offices = grouped((gap.opd_code or word("words.no_office"), gap) for gap in view.gaps)
    _sheet(workbook, "xlsx.gap.offices_sheet", OFFICE_COLUMNS, _sums(offices.items()))
    blocks = view.picture.instrument.blocks
    by_block = [(f"{b.sheet}: {b.name}", [gap for gap in view.gaps if gap.block_code == b.code]) for b in blocks]
    _sheet(workbook, "xlsx.gap.blocks_sheet", BLOCK_COLUMNS, _sums(by_block))
    _about(workbook, view)
    return _bytes(workbook, view)


def findings_list(findings: Sequence[Finding], made_on: date) -> bytes:
    """Return findings.xlsx of one attempt: every finding of that file, in the given order; the same ones, the same bytes."""
    workbook = Workbook(write_only=True)
    rows = [_finding_row(number, found, _stage_name(found.stage)) for number, found in enumerate(findings, 1)]
    _sheet(workbook, "xlsx.findings.sheet", FINDING_COLUMNS, rows)
    workbook.properties.creator = "KLA"
    return workbook_bytes(workbook, datetime.combine(made_on, time(0), UTC))


def _stage_name(stage: str) -> str:
    known = words()["stage"]
    return word(f"stage.{stage}") if isinstance(known, dict) and stage in known else stage


def _finding_row(number: int, found: Finding, stage: str) -> Sequence[Value]:
    return (
        number,
        found.code,
        word(f"severity.{found.severity}.name"),
        found.opd_code or word("words.verifier"),
        stage,
        found.file_name,
        found.sheet,
        found.cell,
        found.question_id,
        found.value,
        found.tell,
        found.fix,
        found.points_at_stake,
    )


def findings_workbook(view: PictureView) -> bytes:
    """Return findings.xlsx: every finding with its place, what to do and the points concerned."""
    workbook = Workbook(write_only=True)
    rows: list[Sequence[Value]] = []
    for number, placed in enumerate(view.findings, 1):
        found = placed.finding
        stage = word(f"stage.{found.stage}") if found.stage in view.picture.instrument.stages else found.stage
        rows.append(_finding_row(number, found, stage))
    _sheet(workbook, "xlsx.findings.sheet", FINDING_COLUMNS, rows)
    return _bytes(workbook, view)


def _gap_row(view: PictureView, number: int, gap: Gap) -> Sequence[Value]:
    return (
        number,
        gap.question_id,
        view.picture.instrument.question(gap.question_id).label,
        gap.indicator_number,
        view.picture.instrument.block(gap.block_code).sheet,
        gap.opd_code or word("words.no_office"),
        word(f"cause.{gap.cause}.name"),
        gap.lost_points,
        gap.max_points,
    )


def _sums(groups: Iterable[tuple[str, Sequence[Gap]]]) -> list[Sequence[Value]]:
    """Return name, number of questions and lost points of each group, dearest first."""
    sums = [(sum((gap.lost_points for gap in gaps), NOTHING), name, gaps) for name, gaps in groups]
    dearest = sorted(sums, key=lambda line: (-line[0], line[1]))
    return [(name, len({gap.question_id for gap in gaps}), lost) for lost, name, gaps in dearest]


def _about(workbook: Workbook, view: PictureView) -> None:
    """Write the sheet that says which district, stage and day the list is of, and what its losses sum to."""
    shown = view.picture
    score = view.sheet.total.points if view.sheet else NOTHING
    sheet = workbook.create_sheet(word("xlsx.gap.about_sheet"))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 60
    pairs: tuple[tuple[str, Value], ...] = (
        ("district", f"{shown.district.name} ({shown.district.code})"),
        ("cycle", shown.cycle),
        ("stage", word(f"stage.{shown.current_stage}")),
        ("as_of", date_text(shown.as_of)),
        ("max", shown.instrument.max_points),
        ("score", score),
        ("lost", view.lost),
        ("note", word("xlsx.about.note_text")),
    )
    for key, value in pairs:
        sheet.append([_cell(sheet, word(f"xlsx.about.{key}")), _cell(sheet, value)])


def _sheet(workbook: Workbook, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> None:
    """Write one list: a frozen heading, a filter over all rows, numbers as numbers and everything else as text."""
    sheet = workbook.create_sheet(word(title))
    sheet.freeze_panes = "A2"
    last = get_column_letter(len(columns))
    sheet.auto_filter.ref = f"A1:{last}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for place, (_, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_heading(sheet, word(f"xlsx.{key}")) for key, _ in columns])
    text, points, count = _cell(sheet, ""), _cell(sheet, NOTHING), _cell(sheet, 0)
    for row in rows:
        sheet.append([_like(sheet, value, text, points, count) for value in row])


def _heading(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell = _cell(sheet, text)
    cell.font = Font(bold=True, color="FFFFFFFF")
    cell.fill = PatternFill("solid", fgColor="FF14505A")
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Cell:
    """Return a styled cell; text is typed as text, so that "=1+1" is never a formula, also after an edit."""
    cell = WriteOnlyCell(sheet)
    cell.number_format = "@" if isinstance(value, str) else "#,##0.00" if isinstance(value, Decimal) else "0"
    cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    _put(cell, value)
    return cell


def _like(sheet: WriteOnlyWorksheet, value: Value, text: Cell, points: Cell, count: Cell) -> Cell:
    """Return a cell with the style of the model for its kind: styling anew costs ten times the writing."""
    cell = WriteOnlyCell(sheet)
    model = text if isinstance(value, str) else points if isinstance(value, Decimal) else count
    cell._style = model._style  # type: ignore[attr-defined]
    _put(cell, value)
    return cell


def _put(cell: Cell, value: Value) -> None:
    if isinstance(value, str):
        cell.value = _NOT_IN_XML.sub("\ufffd", value)[:_LONGEST_TEXT]
        cell.data_type = "s"
    else:
        cell.value = value


def _bytes(workbook: Workbook, view: PictureView) -> bytes:
    workbook.properties.creator = "KLA"
    return workbook_bytes(workbook, datetime.combine(view.picture.as_of, time(0), UTC))
