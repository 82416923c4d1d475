"""Cells of lists: what XlsxWriter would write cell by cell."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from zipfile import ZipFile

import pytest
import xlsxwriter

from kla.io.list_cells import HEADING, Cells, Value, cell_text

ROWS: list[list[Value]] = [
    ["No.", "Temuan", "Poin"],
    [1, "=1+1", Decimal("9.00")],
    [2, "  dua & <b>\"' ", Decimal("1E+2")],
    [3, "_x0041_ a\nb", Decimal("0.1")],
    [4, "=1+1", Decimal(1000)],
    [5, "", Decimal("961.86")],
]


def by_xlsxwriter() -> dict[str, str]:
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        heading, text, count, points = (workbook.add_format({"font_size": size}) for size in (20, 21, 22, 23))
        sheet = workbook.add_worksheet()
        for row, line in enumerate(ROWS):
            for column, value in enumerate(line):
                if value == "":
                    sheet.write_blank(row, column, None, text)
                elif isinstance(value, str):
                    sheet.write_string(row, column, value, text if row else heading)
                else:
                    sheet.write_number(row, column, value, points if isinstance(value, Decimal) else count)
        sheet.set_row(2, 30)
    with ZipFile(out) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist()}


def test_cells_and_texts_are_those_of_xlsxwriter_to_the_letter() -> None:
    cells = Cells()
    rows = [cells.row(1, ROWS[0], 3, text=HEADING)]
    rows += [cells.row(number, line, 3, points=30 if number == 3 else 0) for number, line in enumerate(ROWS[1:], 2)]
    theirs = by_xlsxwriter()
    found = re.search("<sheetData>(.*)</sheetData>", theirs["xl/worksheets/sheet1.xml"], re.DOTALL)
    assert found
    assert "".join(rows) == found[1]
    assert cells.texts() == theirs["xl/sharedStrings.xml"]


def test_styles_are_numbered_as_they_come() -> None:
    cells = Cells()
    assert [' s="1"' in cells.row(1, [Decimal(1)], 1), ' s="2"' in cells.row(2, ["a"], 1)] == [True, True]
    assert cells.styles == ("points", "text")


def test_a_row_without_values_is_none() -> None:
    assert Cells().row(1, (), 2) == ""


def test_a_text_that_looks_like_a_piece_of_xml_stays_text() -> None:
    cells = Cells()
    cells.row(1, ["<r><t>a</t></r>"], 1)
    assert "<t>&lt;r&gt;&lt;t&gt;a&lt;/t&gt;&lt;/r&gt;</t>" in cells.texts()


@pytest.mark.parametrize(("text", "cut"), [("a" * 32768, "a" * 32767), ("\U0001f600" * 20000, "\U0001f600" * 16383)])
def test_a_text_is_cut_where_excel_takes_no_more(text: str, cut: str) -> None:
    assert cell_text(text) == cut
