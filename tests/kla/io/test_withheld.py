"""A sheet that holds personal data is withheld wherever it stands; the other sheets are read, nothing of it comes out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from kla import layout
from kla.findings import CheckedFile, Outcome
from kla.io.districts import load_district
from kla.io.forms import build_form
from kla.io.instruments import load_instrument
from kla.io.reading import read_files
from kla.io.suites import validate
from kla.submission import Layout, Reading, Receipt

DISTRICT, INSTRUMENT = load_district("63.10"), load_instrument(2024)
OFFICE = next(office for office in DISTRICT.expected_offices(INSTRUMENT) if "DINKES" in office.serves)
NIK, PHONE = "6310155005100001", "0812-3456-7890"
FIRST = "Klaster III"


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("form") / "isian.xlsx"
    build_form(DISTRICT, INSTRUMENT, OFFICE, "mandiri").workbook.save(path)
    return path


def read(blank: Path, target: Path, change: Callable[[Workbook], None]) -> tuple[Receipt, Reading]:
    workbook = load_workbook(blank)
    change(workbook)
    workbook.save(target)
    size, now = target.stat().st_size, datetime(2024, 5, 20, tzinfo=UTC)
    receipt = Receipt(
        "a" * 64, "63.10", OFFICE.code, OFFICE.code, "", None, Layout.FORM, target.name, str(target), size, now
    )
    (reading,) = read_files([receipt])
    return receipt, reading


def judged(receipt: Receipt, reading: Reading) -> CheckedFile:
    (file,) = validate([(receipt, reading)], {"63.10": DISTRICT}, {2024: INSTRUMENT}, {"63.10": date(2024, 5, 20)})
    return file


def note(workbook: Workbook) -> str:
    sheet = workbook[FIRST]
    return next(
        sheet.cell(row, 12).coordinate for row in range(1, 40) if str(sheet.cell(row, 2).value or "").count(".P")
    )


def in_cell(workbook: Workbook) -> None:
    workbook[FIRST][note(workbook)] = f"a.n. NIK {NIK}"


def in_comment(workbook: Workbook) -> None:
    workbook[FIRST][note(workbook)].comment = Comment(f"tanya {PHONE}", "x")


def in_header(workbook: Workbook) -> None:
    workbook[FIRST].oddFooter.center.text = f"KK {NIK}"


def in_a_list(workbook: Workbook) -> None:
    for row, line in enumerate((["Nama Anak", "Umur"], ["Zulfa", 7], ["Qori", 9]), 500):
        for column, content in enumerate(line, 20):
            workbook[FIRST].cell(row, column).value = content


def in_a_figure(workbook: Workbook) -> None:
    workbook[FIRST].cell(500, 25).value = int(NIK)


@pytest.mark.parametrize(
    ("change", "code"),
    [(in_cell, "P01"), (in_comment, "P02"), (in_header, "P04"), (in_a_list, "P03"), (in_a_figure, "P01")],
)
def test_a_sheet_with_personal_data_is_withheld_and_the_others_are_read(
    change: Callable[[Workbook], None], code: str, blank: Path, tmp_path: Path
) -> None:
    receipt, reading = read(blank, tmp_path / "isian.xlsx", change)
    assert {row.sheet for row in reading.answers}
    assert FIRST not in {row.sheet for row in reading.answers}
    assert reading.ledger.ignored["personal_data"] > 0
    assert reading.ledger.cells_read == reading.ledger.used + sum(reading.ledger.ignored.values())
    file = judged(receipt, reading)
    assert code in {finding.code for finding in file.findings}
    assert file.outcome is Outcome.RETURNED, [finding.tell for finding in file.findings if not finding.row_key]
    said = repr(reading) + repr(file.findings)
    assert not any(secret in said for secret in (NIK, PHONE, "Zulfa", "Qori"))


def test_a_sheets_own_name_is_not_repeated(blank: Path, tmp_path: Path) -> None:
    receipt, reading = read(blank, tmp_path / "isian.xlsx", lambda book: book.create_sheet(f"Anak {NIK}").append(["x"]))
    assert NIK not in repr(reading)
    assert "P04" in {finding.code for finding in judged(receipt, reading).findings}
    assert FIRST in {row.sheet for row in reading.answers}


def test_a_sheet_of_the_offices_own_is_withheld_alone(blank: Path, tmp_path: Path) -> None:
    receipt, reading = read(blank, tmp_path / "isian.xlsx", lambda book: book.create_sheet("Register").append([NIK]))
    assert FIRST in {row.sheet for row in reading.answers}
    (found,) = [finding for finding in judged(receipt, reading).findings if finding.code == "P01"]
    assert (found.sheet, found.cell, found.value) == ("Register", "A1", "1")


def test_a_file_that_is_refused_tells_of_personal_data_too(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["NIK", NIK])
    book.save(tmp_path / "kosong.xlsx")
    receipt, reading = read(tmp_path / "kosong.xlsx", tmp_path / "lain.xlsx", lambda _: None)
    file = judged(receipt, reading)
    assert file.outcome is Outcome.REFUSED
    assert {"F10", "P01"} <= {finding.code for finding in file.findings}


def test_what_a_workbook_keeps_beside_its_sheets_is_said(blank: Path, tmp_path: Path) -> None:
    def describe(book: Workbook) -> None:
        book.properties.description = f"hubungi {PHONE}"

    receipt, reading = read(blank, tmp_path / "isian.xlsx", describe)
    file = judged(receipt, reading)
    assert "P05" in {finding.code for finding in file.findings}
    assert PHONE not in repr(file)


def test_a_blank_form_as_it_is_issued_gives_no_alarm(blank: Path, tmp_path: Path) -> None:
    _, reading = read(blank, tmp_path / "isian.xlsx", lambda _: None)
    assert [problem for problem in reading.problems if problem.kind.startswith("personal")] == []
    assert layout.SEAL_SHEET
