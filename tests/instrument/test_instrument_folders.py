"""Every instrument folder holds together, and a cycle names only what changed."""

from decimal import Decimal
from pathlib import Path

import pytest

from kla.io.instruments import available_cycles, load_instrument, load_instrument_from

MADE_UP = Path(__file__).parent / "2025"


@pytest.fixture(scope="module")
def extended():
    return load_instrument_from(MADE_UP)


@pytest.mark.parametrize("cycle", available_cycles())
def test_every_cycle_sums_to_a_thousand_in_seven_blocks(cycle):
    instrument = load_instrument(cycle)
    assert sum(question.max_points for question in instrument.questions) == 1000
    assert [block.code for block in instrument.blocks] == ["K0", "K1", "K2", "K3", "K4", "K5", "KD"]
    assert [block.max_points for block in instrument.blocks] == [164, 115, 156, 150, 110, 205, 100]


def test_2024_is_what_was_transcribed():
    instrument = load_instrument(2024)
    assert (len(instrument.indicators), len(instrument.questions), len(instrument.roles)) == (31, 274, 33)
    assert instrument.evidence_years == (2022, 2023)
    assert [(band.predikat, band.at_least) for band in instrument.bands] == [
        ("Pratama", 500), ("Madya", 601), ("Nindya", 701), ("Utama", 801), ("KLA", 901),
    ]  # fmt: skip
    assert sum(question.periods == 2 for question in instrument.questions) == 14
    assert sum(len(question.owners) > 1 for question in instrument.questions) == 190
    assert instrument.question("26.P18").gate_id == "26.P17"
    assert instrument.question("18.P2").condition == "not_3t"
    assert not any("notula" in question.evidence_kinds for question in instrument.questions)


def test_what_is_assumed_is_said_where_it_is_used_and_in_the_footer():
    instrument = load_instrument(2024)
    assert (instrument.question("19.P4").max_points, instrument.question("21B.P2").max_points) == (3, 8)
    for question_id in ("19.P4", "21B.P2", "7.P2"):
        assert instrument.question(question_id).note
        assert any(question_id in sentence for sentence in instrument.assumptions)


def test_2023_inherits_the_weights_of_2024_and_says_so():
    old, new = load_instrument(2023), load_instrument(2024)
    assert old.questions == new.questions
    assert (old.cycle, old.evidence_years) == (2023, (2021, 2022))
    assert old.assumptions[:-1] == new.assumptions
    assert "2023" in old.assumptions[-1]
    assert old.version != new.version


def test_a_cycle_changes_weights_by_naming_them(extended):
    assert extended.question("6.P4").max_points == 4
    assert extended.question("6.P4").label == load_instrument(2024).question("6.P4").label
    assert (extended.block("K1").max_points, extended.block("K3").max_points) == (116, 149)


def test_a_cycle_adds_and_removes_questions(extended):
    assert not extended.has_question("18.P4")
    assert [question.question_id for question in extended.indicator("18").questions] == [
        "18.P1", "18.P2", "18.P3", "18.P5",
    ]  # fmt: skip
    assert extended.question("16.P8").evidence_kinds == ("dokumen", "video")


def test_a_cycle_keeps_all_it_does_not_name(extended):
    base = load_instrument(2024)
    touched = {"6.P4", "16.P8", "18.P3", "18.P4", "18.P5"}
    kept = [question for question in base.questions if question.question_id not in touched]
    assert kept == [question for question in extended.questions if question.question_id not in touched]
    assert (extended.bands, extended.scales, extended.roles) == (base.bands, base.scales, base.roles)
    assert sum(question.max_points for question in extended.questions) == Decimal(1000)


def test_the_made_up_cycle_copies_nothing():
    assert sum(path.stat().st_size for path in MADE_UP.iterdir()) < 1500
