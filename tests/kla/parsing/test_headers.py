"""A misspelt header is one finding, and its column is read where it can mean nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from small_form import CHOICE, INSTRUMENT, Rows, facts, form, grids_of, kinds, read

from kla.io.layout_words import load_limits, load_recap_words
from kla.parsing import Choices, parse
from kla.parsing.grid import Cell, Grid, Sheets
from kla.parsing.vocabulary import Vocabulary, vocabulary_of
from kla.submission import Layout, Reading

WORDS: dict[int, Vocabulary] = {2024: vocabulary_of(INSTRUMENT, load_recap_words(), load_limits())}


def understood(rows: Rows, choices: Choices | None = None) -> Reading:
    return parse("f" * 64, grids_of(rows), WORDS, Layout.FORM, None, "", choices or Choices())


def without_keys(column: int, header: Cell, sheet: str = "Klaster III") -> Rows:
    """A form whose row of machine keys is gone, so that headers count, and one header is another."""
    rows = form()
    at = 3 if sheet == "Klaster III" else 2
    del rows[sheet][at]
    rows[sheet][at][column] = header
    return rows


@pytest.mark.parametrize(
    ("sheet", "column", "header", "meant", "cell"),
    [
        ("Klaster III", 6, "Jawabn", "Jawaban", "G4"),
        ("Klaster III", 1, "Kodee", "Kode", "B4"),
        ("Klaster III", 9, "Angka/pembilan 2023", "Angka / pembilang 2023", "J4"),
        ("Klaster III", 10, "Penyebt 2023", "Penyebut 2023", "K4"),
        ("Klaster III", 11, "Catattan", "Catatan", "L4"),
        ("Data Dukung", 3, "Judul dokumn", "Judul dokumen", "D3"),
        ("Data Dukung", 1, "Kode pertanyan", "Kode pertanyaan", "B3"),
    ],
)
def test_one_misspelt_header_gives_one_finding_with_the_header_meant_and_the_same_rows(
    sheet: str, column: int, header: str, meant: str, cell: str
) -> None:
    original, reading = read(form()), understood(without_keys(column, header, sheet))
    assert kinds(reading) == ["header_misspelt", "machine_keys_missing"]
    problem = next(it for it in reading.problems if it.kind == "header_misspelt")
    assert (problem.sheet, problem.cell, problem.value, problem.expected) == (sheet, cell, header, meant)
    assert [facts(row) for row in reading.answers] == [facts(row) for row in original.answers]
    assert [(it.question_id, it.title) for it in reading.evidence] == [
        (it.question_id, it.title) for it in original.evidence
    ]
    repairs = [(it.cell, it.original, it.result) for it in reading.repairs if it.rule == "header"]
    assert repairs == [(cell, header, meant)]


def test_a_header_that_is_only_near_is_asked_about_once_and_nothing_is_guessed() -> None:
    reading = understood(without_keys(6, "Jwbn"))
    assert kinds(reading) == ["header_unclear", "machine_keys_missing"]
    unclear = next(it for it in reading.problems if it.kind == "header_unclear")
    assert (unclear.cell, unclear.value, unclear.expected) == ("G4", "Jwbn", "answer")
    assert {row.answer for row in reading.answers} == {""}
    (near,) = reading.near
    assert (near.kind, near.text, near.candidate, near.cell) == ("header", "Jwbn", "Jawaban", "G4")


def test_a_header_of_another_year_is_never_taken_for_this_one() -> None:
    reading = understood(without_keys(10, "Penyebut 2021"))
    assert "header_unclear" in kinds(reading)
    assert {row.denominator_t1 for row in reading.answers} == {None}


def test_what_a_steward_said_a_header_means_is_taken_without_a_finding() -> None:
    rows = without_keys(6, "Pilihan kami")
    assert "column_missing" in kinds(understood(rows))
    reading = understood(rows, Choices(learned={"header": {"pilihan kami": "Jawaban"}}))
    assert kinds(reading) == ["machine_keys_missing"]
    assert [(it.rule, it.result) for it in reading.repairs if it.cell == "G4"] == [("header", "Jawaban")]
    assert reading.answers[0].level


def test_a_header_in_capitals_is_noted_and_no_finding() -> None:
    reading = understood(without_keys(6, "JAWABAN"))
    assert kinds(reading) == ["machine_keys_missing"]
    assert [it.original for it in reading.repairs if it.rule == "header"] == ["JAWABAN"]


def test_a_rejected_header_is_not_read() -> None:
    choices = Choices(rejected=frozenset({("Klaster III", "G4")}))
    reading = understood(without_keys(6, "Jawabn"), choices)
    assert "repair_rejected" in kinds(reading)
    assert {row.answer for row in reading.answers} == {""}


def recap(rows: list[list[Cell]], stage: str = "administrasi", choices: Choices | None = None) -> Reading:
    grid = Grid("Rekap", rows)
    return parse("f" * 64, Sheets((grid,)), WORDS, Layout.RECAP, None, stage, choices or Choices())


@pytest.mark.parametrize(
    ("headers", "cell", "meant"),
    [
        (["Kode", "Hasil Verifiksi", "Nilai Maksimum"], "B1", "Hasil verifikasi"),
        (["Kode Pertanyan", "Hasil Verifikasi", "Nilai Maksimum"], "A1", "Kode pertanyaan"),
        (["Kode", "Hasil Verifikasi", "Nilai Maksimm"], "C1", "Nilai maksimum"),
    ],
)
def test_a_recaps_misspelt_header_is_read_and_said(headers: list[Cell], cell: str, meant: str) -> None:
    reading = recap([headers, ["4.P1", 0.75, 1.0]])
    assert [(it.kind, it.cell, it.expected) for it in reading.problems] == [("header_misspelt", cell, meant)]
    assert [(it.points, it.max_points) for it in reading.stated] == [(Decimal("0.75"), Decimal(1))]
    assert [(it.rule, it.cell, it.result) for it in reading.repairs] == [("header", cell, meant)]


def test_a_recaps_unclear_header_refuses_it_once_instead_of_row_by_row() -> None:
    reading = recap([["Kode", "Hsl Verif"], ["4.P1", 0.75], ["4.P2", 1.0]])
    assert (reading.layout, reading.stated) == (Layout.RECAP, ())
    assert [(it.kind, it.cell, it.value, it.expected) for it in reading.problems] == [
        ("header_unclear", "B1", "Hsl Verif", "points")
    ]
    assert len(reading.near) == 1
    assert reading.ledger.cells_read == sum(reading.ledger.ignored.values())


def test_points_of_another_stage_never_stand_in_for_a_misspelt_header_of_this_one() -> None:
    reading = recap([["Kode", "Evaluasi Mandiri", "Hasil Verifikas"], ["4.P1", 1.0, 0.75]])
    assert [it.points for it in reading.stated] == [Decimal("0.75")]


def test_a_steward_may_say_what_a_recaps_header_means() -> None:
    rows: list[list[Cell]] = [["Kode", "Angka tim"], ["4.P1", 0.75]]
    assert recap(rows).layout is Layout.UNKNOWN
    reading = recap(rows, choices=Choices(learned={"header": {"Angka tim": "Hasil verifikasi"}}))
    assert [it.points for it in reading.stated] == [Decimal("0.75")]


@pytest.mark.parametrize(("text", "is_taken"), [("Fotoo", False), ("Dokumentasi foto", False)])
def test_a_near_kind_is_asked_about(text: str, is_taken: bool) -> None:
    rows = form()
    rows["Data Dukung"][4][2] = text
    reading = understood(rows)
    assert ("unknown_evidence_kind" in kinds(reading)) is not is_taken


def test_a_level_with_a_slip_of_the_pen_is_read_and_noted() -> None:
    rows = form()
    label = INSTRUMENT.question(CHOICE).scale.levels[-1].label
    rows["Klaster III"][6][6] = label + label[-1]
    reading = understood(rows)
    assert reading.answers[0].level == read(form()).answers[0].level
    assert [(it.rule, it.result) for it in reading.repairs if it.cell == "G7"] == [("level", label)]
    learned = Choices(learned={"level": {"mantap": label}})
    rows["Klaster III"][6][6] = "Mantap"
    assert understood(rows).answers[0].level == ""
    assert understood(rows, learned).answers[0].level
