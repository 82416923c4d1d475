"""What is lost against the maximum, by cause, office and klaster. The losses of a stage sum to maximum - score, always."""

from __future__ import annotations

from decimal import Decimal

from kla.record import record
from kla.scoring import Cause, QuestionScore, ScoreSheet


@record(frozen=True, slots=True)
class Gap:
    """Points one question loses at one stage for one cause.

    `opd_code` is the lead that can win them back ("" when nobody owns it).
    """

    question_id: str
    indicator_number: str
    block_code: str
    opd_code: str
    cause: Cause
    lost_points: Decimal
    max_points: Decimal


def find_gaps(sheet: ScoreSheet, previous: ScoreSheet | None = None) -> tuple[Gap, ...]:
    """Return what the stage loses, dearest first, then in the order of the card; the losses sum to maximum - score.

    A question cut by the verifier gives two gaps when it had not earned its maximum before either: what the verifier
    took, and what was missing already, with the cause it had at the `previous` stage.
    """
    before = {question.question_id: question for question in previous.questions} if previous else {}
    found = [gap for question in sheet.questions for gap in _losses(question, before.get(question.question_id))]
    return tuple(sorted(found, key=lambda gap: -gap.lost_points))


def _losses(question: QuestionScore, earlier: QuestionScore | None) -> list[Gap]:
    parts = {question.cause: question.max_points - question.points}
    if question.cause is Cause.CUT_BY_VERIFIER and earlier is not None and earlier.cause is not Cause.CUT_BY_VERIFIER:
        cut = earlier.points - question.points
        parts = {Cause.CUT_BY_VERIFIER: cut, earlier.cause: question.max_points - question.points - cut}
    return [
        Gap(
            question_id=question.question_id,
            indicator_number=question.indicator_number,
            block_code=question.block_code,
            opd_code=question.opd_code,
            cause=cause,
            lost_points=lost,
            max_points=question.max_points,
        )
        for cause, lost in parts.items()
        if lost > 0
    ]
