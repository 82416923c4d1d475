"""gap.xlsx and findings.xlsx: every gap and finding, nothing live in them, the same bytes each time."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from decimal import Decimal
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from reports.factory import HOSTILE, bare_picture, picture, recap_picture, small_picture

from kla.io.page_views import PictureView
from kla.io.workbooks import findings_workbook, gap_workbook


def rows(content: bytes, sheet: str) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = book[sheet]
    assert isinstance(found, Worksheet)
    return list(found.iter_rows(values_only=True))


def test_the_gaps_sum_to_maximum_minus_score() -> None:
    shown = small_picture()
    listed = rows(gap_workbook(PictureView(shown)).content(), "Kesenjangan")
    assert listed[0][:3] == ("No.", "Kode", "Pertanyaan")
    lost = sum(Decimal(str(row[7])) for row in listed[1:])
    assert lost == 1000 - shown.current.total.points
    assert len(listed) - 1 == len(shown.gaps)


@pytest.mark.parametrize("sheet", ["Per perangkat daerah", "Per klaster"])
def test_the_gaps_sum_to_the_same_by_office_and_by_block(sheet: str) -> None:
    shown = small_picture()
    listed = rows(gap_workbook(PictureView(shown)).content(), sheet)
    assert sum(Decimal(str(row[2])) for row in listed[1:]) == 1000 - shown.current.total.points


def test_every_finding_has_its_row_with_place_and_remedy() -> None:
    shown = small_picture()
    listed = rows(findings_workbook(PictureView(shown)).content(), "Temuan")
    assert len(listed) - 1 == len(shown.findings)
    wanted = {(found.code, found.sheet, found.cell, found.tell, found.fix) for found in shown.findings}
    assert {(row[1], row[6], row[7], row[10], row[11]) for row in listed[1:]} == wanted


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_never_a_formula_or_a_link_and_survives(text: str) -> None:
    base = small_picture()
    shown = replace(base, findings=tuple(replace(found, value=text, tell=text, fix=text) for found in base.findings))
    content = findings_workbook(PictureView(shown)).content()
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for row in book["Temuan"].iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert text in {cell.value for cell in cells}
    with ZipFile(io.BytesIO(content)) as parts:
        markup = b"".join(parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets"))
    assert not re.search(rb"<f[ >]|<hyperlink", markup)


def test_characters_a_workbook_cannot_hold_are_shown_as_replaced() -> None:
    base = small_picture()
    shown = replace(base, findings=tuple(replace(found, value="a\x00b\x1bc") for found in base.findings))
    assert rows(findings_workbook(PictureView(shown)).content(), "Temuan")[1][9] == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("make", [small_picture, recap_picture, bare_picture, picture])
def test_the_same_picture_gives_the_same_bytes(make) -> None:  # type: ignore[no-untyped-def]
    for write in (gap_workbook, findings_workbook):
        assert write(PictureView(make())).content() == write(PictureView(make())).content()


def test_no_clock_reading_is_in_a_workbook_but_the_day_of_the_last_file() -> None:
    with ZipFile(io.BytesIO(gap_workbook(PictureView(small_picture())).content())) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+", parts.read("docProps/core.xml"))) == {b"2025-04-20T00:00:00"}
