"""What changed from one stage to the next, and from one cycle to the next: parts that sum to the difference, exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from fractions import Fraction

from kla.causes import Change
from kla.scoring import HUNDREDTH, Cause, QuestionScore, ScoreSheet

NOTHING = Decimal("0.00")
_UNSTATED = (Cause.NOT_SUBMITTED, Cause.BLANK, Cause.ANSWER_RETURNED)


@dataclass(frozen=True, slots=True)
class Step:
    """What one question gained (+) or lost (-) in points from a stage to a later one, why, and whose it is.

    `reason` is the recap's own text; `opd_code` the lead's office, "" when nobody owns the question.
    """

    question_id: str
    indicator_number: str
    block_code: str
    opd_code: str
    change: Change
    points: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The way from one stage's total to a later one's; `steps` hold only questions that changed, in the card's order."""

    from_stage: str
    to_stage: str
    before: Decimal
    after: Decimal
    steps: tuple[Step, ...]

    @property
    def difference(self) -> Decimal:
        """Points gained (+) or lost (-) in all."""
        return self.after - self.before

    @property
    def residual(self) -> Decimal:
        """What the steps do not explain: 0 for every pair of sheets of one instrument."""
        return self.difference - sum((step.points for step in self.steps), NOTHING)

    def by_block(self) -> tuple[tuple[str, Decimal], ...]:
        """Return (block code, points), the largest loss first."""
        return self._by(lambda step: step.block_code)

    def by_indicator(self) -> tuple[tuple[str, Decimal], ...]:
        """Return (indicator number, points), the largest loss first."""
        return self._by(lambda step: step.indicator_number)

    def by_question(self) -> tuple[tuple[str, Decimal], ...]:
        """Return (question id, points), the largest loss first."""
        return self._by(lambda step: step.question_id)

    def by_office(self) -> tuple[tuple[str, Decimal], ...]:
        """Return (code of the leading office, points), the largest loss first."""
        return self._by(lambda step: step.opd_code)

    def by_cause(self) -> tuple[tuple[str, Decimal], ...]:
        """Return (key of the cause, points), the largest loss first."""
        return self._by(lambda step: step.change.value)

    def _by(self, key: Callable[[Step], str]) -> tuple[tuple[str, Decimal], ...]:
        sums: dict[str, Decimal] = {}
        for step in self.steps:
            sums[key(step)] = sums.get(key(step), NOTHING) + step.points
        return tuple(sorted(sums.items(), key=lambda item: item[1]))


def compare_stages(
    before: ScoreSheet, after: ScoreSheet, reasons: Mapping[str, str], classify: Callable[[str], Change]
) -> Waterfall:
    """Return the way from one stage to a later one of the same cycle, question by question.

    `reasons` maps question id to what the later stage's recap says; `classify` turns that text into a cause. More
    points are RAISED; a question without a counting row in the recap is NOT_STATED, whatever its text says.

    Raises:
        KeyError: the later sheet lacks a question of the earlier one (sheets of two instruments).
    """
    later = {question.question_id: question for question in after.questions}
    steps = []
    for question in before.questions:
        now = later[question.question_id]
        if now.points != question.points:
            reason = reasons.get(question.question_id, "")
            steps.append(_step(question, now, reason, classify))
    return Waterfall(before.stage, after.stage, before.total.points, after.total.points, tuple(steps))


def _step(question: QuestionScore, now: QuestionScore, reason: str, classify: Callable[[str], Change]) -> Step:
    if now.points > question.points:
        change = Change.RAISED
    elif now.cause in _UNSTATED:
        change = Change.NOT_STATED
    else:
        change = classify(reason)
    return Step(
        question_id=question.question_id,
        indicator_number=question.indicator_number,
        block_code=question.block_code,
        opd_code=now.opd_code or question.opd_code,
        change=change,
        points=now.points - question.points,
        reason=reason,
    )


class YearChange(StrEnum):
    """Why a total differs between two cycles."""

    REAL = "real"  # the district does better or worse
    WEIGHT = "weight"  # the question is worth more or less
    NEW = "new"  # a question the earlier cycle did not score
    REMOVED = "removed"  # a question the later cycle does not score
    UNRESOLVED = "unresolved"  # only totals are known


@dataclass(frozen=True, slots=True)
class CycleScore:
    """A stage's result in one cycle: its total and, where they are known, its questions (empty: only the total is)."""

    cycle: int
    stage: str
    total: Decimal
    questions: tuple[QuestionScore, ...] = ()


@dataclass(frozen=True, slots=True)
class YearPart:
    """Points (signed) of one question, for one reason; question id and block are "" where only totals are known."""

    change: YearChange
    question_id: str
    block_code: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class YearComparison:
    """The way from one cycle's total to a later one's; `parts` are in the card's order and sum to the difference."""

    earlier: CycleScore
    later: CycleScore
    parts: tuple[YearPart, ...]

    @property
    def difference(self) -> Decimal:
        """Points gained (+) or lost (-) in all."""
        return self.later.total - self.earlier.total

    @property
    def residual(self) -> Decimal:
        """What the parts do not explain: always 0; what cannot be told apart is a part of its own (UNRESOLVED)."""
        return self.difference - sum((part.points for part in self.parts), NOTHING)

    @property
    def is_resolved(self) -> bool:
        """Whether every point is traced to a question."""
        return all(part.change is not YearChange.UNRESOLVED for part in self.parts)

    def by_change(self) -> tuple[tuple[YearChange, Decimal], ...]:
        """Return (reason, points) in the order of YearChange, those without parts left out."""
        sums: dict[YearChange, Decimal] = {}
        for part in self.parts:
            sums[part.change] = sums.get(part.change, NOTHING) + part.points
        return tuple((change, sums[change]) for change in YearChange if change in sums)


def compare_cycles(earlier: CycleScore, later: CycleScore, renamed: Mapping[str, str] | None = None) -> YearComparison:
    """Return why two cycles' totals differ; the parts sum to the difference exactly.

    Change of weight is what the earlier share of the maximum would earn under the new maximum, less what it earned,
    cut to hundredths; the rest of a question's difference is real. `renamed` maps a later question's id to its earlier
    one. Where either side has no questions, or its questions do not add up to its total, the difference that cannot
    be traced is one UNRESOLVED part.
    """
    parts: list[YearPart] = []
    if earlier.questions and later.questions:
        old = {question.question_id: question for question in earlier.questions}
        for question in later.questions:
            was = old.pop((renamed or {}).get(question.question_id, question.question_id), None)
            parts += _year_parts(was, question)
        parts += [_part(YearChange.REMOVED, left, -left.points) for left in old.values() if left.max_points > 0]
        parts = [part for part in parts if part.points != 0]
    rest = later.total - earlier.total - sum((part.points for part in parts), NOTHING)
    if rest != 0:
        parts.append(YearPart(YearChange.UNRESOLVED, "", "", rest))
    return YearComparison(earlier, later, tuple(parts))


def _year_parts(was: QuestionScore | None, now: QuestionScore) -> list[YearPart]:
    if was is None or was.max_points == 0:
        return [_part(YearChange.NEW, now, now.points)]
    if now.max_points == 0:
        return [_part(YearChange.REMOVED, was, -was.points)]
    share = Fraction(was.points) / Fraction(was.max_points)
    weight = _hundredths(share * (Fraction(now.max_points) - Fraction(was.max_points)))
    return [
        _part(YearChange.REAL, now, now.points - was.points - weight),
        _part(YearChange.WEIGHT, now, weight),
    ]


def _part(change: YearChange, question: QuestionScore, points: Decimal) -> YearPart:
    return YearPart(change, question.question_id, question.block_code, points)


def _hundredths(points: Fraction) -> Decimal:
    """Return points cut towards zero to hundredths, without a binary float on the way."""
    return (Decimal(points.numerator) / Decimal(points.denominator)).quantize(HUNDREDTH, rounding=ROUND_DOWN)
