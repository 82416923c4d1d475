"""The dirt of a real inbox, put into sample forms on purpose. Each kind is a key of a profile's `dirt` list."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method import ecma376_agile
from msoffcrypto.method.container import ecma376_encrypted
from openpyxl.worksheet.worksheet import Worksheet

from kla import layout
from kla.io.form_sheets import HEADER_ROW, column_of
from kla.io.forms import BuiltForm
from kla.io.sample_fill import Sender, evidence_row, sample_texts, write_evidence_rows
from kla.io.sample_profile import Dirt
from kla.io.steady_xlsx import write_text

_ERRORS = ("#REF!", "#DIV/0!")
_TITLE_ROWS, _EXTRA_COLUMN = 3, 4
_NOT_A_WORKBOOK = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def soil(built: BuiltForm, sender: Sender, dirt: Dirt) -> None:
    """Put one kind of dirt into a filled form; kinds that concern the whole file are left to `soil_bytes`."""
    action = _IN_THE_FORM.get(dirt.kind)
    if action is not None:
        action(built, sender, dirt)


def soil_bytes(content: bytes, sender: Sender, dirt: Dirt) -> bytes:
    """Return the file as it arrives: encrypted, or no workbook at all; unchanged for any other kind."""
    if dirt.kind == "encrypted":
        return _encrypted(content, f"{sender.district.code} {sender.office.code}")
    return _NOT_A_WORKBOOK if dirt.kind == "not_a_workbook" else content


def _error_cells(built: BuiltForm, _sender: Sender, dirt: Dirt) -> None:
    """Real error cells (t="e"), as a broken formula leaves them."""
    for number, question_id in enumerate(dirt.questions):
        sheet_name, row = built.places.answer_rows[question_id]
        cell = built.workbook[sheet_name].cell(row, column_of("value_t1", layout.ANSWER_KEYS))
        cell.value = _ERRORS[number % len(_ERRORS)]


def _numbers_as_text(built: BuiltForm, _sender: Sender, dirt: Dirt) -> None:
    """Figures typed as text in unambiguous ways: blanks around, a decimal comma."""
    suffixes = sample_texts()["dirt"]["number_suffixes"]
    place = 0
    for question_id in dirt.questions:
        sheet_name, row = built.places.answer_rows[question_id]
        for key in layout.NUMBER_KEYS:
            cell = built.workbook[sheet_name].cell(row, column_of(key, layout.ANSWER_KEYS))
            if isinstance(cell.value, int):
                write_text(cell, suffixes[place % len(suffixes)].format(n=cell.value))
                place += 1


def _percent_typed(built: BuiltForm, _sender: Sender, dirt: Dirt) -> None:
    """A percentage typed where the numerator was asked."""
    for question_id in dirt.questions:
        sheet_name, row = built.places.answer_rows[question_id]
        cell = built.workbook[sheet_name].cell(row, column_of("value_t1", layout.ANSWER_KEYS))
        write_text(cell, sample_texts()["dirt"]["percent"])


def _one_photo(built: BuiltForm, sender: Sender, dirt: Dirt) -> None:
    """The same photo, title and file, handed in for several questions besides their own evidence."""
    photo: Mapping[str, str] = sample_texts()["dirt"]["one_photo"]
    rows = []
    for question_id in dirt.questions:
        row = evidence_row(sender, sender.instrument.question(question_id), "foto")
        row.update(title=photo["title"], link=photo["link"].format(office=sender.office.code))
        row["dated_on"] = evidence_row(sender, sender.instrument.question(dirt.questions[0]), "foto")["dated_on"]
        rows.append(row)
    write_evidence_rows(built, rows)


def _future_sk(built: BuiltForm, sender: Sender, dirt: Dirt) -> None:
    """An SK dated years after the cycle, cited for questions that have no other evidence."""
    rows = []
    for question_id in dirt.questions:
        row = evidence_row(sender, sender.instrument.question(question_id), "sk")
        row.update(sample_texts()["dirt"]["future_sk"])
        rows.append(row)
    write_evidence_rows(built, rows)


def _shifted(built: BuiltForm, sender: Sender, _dirt: Dirt) -> None:
    """Title rows above and a column of the office's own in the middle of every block sheet."""
    texts = sample_texts()["dirt"]
    fields = {
        "district": sender.district.name.upper(),
        "office": sender.office.name,
        "cycle": sender.instrument.cycle,
    }
    for name in {sheet_name for sheet_name, _ in built.places.answer_rows.values()}:
        sheet = built.workbook[name]
        rows = {row for sheet_name, row in built.places.answer_rows.values() if sheet_name == name}
        _shift_sheet(sheet)
        for row, line in enumerate(texts["title_rows"], 1):
            write_text(sheet.cell(row, 2), line.format(**fields))
        write_text(sheet.cell(HEADER_ROW + _TITLE_ROWS, _EXTRA_COLUMN), texts["extra_column"]["header"])
        for row in rows:
            write_text(sheet.cell(row + _TITLE_ROWS, _EXTRA_COLUMN), texts["extra_column"]["value"])


def _shift_sheet(sheet: Worksheet) -> None:
    """Insert rows and a column as a spreadsheet program does: merged ranges and hidden rows move along."""
    merged = [(area.min_row, area.max_row, area.min_col, area.max_col) for area in sheet.merged_cells.ranges]
    hidden = [row for row, shape in sheet.row_dimensions.items() if shape.hidden]
    for top, bottom, left, right in merged:
        sheet.unmerge_cells(start_row=top, end_row=bottom, start_column=left, end_column=right)
    sheet.protection.sheet = False
    sheet.data_validations.dataValidation.clear()
    sheet.insert_rows(1, _TITLE_ROWS)
    sheet.insert_cols(_EXTRA_COLUMN)
    for row in hidden:
        sheet.row_dimensions[row].hidden = False
    for row in hidden:
        sheet.row_dimensions[row + _TITLE_ROWS].hidden = True
    for top, bottom, left, right in merged:
        sheet.merge_cells(
            start_row=top + _TITLE_ROWS,
            end_row=bottom + _TITLE_ROWS,
            start_column=left + (left >= _EXTRA_COLUMN),
            end_column=right + (right >= _EXTRA_COLUMN),
        )
    sheet.freeze_panes = None


_IN_THE_FORM: Mapping[str, Callable[[BuiltForm, Sender, Dirt], None]] = {
    "error_cells": _error_cells,
    "numbers_as_text": _numbers_as_text,
    "one_photo": _one_photo,
    "percent_typed": _percent_typed,
    "future_sk": _future_sk,
    "shifted": _shifted,
}


def _encrypted(content: bytes, password: str) -> bytes:
    """Return the workbook encrypted with a password; salts from the password and no clock, so the bytes never vary."""
    with _steady_encryption(random.Random(password)):  # noqa: S311 a sample's salt must repeat, and protects nothing
        out = io.BytesIO()
        OOXMLFile(io.BytesIO(content)).encrypt(password, out)
        return out.getvalue()


@contextmanager
def _steady_encryption(salts: random.Random) -> Iterator[None]:
    """Give the library repeatable salts and file times; it offers no parameters for them."""
    drawn, clock = ecma376_agile._random_buffer, ecma376_encrypted.datetime2filetime
    ecma376_agile._random_buffer = salts.randbytes
    ecma376_encrypted.datetime2filetime = lambda _moment: 0
    try:
        yield
    finally:
        ecma376_agile._random_buffer, ecma376_encrypted.datetime2filetime = drawn, clock
