"""The form of one office filled in without a fault, and the ways to change a cell of it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell

from kla import layout
from kla.district import District
from kla.instrument import Instrument
from kla.io.districts import load_district
from kla.io.form_sheets import column_of
from kla.io.forms import BuiltForm, build_form
from kla.io.instruments import load_instrument
from kla.io.sample_fill import Sender, fill
from kla.io.sample_profile import Answers

DISTRICT, OFFICE, CYCLE, STAGE = "63.10", "DINKES", 2024, "mandiri"
AS_OF = date(2025, 5, 20)
Edit = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One way to fill in the form wrong; `expected` is (code, sheet, cell)."""

    name: str
    edits: Sequence[Edit]
    expected: frozenset[tuple[str, str, str]]
    mend: Mapping[tuple[str, str], Edit]


@cache
def district() -> District:
    return load_district(DISTRICT)


@cache
def instrument() -> Instrument:
    return load_instrument(CYCLE)


def sound_form() -> BuiltForm:
    """The form with the best answer to every question and all evidence asked for."""
    office = district().office(OFFICE)
    form = build_form(district(), instrument(), office, STAGE)
    owned = district().questions_for(OFFICE, instrument())
    best = {q.question_id: max(q.scale.levels, key=lambda level: level.share).key for q, _ in owned}
    fill(form, Sender(district(), instrument(), office), Answers(best, frozenset()), best)
    _tell_years_apart(form)
    return form


def _tell_years_apart(form: BuiltForm) -> None:
    """Make no figure the same in both years: that is something to ask about."""
    earlier, later = (column_of(key, layout.ANSWER_KEYS) for key in ("value_t2", "value_t1"))
    for sheet, row in form.places.answer_rows.values():
        cells = form.workbook[sheet].cell(row, earlier), form.workbook[sheet].cell(row, later)
        if cells[0].value is not None and cells[0].value == cells[1].value:
            cells[0].value += max(1, cells[1].value // 20)


@cache
def sound_bytes() -> bytes:
    return sound_form().to_bytes()


@cache
def _sound_book() -> tuple[BuiltForm, Mapping[str, Sequence[int]]]:
    form = sound_form()
    rows: dict[str, list[int]] = {}
    for row in form.places.evidence_rows:
        value = form.workbook[layout.EVIDENCE_SHEET].cell(row, 2).value
        if value:
            rows.setdefault(str(value), []).append(row)
    return form, rows


def place(at: str) -> tuple[str, str]:
    """Sheet and cell of a place as the table of cases writes it."""
    form, evidence = _sound_book()
    if "!" in at:
        sheet, cell = at.split("!")
        return sheet, cell
    *which, question, key = at.split()
    if which:
        question_id, _, number = question.partition("/")
        row = evidence[question_id][int(number) - 1]
        sheet, column = layout.EVIDENCE_SHEET, column_of(key, layout.EVIDENCE_KEYS)
    else:
        sheet, row = form.places.answer_rows[question]
        column = column_of(key, layout.ANSWER_KEYS)
    return sheet, form.workbook[sheet].cell(row, column).coordinate


def sound_value(sheet: str, cell: str) -> tuple[object, str]:
    """Value and data type of a cell in the sound form."""
    found = _sound_book()[0].workbook[sheet][cell]
    return found.value, found.data_type


def put(cell: Cell, edit: Edit) -> None:
    """Make one edit in one cell."""
    if "number" in edit:
        cell.value = edit["number"]
    elif "same_as" in edit:
        cell.value = sound_value(*place(edit["same_as"]))[0]
    elif "date" in edit:
        cell.value = edit["date"]
    elif "text" in edit:
        cell.value, cell.data_type = edit["text"], "s"
    elif "error" in edit:
        cell.value, cell.data_type = edit["error"], "e"
    elif "formula" in edit:
        cell.value, cell.data_type = edit["formula"], "f"
    else:
        cell.value = None


def apply(book: Workbook, edits: Sequence[Edit]) -> None:
    for edit in edits:
        sheet, cell = place(edit["at"])
        put(book[sheet][cell], edit)


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cases() -> list[Case]:
    found = []
    for entry in yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8")):
        expected = frozenset(
            (code, sheet, place(cell)[1] if " " in cell else cell) for code, sheet, cell in entry["expected"]
        )
        mend = {place(edit["at"]): edit for edit in entry.get("mend", ())}
        found.append(Case(entry["name"], entry["edits"], expected, mend))
    return found
