"""What an office reads: numbers the Indonesian way, quoted text short and clean."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from kla.io.frames.table import Frame, Subject, from_examples
from kla.io.rules import Column, load_suites
from kla.io.sentences import findings_of, quoted, ranged, value_text

SUBJECT = Subject("a" * 64, "63.10", "Kabupaten Tanah Bumbu", "DINKES", "Dinas Kesehatan", 2024, "mandiri", "form.xlsx")
FIELDS = (
    "answer",
    "value_t2",
    "denominator_t2",
    "value_t1",
    "denominator_t1",
    "question_id",
    "kind",
    "title",
    "number",
)
CELLS = dict.fromkeys((*FIELDS, "dated_on", "link", "note", "points", "max_points", "key", "predikat", "cell"), "F12")


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("points", 80038.0, "800,38"),
        ("points", 600.0, "6"),
        ("points", 450.0, "4,50"),
        ("points", 100000.0, "1.000"),
        ("points", float("nan"), ""),
        ("number", 45000000.0, "45.000.000"),
        ("number", 12.5, "12,5"),
        ("year", 2023.0, "2023"),
        ("date", pd.Timestamp("2024-06-15"), "15 Juni 2024"),
        ("date", pd.NaT, ""),
    ],
)
def test_values_are_written_the_indonesian_way(kind, value, shown):
    assert value_text(Column("x", kind, None, ""), value) == shown


def test_quoted_text_is_one_clean_line_of_at_most_sixty_characters():
    assert quoted("a\x00b\r\n\u202ec") == "a b c"
    assert len(quoted("panjang " * 40)) <= 60
    assert quoted("panjang " * 40).endswith("…")


def test_a_nik_is_never_repeated():
    assert "3273012501990001" not in quoted("Budi 3273012501990001")


def test_a_brace_in_an_offices_text_stays_text():
    assert quoted("{points} {0}") == "{points} {0}"


def test_many_cells_are_told_as_ranges_and_the_rest_is_counted():
    assert ranged([f"F{row}" for row in range(7, 407)]) == "F7:F406"
    assert ranged([f"F{row}" for row in range(2, 64, 2)]).endswith("F40, dan 11 sel lainnya")


def frame_of(suite, examples):
    size = len(examples)
    homes = [suite.name] * size
    return Frame(
        suite.name,
        from_examples(suite.columns, examples),
        [SUBJECT] * size,
        ["Klaster III"] * size,
        list(range(1, size + 1)),
        [CELLS] * size,
        homes,
    )


@pytest.mark.parametrize("suite", load_suites(), ids=lambda suite: suite.name)
def test_every_failing_example_is_told_in_finished_sentences(suite):
    for index, rule in enumerate(suite.rules):
        frame = frame_of(suite, [rule.example_fail for rule in suite.rules])
        ((place, finding),) = findings_of(rule, frame, [index])
        assert place == index
        assert finding.code == rule.code
        for sentence in (finding.tell, finding.fix):
            assert not re.search(r"[{}]|\b(nan|NaT|None|True|False)\b", sentence), (rule.code, sentence)
            assert not re.search(r"  |\(\)|\"\"", sentence), (rule.code, sentence)
        if rule.cell:
            assert finding.cell == "F12", rule.code


def test_rows_told_together_give_one_finding_per_sheet_with_all_cells():
    suite = next(suite for suite in load_suites() if suite.name == "answers")
    rule = next(rule for rule in suite.rules if rule.code == "A06")
    frame = frame_of(suite, [rule.example_fail] * 400)
    ((_, finding),) = findings_of(rule, frame, range(400))
    assert finding.tell.startswith("400 pertanyaan")
    assert finding.points_at_stake == 1200
    assert finding.question_id == ""
