"""This year's figures and levels against the year and the cycle before: what needs a reason is asked for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from rows_of_tests import AS_OF, DISTRICTS, INSTRUMENT, RATIO, TREND, answer, evidence, form

from kla.findings import CheckedFile, Outcome, PreviousAnswer
from kla.io.suites import validate

BEFORE = PreviousAnswer(2023, (2021, 2022), "", *(Decimal(n) for n in (38, 50, 49, 50)))
LEVELS = [level.key for level in INSTRUMENT.question("13.P5").scale.levels]
CHOSEN = PreviousAnswer(2023, (2021, 2022), LEVELS[-1], None, None, None, None)
PREVIOUS = {("63.10", "12.P3", "DINKES"): BEFORE, ("63.10", "13.P5", "DINKES"): CHOSEN}
# name -> (question, level, figures, the codes of history expected)
CASES = {
    "steady": ("14.P2", "", RATIO, set()),
    "leap": ("14.P2", "", {**RATIO, "value_t2": "10", "value_t1": "16"}, set()),
    "big leap": ("14.P2", "", {**RATIO, "value_t2": "10"}, {"A41"}),
    "fall": ("14.P2", "", {**RATIO, "value_t2": "48", "value_t1": "20"}, {"A42"}),
    "copy": ("14.P2", "", {**RATIO, "value_t1": "40"}, {"A43"}),
    "nothing twice": ("14.P2", "", {**RATIO, "value_t2": "0", "value_t1": "0"}, set()),
    "few more": ("12.P5", "", {"value_t2": "2", "value_t1": "6"}, set()),
    "many more": ("12.P5", "", {"value_t2": "20", "value_t1": "40"}, {"A40"}),
    "steady count": ("12.P5", "", TREND, set()),
    "restated": ("12.P3", "", RATIO, {"A44", "A45"}),
    "level falls": ("13.P5", LEVELS[1], {}, {"A45"}),
}


def judged(note: str) -> dict[str, CheckedFile]:
    pairs = []
    for number, (question_id, level, figures, _) in enumerate(CASES.values()):
        row = answer(question_id, 7, level, note=note, **figures)
        receipt, reading = form([row], [evidence(question_id, 5)])
        pairs.append((replace(receipt, sha256=f"{number:064x}"), replace(reading, sha256=f"{number:064x}")))
    return dict(zip(CASES, validate(pairs, DISTRICTS, {2024: INSTRUMENT}, AS_OF, PREVIOUS), strict=True))


@pytest.fixture(scope="module")
def unexplained() -> dict[str, CheckedFile]:
    return judged("")


@pytest.fixture(scope="module")
def explained() -> dict[str, CheckedFile]:
    return judged("Pendataan ulang oleh puskesmas")


def codes(checked: CheckedFile) -> set[str]:
    return {finding.code for finding in checked.findings if finding.code[0] == "A"}


@pytest.mark.parametrize("case", CASES)
def test_what_changed_too_much_fell_or_was_copied_is_asked_about(unexplained, case):
    assert codes(unexplained[case]) == CASES[case][3]


@pytest.mark.parametrize("case", CASES)
def test_a_note_is_a_reason(explained, case):
    assert codes(explained[case]) == set()


def test_history_blocks_nothing(unexplained):
    assert {checked.outcome for checked in unexplained.values()} == {Outcome.ACCEPTED}


def test_both_years_their_difference_and_the_limit_are_told(unexplained):
    (finding,) = (it for it in unexplained["big leap"].findings if it.code == "A41")
    assert "berubah 70 poin persen, dari 20% (2022) menjadi 90% (2023); perubahan di atas 25" in finding.tell
    assert finding.cell == "I7"


def test_what_was_reported_the_cycle_before_is_told(unexplained):
    (finding,) = (it for it in unexplained["restated"].findings if it.code == "A44")
    assert "tertulis 40, sedangkan pada siklus 2023 dilaporkan 49 (selisih 9;" in finding.tell


def test_levels_below_the_cycle_before_are_one_line_per_sheet_with_their_cells():
    below = answer("13.P5", 7, LEVELS[1]), answer("13.P6", 8, LEVELS[0])
    previous = {("63.10", question_id, "DINKES"): CHOSEN for question_id in ("13.P5", "13.P6")}
    (checked,) = validate([form(below)], DISTRICTS, {2024: INSTRUMENT}, AS_OF, previous)
    (finding,) = (it for it in checked.findings if it.code == "A45")
    assert finding.tell.startswith('2 jawaban pada lembar "Klaster III" lebih rendah daripada siklus 2023')
    assert "F7:F8. Misalnya pertanyaan 13.P5: dari" in finding.tell


def test_a_row_that_goes_back_is_not_held_against_the_year_before():
    row = answer("14.P2", 7, **RATIO | {"value_t2": "10", "value_t1": "60"})
    (checked,) = validate([form([row], [evidence("14.P2", 5)])], DISTRICTS, {2024: INSTRUMENT}, AS_OF)
    assert codes(checked) == {"A10"}


def test_budgets_copied_from_the_year_before_are_one_line_per_sheet():
    amounts = {"value_t2": "20000000", "value_t1": "20000000"}
    rows = [answer(f"1.P3{letter}", 7 + n, "dua_tahun_ttd_bappeda", **amounts) for n, letter in enumerate("abc")]
    code = DISTRICTS["63.10"].owners_of(INSTRUMENT.question("1.P3a"))[0].code
    (checked,) = validate([form(rows, opd_code=code)], DISTRICTS, {2024: INSTRUMENT}, {"63.10": date(2024, 6, 20)})
    (finding,) = (it for it in checked.findings if it.code == "A46")
    assert finding.tell.startswith("3 jawaban anggaran")
    assert "I7:I9" in finding.tell
