"""The sheets of the office form: one per block with the office's own questions, data dukung, lists, seal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from kla import layout
from kla.instrument import AnswerKind, Block, Instrument, Question
from kla.io.form_style import protect, set_up_page, text
from kla.io.steady_xlsx import write_text

Owned = tuple[Question, bool]  # a question and whether the office leads it

FIRST_COLUMN = 2  # column A holds the tags and is hidden
_TAG_ROW, _KEY_ROW, HEADER_ROW = 3, 4, 5
_ANSWER_WIDTHS = {
    "question_id": 9,
    "label": 46,
    "role": 11,
    "max_points": 10,
    "evidence_asked": 24,
    "answer": 25,
    "value_t2": 14,
    "denominator_t2": 12,
    "value_t1": 14,
    "denominator_t1": 12,
    "note": 30,
}
_LINE_HEIGHT, _ROW_PADDING = 13, 6
_EVIDENCE_WIDTHS = {"question_id": 13, "kind": 24, "title": 52, "number": 24, "dated_on": 14, "link": 42, "note": 30}
_FEWEST_EVIDENCE_ROWS, _MOST_EVIDENCE_ROWS, _EVIDENCE_ROWS_PER_QUESTION = 40, 400, 4


@dataclass
class FormPlaces:
    """Where things stand in a form that was just built: rows of questions, columns of keys, rows for evidence."""

    answer_rows: dict[str, tuple[str, int]] = field(default_factory=dict)  # question id -> (sheet, row)
    evidence_rows: range = range(0)


@dataclass(frozen=True)
class FormFrame:
    """What every sheet of one form shares: the instrument, the texts' fields, the list ranges."""

    instrument: Instrument
    fields: Mapping[str, object]
    footer: str
    lists: Mapping[str, str]  # list name -> absolute range


def column_of(key: str, keys: Sequence[str]) -> int:
    """Return the column number in which the writer puts a machine key."""
    return FIRST_COLUMN + keys.index(key)


def write_block(workbook: Workbook, block: Block, owned: Sequence[Owned], form: FormFrame, places: FormPlaces) -> None:
    """Add the sheet of one block with the office's own questions, grouped by indicator."""
    sheet = workbook.create_sheet(block.sheet)
    keys = layout.ANSWER_KEYS
    last = _write_top(sheet, _block_title(block), text("block_subtitle", **form.fields), keys)
    _write_headers(sheet, form, block.code, keys, layout.ANSWER_HEADERS, _ANSWER_WIDTHS)
    row = HEADER_ROW
    asked: dict[str, list[str]] = {}
    for number, group in groupby(owned, key=lambda pair: pair[0].indicator_number):
        row += 1
        name = form.instrument.indicator(number).name
        _write_group(sheet, row, last, text("indicator", number=number, name=name))
        for question, is_lead in group:
            row += 1
            _write_question(sheet, row, question, is_lead, form, asked)
            places.answer_rows[question.question_id] = (block.sheet, row)
    _close_table(sheet, row + 1, block.code)
    _validate_answers(sheet, asked, form)
    _finish(sheet, form, get_column_letter(column_of("role", keys)))


def write_evidence(workbook: Workbook, owned: Sequence[Owned], form: FormFrame, places: FormPlaces) -> None:
    """Add the data dukung sheet: about four open rows per question, at least 40, at most 400."""
    sheet = workbook.create_sheet(layout.EVIDENCE_SHEET)
    keys = layout.EVIDENCE_KEYS
    _write_top(sheet, text("evidence_title"), text("evidence_subtitle", **form.fields), keys)
    _write_headers(sheet, form, layout.EVIDENCE_TABLE, keys, layout.EVIDENCE_HEADERS, _EVIDENCE_WIDTHS)
    wanted = _EVIDENCE_ROWS_PER_QUESTION * len(owned)
    count = min(_MOST_EVIDENCE_ROWS, max(_FEWEST_EVIDENCE_ROWS, wanted))
    places.evidence_rows = range(HEADER_ROW + 1, HEADER_ROW + 1 + count)
    for row in places.evidence_rows:
        sheet.row_dimensions[row].height = _LINE_HEIGHT + _ROW_PADDING
        for column, key in enumerate(keys, FIRST_COLUMN):
            sheet.cell(row, column).style = "kla_input_date" if key == "dated_on" else "kla_input"
    _close_table(sheet, places.evidence_rows.stop, layout.EVIDENCE_TABLE)
    first, final = places.evidence_rows.start, places.evidence_rows.stop - 1
    for key in ("question_id", "kind", "dated_on"):
        letter = get_column_letter(column_of(key, keys))
        _evidence_validation(sheet, key, f"{letter}{first}:{letter}{final}", form)
    _finish(sheet, form, None)


def write_lists(workbook: Workbook, lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Add the hidden sheet with one list per column; returns list name -> absolute range for validations."""
    sheet = workbook.create_sheet(layout.LISTS_SHEET)
    sheet.sheet_state = "hidden"
    ranges = {}
    for column, (name, items) in enumerate(lists.items(), 1):
        for row, item in enumerate((name, *items), 1):
            write_text(sheet.cell(row, column), item)
        letter = get_column_letter(column)
        ranges[name] = f"'{layout.LISTS_SHEET}'!${letter}$2:${letter}${len(items) + 1}"
    protect(sheet)
    return ranges


def write_seal(workbook: Workbook, seal: Mapping[str, str]) -> None:
    """Add the very hidden sheet that says what this form is: key in column A, value in column B."""
    sheet = workbook.create_sheet(layout.SEAL_SHEET)
    sheet.sheet_state = "veryHidden"
    for row, key in enumerate(layout.SEAL_KEYS, 1):
        write_text(sheet.cell(row, 1), key)
        write_text(sheet.cell(row, 2), seal[key])
    protect(sheet)


def _block_title(block: Block) -> str:
    key = "block_title_same" if block.sheet == block.name else "block_title"
    return text(key, sheet=block.sheet, name=block.name)


def _write_top(sheet: Worksheet, title: str, subtitle: str, keys: Sequence[str]) -> int:
    last = FIRST_COLUMN + len(keys) - 1
    for row, (line, style, height) in enumerate(((title, "kla_title", 26), (subtitle, "kla_subtitle", 18)), 1):
        cell = sheet.cell(row, FIRST_COLUMN)
        write_text(cell, line)
        cell.style = style
        sheet.merge_cells(start_row=row, end_row=row, start_column=FIRST_COLUMN, end_column=last)
        sheet.row_dimensions[row].height = height
    return last


def _write_headers(
    sheet: Worksheet,
    form: FormFrame,
    table: str,
    keys: Sequence[str],
    headers: Mapping[str, str],
    widths: Mapping[str, int],
) -> None:
    write_text(sheet.cell(_TAG_ROW, 1), layout.start_tag(table))
    shown = layout.header_texts(headers, form.instrument.evidence_years)
    for column, key in enumerate(keys, FIRST_COLUMN):
        write_text(sheet.cell(_KEY_ROW, column), key)
        cell = sheet.cell(HEADER_ROW, column)
        write_text(cell, shown[key])
        cell.style = "kla_header"
        sheet.column_dimensions[get_column_letter(column)].width = widths[key]
    sheet.row_dimensions[HEADER_ROW].height = 34
    for row in (_TAG_ROW, _KEY_ROW):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["A"].hidden = True


def _write_group(sheet: Worksheet, row: int, last: int, title: str) -> None:
    for column in range(FIRST_COLUMN, last + 1):
        sheet.cell(row, column).style = "kla_group"
    write_text(sheet.cell(row, FIRST_COLUMN + 1), title)
    sheet.merge_cells(start_row=row, end_row=row, start_column=FIRST_COLUMN + 1, end_column=last)
    sheet.row_dimensions[row].height = 20


def _write_question(
    sheet: Worksheet, row: int, question: Question, is_lead: bool, form: FormFrame, asked: dict[str, list[str]]
) -> None:
    kinds = [form.instrument.evidence_kinds[kind].label for kind in question.evidence_kinds]
    shown = {
        "question_id": question.question_id,
        "label": question.label,
        "role": layout.ROLE_LEAD if is_lead else layout.ROLE_SUPPORT,
        "evidence_asked": ", ".join(kinds) or text("no_evidence"),
    }
    inputs = layout.asked_inputs(question)
    lines = max(ceil(1.1 * len(shown[key]) / _ANSWER_WIDTHS[key]) for key in ("label", "evidence_asked"))
    sheet.row_dimensions[row].height = _LINE_HEIGHT * lines + _ROW_PADDING
    for column, key in enumerate(layout.ANSWER_KEYS, FIRST_COLUMN):
        cell = sheet.cell(row, column)
        if key == "max_points":
            cell.value = question.max_points
            cell.style = "kla_points"
        elif key in shown:
            write_text(cell, shown[key])
            cell.style = "kla_label" if key in ("label", "evidence_asked") else "kla_center"
        elif key in inputs:
            cell.style = "kla_input_number" if key in layout.NUMBER_KEYS else "kla_input"
            asked.setdefault(_asked_as(question, key), []).append(cell.coordinate)
        else:
            cell.style = "kla_locked"


def _asked_as(question: Question, key: str) -> str:
    if key == "note":
        return "note"
    if key == "answer":
        return f"choice {question.scale.code}"
    if question.scale.has_amount:
        return "amount"
    return "ratio" if question.scale.answer is AnswerKind.RATIO else "count"


def _validate_answers(sheet: Worksheet, asked: Mapping[str, Iterable[str]], form: FormFrame) -> None:
    for name, cells in asked.items():
        if name == "note":
            continue
        where = " ".join(cells)
        if name.startswith("choice "):
            rule = DataValidation(type="list", formula1=form.lists[name.removeprefix("choice ")], sqref=where)
            _tell(sheet, rule, "choice", form)
        else:
            rule = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", sqref=where)
            _tell(sheet, rule, name, form)


def _evidence_validation(sheet: Worksheet, key: str, where: str, form: FormFrame) -> None:
    if key == "dated_on":
        rule = DataValidation(type="date", operator="greaterThan", formula1="36526", sqref=where, errorStyle="warning")
    else:
        rule = DataValidation(type="list", formula1=form.lists[key], sqref=where)
    _tell(sheet, rule, key, form)


def _tell(sheet: Worksheet, rule: DataValidation, name: str, form: FormFrame) -> None:
    rule.allowBlank = True
    rule.showInputMessage = rule.showErrorMessage = True
    rule.promptTitle = text(f"prompts.{name}.title")
    rule.prompt = text(f"prompts.{name}.text", **form.fields)
    rule.errorTitle = text(f"prompts.{name}.error_title")
    rule.error = text(f"prompts.{name}.error", **form.fields)
    sheet.add_data_validation(rule)


def _close_table(sheet: Worksheet, row: int, table: str) -> None:
    write_text(sheet.cell(row, 1), layout.end_tag(table))
    sheet.row_dimensions[row].hidden = True


def _finish(sheet: Worksheet, form: FormFrame, freeze_column: str | None) -> None:
    sheet.freeze_panes = f"{freeze_column or 'A'}{HEADER_ROW + 1}"
    sheet.sheet_view.showGridLines = False
    set_up_page(sheet, form.footer, HEADER_ROW)
    protect(sheet)
