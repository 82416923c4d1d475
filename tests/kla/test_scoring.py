"""Points are exact, monotone, never above the maximum, and agree at every level."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.instrument import AnswerKind, Band, Block, Indicator, Instrument, Level, Question, Scale
from kla.scoring import (
    Cause,
    CountedAnswer,
    ScoreSheet,
    Standing,
    StatedPoints,
    points_of,
    score,
    score_stated,
    share_of,
)

DOC = Scale(
    "doc",
    AnswerKind.CHOICE,
    (
        Level("tidak_ada", "Tidak ada", Decimal(0)),
        Level("ada_belum_sah", "Ada, belum sah", Decimal("0.5")),
        Level("ada_sah", "Ada, sah", Decimal(1)),
    ),
)
BUDGET = Scale(
    "budget",
    AnswerKind.CHOICE,
    (
        Level("tidak_ada", "Tidak ada", Decimal(0)),
        Level("satu", "Satu", Decimal("0.33")),
        Level("dua", "Dua", Decimal("0.66")),
        Level("penuh", "Penuh", Decimal(1)),
    ),
)
PERCENTAGE = Scale(
    "percentage",
    AnswerKind.RATIO,
    tuple(
        Level(str(at), f"{at} %", Decimal(share), Decimal(at))
        for at, share in ((0, "0"), (25, "0.25"), (50, "0.5"), (75, "0.75"), (95, "1"))
    ),
)
TREND = Scale(
    "trend",
    AnswerKind.COUNT,
    (
        Level("turun", "Turun", Decimal(0)),
        Level("tetap", "Tetap", Decimal("0.5")),
        Level("naik", "Naik", Decimal(1)),
    ),
)
GATE = Scale("gate", AnswerKind.CHOICE, (Level("ya", "Ya", Decimal(0)),), is_scored=False)
BANDS = (Band("Pratama", Decimal(500)), Band("Nindya", Decimal(701)), Band("Utama", Decimal(801)))


def question(number: str, scale: Scale, points: str, evidence: tuple[str, ...] = ("sk",)) -> Question:
    indicator = number.split(".")[0]
    block = "K0" if indicator == "1" else "K1"
    return Question(number, f"Pertanyaan {number}", "m", scale, Decimal(points), ("DP3A",), evidence, indicator, block)


def instrument_of(questions: tuple[Question, ...]) -> Instrument:
    blocks = []
    for code, numbers in (("K0", ("1",)), ("K1", ("2", "3"))):
        rows = []
        for number in numbers:
            own = tuple(q for q in questions if q.indicator_number == number)
            rows.append(
                Indicator(number, f"Indikator {number}", sum((q.max_points for q in own), Decimal(0)), code, own)
            )
        total = sum((row.max_points for row in rows), Decimal(0))
        blocks.append(Block(code, code, code, total, tuple(rows)))
    return Instrument(
        cycle=2024,
        max_points=sum((block.max_points for block in blocks), Decimal(0)),
        evidence_years=(2022, 2023),
        stages=("mandiri", "administrasi"),
        bands=BANDS,
        scales={scale.code: scale for scale in (DOC, BUDGET, PERCENTAGE, TREND, GATE)},
        evidence_kinds={},
        blocks=tuple(blocks),
        roles={"DP3A": "Dinas"},
        legal_basis=(),
        sources=(),
        assumptions=(),
        version="v1",
    )


SMALL = instrument_of(
    (
        question("1.P1", DOC, "12"),
        question("1.P2", BUDGET, "2"),
        question("1.P3", PERCENTAGE, "7.25"),
        question("2.P1", TREND, "3"),
        question("2.P2", DOC, "0.5", evidence=()),
        question("3.P1", GATE, "0", evidence=()),
    )
)


def answer(question_id: str = "1.P1", level: str = "", **numbers: Decimal | None) -> CountedAnswer:
    figures = {name: numbers.get(name) for name in ("value_t2", "denominator_t2", "value_t1", "denominator_t1")}
    is_blank = level == "" and all(value is None for value in figures.values())
    return CountedAnswer(question_id, "DP3A", 1, level, is_blank=is_blank, **figures)


def standing(given_answer: CountedAnswer | None, **changes: object) -> Standing:
    fields: dict[str, object] = {
        "lead_opd": "DP3A",
        "answer": given_answer,
        "has_submitted": True,
        "is_returned": False,
        "evidence_accepted": 1,
        "evidence_rejected": 0,
    }
    return Standing(**{**fields, **changes})  # type: ignore[arg-type]


numbers = st.one_of(st.none(), st.decimals(0, 100000, places=2))


@st.composite
def standings(draw: st.DrawFn) -> dict[str, Standing]:
    found = {}
    for q in SMALL.questions:
        levels = st.sampled_from(["", *(level.key for level in q.scale.levels)])
        given_answer = CountedAnswer(
            q.question_id,
            "DP3A",
            draw(st.integers(1, 9)),
            draw(levels) if q.scale.answer is AnswerKind.CHOICE else "",
            draw(numbers),
            draw(numbers),
            draw(numbers),
            draw(numbers),
            draw(st.booleans()),
        )
        found[q.question_id] = Standing(
            draw(st.sampled_from(["", "DP3A", "DINKES"])),
            draw(st.sampled_from([None, given_answer])),
            draw(st.booleans()),
            draw(st.booleans()),
            draw(st.integers(0, 2)),
            draw(st.integers(0, 2)),
        )
    return found


@st.composite
def stated(draw: st.DrawFn) -> dict[str, StatedPoints]:
    """Points a recap states, some beyond what is possible."""
    points = st.decimals(-1, 15, places=3)
    asked = draw(st.sets(st.sampled_from([q.question_id for q in SMALL.questions])))
    return {key: StatedPoints(key, number, draw(points)) for number, key in enumerate(sorted(asked), 1)}


def assert_sums_agree(sheet: ScoreSheet) -> None:
    for row in sheet.indicators:
        own = [q for q in sheet.questions if q.indicator_number == row.key]
        assert row.points == sum(q.points for q in own)
        assert row.max_points == sum(q.max_points for q in own)
    assert sheet.total.points == sum(row.points for row in sheet.indicators) == sum(row.points for row in sheet.blocks)
    assert sheet.total.max_points == SMALL.max_points == sum(row.max_points for row in sheet.blocks)
    for q in sheet.questions:
        assert 0 <= q.points <= q.max_points
        assert q.points == q.points.quantize(Decimal("0.01"))
        assert (q.cause is Cause.FULL) == (q.points == q.max_points)


@given(standings())
def test_sums_agree_at_every_level_and_no_question_exceeds_its_maximum(given_standings: dict[str, Standing]) -> None:
    assert_sums_agree(score(SMALL, given_standings, "mandiri"))


@given(standings(), st.randoms())
def test_the_order_of_the_inputs_is_irrelevant(given_standings: dict[str, Standing], chance: random.Random) -> None:
    shuffled = list(given_standings.items())
    chance.shuffle(shuffled)
    assert score(SMALL, dict(shuffled), "mandiri") == score(SMALL, given_standings, "mandiri")


@given(standings(), stated())
def test_sums_of_stated_points_agree_and_never_exceed_the_maximum(
    given_standings: dict[str, Standing], given_points: dict[str, StatedPoints]
) -> None:
    before = score(SMALL, given_standings, "mandiri")
    assert_sums_agree(score_stated(SMALL, given_points, "administrasi", before))


@pytest.mark.parametrize("scale", [DOC, BUDGET])
def test_a_better_level_never_earns_less(scale: Scale) -> None:
    earned = [
        points_of(share_of(question("1.P1", scale, "7.77"), answer(level=x.key)), Decimal("7.77")) for x in scale.levels
    ]
    assert earned == sorted(earned)
    assert earned[0] < earned[-1] == Decimal("7.77")


@given(st.decimals(0, 1000, places=3), st.decimals(0, 1000, places=3), st.decimals("0.001", 1000, places=3))
def test_a_higher_percentage_never_earns_less(one: Decimal, other: Decimal, whole: Decimal) -> None:
    low, high = sorted((one, other))
    q = question("1.P3", PERCENTAGE, "10")
    assert share_of(q, answer(value_t1=low, denominator_t1=whole)) <= share_of(
        q, answer(value_t1=high, denominator_t1=whole)
    )


def test_a_percentage_exactly_on_a_limit_reaches_it_though_it_cannot_be_written_out() -> None:
    q = question("1.P3", PERCENTAGE, "10")
    assert share_of(q, answer(value_t1=Decimal(75), denominator_t1=Decimal(300))) == Decimal("0.25")
    assert share_of(q, answer(value_t1=Decimal("74.999"), denominator_t1=Decimal(300))) == 0


def test_the_later_year_decides_a_percentage() -> None:
    q = question("1.P3", PERCENTAGE, "10")
    both = answer(value_t2=Decimal(99), denominator_t2=Decimal(100), value_t1=Decimal(50), denominator_t1=Decimal(100))
    assert share_of(q, both) == Decimal("0.5")


@pytest.mark.parametrize(("later", "share"), [("4", "0"), ("5", "0.5"), ("6", "1")])
def test_a_count_is_scored_by_its_change(later: str, share: str) -> None:
    q = question("2.P1", TREND, "3")
    assert share_of(q, answer(value_t2=Decimal(5), value_t1=Decimal(later))) == Decimal(share)


def test_points_are_cut_not_rounded() -> None:
    assert points_of(Decimal("0.667"), Decimal(1)) == Decimal("0.66")
    assert points_of(Decimal("0.66"), Decimal(2)) == Decimal("1.32")


FULL = answer(level="ada_sah")
HALF = answer(level="ada_belum_sah")
NOTHING = answer(level="tidak_ada")


@pytest.mark.parametrize(
    ("of", "cause", "points", "claimed"),
    [
        (standing(FULL), Cause.FULL, "12", "12"),
        (standing(HALF), Cause.BELOW_FULL, "6", "6"),
        (standing(NOTHING, evidence_accepted=0), Cause.BELOW_FULL, "0", "0"),
        (standing(FULL, evidence_accepted=0), Cause.NO_EVIDENCE, "0", "12"),
        (standing(HALF, evidence_accepted=0, evidence_rejected=1), Cause.EVIDENCE_REJECTED, "0", "6"),
        (standing(HALF, evidence_accepted=1, evidence_rejected=1), Cause.BELOW_FULL, "6", "6"),
        (standing(answer()), Cause.BLANK, "0", "0"),
        (standing(None), Cause.BLANK, "0", "0"),
        (standing(None, has_submitted=False), Cause.NOT_SUBMITTED, "0", "0"),
        (standing(None, is_returned=True), Cause.ANSWER_RETURNED, "0", "0"),
        (standing(FULL, is_returned=True), Cause.FULL, "12", "12"),
        (standing(None, lead_opd="", has_submitted=False), Cause.UNOWNED, "0", "0"),
    ],
)
def test_each_cause_follows_from_what_stands(of: Standing, cause: Cause, points: str, claimed: str) -> None:
    everything: Mapping[str, Standing] = {q.question_id: standing(None) for q in SMALL.questions} | {"1.P1": of}
    found = score(SMALL, everything, "mandiri").questions[0]
    assert (found.cause, found.points, found.claimed_points) == (cause, Decimal(points), Decimal(claimed))


def test_a_question_that_asks_for_no_data_dukung_counts_without() -> None:
    everything = {q.question_id: standing(None) for q in SMALL.questions}
    everything["2.P2"] = standing(FULL, evidence_accepted=0)
    assert score(SMALL, everything, "mandiri").total.points == Decimal("0.5")


def test_a_figure_without_its_denominator_is_a_blank() -> None:
    everything = {q.question_id: standing(None) for q in SMALL.questions}
    everything["1.P3"] = standing(answer("1.P3", value_t1=Decimal(4)))
    assert score(SMALL, everything, "mandiri").questions[2].cause is Cause.BLANK


def test_a_question_without_a_standing_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        score(SMALL, {}, "mandiri")


def test_a_recap_says_what_the_verifier_cut_and_what_came_back() -> None:
    before = score(
        SMALL, {q.question_id: standing(FULL) if q.scale is DOC else standing(None) for q in SMALL.questions}, "m"
    )
    given_points = {
        "1.P1": StatedPoints("1.P1", 7, Decimal("3.999")),
        "1.P2": StatedPoints("1.P2", 8, Decimal("1.32")),
        "2.P2": StatedPoints("2.P2", 9, Decimal("0.5")),
    }
    uncounted = {"1.P3": Cause.ANSWER_RETURNED}
    sheet = score_stated(SMALL, given_points, "administrasi", before, uncounted=uncounted)
    assert [(q.cause, q.points, q.stated_id) for q in sheet.questions] == [
        (Cause.CUT_BY_VERIFIER, Decimal("3.99"), 7),
        (Cause.BELOW_FULL, Decimal("1.32"), 8),
        (Cause.ANSWER_RETURNED, Decimal(0), None),
        (Cause.NOT_SUBMITTED, Decimal(0), None),
        (Cause.FULL, Decimal("0.5"), 9),
        (Cause.FULL, Decimal(0), None),
    ]
    assert {q.opd_code for q in sheet.questions} == {"DP3A"}
