"""Recaps in whatever layout a district keeps."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kla.io.instruments import load_instrument
from kla.io.layout_words import load_recap_words
from kla.parsing import parse
from kla.parsing.grid import Cell, CellFault, Grid, Sheets
from kla.parsing.vocabulary import Vocabulary, vocabulary_of
from kla.submission import Layout, Reading, StatedLevel


@pytest.fixture(scope="module")
def words() -> dict[int, Vocabulary]:
    return {2024: vocabulary_of(load_instrument(2024), load_recap_words())}


def read(words: dict[int, Vocabulary], rows: list[list[Cell]], stage: str = "mandiri", first_row: int = 0) -> Reading:
    grid = Grid("Rekap", rows, first_row, has_faults=True)
    return parse("f" * 64, Sheets((grid,)), words, Layout.RECAP, None, stage)


MERGED: list[list[Cell]] = [
    ["KARTU NILAI", None, None, None, None, None],
    ["", "", "", "", "", ""],
    ["Kode", "Pertanyaan", "Nilai", None, "Alasan", "OPD"],
    [None, None, "Maksimum", "Evaluasi Mandiri", None, None],
    ["Klaster I", "Hak Sipil dan Kebebasan", 150, 89.0, None, None],
    ["Indikator 4", "Akta", 15.0, 15.0, None, None],
    ["4.P1", "Anak teregistrasi", 1.0, "0,75", "Foto tidak jelas", "Disdukcapil"],
    ["Jumlah", None, 1000, 765.46, None, None],
    ["Sumber: kartu kabupaten", None, None, None, None, None],
]


def test_a_two_row_merged_header_names_maximum_and_points_apart(words: dict[int, Vocabulary]) -> None:
    reading = read(words, MERGED)
    assert reading.layout is Layout.RECAP
    stated = [(row.level, row.key, row.max_points, row.points) for row in reading.stated]
    assert stated == [
        (StatedLevel.BLOCK, "K1", Decimal(150), Decimal(89)),
        (StatedLevel.INDICATOR, "4", Decimal(15), Decimal(15)),
        (StatedLevel.QUESTION, "4.P1", Decimal(1), Decimal("0.75")),
        (StatedLevel.TOTAL, "total", Decimal(1000), Decimal("765.46")),
    ]
    assert reading.problems == ()
    question = reading.stated[2]
    assert (question.reason, question.offices) == ("Foto tidak jelas", "Disdukcapil")
    assert (question.cells["points"], question.row) == ("D7", 7)


def test_leading_empty_rows_do_not_shift_the_cells(words: dict[int, Vocabulary]) -> None:
    assert read(words, MERGED, first_row=3).stated[2].cells["points"] == "D10"


def test_every_cell_of_a_recap_is_accounted_for(words: dict[int, Vocabulary]) -> None:
    ledger = read(words, MERGED).ledger
    filled = sum(cell not in (None, "") for row in MERGED for cell in row)
    assert ledger.cells_read == filled == ledger.used + sum(ledger.ignored.values())
    assert ledger.ignored["footer"] == 1
    assert ledger.ignored["title"] == 1


@pytest.mark.parametrize(("stage", "points"), [("mandiri", "12"), ("administrasi", "9")])
def test_of_several_columns_of_points_the_stages_own_counts(
    words: dict[int, Vocabulary], stage: str, points: str
) -> None:
    rows: list[list[Cell]] = [
        ["Kode", "Nilai Maks", "Evaluasi Mandiri", "Hasil Verifikasi"],
        ["1.P1", 12, 12, 9],
    ]
    assert read(words, rows, stage).stated[0].points == Decimal(points)


@pytest.mark.parametrize("name", ["Grand Total", "Kab. Pasangkayu", "KABUPATEN", "Total:"])
def test_a_total_row_is_known_by_many_names(words: dict[int, Vocabulary], name: str) -> None:
    rows: list[list[Cell]] = [["Kode", "Nilai"], ["1.P1", 12], [name, 12]]
    assert read(words, rows).stated[-1].level is StatedLevel.TOTAL


def test_figures_without_a_known_key_are_reported_not_lost(words: dict[int, Vocabulary]) -> None:
    rows: list[list[Cell]] = [["Kode", "Nilai"], ["1.P1", 12], ["Klaster XI", 7]]
    reading = read(words, rows)
    assert [(p.kind, p.cell, p.value) for p in reading.problems] == [("recap_row_not_understood", "A3", "Klaster XI")]


def test_points_that_are_none_are_asked_back_with_their_cell(words: dict[int, Vocabulary]) -> None:
    rows: list[list[Cell]] = [
        ["Kode", "Nilai"],
        ["1.P1", "dua belas koma"],
        ["1.P2a", CellFault("error_cell", "#REF!")],
        ["1.P2b", "1.000"],
        ["1.P2c", "nihil"],
    ]
    reading = read(words, rows)
    assert [(p.kind, p.cell, p.question_id) for p in reading.problems] == [
        ("number_not_understood", "B2", "1.P1"),
        ("error_cell", "B3", "1.P2a"),
        ("number_ambiguous", "B4", "1.P2b"),
    ]
    assert [row.points for row in reading.stated] == [None, None, None, Decimal(0)]


def test_a_recap_in_an_offices_folder_is_read_and_said(words: dict[int, Vocabulary]) -> None:
    reading = parse("f" * 64, Sheets((Grid("Rekap", MERGED),)), words, Layout.FORM, None, "")
    assert reading.problems[0].kind == "wrong_layout"
    assert len(reading.stated) == 4
