"""A findings.xlsx comes back with reasons: they are read as given, from a file nobody trusts."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from reports.factory import small_picture

from kla.findings import Finding, Severity
from kla.io.acknowledging import KEY_HEADING, NoReasonsError, identity, read_reasons
from kla.io.decision_words import decision_words
from kla.io.page_views import PictureView
from kla.io.workbooks import REASON_PLACE, findings_workbook

WARNING = next(found for found in small_picture().findings if found.severity is Severity.WARNING)
REASON = REASON_PLACE + 1


def listed(path: Path) -> tuple[openpyxl.Workbook, Worksheet]:
    path.write_bytes(findings_workbook(PictureView(small_picture())).content())
    book = openpyxl.load_workbook(path)
    sheet = book["Temuan"]
    assert isinstance(sheet, Worksheet)
    return book, sheet


def row_of(sheet: Worksheet, found: Finding) -> int:
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == identity(found))


@pytest.mark.parametrize("is_label", [False, True], ids=["code", "label"])
def test_a_reason_is_read_with_the_finding_it_belongs_to(tmp_path: Path, is_label: bool) -> None:
    book, sheet = listed(tmp_path / "findings.xlsx")
    row = row_of(sheet, WARNING)
    code, label = next(iter(decision_words().reasons.items()))
    sheet.cell(row, REASON, label.upper() if is_label else f" {code.lower()} ")
    sheet.cell(row, REASON + 1, "Sudah dicek dengan BPS")
    book.save(tmp_path / "findings.xlsx")
    (given,) = read_reasons(tmp_path / "findings.xlsx")
    assert (given.key, given.sheet_row, given.reason_code) == (identity(WARNING), row, code)
    assert (given.code, given.opd_code, given.sheet, given.cell, given.question_id) == (
        WARNING.code,
        WARNING.opd_code,
        WARNING.sheet,
        WARNING.cell,
        WARNING.question_id,
    )
    assert given.note == "Sudah dicek dengan BPS"


def test_a_list_nobody_filled_in_gives_nothing(tmp_path: Path) -> None:
    listed(tmp_path / "findings.xlsx")
    assert read_reasons(tmp_path / "findings.xlsx") == ()


def test_a_reason_that_is_none_is_kept_as_written(tmp_path: Path) -> None:
    book, sheet = listed(tmp_path / "findings.xlsx")
    sheet.cell(row_of(sheet, WARNING), REASON, "sudah benar kok")
    book.save(tmp_path / "findings.xlsx")
    (given,) = read_reasons(tmp_path / "findings.xlsx")
    assert (given.reason_code, given.written) == ("", "sudah benar kok")


def test_sorted_rows_and_columns_moved_about_do_no_harm(tmp_path: Path) -> None:
    book, sheet = listed(tmp_path / "findings.xlsx")
    sheet.cell(row_of(sheet, WARNING), REASON, "LAINNYA")
    sheet.insert_rows(1, 3)
    sheet.insert_cols(2)
    sheet.delete_cols(5)
    sheet.title = "Salinan"
    book.move_sheet("Salinan", 1)
    book.save(tmp_path / "findings.xlsx")
    (given,) = read_reasons(tmp_path / "findings.xlsx")
    assert (given.key, given.reason_code) == (identity(WARNING), "LAINNYA")


def test_the_list_offers_reasons_for_warnings_only_and_explains_them(tmp_path: Path) -> None:
    book, sheet = listed(tmp_path / "findings.xlsx")
    (choice,) = sheet.data_validations.dataValidation
    offered = {row for area in choice.sqref.ranges for row in range(area.min_row, area.max_row + 1)}
    warnings = [found for found in small_picture().findings if found.severity is Severity.WARNING]
    assert offered == {row_of(sheet, found) for found in warnings}
    codes = {row[0] for row in book["Kode alasan"].iter_rows(min_row=2, values_only=True)}
    assert set(decision_words().reasons) <= codes
    assert all(sheet.column_dimensions[cell.column_letter].hidden for cell in sheet[1] if cell.value == KEY_HEADING)


def test_a_finding_whose_value_changed_is_another_one() -> None:
    assert identity(WARNING) == identity(replace(WARNING, sha256="f" * 64, tell="lain", row_key="lain"))
    assert identity(WARNING) != identity(replace(WARNING, value="13"))


def broken(kind: str) -> bytes:
    if kind == "other workbook":
        out = io.BytesIO()
        openpyxl.Workbook().save(out)
        return out.getvalue()
    if kind == "key column gone":
        book = openpyxl.load_workbook(io.BytesIO(findings_workbook(PictureView(small_picture())).content()))
        book["Temuan"].delete_cols(18)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()
    return b"" if kind == "empty" else b"%PDF-1.7 bukan buku kerja"


@pytest.mark.parametrize("kind", ["other workbook", "key column gone", "empty", "pdf"])
def test_a_file_that_is_not_ours_is_refused_in_plain_words(tmp_path: Path, kind: str) -> None:
    (tmp_path / "kiriman.xlsx").write_bytes(broken(kind))
    with pytest.raises(NoReasonsError, match=r"^Berkas kiriman\.xlsx (bukan|tidak)"):
        read_reasons(tmp_path / "kiriman.xlsx")
