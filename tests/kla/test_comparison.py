"""What changed between stages and between cycles: the parts sum to the difference, with a residual of exactly 0."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kla.causes import Change
from kla.comparison import CycleScore, YearChange, compare_cycles, compare_stages
from kla.scoring import Cause, QuestionScore, Standing, StatedPoints, score, score_stated
from tests.kla.test_scoring import HALF, SMALL, standing, standings, stated


def told(reason: str) -> Change:
    return Change.OUTDATED if reason else Change.NO_REASON


@given(standings(), stated(), st.dictionaries(st.sampled_from([q.question_id for q in SMALL.questions]), st.text()))
def test_the_steps_explain_every_hundredth_whichever_way_they_are_grouped(
    given_standings: dict[str, Standing], given_points: dict[str, StatedPoints], reasons: dict[str, str]
) -> None:
    before = score(SMALL, given_standings, "mandiri")
    after = score_stated(SMALL, given_points, "administrasi", before)
    fall = compare_stages(before, after, reasons, told)
    assert fall.residual == 0
    for grouped in (fall.by_block(), fall.by_indicator(), fall.by_question(), fall.by_office(), fall.by_cause()):
        assert sum((points for _, points in grouped), Decimal(0)) == fall.difference
    assert all(step.points != 0 for step in fall.steps)


def test_each_step_says_whose_it_is_and_why() -> None:
    before = score(
        SMALL, {q.question_id: standing(HALF if q.question_id == "1.P1" else None) for q in SMALL.questions}, "m"
    )
    points = {"1.P1": StatedPoints("1.P1", 1, Decimal(2)), "1.P2": StatedPoints("1.P2", 2, Decimal(1))}
    fall = compare_stages(before, score_stated(SMALL, points, "administrasi", before), {"1.P1": "lama"}, told)
    assert [(s.question_id, s.points, s.change, s.reason) for s in fall.steps] == [
        ("1.P1", Decimal("-4.00"), Change.OUTDATED, "lama"),
        ("1.P2", Decimal("1.00"), Change.RAISED, ""),
    ]
    assert fall.steps[0].opd_code == before.questions[0].opd_code
    assert fall.by_block() == (("K0", Decimal("-3.00")),)


def test_a_question_the_recap_leaves_out_is_told_apart_from_one_it_cuts() -> None:
    before = score(
        SMALL, {q.question_id: standing(HALF if q.question_id == "1.P1" else None) for q in SMALL.questions}, "m"
    )
    fall = compare_stages(before, score_stated(SMALL, {}, "administrasi", before), {"1.P1": "lama"}, told)
    assert [step.change for step in fall.steps] == [Change.NOT_STATED]


POINTS = st.integers(0, 1500).map(lambda cents: Decimal(cents).scaleb(-2))


def one(question_id: str, points: Decimal, most: Decimal) -> QuestionScore:
    return QuestionScore(question_id, "1", "K0", most, min(points, most), min(points, most), Cause.BELOW_FULL, "DP3A")


@st.composite
def cycles(draw: st.DrawFn, cycle: int) -> CycleScore:
    ids = draw(st.lists(st.sampled_from([f"1.P{n}" for n in range(8)]), unique=True))
    questions = tuple(one(key, draw(POINTS), draw(POINTS)) for key in ids)
    total = sum((question.points for question in questions), Decimal(0))
    if draw(st.booleans()):
        total = draw(POINTS)  # a published total its questions do not add up to, or one without questions
    return CycleScore(cycle, "mandiri", total, questions)


@given(cycles(2022), cycles(2023))
def test_the_parts_of_two_cycles_sum_to_the_difference(earlier: CycleScore, later: CycleScore) -> None:
    found = compare_cycles(earlier, later)
    assert found.residual == 0
    assert sum((points for _, points in found.by_change()), Decimal(0)) == found.difference


@given(cycles(2022))
def test_the_same_shares_under_other_weights_are_only_change_of_weight(earlier: CycleScore) -> None:
    full = tuple(replace(q, points=q.max_points) for q in earlier.questions)
    heavier = tuple(replace(q, points=q.max_points * 2, max_points=q.max_points * 2) for q in full)
    total = sum((q.points for q in full), Decimal(0))
    found = compare_cycles(CycleScore(2022, "m", total, full), CycleScore(2023, "m", total * 2, heavier))
    assert {part.change for part in found.parts} <= {YearChange.WEIGHT}


def test_real_change_weight_new_and_removed_questions_are_told_apart() -> None:
    old = (one("1.P1", Decimal(5), Decimal(10)), one("1.P2", Decimal(3), Decimal(4)))
    new = (one("1.P1", Decimal(9), Decimal(12)), one("1.P3", Decimal(2), Decimal(2)))
    found = compare_cycles(CycleScore(2022, "m", Decimal(8), old), CycleScore(2023, "m", Decimal(11), new))
    assert [(part.change, part.question_id, part.points) for part in found.parts] == [
        (YearChange.REAL, "1.P1", Decimal(3)),  # 9 instead of half of 12
        (YearChange.WEIGHT, "1.P1", Decimal(1)),  # half of 12 instead of half of 10
        (YearChange.NEW, "1.P3", Decimal(2)),
        (YearChange.REMOVED, "1.P2", Decimal(-3)),
    ]
    assert found.is_resolved


def test_a_renamed_question_is_neither_new_nor_removed() -> None:
    old, new = one("1.P1", Decimal(5), Decimal(10)), one("2.P9", Decimal(6), Decimal(10))
    found = compare_cycles(
        CycleScore(2022, "m", Decimal(5), (old,)), CycleScore(2023, "m", Decimal(6), (new,)), {"2.P9": "1.P1"}
    )
    assert [(part.change, part.points) for part in found.parts] == [(YearChange.REAL, Decimal(1))]


def test_totals_alone_give_one_part_that_says_it_is_not_resolved() -> None:
    found = compare_cycles(
        CycleScore(2021, "mandiri", Decimal("765.50")), CycleScore(2022, "mandiri", Decimal("820.20"))
    )
    assert found.by_change() == ((YearChange.UNRESOLVED, Decimal("54.70")),)
    assert not found.is_resolved
