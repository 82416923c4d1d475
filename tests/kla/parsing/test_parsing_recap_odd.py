"""Verifiers' recaps as provinces and the ministry lay them out: sums by any name, the predikat wherever it stands."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.io.instruments import load_instrument
from kla.io.layout_words import load_recap_words
from kla.parsing import parse
from kla.parsing.grid import Cell, Grid, Sheets
from kla.parsing.vocabulary import vocabulary_of
from kla.submission import Layout, Reading, StatedLevel

INSTRUMENT = load_instrument(2024)
WORDS = {2024: vocabulary_of(INSTRUMENT, load_recap_words())}
HEADER: list[Cell] = ["Kode", "Uraian", "Nilai Maks", "Nilai"]


def read(*sheets: list[list[Cell]], stage: str = "vlh") -> Reading:
    grids = tuple(Grid(f"Lembar {number}", rows) for number, rows in enumerate(sheets, 1))
    return parse("f" * 64, Sheets(grids), WORDS, Layout.RECAP, None, stage)


def stated(reading: Reading) -> list[tuple[str, str, Decimal | None]]:
    return [(row.level.value, row.key, row.points) for row in reading.stated]


@pytest.mark.parametrize(
    ("text", "level", "key"),
    [
        ("Klaster II : Lingkungan Keluarga", "block", "K2"),
        ("KLASTER III - KESEHATAN DASAR", "block", "K3"),
        ("Jumlah Klaster I", "block", "K1"),
        ("Sub Total Kelembagaan", "block", "K0"),
        ("Total Nilai Klaster 5 (Perlindungan Khusus)", "block", "K5"),
        ("Indikator 4. Persentase anak yang diregistrasi", "indicator", "4"),
        ("14) Kesehatan", "indicator", "14"),
        ("Jumlah Indikator 7", "indicator", "7"),
        ("GRAND TOTAL", "total", "total"),
        ("Total Keseluruhan", "total", "total"),
    ],
)
def test_a_row_with_figures_is_known_by_how_its_name_begins(text: str, level: str, key: str) -> None:
    reading = read([HEADER, ["1.P1", "Perda", 12, 9], [text, None, None, 9]])
    assert stated(reading)[1] == (level, key, Decimal(9))
    assert reading.problems == ()


@pytest.mark.parametrize("text", ["2 dokumen tambahan", "Nilai tambahan", "Klasterisasi"])
def test_other_texts_with_figures_are_asked_back(text: str) -> None:
    reading = read([HEADER, ["1.P1", "Perda", 12, 9], [text, None, None, 9]])
    assert [(problem.kind, problem.cell) for problem in reading.problems] == [("recap_row_not_understood", "A3")]


def test_a_remark_without_figures_states_nothing() -> None:
    reading = read([HEADER, ["1.P1", "Perda", 12, 9], ["Klaster I belum lengkap, mohon dilengkapi"]])
    assert stated(reading) == [("question", "1.P1", Decimal(9))]


def test_plain_totals_below_one_block_are_that_blocks() -> None:
    rows: list[list[Cell]] = [
        HEADER,
        ["1.P1", None, 12, 9],
        ["Jumlah", None, 12, 9],
        ["4.P1", None, 1, 1],
        ["Sub Total", None, 1, 1],
        ["Jumlah", None, 13, 10],
    ]
    sums = [it for it in stated(read(rows)) if it[0] != "question"]
    assert sums == [
        ("block", "K0", Decimal(9)),
        ("block", "K1", Decimal(1)),
        ("total", "total", Decimal(10)),
    ]


def test_a_sheet_per_klaster_has_its_own_sum_and_the_summary_the_total() -> None:
    block = INSTRUMENT.blocks[1]
    sheet: list[list[Cell]] = [HEADER, *[[q.question_id, None, None, 1] for q in block.questions]]
    sheet.append(["Jumlah", None, None, 7])
    summary: list[list[Cell]] = [["Kode", "Nilai"], ["Klaster I", 7], ["Jumlah", 7]]
    sums = [it for it in stated(read(sheet, summary)) if it[0] != "question"]
    assert sums == [
        ("block", "K1", Decimal(7)),
        ("block", "K1", Decimal(7)),
        ("total", "total", Decimal(7)),
    ]


@given(
    st.permutations([block.code for block in INSTRUMENT.blocks[:4]]), st.sampled_from(["Jumlah", "Subtotal", "TOTAL:"])
)
def test_in_any_order_each_blocks_total_is_its_own(order: list[str], name: str) -> None:
    rows: list[list[Cell]] = [HEADER]
    for place, code in enumerate(order, 1):
        rows.append([INSTRUMENT.block(code).questions[0].question_id, None, None, place])
        rows.append([name, None, None, place])
    rows.append([name, None, None, 99])
    sums = [it for it in stated(read(rows)) if it[0] != "question"]
    assert sums == [*[("block", code, Decimal(n)) for n, code in enumerate(order, 1)], ("total", "total", Decimal(99))]


ROW: list[Cell] = ["1.P1", "Perda", 12, 9]


@pytest.mark.parametrize(
    ("rows", "cell", "label"),
    [
        ([["Predikat: Nindya"], HEADER, ROW], "A1", "Nindya"),
        ([["PREDIKAT FINAL", None, ":", "UTAMA"], HEADER, ROW], "D1", "Utama"),
        ([HEADER, ROW, ["Predikat", None, None, "Nindya (sementara)"]], "D3", "Nindya"),
        ([[*HEADER, "Predikat"], ROW, ["Jumlah", None, 12, 9, "madya"]], "E3", "Madya"),
        ([HEADER, ROW, ["Predikat Akhir", "Kabupaten Layak Anak"]], "B3", "KLA"),
        ([HEADER, ROW, ["Predikat", "Tanpa Predikat"]], "B3", ""),
        ([HEADER, ROW, ["Predikat", "Sangat Baik"]], "B3", "Sangat Baik"),
    ],
)
def test_a_predikat_is_found_wherever_it_stands_with_its_cell(rows: list[list[Cell]], cell: str, label: str) -> None:
    reading = read(rows, stage="final")
    (given_one,) = [row for row in reading.stated if row.level is StatedLevel.PREDIKAT]
    assert (given_one.key, given_one.label, given_one.points) == ("predikat", label, None)
    assert given_one.cells["predikat"] == cell
    assert reading.ledger.cells_read == reading.ledger.used + sum(reading.ledger.ignored.values())


def test_the_same_predikat_twice_is_one_and_two_are_two() -> None:
    twice = read([["Predikat: Nindya"], HEADER, ROW, ["Predikat", "NINDYA"]])
    assert [row.label for row in twice.stated if row.level is StatedLevel.PREDIKAT] == ["Nindya"]
    two = read([["Predikat: Nindya"], HEADER, ROW, ["Predikat", "Utama"]])
    assert [row.label for row in two.stated if row.level is StatedLevel.PREDIKAT] == ["Nindya", "Utama"]


def test_a_predikat_in_a_column_that_is_read_is_not_counted_twice() -> None:
    rows: list[list[Cell]] = [[*HEADER, "Keterangan"], ROW, ["Jumlah", None, 12, 9, "Predikat: Nindya"]]
    ledger = read(rows).ledger
    assert ledger.cells_read == ledger.used + sum(ledger.ignored.values())
    assert ledger.used == 4 + 4


def test_a_column_named_predikat_without_a_total_gives_none() -> None:
    reading = read([[*HEADER, "Predikat", "Keterangan"], [*ROW, None, "Foto tidak jelas"]])
    assert [row.level.value for row in reading.stated] == ["question"]


def test_a_decision_without_questions_gives_its_predikat_in_a_recap_folder_only() -> None:
    sheet = Sheets((Grid("SK", [["Penetapan", None], ["Predikat", "Nindya"]]),))
    there = parse("f" * 64, sheet, WORDS, Layout.RECAP, None, "final")
    assert [(row.level, row.label) for row in there.stated] == [(StatedLevel.PREDIKAT, "Nindya")]
    assert there.problems == ()
    elsewhere = parse("f" * 64, sheet, WORDS, Layout.FORM, None, "")
    assert (elsewhere.layout, elsewhere.stated) == (Layout.UNKNOWN, ())


@pytest.mark.parametrize(
    ("stage", "header", "is_other"),
    [
        ("vlh", "Nilai Mandiri", True),
        ("administrasi", "Hasil VLH", True),
        ("final", "Hasil VLH", True),
        ("vlh", "Hasil Verifikasi", False),
        ("administrasi", "Nilai", False),
        ("final", "Nilai Akhir", False),
    ],
)
def test_points_that_by_their_header_are_another_stages_are_told(stage: str, header: str, is_other: bool) -> None:
    reading = read([["Kode", "Nilai Maks", header], ["1.P1", 12, 9]], stage=stage)
    told = [(it.kind, it.cell, it.value, it.expected) for it in reading.problems]
    assert told == ([("points_of_other_stage", "C1", header, stage)] if is_other else [])
