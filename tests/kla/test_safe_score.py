"""What is expected to stand: learned from the few falls that are known, and said with what it rests on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kla.back_test import back_test
from kla.safe_score import Drop, DropSummary, Expectation, cut_rates, expected_score, safe_score
from kla.scoring import ScoreSheet, Standing, score
from tests.kla.test_scoring import SMALL, standings


def drop(code: str, before: str, after: str, cycle: str = "2023", stage: str = "mandiri") -> Drop:
    return Drop(code, code, cycle, stage, "administrasi", Decimal(before), Decimal(after), Decimal(after))


SUMMARY = DropSummary("mandiri", "administrasi", 17, Fraction(35, 1000), Fraction(18, 100), Fraction(1, 2))
scores = st.integers(1, 100000).map(lambda cents: Decimal(cents).scaleb(-2))
drops = st.builds(drop, st.sampled_from("AB"), scores.map(str), scores.map(str))


def test_without_anything_to_learn_from_nothing_is_foretold() -> None:
    assert expected_score(Decimal(800), "vlh", "A", [drop("A", "900", "700")], [SUMMARY]) is None


def test_public_pairs_are_the_prior_and_the_districts_own_history_shifts_it() -> None:
    public = expected_score(Decimal(1000), "mandiri", "A", [], [SUMMARY])
    assert public is not None
    assert (public.low, public.likely, public.high) == (Decimal(500), Decimal(820), Decimal(965))
    assert (public.own_pairs, public.summary_pairs, public.nominal) == (0, 17, Decimal("0.88"))
    own = [drop("A", "1000", "600", cycle) for cycle in ("2021", "2022")]
    both = expected_score(Decimal(1000), "mandiri", "A", own, [SUMMARY], prior_pairs=2)
    assert both is not None
    assert (both.low, both.likely, both.high) == (Decimal(500), Decimal(710), Decimal(965))  # halfway of 18 % and 40 %
    assert both.own_pairs == 2


@given(scores, st.lists(drops), st.lists(st.just(SUMMARY), max_size=1))
def test_the_interval_is_ordered_and_never_above_the_score(
    given_score: Decimal, known: list[Drop], summaries: list[DropSummary]
) -> None:
    found = expected_score(given_score, "mandiri", "A", known, summaries)
    assert (found is None) == (not known and not summaries)
    if found:
        assert 0 <= found.low <= found.likely <= found.high <= given_score


@given(standings(), st.fractions(0, 1), st.dictionaries(st.just("m"), st.fractions(0, 1)))
def test_what_is_at_risk_sums_to_the_expected_fall_to_the_hundredth(
    given_standings: dict[str, Standing], fall: Fraction, rates: dict[str, Fraction]
) -> None:
    sheet = score(SMALL, given_standings, "mandiri")
    likely = Decimal(int(sheet.total.points * 100 * fall.numerator / fall.denominator)).scaleb(-2)
    found = safe_score(SMALL, sheet, Expectation("mandiri", likely, likely, likely, 1, 0, 0), rates)
    assert found.safe == likely
    assert found.supported == found.safe + found.at_risk == sheet.total.points
    assert all(0 <= answer.at_risk <= answer.supported <= answer.claimed for answer in found.answers)


@given(standings())
def test_without_an_expectation_nothing_is_called_at_risk(given_standings: dict[str, Standing]) -> None:
    found = safe_score(SMALL, score(SMALL, given_standings, "mandiri"), None)
    assert (found.at_risk, found.safe) == (0, found.supported)


def test_kinds_that_were_cut_before_are_more_at_risk() -> None:
    kinds = {"1.P1": "photo", "1.P2": "decree"}
    questions = tuple(replace(q, measure=kinds.get(q.question_id, q.measure)) for q in SMALL.questions)
    block = SMALL.blocks[0]
    row = replace(block.indicators[0], questions=tuple(q for q in questions if q.indicator_number == "1"))
    instrument = replace(SMALL, blocks=(replace(block, indicators=(row,)), SMALL.blocks[1]))

    def sheet(photo: str, decree: str) -> ScoreSheet:
        empty = score(
            SMALL, {q.question_id: Standing("A", None, True, False, 0, 0) for q in SMALL.questions}, "mandiri"
        )
        points = {"1.P1": Decimal(photo), "1.P2": Decimal(decree)}
        scored = tuple(replace(q, points=points.get(q.question_id, q.points)) for q in empty.questions)
        return replace(empty, questions=scored, total=replace(empty.total, points=sum(points.values(), Decimal(0))))

    rates = cut_rates(instrument, [(sheet("12", "2"), sheet("2", "2"))])
    assert rates["photo"] > rates["decree"] > 0
    assert cut_rates(instrument, []) == {}
    now = sheet("2", "2")
    found = safe_score(instrument, now, Expectation("m", Decimal(3), Decimal(3), Decimal(3), 1, 0, 0), rates)
    at_risk = {answer.question_id: answer.at_risk for answer in found.answers}
    assert at_risk["1.P1"] > at_risk["1.P2"] > 0


def test_the_back_test_leaves_each_pair_out_and_says_when_it_is_not_strict() -> None:
    known = [drop("A", "1000", "800"), drop("B", "1000", "600"), drop("C", "1000", "500")]
    strict = back_test(known)
    assert (strict.is_strict, strict.tested, strict.covered) == (True, 3, 1)  # only B lies between the others
    assert [line.error for line in strict.lines] == [Decimal(-250), Decimal(50), Decimal(200)]
    assert strict.mean_error == Decimal("166.67")
    kind = back_test(known, [SUMMARY])
    assert (kind.is_strict, kind.covered) == (False, 3)


def test_a_pair_known_only_by_its_predikat_teaches_but_is_not_foretold() -> None:
    vague = replace(drop("B", "1000", "700"), after_high=Decimal(800))
    found = back_test([drop("A", "1000", "750"), vague])
    assert [line.drop.district_code for line in found.lines] == ["A"]
    assert found.covered == 1
    assert back_test([drop("A", "1000", "750")]).mean_error is None
