"""Other answers, tried without storing anything."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.scoring import Standing, points_of, score
from kla.whatif import Setting, TrialError, parse_discount, parse_setting, percent_of, what_if
from tests.kla.test_scoring import SMALL, standings


@given(standings(), st.data())
def test_a_trial_gives_each_set_question_its_share_and_leaves_the_others(
    given_standings: dict[str, Standing], data: st.DataObject
) -> None:
    sheet = score(SMALL, given_standings, "mandiri")
    chosen = data.draw(st.lists(st.sampled_from([q for q in SMALL.questions if q.max_points]), unique_by=id))
    settings = [Setting(q.question_id, data.draw(st.sampled_from(q.scale.levels))) for q in chosen]
    found = what_if(SMALL, sheet, settings, {}, "Utama")
    wanted = {it.question_id: points_of(it.level.share, SMALL.question(it.question_id).max_points) for it in settings}
    for old, now in zip(sheet.questions, found.sheet.questions, strict=True):
        assert now.points == wanted.get(old.question_id, old.points)
    assert found.score == sum(question.points for question in found.sheet.questions)
    assert found.distance == max(Decimal(0), 801 - found.score)


def test_a_discount_is_cut_from_the_new_total() -> None:
    sheet = score(SMALL, {q.question_id: Standing("DP3A", None, True, False, 0, 0) for q in SMALL.questions}, "mandiri")
    settings = [parse_setting("1.P1=ada_sah", SMALL), parse_setting("1.P3=87.5", SMALL)]
    found = what_if(SMALL, sheet, settings, {"": Decimal("12.5")}, "Pratama")
    assert (found.sheet.total.points, found.score) == (Decimal("17.43"), Decimal("15.25"))
    with pytest.raises(ValueError, match="between 0 and 100"):
        what_if(SMALL, sheet, settings, {"": Decimal(101)}, "Pratama")


def test_of_an_indicators_a_blocks_and_a_general_discount_the_narrowest_counts() -> None:
    sheet = score(SMALL, {q.question_id: Standing("DP3A", None, True, False, 0, 0) for q in SMALL.questions}, "mandiri")
    settings = [Setting(q.question_id, max(q.scale.levels, key=lambda level: level.share)) for q in SMALL.questions]
    full = what_if(SMALL, sheet, settings, {}, "Pratama").sheet
    first, block = full.questions[0].indicator_number, full.questions[0].block_code
    given_discounts = {"": Decimal(10), block: Decimal(20), first: Decimal(50)}
    percent = {
        it.question_id: 50 if it.indicator_number == first else 20 if it.block_code == block else 10
        for it in full.questions
    }
    found = what_if(SMALL, sheet, settings, given_discounts, "Pratama")
    exact = sum(it.points * (100 - percent[it.question_id]) / 100 for it in full.questions)
    assert found.score == exact.quantize(Decimal("0.01"), rounding="ROUND_DOWN")
    assert len(set(percent.values())) > 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [("10%", ("", "10")), ("7,5", ("", "7.5")), ("1=20%", ("1", "20")), ("k0 = 15", ("K0", "15"))],
)
def test_a_discount_is_of_everything_or_of_a_named_part(text: str, meant: tuple[str, str]) -> None:
    assert parse_discount(text, SMALL) == (meant[0], Decimal(meant[1]))


@pytest.mark.parametrize(
    ("text", "problem"), [("x", "percent"), ("101", "percent"), ("=10", "percent"), ("77=10", "part")]
)
def test_a_discount_that_cannot_be_tried_says_why(text: str, problem: str) -> None:
    with pytest.raises(TrialError) as raised:
        parse_discount(text, SMALL)
    assert raised.value.problem == problem


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("1.P1=ada_sah", "ada_sah"),
        ("1.P1 = Ada, belum sah", "ada_belum_sah"),
        ("1.P3=87.5", "75"),
        ("1.P3=87,5%", "75"),
        ("1.P3=95", "95"),
        ("1.P3=0", "0"),
        ("2.P1=naik", "naik"),
    ],
)
def test_a_setting_names_a_level_a_label_or_a_percentage(text: str, level: str) -> None:
    assert parse_setting(text, SMALL).level.key == level


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1.P1", "form"),
        ("=x", "form"),
        ("9.P9=ya", "question"),
        ("1.P1=87.5", "level"),
        ("1.P3=banyak", "number"),
        ("1.P3=100.5", "number"),
        ("1.P3=nan", "number"),
    ],
)
def test_what_cannot_be_tried_says_why(text: str, problem: str) -> None:
    with pytest.raises(TrialError) as raised:
        parse_setting(text, SMALL)
    assert raised.value.problem == problem


@given(st.text())
def test_no_text_becomes_a_percentage_outside_0_to_100(text: str) -> None:
    percent = percent_of(text)
    assert percent is None or 0 <= percent <= 100
