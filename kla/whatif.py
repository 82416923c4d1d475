"""What the score would be if some answers were other than they are. Pure; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal, InvalidOperation

from kla.instrument import AnswerKind, Instrument, Level, Question
from kla.predikat import points_to, predikat_for
from kla.scoring import HUNDREDTH, Cause, QuestionScore, ScoreSheet, points_of, sheet_of


class TrialError(ValueError):
    """A setting that cannot be tried; `problem` is a key (form, question, level, number, percent, part), the rest fills
    its sentence."""

    def __init__(self, problem: str, text: str, question_id: str = "", choices: str = "") -> None:
        super().__init__(f"{problem}: {text}")
        self.problem = problem
        self.text = text
        self.question_id = question_id
        self.choices = choices


@dataclass(frozen=True, slots=True)
class Setting:
    """A question put on a level of its scale, as if answered so and with its evidence in order."""

    question_id: str
    level: Level


@dataclass(frozen=True, slots=True)
class Changed:
    """One question's points before and after."""

    question_id: str
    level: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The stage as it is and as it would be. `score` is after the verifier's `discounts`, `sheet` before them.

    `discounts` are percent by indicator number or block code, "" for everything else. `distance` holds the points still
    missing to the target, 0 when it is reached.
    """

    stage: str
    before: Decimal
    predikat_before: str | None
    score: Decimal
    predikat: str | None
    target: str
    distance: Decimal
    discounts: Mapping[str, Decimal]
    changed: tuple[Changed, ...]
    sheet: ScoreSheet


def parse_setting(text: str, instrument: Instrument) -> Setting:
    """Return what a text like `6.P2=penuh` sets: a level's key or label, or for ratio questions a percentage.

    Percentages may be written 87.5, 87,5 or 87,5%; the level they reach is found on the question's scale.

    Raises:
        TrialError: no such question or level, or a number that is none or lies outside 0 to 100.
    """
    question_id, separator, value = (part.strip() for part in text.partition("="))
    if not separator or not question_id or not value:
        raise TrialError("form", text)
    if not instrument.has_question(question_id):
        raise TrialError("question", text, question_id)
    question = instrument.question(question_id)
    for level in question.scale.levels:
        if value.casefold() in (level.key.casefold(), level.label.casefold()):
            return Setting(question_id, level)
    if question.scale.answer is AnswerKind.RATIO:
        return Setting(question_id, _reached(question, value))
    raise TrialError("level", value, question_id, _choices(question))


def percent_of(text: str) -> Decimal | None:
    """Return a percentage from 0 to 100 as typed on a command line, point or comma for decimals; None for any other text.

    >>> percent_of("87,5%"), percent_of("101"), percent_of("nan")
    (Decimal('87.5'), None, None)
    """
    try:
        number = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= 100 else None


def parse_discount(text: str, instrument: Instrument) -> tuple[str, Decimal]:
    """Return (part, percent) of what a verifier is thought to take: `10%` of everything ("" as part), `14=20` of an
    indicator, `K3=15%` of a block.

    Raises:
        TrialError: no such indicator or block, or no percentage from 0 to 100.
    """
    part, separator, percent = (it.strip() for it in text.rpartition("="))
    number = percent_of(percent)
    if number is None or (separator and not part):
        raise TrialError("percent", text)
    known = {it.casefold(): it for it in _parts_of(instrument)}
    if part and part.casefold() not in known:
        raise TrialError("part", part, choices=", ".join(known.values()))
    return known.get(part.casefold(), ""), number


def _parts_of(instrument: Instrument) -> list[str]:
    return [block.code for block in instrument.blocks] + [indicator.number for indicator in instrument.indicators]


def _choices(question: Question) -> str:
    return ", ".join(level.key for level in question.scale.levels)


def _reached(question: Question, value: str) -> Level:
    percent = percent_of(value)
    if percent is None:
        raise TrialError("number", value, question.question_id, _choices(question))
    reached = [level for level in question.scale.levels if level.at_least is not None and level.at_least <= percent]
    if not reached:
        raise TrialError("level", value, question.question_id, _choices(question))
    return max(reached, key=lambda level: level.at_least or Decimal(0))


def what_if(
    instrument: Instrument,
    sheet: ScoreSheet,
    settings: Sequence[Setting],
    discounts: Mapping[str, Decimal],
    target: str,
) -> WhatIf:
    """Return the score, predikat and distance with each setting's share x maximum in place of the question's points.

    A later setting of the same question wins. `discounts` (percent, 0 to 100; see WhatIf) are what a verifier takes off
    the new points: of each question its indicator's counts, else its block's, else that of everything; the total is then
    cut to hundredths.

    Raises:
        ValueError: a discount lies outside 0 to 100.
        KeyError: no band is called `target`.
    """
    if wrong := [discount for discount in discounts.values() if not 0 <= discount <= 100]:
        raise ValueError(f"a discount lies between 0 and 100 percent, not {wrong[0]}")
    levels = {setting.question_id: setting.level for setting in settings}
    questions = tuple(_with(instrument, question, levels) for question in sheet.questions)
    new = sheet_of(instrument, sheet.stage, questions)
    left = sum((it.points * (100 - _discount_of(it, discounts)) / 100 for it in questions), Decimal(0))
    score = left.quantize(HUNDREDTH, rounding=ROUND_DOWN)
    return WhatIf(
        stage=sheet.stage,
        before=sheet.total.points,
        predikat_before=sheet.predikat,
        score=score,
        predikat=predikat_for(score, instrument.bands),
        target=target,
        distance=points_to(target, score, instrument.bands),
        discounts=discounts,
        changed=tuple(
            Changed(old.question_id, levels[old.question_id].label, old.points, now.points)
            for old, now in zip(sheet.questions, questions, strict=True)
            if old.question_id in levels
        ),
        sheet=new,
    )


def _discount_of(score: QuestionScore, discounts: Mapping[str, Decimal]) -> Decimal:
    for part in (score.indicator_number, score.block_code, ""):
        if part in discounts:
            return discounts[part]
    return Decimal(0)


def _with(instrument: Instrument, score: QuestionScore, levels: Mapping[str, Level]) -> QuestionScore:
    level = levels.get(score.question_id)
    if level is None:
        return score
    points = points_of(level.share, instrument.question(score.question_id).max_points)
    cause = Cause.FULL if points == score.max_points else Cause.BELOW_FULL
    return replace(score, points=points, claimed_points=points, cause=cause, answer_id=None, stated_id=None)
