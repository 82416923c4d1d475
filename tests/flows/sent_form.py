"""The form of one office, filled in soundly, with single cells changed: what decisions are tried on."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from kla import layout
from kla.io.districts import load_district
from kla.io.form_sheets import column_of
from kla.io.forms import BuiltForm, build_form
from kla.io.instruments import load_instrument
from kla.io.sample_fill import Sender, fill
from kla.io.sample_profile import Answers

CODE, OFFICE, STAGE = "17.04", "DINKES", "mandiri"
Change = Mapping[tuple[str, str], object]  # (question id, field) -> content


def written(changes: Change, opd: str = OFFICE) -> BuiltForm:
    """Return the office's form with the best answer to every question and all evidence asked for, then changed."""
    district = load_district(CODE)
    instrument = load_instrument(district.cycle)
    form = build_form(district, instrument, district.office(opd), STAGE)
    owned = district.questions_for(opd, instrument)
    best = {it.question_id: max(it.scale.levels, key=lambda level: level.share).key for it, _ in owned}
    fill(form, Sender(district, instrument, district.office(opd)), Answers(best, frozenset()), best)
    _tell_years_apart(form)
    for (question_id, key), content in changes.items():
        sheet, row = form.places.answer_rows[question_id]
        cell = form.workbook[sheet].cell(row, column_of(key, layout.ANSWER_KEYS))
        cell.value = content
        if isinstance(content, str):
            cell.data_type = "s"
    return form


def _tell_years_apart(form: BuiltForm) -> None:
    """Make no figure the same in both years: that is something to ask about."""
    earlier, later = (column_of(key, layout.ANSWER_KEYS) for key in ("value_t2", "value_t1"))
    for sheet, row in form.places.answer_rows.values():
        cells = form.workbook[sheet].cell(row, earlier), form.workbook[sheet].cell(row, later)
        if cells[0].value is not None and cells[0].value == cells[1].value:
            cells[0].value += max(1, cells[1].value // 20)


def place(question_id: str, key: str) -> tuple[str, str]:
    """Return sheet and A1 address of a field of a question."""
    form = written({})
    sheet, row = form.places.answer_rows[question_id]
    return sheet, form.workbook[sheet].cell(row, column_of(key, layout.ANSWER_KEYS)).coordinate


def send(
    inbox: Path, day: str, changes: Change, folder: str = OFFICE, opd: str = OFFICE, links: Sequence[str] = ()
) -> None:
    """Put a form into the district's inbox, arrived on a day; `links` stand in its first rows of data dukung."""
    name = f"isian {day}.xlsx"
    target = inbox / CODE / folder
    target.mkdir(parents=True, exist_ok=True)
    form = written(changes, opd)
    column = column_of("link", layout.EVIDENCE_KEYS)
    for row, link in zip(form.places.evidence_rows, links, strict=False):
        form.workbook[layout.EVIDENCE_SHEET].cell(row, column).value = link
    (target / name).write_bytes(form.to_bytes())
    arrivals = inbox / CODE / "_kedatangan.csv"
    is_new = not arrivals.exists()
    with arrivals.open("a", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        if is_new:
            rows.writerow(["path", "received_at"])
        rows.writerow([f"{folder}/{name}", f"{day}T10:00:00+07:00"])
