"""A broken form, from the workbook to the findings: one cause, one line, and nothing of what it provokes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from rows_of_tests import DISTRICTS, INSTRUMENT

from kla.findings import CheckedFile, Outcome
from kla.io.forms import write_form
from kla.io.reading import read_files
from kla.io.suites import validate
from kla.submission import Layout, Receipt

DISTRICT = DISTRICTS["63.10"]
ARRIVED = datetime(2024, 5, 1, 9, tzinfo=DISTRICT.zone)
Change = Callable[[Workbook], None]


def rename(old: str, new: str, sheet: str, key: str = "denominator_t1") -> Change:
    """Spoil one header of one sheet, machine key and all, as somebody who retyped the column would."""

    def change(workbook: Workbook) -> None:
        for row in workbook[sheet].iter_rows():
            for cell in row:
                if cell.value in (old, key):
                    cell.value = new if cell.value == old else None

    return change


def answer_one(workbook: Workbook) -> None:
    sheet = workbook["Klaster III"]
    row = next(cell.row for column in sheet.iter_cols() for cell in column if cell.value == "12.P1")
    headers = {cell.value: cell.column for cells in sheet.iter_rows() for cell in cells if isinstance(cell.value, str)}
    for header, figure in (("Angka / pembilang 2023", 90), ("Penyebut 2023", 100)):
        sheet.cell(row, headers[header]).value = figure


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("form") / "asli.xlsx"
    write_form(DISTRICT, INSTRUMENT, DISTRICT.office("DINKES"), "mandiri", path)
    return path


def judged(form: Path, *changes: Change) -> CheckedFile:
    workbook = load_workbook(form)
    for change in changes:
        change(workbook)
    path = form.with_name("isian.xlsx")
    workbook.save(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    receipt = Receipt(
        sha256, "63.10", "DINKES", "DINKES", "", None, Layout.FORM, path.name, str(path), path.stat().st_size, ARRIVED
    )
    (reading,) = read_files([receipt], workers=1)
    (checked,) = validate([(receipt, reading)], DISTRICTS, {2024: INSTRUMENT}, {"63.10": ARRIVED.date()})
    return checked


def test_a_header_nobody_can_recognise_is_one_finding_that_says_which_is_meant(form):
    checked = judged(form, answer_one, rename("Penyebut 2023", "Kolom lama", "Klaster III"))
    (finding,) = checked.findings
    assert (finding.code, finding.sheet, checked.outcome) == ("W12", "Klaster III", Outcome.REFUSED)
    assert '"Penyebut 2023"' in finding.tell
    assert '"Penyebut 2023"' in finding.fix


def test_blanks_are_one_line_per_sheet_with_all_their_cells_and_nothing_they_provoke(form):
    checked = judged(form, answer_one)
    blank = {it.sheet: it for it in checked.findings if it.code == "A06"}
    led = [q for q, is_lead in DISTRICT.questions_for("DINKES", INSTRUMENT) if is_lead]
    sheets = {INSTRUMENT.block(question.block_code).sheet for question in led}
    assert set(blank) == sheets
    assert {it.code for it in checked.findings} == {"A06", "D01"}  # and the one answer has no data dukung
    in_klaster_3 = sum(INSTRUMENT.block(question.block_code).sheet == "Klaster III" for question in led)
    assert blank["Klaster III"].tell.startswith(f"{in_klaster_3 - 1} pertanyaan")


def test_a_form_without_any_answer_is_one_line(form):
    assert [it.code for it in judged(form).findings] == ["W11"]


def test_a_misspelt_header_is_one_finding_with_the_intended_header(form):
    checked = judged(form, answer_one, rename("Penyebut 2023", "Penyebud 2023", "Klaster III"))
    (finding,) = (it for it in checked.findings if it.code not in ("A06", "D01", "W30"))
    assert (finding.code, finding.sheet, checked.outcome) == ("W27", "Klaster III", Outcome.ACCEPTED)
    assert '"Penyebud 2023"' in finding.tell
    assert '"Penyebut 2023"' in finding.fix
