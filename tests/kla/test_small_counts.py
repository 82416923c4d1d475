"""Counts of one to four cases are left out of what is published, and nothing else is."""

from __future__ import annotations

import pytest

from kla.io.instruments import load_instrument
from kla.io.rule_data import load_limits

RULE = load_limits().small_counts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3", "kurang dari 5"),
        ("0 → 4", "0 → kurang dari 5"),
        ("5 → 12", "5 → 12"),
        ("3/40 = 7,5 %", "kurang dari 5/40"),
        ("12/40 = 30,0 %", "12/40 = 30,0 %"),
        ("Angka naik dari 2 menjadi 31.", "Angka naik dari kurang dari 5 menjadi 31."),
        ("Klaster III!F12, 2 tahun, 188.45/3/2023, 1.234, 2,5", "Klaster III!F12, 2 tahun, 188.45/3/2023, 1.234, 2,5"),
    ],
)
def test_only_small_whole_counts_are_hidden(text: str, shown: str) -> None:
    assert RULE.hidden(text) == shown


def test_the_questions_own_words_stay() -> None:
    assert RULE.hidden("Butir 4 anak korban: 3", "Butir 4 anak korban") == "Butir 4 anak korban: kurang dari 5"


def test_it_is_on_and_concerns_counts_of_children_not_budgets_of_lists() -> None:
    instrument = load_instrument(2024)
    asked = [
        question for block in instrument.blocks for indicator in block.indicators for question in indicator.questions
    ]
    concerned = [question.question_id for question in asked if RULE.concerns(instrument, question.question_id)]
    assert RULE.is_hidden
    assert "12.P4" in concerned
    assert "5.P1" not in concerned
