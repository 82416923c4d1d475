"""Lists to sort and send on: what goes in is what any program reads out, text as text and numbers as numbers."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

import openpyxl
import pytest
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineWorkbook

from kla.io.list_sheets import Choice, ListSheet, list_workbook

DAY = date(2024, 5, 20)
COLUMNS = (("No.", 6), ("Temuan", 40), ("Poin", 12), ("kunci", 0))
ODD = [
    "=1+1",
    "+62",
    "  dua spasi ",
    "a\nb\n",
    "]]> & <b>\"'",
    "10.P1",
    "2024-05-20",
    "é\U0001f600",
    "\t",
    "a" * 32767,
    "_x0041_",
    "<r><t>a</t></r>",
]


def book(*sheets: ListSheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(list_workbook(sheets, DAY)))


@pytest.mark.parametrize("text", ODD)
def test_text_comes_out_as_it_went_in_with_either_reader(text: str) -> None:
    content = list_workbook([ListSheet("Temuan", COLUMNS, [(1, text, Decimal("0.10"), "")])], DAY)
    cell = openpyxl.load_workbook(io.BytesIO(content))["Temuan"]["B2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Temuan").to_python()
    assert rows[1][1] == text


def test_lines_end_as_excel_ends_them_and_what_no_cell_can_hold_is_marked() -> None:
    sheet = book(ListSheet("x", COLUMNS, [(1, "a\r\nb\rc"), (2, "a\x01\ud800b"), (3, "a" * 32768)]))["x"]
    assert [sheet[f"B{row}"].value for row in (2, 3, 4)] == ["a\nb\nc", "a\ufffd\ufffdb", "a" * 32767]


def test_numbers_are_numbers_to_the_hundredth() -> None:
    values = [0, 961, Decimal("961.86"), Decimal("0.10"), Decimal("1E+2"), 1_000_000]
    rows = book(ListSheet("x", COLUMNS, [(value,) for value in values]))["x"].iter_rows(min_row=2, max_col=1)
    cells = [row[0] for row in rows]
    assert [cell.value for cell in cells] == [0, 961, 961.86, 0.1, 100, 1_000_000]
    assert [cell.number_format for cell in cells] == ["0", "0", "#,##0.00", "#,##0.00", "#,##0.00", "0"]


def test_the_heading_is_frozen_filtered_and_printed_on_every_page_and_a_key_is_hidden() -> None:
    sheet = book(ListSheet("Jum'at & Co", COLUMNS, [(1, "a", Decimal(1), "k")] * 3))["Jum'at & Co"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:D4", "$1:$1")
    assert [sheet.column_dimensions[letter].hidden for letter in "ABCD"] == [False, False, False, True]
    assert [cell.value for cell in sheet[1]] == [heading for heading, _ in COLUMNS]


def test_a_sheet_that_explains_has_neither_heading_nor_filter() -> None:
    sheet = book(ListSheet("Keterangan", (("", 24), ("", 60)), [("Daerah", "x"), ()], has_headings=False))["Keterangan"]
    assert (sheet["A1"].value, sheet.freeze_panes, sheet.auto_filter.ref) == ("Daerah", None, None)


def test_a_choice_is_offered_in_its_rows_only() -> None:
    choice = Choice(1, (2, 3, 5), "'Kode \"alasan\"'!$A$2:$A$9", "Alasan <1>", "Pilih\nsatu", "Salah")
    sheet = book(ListSheet("x", COLUMNS, [(1, "")] * 5, choice))["x"]
    (offered,) = sheet.data_validations.dataValidation
    assert (str(offered.sqref), offered.formula1) == ("B2:B3 B5", choice.entries)
    assert (offered.promptTitle, offered.prompt, offered.error) == ("Alasan <1>", "Pilih\nsatu", "Salah")


@pytest.mark.filterwarnings("ignore:Length of input")
def test_a_choice_that_excel_would_not_take_is_our_mistake_and_raises() -> None:
    choice = Choice(1, (2,), "$A$2:$A$9", "Alasan", "x" * 256, "Salah")
    with pytest.raises(ValueError, match="Alasan"):
        book(ListSheet("x", COLUMNS, [(1, "")], choice))


def test_every_part_is_sound_xml_and_the_same_lists_give_the_same_bytes() -> None:
    sheets = [ListSheet("a", COLUMNS, [(1, text) for text in ODD]), ListSheet("b & c", COLUMNS, [])]
    content = list_workbook(sheets, DAY)
    with ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            fromstring(parts.read(name))
    assert content == list_workbook(sheets, DAY)


def test_a_row_has_room_for_its_longest_text_and_the_heading_for_its_own() -> None:
    columns = (("No.", 6), ("Penanggung jawab", 16), ("Cara", 20), ("kunci", 0))
    rows = [(1, "DINKES", "x" * 50, "k" * 500), (2, "A", "a\nb", "")]
    sheet = book(ListSheet("Temuan", columns, rows))["Temuan"]
    assert [sheet.row_dimensions[row].height for row in (1, 2, 3)] == [30, 45, 30]


def test_a_wide_list_is_printed_over_several_pages_that_begin_with_its_first_columns() -> None:
    narrow, wide = (("a", 20), ("b", 60)), (("a", 20), ("b", 180), ("c", 200))
    made = book(ListSheet("satu", narrow, [("x", "y")]), ListSheet("dua", wide, [("x", "y", "z")]))
    assert [made[name].page_setup.fitToWidth for name in ("satu", "dua")] == [None, 2]  # none is one
    assert (made["satu"].print_title_cols, made["dua"].print_title_cols) == (None, "$A:$B")


def test_sheets_of_one_workbook_share_their_texts_and_each_has_its_own_range() -> None:
    made = book(ListSheet("a", COLUMNS, [(1, "x", "y", "")] * 3), ListSheet("b", COLUMNS, [(Decimal(2), "x", "", "")]))
    assert [made[name].auto_filter.ref for name in "ab"] == ["A1:D4", "A1:D2"]
    assert [made[name].dimensions for name in "ab"] == ["A1:D4", "A1:D2"]
    assert (made["a"]["B4"].value, made["b"]["B2"].value, made["b"]["A2"].number_format) == ("x", "x", "#,##0.00")
    assert made.properties.created.date() == DAY
