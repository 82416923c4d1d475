"""Whatever is read as something other than what is written there is written down, cell by cell."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_form import CHOICE, INSTRUMENT, WORDS, Rows, form, grids_of, read

from kla import layout
from kla.io.layout_words import load_recap_words
from kla.parsing import Choices, parse
from kla.parsing.grid import Cell, Grid, Sheets
from kla.parsing.vocabulary import Vocabulary, vocabulary_of
from kla.submission import REPAIR_RULES, AnswerRow, EvidenceRow, Layout, Reading, StatedLevel, StatedRow

ANSWER_ROW, EVIDENCE_ROW = "Klaster III", "Data Dukung"
LABEL = INSTRUMENT.question(CHOICE).scale.levels[-1].label


def put(sheet: str, row: int, column: int, value: Cell) -> Rows:
    rows = form()
    line = rows[sheet][row]
    line += [None] * (column + 1 - len(line))
    line[column] = value
    return rows


MENDED: list[tuple[str, int, int, Cell, str, str, str]] = [
    (ANSWER_ROW, 7, 7, " 87,5\u00a0", "number", "87.5", "H8"),
    (ANSWER_ROW, 7, 7, "1.234.567", "number", "1234567", "H8"),
    (ANSWER_ROW, 7, 7, "  ", "trim", "", "H8"),
    (ANSWER_ROW, 6, 11, " lengkap", "trim", "lengkap", "L7"),
    (ANSWER_ROW, 6, 6, LABEL.upper(), "level", LABEL, "G7"),
    (ANSWER_ROW, 6, 6, f" {LABEL}\u00a0", "level", LABEL, "G7"),
    (ANSWER_ROW, 6, 1, f" {CHOICE.lower()} ", "question_id", CHOICE, "B7"),
    (EVIDENCE_ROW, 4, 2, "foto", "kind", "Foto", "C5"),
    (EVIDENCE_ROW, 4, 5, 45082.0, "date", "2023-06-05", "F5"),
    (EVIDENCE_ROW, 4, 5, "thn 2023", "date", "2023", "F5"),
    (EVIDENCE_ROW, 4, 5, "-", "date", "", "F5"),
    (EVIDENCE_ROW, 4, 3, "Ruang laktasi\n", "trim", "Ruang laktasi", "D5"),
]


@pytest.mark.parametrize(("sheet", "row", "column", "value", "rule", "result", "cell"), MENDED)
def test_a_change_is_noted_with_original_result_rule_and_cell(
    sheet: str, row: int, column: int, value: Cell, rule: str, result: str, cell: str
) -> None:
    (repair,) = [it for it in read(put(sheet, row, column, value)).repairs if (it.sheet, it.cell) == (sheet, cell)]
    assert (repair.rule, repair.result) == (rule, result)
    assert repair.original == (value if isinstance(value, str) else "45082")
    assert repair.row_key == f"{sheet}!{row + 1}"


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value"),
    [(ANSWER_ROW, 7, 7, 12.0), (ANSWER_ROW, 7, 7, "12"), (ANSWER_ROW, 6, 6, LABEL), (EVIDENCE_ROW, 4, 5, 2023.0)],
)
def test_what_is_read_as_written_is_no_repair(sheet: str, row: int, column: int, value: Cell) -> None:
    place = put(sheet, row, column, value)
    assert [it for it in read(place).repairs if it.row_key == f"{sheet}!{row + 1}" and it.field not in UNTOUCHED] == []


UNTOUCHED = ("denominator_t1", "kind")  # the small form's own "25 anak" and "sk"


def shown(row: AnswerRow | EvidenceRow | StatedRow) -> dict[str, str]:
    """Return what was understood of each cell that was read, in plain writing."""

    def number(value: Decimal | None) -> str:
        return "" if value is None else f"{value:f}"

    if isinstance(row, AnswerRow):
        labels = {level.key: level.label for level in INSTRUMENT.question(CHOICE).scale.levels}
        numbers = {key: number(getattr(row, key)) for key in layout.NUMBER_KEYS}
        return {"answer": labels.get(row.level, row.answer), "note": row.note, **numbers}
    if isinstance(row, EvidenceRow):
        kind = INSTRUMENT.evidence_kinds[row.kind].label if row.kind else ""
        day = row.dated_on.isoformat() if row.dated_on else str(row.year or "")
        texts = {key: getattr(row, key) for key in ("title", "number", "link", "note")}
        return {"question_id": row.question_id, "kind": kind, "dated_on": day, **texts}
    key = {"key": row.key} if row.level is StatedLevel.QUESTION else {}
    figures = {"max_points": number(row.max_points), "points": number(row.points)}
    return {**key, **figures, "reason": row.reason, "offices": row.offices}


def changed_cells(reading: Reading) -> set[tuple[str, str]]:
    """Return the cells whose understood content is not what is written; what was not understood is a problem instead."""
    asked_back = {(it.sheet, it.cell) for it in reading.problems if it.kind != "nil_without_reason"}
    return {
        (row.sheet, row.cells[name])
        for row in (*reading.answers, *reading.evidence, *reading.stated)
        for name, text in shown(row).items()
        if name in row.cells and text != row.raw.get(name, "") and (row.sheet, row.cells[name]) not in asked_back
    }


WRITTEN = st.sampled_from(
    [
        *(" a ", "12,5", "1.234.567,8", "nihil", "  ", "12 (dua belas)", LABEL.lower(), "Foto ", "SK", "5 Juni 2023"),
        *("2023", 2023.0, 45082.0, 0.5, None, "banyak", "1.234", "12 %", "Rp 5.000.000,-", "\u00a0", "-", "thn 2022"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(6, 8), st.sampled_from([6, 7, 8, 9, 10, 11]), WRITTEN), max_size=10),
    st.lists(st.tuples(st.integers(4, 6), st.sampled_from([2, 3, 4, 5, 6, 7]), WRITTEN), max_size=10),
    st.lists(st.sampled_from(["", "14.P10", " 14 p10 ", "15.P1"]), max_size=3),
)
def test_there_are_as_many_repairs_as_changed_cells(
    answers: list[tuple[int, int, Cell]], evidence: list[tuple[int, int, Cell]], ids: list[str]
) -> None:
    rows = form()
    for sheet, changes in ((ANSWER_ROW, answers), (EVIDENCE_ROW, evidence)):
        for row, column, value in changes:
            line = rows[sheet][row]
            line += [None] * (column + 1 - len(line))
            line[column] = value
    for row, text in zip((4, 5, 6), ids, strict=False):
        line = rows[EVIDENCE_ROW][row]
        line += [None] * (2 - len(line))
        line[1] = text
    reading = read(rows)
    cells = [(repair.sheet, repair.cell) for repair in reading.repairs]
    assert len(cells) == len(set(cells))
    assert {repair.rule for repair in reading.repairs} <= set(REPAIR_RULES)
    assert set(cells) == changed_cells(reading)


def test_a_recaps_repairs_are_noted_too() -> None:
    words: dict[int, Vocabulary] = {2024: vocabulary_of(INSTRUMENT, load_recap_words())}
    rows: list[list[Cell]] = [["Kode", "Nilai", "Alasan"], ["4 p1", "2,25", " foto "], ["4.P2", 1.5, None]]
    reading = parse("f" * 64, Sheets((Grid("Rekap", rows),)), words, Layout.RECAP, None, "final")
    assert [(it.cell, it.rule, it.original, it.result, it.question_id) for it in reading.repairs] == [
        ("A2", "question_id", "4 p1", "4.P1", "4.P1"),
        ("B2", "number", "2,25", "2.25", "4.P1"),
        ("C2", "trim", " foto ", "foto", "4.P1"),
    ]
    assert {(it.sheet, it.cell) for it in reading.repairs} == changed_cells(reading)


@pytest.mark.parametrize(("sheet", "row", "column", "value", "rule", "result", "cell"), MENDED)
def test_a_rejected_repair_is_not_made_and_the_cell_asked_back(
    sheet: str, row: int, column: int, value: Cell, rule: str, result: str, cell: str
) -> None:
    choices = Choices(rejected=frozenset({(sheet, cell)}))
    found = parse("f" * 64, grids_of(put(sheet, row, column, value)), WORDS, Layout.FORM, None, "", choices)
    assert [(it.kind, it.sheet, it.cell) for it in found.problems] == [("repair_rejected", sheet, cell)]
    assert (sheet, cell) not in {(it.sheet, it.cell) for it in found.repairs}
    ledger = found.ledger
    assert ledger.cells_read == ledger.used + sum(ledger.ignored.values())
    if rule == "question_id":
        assert CHOICE not in {it.question_id for it in found.answers}
    else:
        (mine,) = [it for it in (*found.answers, *found.evidence) if (it.sheet, it.row) == (sheet, row + 1)]
        assert {shown(mine)[name] for name, place in mine.cells.items() if place == cell} == {""}


def test_a_rejection_speaks_of_its_cell_alone() -> None:
    rows = put(ANSWER_ROW, 7, 7, "87,5")
    choices = Choices(rejected=frozenset({(ANSWER_ROW, "H9"), (EVIDENCE_ROW, "H8")}))
    assert parse("f" * 64, grids_of(rows), WORDS, Layout.FORM, None, "", choices) == replace(read(rows))


def test_a_question_id_written_once_holds_for_the_rows_below_until_a_blank_one() -> None:
    rows = form()
    evidence = rows[EVIDENCE_ROW]
    evidence[5][1] = None
    evidence.insert(6, [])
    evidence.insert(7, [None, None, "Foto", "Sendirian"])
    reading = read(rows)
    assert [(it.row, it.question_id) for it in reading.evidence] == [(5, CHOICE), (6, CHOICE)]
    assert [(it.cell, it.original, it.result) for it in reading.repairs if it.rule == "fill_down"] == [
        ("B6", "", CHOICE)
    ]
    assert [(it.kind, it.cell) for it in reading.problems] == [("row_without_question", "B8")]


def test_nothing_is_filled_down_from_a_question_id_that_is_none() -> None:
    rows = form()
    rows[EVIDENCE_ROW][4][1], rows[EVIDENCE_ROW][5][1] = "14.10", None
    reading = read(rows)
    assert reading.evidence == ()
    assert sorted(it.kind for it in reading.problems) == ["question_id_not_understood", "row_without_question"]
