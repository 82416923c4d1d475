"""What differs between two nights and two attempts, wherever rows were moved to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kla.delta import (
    CellChange,
    Change,
    FindingChange,
    WrittenRow,
    cell_changes,
    changes,
    content_of,
    delta,
    keyed,
)
from kla.findings import Finding, Severity


def finding(code: str = "A01", question_id: str = "1.P1", row: int = 7, **more: object) -> Finding:
    base = Finding(
        code=code,
        severity=Severity.WARNING,
        sha256="a" * 64,
        district_code="63.10",
        opd_code="DINKES",
        cycle=2024,
        stage="mandiri",
        file_name="dinkes.xlsx",
        sheet="Klaster III",
        cell=f"F{row}",
        question_id=question_id,
        value="x",
        tell="Ada.",
        fix="Perbaiki.",
        frame="answers",
        row_key=f"Klaster III!{row}",
        points_at_stake=Decimal(3),
    )
    return replace(base, **more)  # type: ignore[arg-type]


def kinds(told: tuple[FindingChange, ...]) -> list[tuple[str, str]]:
    return [(one.key.code, one.change.value) for one in told]


def test_a_finding_is_new_then_persists_then_is_fixed_then_returns() -> None:
    log: dict[object, FindingChange] = {}
    seen = []
    for found in ([finding()], [finding()], [], [], [finding()], [finding()]):
        told = changes(log, keyed(found))  # type: ignore[arg-type]
        log |= {one.key: one for one in told}
        seen.append([one.change for one in told])
    assert seen == [[Change.NEW], [Change.PERSISTING], [Change.FIXED], [], [Change.RETURNED], [Change.PERSISTING]]


def test_an_inserted_row_makes_nothing_new() -> None:
    before = [finding(row=7), finding("A02", "1.P2", 8), finding("A02", "1.P3", 9)]
    after = [finding(row=9), finding("A02", "1.P2", 10), finding("A02", "1.P3", 11)]
    assert {one.change for one in delta(before, after)} == {Change.PERSISTING}
    assert {one.cell for one in delta(before, after)} == {"F9", "F10", "F11"}


def test_what_is_about_no_question_is_told_by_its_cell() -> None:
    before, after = finding("W10", "", 7), finding("W10", "", 8)
    assert kinds(delta([before], [after])) == [("W10", "fixed"), ("W10", "new")]


def test_of_several_alike_only_the_mended_ones_are_fixed() -> None:
    three = [finding("D02", row=row, frame="evidence") for row in (5, 6, 7)]
    told = delta(three, three[:1])
    assert [one.change for one in told] == [Change.PERSISTING, Change.FIXED, Change.FIXED]


def test_what_is_only_shown_is_no_news() -> None:
    assert delta([], [finding(severity=Severity.INFO)]) == ()


@given(st.lists(st.tuples(st.sampled_from(["A01", "A02"]), st.sampled_from(["1.P1", "1.P2", ""])), max_size=6))
def test_every_finding_is_told_exactly_once(pairs: list[tuple[str, str]]) -> None:
    found = [finding(code, question, row) for row, (code, question) in enumerate(pairs, 1)]
    assert len(keyed(found)) == len(found)
    assert {one.change for one in delta(found, found)} <= {Change.PERSISTING}
    assert {one.change for one in delta(found, [])} <= {Change.FIXED}


def row(question_id: str, at: int, frame: str = "answers", **texts: str) -> WrittenRow:
    letters = {"answer": "F", "note": "K", "title": "C", "number": "D"}
    written = {name: (f"{letters[name]}{at}", text) for name, text in texts.items()}
    return WrittenRow(frame, "Klaster III", at, question_id, written)


def test_only_changed_cells_are_told_each_with_before_and_after() -> None:
    before = [row("1.P1", 7, answer="Ada"), row("1.P2", 8, answer="Tidak", note="menyusul")]
    after = [row("1.P1", 9, answer="Ada"), row("1.P2", 10, answer="Ada"), row("1.P3", 11, answer="Ada")]
    assert cell_changes(before, after) == (
        CellChange("Klaster III", "F10", "1.P2", "answer", "Tidak", "Ada"),
        CellChange("Klaster III", "K8", "1.P2", "note", "menyusul", ""),
        CellChange("Klaster III", "F11", "1.P3", "answer", "", "Ada"),
    )


def test_data_dukung_is_paired_by_what_it_says_not_where_it_stands() -> None:
    one, other = ({"title": "SK", "number": "1"}, {"title": "Foto", "number": "2"})
    before = [row("1.P1", 5, "evidence", **one), row("1.P1", 6, "evidence", **other)]
    after = [row("1.P1", 5, "evidence", **other), row("1.P1", 6, "evidence", **{**one, "number": "3"})]
    assert cell_changes(before, after) == (CellChange("Klaster III", "D6", "1.P1", "number", "1", "3"),)


TEXTS = st.dictionaries(st.sampled_from(["answer", "note", "title", "number"]), st.text(min_size=1, max_size=4))
ROWS = st.lists(st.tuples(st.sampled_from(["1.P1", "1.P2"]), TEXTS), max_size=5)


@given(ROWS, ROWS)
def test_nothing_is_told_of_equal_attempts_and_a_way_there_is_told_backwards(
    one: list[tuple[str, dict[str, str]]], other: list[tuple[str, dict[str, str]]]
) -> None:
    first, second = (
        [row(question, at, "evidence", **texts) for at, (question, texts) in enumerate(rows, 5)]
        for rows in (one, other)
    )
    assert cell_changes(first, first) == ()
    there = {(it.question_id, it.field, it.before, it.after) for it in cell_changes(first, second)}
    for question, field, before, after in there:
        assert before != after
        texts = {it.texts.get(field, "") for it in first if it.question_id == question}
        assert before in texts | {""}
        assert after in {it.texts.get(field, "") for it in second if it.question_id == question} | {""}


def test_the_content_of_an_answer_is_what_was_written_wherever_it_stands() -> None:
    proofs = [{"title": "SK", "question_id": "1.P1"}, {"title": "Foto"}]
    content = content_of({"answer": "Ada"}, proofs)
    assert content == content_of({"answer": "Ada"}, [{"title": "Foto", "question_id": "1.p1"}, {"title": "SK"}])
    assert content != content_of({"answer": "Tidak"}, proofs)
    assert content != content_of({"answer": "Ada"}, proofs[:1])
    assert content_of({}, []) == ""
