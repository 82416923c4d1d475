"""Where the reader saw other cells than the file holds, the file is not trusted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from kla.io import child, recount
from kla.io.child import Errand, read_one
from kla.io.detect import inspect
from kla.io.instruments import load_instrument
from kla.io.recount import disagreements
from kla.parsing.grid import Cell, CellFault, Grid, Sheets
from kla.parsing.vocabulary import vocabulary_of
from kla.submission import Layout

ROWS: list[list[Cell]] = [["Kode", 12.0], ["", "isi"]]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Isi"
    for cell, value in (("A1", "Kode"), ("B1", 12), ("B2", "isi"), ("A3", " ")):
        sheet[cell] = value
    path = tmp_path / "isi.xlsx"
    workbook.save(path)
    return path


def compared(path: Path, rows: list[list[Cell]], name: str = "Isi") -> list[tuple[str, str, str, str]]:
    found = disagreements(path, inspect(path), Sheets((Grid(name, rows),)), 99)
    return [(it.sheet, it.cell, it.value, it.expected) for it in found]


def test_two_counts_that_agree_give_no_problem(saved: Path) -> None:
    assert compared(saved, ROWS) == []
    assert compared(saved, [*ROWS, ["  "], [CellFault("formula_uncached", "=1+1")]]) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Kode", 12.0]], ("Isi", "B2", "2", "3")),
        ([["Kode", 12.0], ["lebih", "isi"]], ("Isi", "A2", "4", "3")),
        ([["Kode", None, 12.0], ["", "isi"]], ("Isi", "B1", "3", "3")),
    ],
)
def test_a_cell_the_reader_lost_invented_or_moved_is_said_with_its_place(
    saved: Path, rows: list[list[Cell]], expected: tuple[str, str, str, str]
) -> None:
    assert compared(saved, rows) == [expected]


def test_a_sheet_the_reader_calls_by_another_name_is_not_trusted(saved: Path) -> None:
    assert compared(saved, ROWS, "Lain") == [("Lain", "A1", "3", "0")]


def test_an_ordinary_file_is_not_opened_a_second_time(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recount, "read_parts", lambda *_: pytest.fail("opened again"))
    assert disagreements(saved, inspect(saved), Sheets(()), 4) == ()


def test_a_file_whose_dimension_lies_is_read_whole(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_vocabularies", {2024: vocabulary_of(load_instrument(2024))})
    target = tmp_path / "bohong.xlsx"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A2"'))
    found = read_one(Errand("f" * 64, str(target), Layout.FORM, None, ""))
    assert [it.kind for it in found.problems] == ["lying_dimension", "not_our_form"]
    assert found.ledger.cells_read == 4
