"""The office form, moved, mangled and half deleted: the answers stay the same or the reading says what is lost."""

from __future__ import annotations

import pickle
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_form import CHOICE, IDS, INSTRUMENT, WORDS, form, kinds, read

from kla.parsing import parse
from kla.parsing.grid import Cell, CellFault, Grid, Sheets
from kla.parsing.rows import question_id_of
from kla.submission import Layout, Reading


def test_every_owned_question_comes_back_blank_or_not() -> None:
    reading = read(form())
    assert reading.problems == ()
    assert [row.question_id for row in reading.answers] == IDS
    first, second, blank = reading.answers
    assert first.level == INSTRUMENT.question(CHOICE).scale.levels[-1].key
    assert (second.value_t2, second.value_t1, second.denominator_t1) == (Decimal(1234567), Decimal(12), Decimal(25))
    assert (blank.raw, blank.level, blank.value_t1) == ({}, "", None)
    assert (first.sheet, first.row, first.cells["answer"]) == ("Klaster III", 7, "G7")
    assert second.raw["denominator_t1"] == "25 anak"


def test_identity_cycle_and_stage_come_from_the_seal() -> None:
    reading = read(form())
    assert reading.seal is not None
    assert reading.seal.is_intact
    assert (reading.cycle, reading.stage, reading.layout) == (2024, "mandiri", Layout.FORM)


def test_evidence_keeps_its_date_or_only_its_year() -> None:
    photo, decree = read(form()).evidence
    assert (photo.kind, photo.dated_on, photo.year, photo.cells["dated_on"]) == ("foto", date(2023, 6, 5), None, "F5")
    assert (decree.kind, decree.dated_on, decree.year, decree.number) == ("sk", None, 2023, "188/1")


def test_what_a_reading_process_sends_arrives_as_it_was_read() -> None:
    reading = read(form())
    arrived = pickle.loads(pickle.dumps(reading, pickle.HIGHEST_PROTOCOL))
    assert arrived == reading
    assert type(arrived.answers[0]) is type(reading.answers[0])


def test_a_blank_is_a_blank_whichever_reader_gave_it() -> None:
    rows = form()
    empty = {
        sheet: [["" if cell is None else cell for cell in line] for line in lines] for sheet, lines in rows.items()
    }
    assert read(empty) == read(rows)


def change(sheet: str, row: int, column: int, value: Cell) -> Reading:
    rows = form()
    line_ = rows[sheet][row]
    line_ += [None] * (column + 1 - len(line_))
    line_[column] = value
    return read(rows)


ONE_CELL: list[tuple[str, int, int, Cell, str, str]] = [
    ("Klaster III", 6, 6, "kira-kira ada", "level_not_in_list", "G7"),
    ("Klaster III", 7, 7, "1.234", "number_ambiguous", "H8"),
    ("Klaster III", 7, 7, "12 %", "number_ambiguous", "H8"),
    ("Klaster III", 7, 7, "banyak", "number_not_understood", "H8"),
    ("Klaster III", 7, 7, CellFault("error_cell", "#DIV/0!"), "error_cell", "H8"),
    ("Klaster III", 7, 7, CellFault("formula_uncached", "=A1"), "formula_uncached", "H8"),
    ("Klaster III", 7, 7, "nihil", "nil_without_reason", "H8"),
    ("Klaster III", 8, 1, None, "", ""),
    ("Klaster III", 6, 1, None, "row_without_question", "B7"),
    ("Klaster III", 6, 1, "14.10", "question_id_not_understood", "B7"),
    ("Klaster III", 0, 5, CellFault("error_cell", "#REF!"), "error_cell", "F1"),
    ("Petunjuk", 0, 5, CellFault("error_cell", "#REF!"), "error_cell", "F1"),
    ("Data Dukung", 4, 2, "Kwitansi", "unknown_evidence_kind", "C5"),
    ("Data Dukung", 4, 5, "kapan-kapan", "date_not_understood", "F5"),
    ("Data Dukung", 4, 1, None, "row_without_question", "B5"),
    ("_kla", 1, 1, "BAPPEDA", "seal_broken", ""),
]


@pytest.mark.parametrize(("sheet", "row", "column", "value", "kind", "cell"), ONE_CELL)
def test_one_wrong_cell_gives_one_problem_at_its_place(
    sheet: str, row: int, column: int, value: Cell, kind: str, cell: str
) -> None:
    reading = change(sheet, row, column, value)
    assert [(p.kind, p.sheet, p.cell) for p in reading.problems] == ([(kind, sheet, cell)] if kind else [])


def test_an_error_cell_is_no_blank_and_keeps_its_text() -> None:
    reading = change("Klaster III", 7, 7, CellFault("error_cell", "#DIV/0!"))
    assert reading.answers[1].value_t2 is None
    assert reading.answers[1].raw["value_t2"] == "#DIV/0!"
    assert reading.problems[0].question_id == "14.P10"


def test_nil_with_a_reason_is_an_answer() -> None:
    rows = form()
    rows["Klaster III"][7][7], rows["Klaster III"][7][11] = "Tidak ada kasus", "Belum ada laporan"
    reading = read(rows)
    assert reading.answers[1].value_t2 == Decimal(0)
    assert reading.problems == ()


def test_a_form_without_its_seal_is_still_a_form() -> None:
    rows = form()
    del rows["_kla"]
    reading = read(rows)
    assert kinds(reading) == ["seal_missing"]
    assert (reading.seal, reading.stage, len(reading.answers)) == (None, "mandiri", 3)


def test_a_copied_block_is_read_and_named() -> None:
    rows = form()
    rows["Klaster III (2)"] = deepcopy(rows["Klaster III"])
    reading = read(rows)
    assert kinds(reading) == ["duplicate_table"]
    assert len(reading.answers) == 6


def test_a_sheet_of_their_own_is_reported_and_left_aside() -> None:
    rows = form()
    rows["Lembar kerja"] = [["catatan", 1.0]]
    reading = read(rows)
    assert [(p.kind, p.sheet, p.value) for p in reading.problems] == [("unknown_sheet_data", "Lembar kerja", "2")]
    assert reading.ledger.ignored["unknown_sheet_data"] == 2


def test_a_workbook_of_another_kind_is_not_our_form() -> None:
    reading = read({"Sheet1": [["Nama", "Nilai"], ["A", 1.0]]})
    assert kinds(reading) == ["not_our_form"]
    assert reading.ledger.ignored == {"not_our_form": 4}


def test_hidden_rows_with_answers_are_read_and_said() -> None:
    rows = form()
    grids = tuple(Grid(name, sheet, hidden_rows=frozenset({2, 3, 6})) for name, sheet in rows.items())
    reading = parse("f" * 64, Sheets(grids), WORDS, Layout.FORM, None, "")
    assert [(p.kind, p.sheet, p.cell) for p in reading.problems] == [("hidden_rows", "Klaster III", "A7")]
    assert len(reading.answers) == 3


@pytest.mark.parametrize("question", INSTRUMENT.questions, ids=lambda question: question.question_id)
def test_every_question_id_of_the_instrument_is_recognised_in_lower_case(question: object) -> None:
    question_id = getattr(question, "question_id")  # noqa: B009 - the fixture is an object for pytest
    assert question_id_of(question_id) == question_id
    assert question_id_of(f" {question_id.lower()} ") == question_id


CELLS = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.sampled_from(
        ["#KLA:START K3", "#KLA:END K3", "#KLA:START", "question_id", "Kode", "14.P1", "1.234", "nihil", " "]
    ),
    st.builds(CellFault, st.just("error_cell"), st.just("#N/A")),
)
PLACES = st.tuples(
    st.sampled_from(["Petunjuk", "Klaster III", "Data Dukung", "_daftar", "_kla"]),
    st.integers(0, 12),
    st.integers(0, 14),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(PLACES, CELLS), max_size=12))
def test_every_cell_is_used_or_ignored_by_a_named_rule(changes: list[tuple[tuple[str, int, int], Cell]]) -> None:
    rows = form()
    for (sheet, row, column), value in changes:
        rows[sheet] += [[] for _ in range(row + 1 - len(rows[sheet]))]
        rows[sheet][row] += [None] * (column + 1 - len(rows[sheet][row]))
        rows[sheet][row][column] = value
    reading = read(rows)
    ledger = reading.ledger
    assert ledger.cells_read == sum(cell not in (None, "") for sheet in rows.values() for row in sheet for cell in row)
    assert ledger.cells_read == ledger.used + sum(ledger.ignored.values())
    assert ledger.used == sum(len(row.raw) for row in (*reading.answers, *reading.evidence, *reading.stated))
    faults = sum(isinstance(cell, CellFault) for sheet in rows.values() for row in sheet for cell in row)
    assert sum(problem.kind == "error_cell" for problem in reading.problems) == faults
