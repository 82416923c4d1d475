"""Columns of `answers` that hold this year's figures and levels against the year and the cycle before."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from kla.findings import PreviousAnswer
from kla.instrument import AnswerKind, Level, Question
from kla.io.frames.context import Facts, Handed
from kla.io.rule_data import Limits, load_limits
from kla.record import record
from kla.submission import AnswerRow

Item = tuple[AnswerRow, Facts, Handed]
_HUNDREDTH = Decimal("0.01")


@record(frozen=True, slots=True)
class _Past:
    """What one row is held against; None and "" where there is nothing to hold it against."""

    percent_t2: Decimal | None = None
    percent_t1: Decimal | None = None
    changed_by: Decimal | None = None
    changed_allowed: Decimal | None = None
    level_before: str = ""
    level_now: str = ""
    is_level_lower: bool = False
    is_same: bool = False
    previous_cycle: int | None = None
    reported_before: Decimal | None = None
    restated_by: Decimal | None = None
    restated_allowed: Decimal | None = None
    previous_level: str = ""
    is_below_previous: bool = False


_NOTHING = _Past()
# Column of the frame -> field above; shares of rows without a past cost nothing.
COLUMNS = tuple(_Past.__dataclass_fields__)
_columns = attrgetter(*COLUMNS)


def percent_of(value: Decimal | None, denominator: Decimal | None) -> Fraction | None:
    """Return value of denominator in percent, exactly; None where that cannot be said."""
    if value is None or not denominator or denominator < 0:
        return None
    return Fraction(value) / Fraction(denominator) * 100


def reached(question: Question, percent: Fraction | None) -> Level | None:
    """Return the level of a ratio scale a percentage reaches."""
    if percent is None:
        return None
    fitting = [level for level in question.scale.levels if level.at_least is not None and level.at_least <= percent]
    return max(fitting, key=lambda level: level.at_least or Decimal(0), default=None)


def _rounded(number: Fraction | None) -> Decimal | None:
    if number is None:
        return None
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(_HUNDREDTH)


def _figures_changed(row: AnswerRow, question: Question, limits: Limits) -> dict[str, object]:
    """Return by how much the figure changed from T-2 to T-1, and how much needs no reason."""
    limit = limits.change.get(question.measure)
    if question.scale.answer is AnswerKind.RATIO:
        before, now = (
            percent_of(row.value_t2, row.denominator_t2),
            percent_of(row.value_t1, row.denominator_t1),
        )
        found: dict[str, object] = {"percent_t2": _rounded(before), "percent_t1": _rounded(now)}
        if before is not None and now is not None:
            allowed = limit.points if limit else None
            found |= {"changed_by": _rounded(abs(now - before)), "changed_allowed": allowed}
            found |= _levels("level_before", reached(question, before), "level_now", reached(question, now))
        return found
    if row.value_t2 is None or row.value_t1 is None or limit is None or limit.tolerance is None:
        return {}
    allowed = max(limit.tolerance.at_least, abs(row.value_t2) * limit.tolerance.percent / 100)
    return {"changed_by": abs(row.value_t1 - row.value_t2), "changed_allowed": allowed}


def _levels(name_before: str, before: Level | None, name_now: str, now: Level | None) -> dict[str, object]:
    if before is None or now is None:
        return {}
    flag = "is_below_previous" if name_before == "previous_level" else "is_level_lower"
    return {name_before: before.label, name_now: now.label, flag: now.share < before.share}


def _is_same(row: AnswerRow, question: Question, limits: Limits) -> bool:
    """Whether the later year repeats the earlier one to the last digit, in a figure too large for chance."""
    if row.value_t1 is None or (row.value_t1, row.denominator_t1) != (row.value_t2, row.denominator_t2):
        return False
    kind = {AnswerKind.RATIO: "ratio", AnswerKind.COUNT: "count"}.get(question.scale.answer, "count")
    return abs(row.value_t1) >= limits.same_from["amount" if question.scale.has_amount else kind]


def _own_level(question: Question, answer: AnswerRow | PreviousAnswer) -> Level | None:
    if question.scale.answer is AnswerKind.RATIO:
        return reached(question, percent_of(answer.value_t1, answer.denominator_t1))
    if question.scale.answer is AnswerKind.CHOICE and question.scale.is_scored:
        return next((level for level in question.scale.levels if level.key == answer.level), None)
    return None


def _cycle_before(row: AnswerRow, question: Question, one: Handed, limits: Limits) -> dict[str, object]:
    """Return what the office answered the cycle before, where the two can be compared."""
    previous = one.previous.get((one.subject.district_code, row.question_id, one.subject.opd_code))
    if previous is None:
        return {}
    found: dict[str, object] = {"previous_cycle": previous.cycle}
    found |= _levels("previous_level", _own_level(question, previous), "level_now", _own_level(question, row))
    is_same_year = previous.years[1] == one.setting.instrument.evidence_years[0]
    if is_same_year and row.value_t2 is not None and previous.value_t1 is not None:
        found |= {
            "reported_before": previous.value_t1,
            "restated_by": abs(row.value_t2 - previous.value_t1),
            "restated_allowed": limits.restated.allowed(row.value_t2, previous.value_t1),
        }
    return found


def _past(item: Item, limits: Limits) -> _Past:
    row, facts, one = item
    if facts.question is None or (not row.level and row.value_t1 is None and row.value_t2 is None):
        return _NOTHING
    question = facts.question
    found = _figures_changed(row, question, limits) | _cycle_before(row, question, one, limits)
    if _is_same(row, question, limits):
        found["is_same"] = True
    return _Past(**found) if found else _NOTHING  # type: ignore[arg-type]


def history_of(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return the columns of `answers` about the year and the cycle before, as expectations/answers.yaml declares them."""
    limits = load_limits()
    rows = [_columns(_past(item, limits)) for item in items]
    return {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
