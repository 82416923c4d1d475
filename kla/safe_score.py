"""How much of a score will stand: the expected score at the next stage, learned from past drops, and what is at risk. Pure.

A district's own history counts first; pairs of scores that were published elsewhere are the prior. What little is
public is said with every figure (`Expectation.own_pairs`, `public_pairs`, `summary_pairs`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from math import lcm

from kla.instrument import Instrument
from kla.scoring import HUNDREDTH, ScoreSheet

_CENT = Fraction(1, 100)
# Points of average risk that a kind of question starts with, so that few points do not decide its rate alone.
_PRIOR_POINTS = 50


@dataclass(frozen=True, slots=True)
class Drop:
    """Two totals of one district and cycle (points). The later one is a range where only its predikat is known."""

    district_code: str
    district: str
    cycle: str
    from_stage: str
    to_stage: str
    before: Decimal
    after_low: Decimal
    after_high: Decimal
    source: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether the later total itself is known."""
        return self.after_low == self.after_high

    @property
    def lowest(self) -> Fraction:
        """The smallest fall this pair allows, as a share of the earlier total; negative when it rose."""
        return 1 - Fraction(self.after_high) / Fraction(self.before)

    @property
    def highest(self) -> Fraction:
        """The largest fall this pair allows, as a share of the earlier total."""
        return 1 - Fraction(self.after_low) / Fraction(self.before)

    @property
    def middle(self) -> Fraction:
        """The fall itself, or the middle of what is possible."""
        return (self.lowest + self.highest) / 2


@dataclass(frozen=True, slots=True)
class DropSummary:
    """What is known of `pairs` falls only together (shares of the earlier total, 0 to 1)."""

    from_stage: str
    to_stage: str
    pairs: int
    lowest: Fraction
    median: Fraction
    highest: Fraction
    source: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The total expected at the next stage, in points: `low` to `high`, `likely` within; and what that rests on."""

    from_stage: str
    low: Decimal
    likely: Decimal
    high: Decimal
    own_pairs: int
    public_pairs: int
    summary_pairs: int

    @property
    def nominal(self) -> Decimal:
        """The share (0 to 1) of like cases such an interval holds: of n pairs, n - 1 of n + 1 further ones fall between
        the smallest and the largest. Listed pairs may be among the summary's, so the larger number counts, not the sum."""
        pairs = max(self.own_pairs + self.public_pairs, self.summary_pairs)
        return (Decimal(pairs - 1) / Decimal(pairs + 1)).quantize(HUNDREDTH, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class SafeAnswer:
    """One question in points: `claimed` by the answer, `supported` (counted now), `at_risk` of these at the next stage."""

    question_id: str
    opd_code: str
    block_code: str
    claimed: Decimal
    supported: Decimal
    at_risk: Decimal

    @property
    def safe(self) -> Decimal:
        """Points expected to stand."""
        return self.supported - self.at_risk


@dataclass(frozen=True, slots=True)
class SafeScore:
    """A stage's answers and what is expected of them; without any pair to learn from `expectation` is None and nothing
    is called at risk. The answers' safe points sum to `expectation.likely`."""

    stage: str
    claimed: Decimal
    supported: Decimal
    at_risk: Decimal
    safe: Decimal
    expectation: Expectation | None
    answers: tuple[SafeAnswer, ...]


Range = tuple[Fraction, Fraction, Fraction]


def expected_score(
    score: Decimal,
    from_stage: str,
    district_code: str,
    drops: Sequence[Drop],
    summaries: Sequence[DropSummary] = (),
    prior_pairs: int = 2,
) -> Expectation | None:
    """Return the total to expect after the next verification, or None where nothing like it was ever recorded.

    `low` and `high` follow the largest and the smallest fall seen anywhere (an interval drawn in towards the district's
    own few pairs missed more of the public ones, see `kla.back_test`). `likely` follows the median fall: the district's
    own and the public one averaged, its number of own pairs weighing against `prior_pairs`. Never above the score
    itself: a rise is not counted on.
    """
    like = [drop for drop in drops if drop.from_stage == from_stage]
    own = [drop for drop in like if drop.district_code == district_code]
    public = [drop for drop in like if drop.district_code != district_code]
    summary = next((one for one in summaries if one.from_stage == from_stage), None)
    found = _joined(_range(own), _public_range(public, summary), Fraction(len(own), len(own) + prior_pairs))
    if found is None:
        return None
    low, likely, high = found
    return Expectation(
        from_stage=from_stage,
        low=_after(score, high),
        likely=_after(score, likely),
        high=_after(score, low),
        own_pairs=len(own),
        public_pairs=len(public),
        summary_pairs=summary.pairs if summary else 0,
    )


def _range(drops: Sequence[Drop]) -> Range | None:
    """Return the smallest, the median and the largest fall; None without any."""
    if not drops:
        return None
    middles = sorted(drop.middle for drop in drops)
    half = len(middles) // 2
    median = middles[half] if len(middles) % 2 else (middles[half - 1] + middles[half]) / 2
    return min(drop.lowest for drop in drops), median, max(drop.highest for drop in drops)


def _public_range(drops: Sequence[Drop], summary: DropSummary | None) -> Range | None:
    """Return the range of other districts' pairs, widened to the summary's; its median decides where there is one."""
    found = _range(drops)
    if summary is None:
        return found
    if found is None:
        return summary.lowest, summary.median, summary.highest
    return min(found[0], summary.lowest), summary.median, max(found[2], summary.highest)


def _joined(own: Range | None, public: Range | None, weight: Fraction) -> Range | None:
    """Return the whole span of both ranges, its median the mean of theirs with `weight` (0 to 1) on the own one."""
    if own is None or public is None:
        return own or public
    likely = weight * own[1] + (1 - weight) * public[1]
    return min(own[0], public[0]), likely, max(own[2], public[2])


def _after(score: Decimal, fall: Fraction) -> Decimal:
    """Return what is left of a score after a fall, cut to hundredths, never above the score or below 0."""
    left = Fraction(score) * (1 - min(max(fall, Fraction(0)), Fraction(1)))
    return (Decimal(left.numerator) / Decimal(left.denominator)).quantize(HUNDREDTH, rounding=ROUND_DOWN)


def safe_score(
    instrument: Instrument,
    sheet: ScoreSheet,
    expectation: Expectation | None,
    rates: Mapping[str, Fraction] | None = None,
) -> SafeScore:
    """Return for each answer what is claimed, supported and at risk.

    The fall from the supported total to `expectation.likely` is laid on the answers in proportion to their points and
    to how often their kind fell before (`rates`, see `cut_rates`; without history all kinds alike), exactly to the
    hundredth.
    """
    fall = sheet.total.points - expectation.likely if expectation else Decimal(0)
    measures = {question.question_id: question.measure for question in instrument.questions}
    cents = [int(question.points.scaleb(2)) for question in sheet.questions]
    weights = [(rates or {}).get(measures[question.question_id], Fraction(1)) for question in sheet.questions]
    risks = _spread(int(fall.scaleb(2)), cents, weights)
    answers = tuple(
        SafeAnswer(
            question_id=question.question_id,
            opd_code=question.opd_code,
            block_code=question.block_code,
            claimed=question.claimed_points,
            supported=question.points,
            at_risk=Decimal(risk).scaleb(-2),
        )
        for question, risk in zip(sheet.questions, risks, strict=True)
    )
    nothing = Decimal("0.00")
    return SafeScore(
        stage=sheet.stage,
        claimed=sum((answer.claimed for answer in answers), nothing),
        supported=sheet.total.points,
        at_risk=sum((answer.at_risk for answer in answers), nothing),
        safe=sum((answer.safe for answer in answers), nothing),
        expectation=expectation,
        answers=answers,
    )


def _spread(total: int, caps: Sequence[int], weights: Sequence[Fraction]) -> list[int]:
    """Return whole parts of `total` in proportion to cap x weight, none above its cap; they sum to `total` exactly.

    What a full part cannot take goes to the others; the last single ones to the largest remainders, in order.
    """
    exact = [weight or Fraction(1, 10**6) for weight in weights]
    common = lcm(*(weight.denominator for weight in exact))
    # Whole numbers in the same proportion: exact, and fast.
    shares = [cap * it.numerator * (common // it.denominator) for cap, it in zip(caps, exact, strict=True)]
    parts = [0] * len(caps)
    left, open_places = total, [place for place, cap in enumerate(caps) if cap > 0]
    while left > 0 and open_places:
        whole = sum(shares[place] for place in open_places)
        least = -(-whole // left)  # a smaller share gets nothing this time
        given = {
            place: min(left * shares[place] // whole, caps[place] - parts[place])
            for place in open_places
            if shares[place] >= least
        }
        if not given:
            ranked = sorted(open_places, key=lambda place: (-shares[place], place))
            given = dict.fromkeys(ranked[:left], 1)
        for place, points in given.items():
            parts[place] += points
            left -= points
        open_places = [place for place in open_places if parts[place] < caps[place]]
    return parts


def cut_rates(instrument: Instrument, pairs: Sequence[tuple[ScoreSheet, ScoreSheet]]) -> Mapping[str, Fraction]:
    """Return per measure the share of points that verifiers took (0 to 1), from whole sheets before and after.

    Every measure starts from the average share with 50 points, so that a kind with few points stays near it. Empty
    without pairs; questions a later instrument no longer has are left out.
    """
    earned: dict[str, Fraction] = {}
    lost: dict[str, Fraction] = {}
    for before, after in pairs:
        later = {question.question_id: question.points for question in after.questions}
        for question in before.questions:
            if instrument.has_question(question.question_id) and question.question_id in later:
                name = instrument.question(question.question_id).measure
                earned[name] = earned.get(name, Fraction(0)) + Fraction(question.points)
                cut = max(question.points - later[question.question_id], Decimal(0))
                lost[name] = lost.get(name, Fraction(0)) + Fraction(cut)
    whole = sum(earned.values(), Fraction(0))
    if not whole:
        return {}
    average = sum(lost.values(), Fraction(0)) / whole
    return {name: (lost[name] + _PRIOR_POINTS * average) / (earned[name] + _PRIOR_POINTS) for name in earned}
