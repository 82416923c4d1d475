"""What could be improved: for each question that loses points, each level that could still be reached, and its cost. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_DOWN, Decimal
from operator import attrgetter

from kla.instrument import Instrument, Level, Question
from kla.measures import Action, Effort, EffortTable
from kla.record import record
from kla.scoring import HUNDREDTH, Cause, QuestionScore, ScoreSheet, points_of

_UPLOADS = (Cause.NO_EVIDENCE, Cause.EVIDENCE_REJECTED)
_SUBMITS = (Cause.NOT_SUBMITTED, Cause.BLANK)
_COUNTING = (Cause.FULL, Cause.BELOW_FULL, Cause.CUT_BY_VERIFIER)
NOTHING = Decimal("0.00")
_NO_DAYS = Decimal(0)
_CERTAIN = Decimal(1)
_SHARE = attrgetter("share")


@record(frozen=True, slots=True)
class Option:
    """One way to improve one question. Points: `points` after it, `gain` more than now, `sure_gain` weighed by certainty.

    `is_raise`: it claims more than was claimed (then prerequisites hold). `is_estimate`: nobody answered yet, so the
    level is the district's own average for that kind of question. `level` is what people read, "" where it returns
    what the district had claimed.
    """

    question_id: str
    opd_code: str
    block_code: str
    actions: tuple[Action, ...]
    level: str
    points: Decimal
    gain: Decimal
    sure_gain: Decimal
    effort_days: Decimal
    wait_days: int
    certainty: Decimal
    is_raise: bool
    is_estimate: bool


@record(frozen=True, slots=True)
class _Recovery:
    """The points an office gets by putting its own claim in order, and what that takes (None: nothing to put in order)."""

    points: Decimal
    effort: Effort | None
    level: str
    is_estimate: bool


def options_for(
    instrument: Instrument,
    sheet: ScoreSheet,
    previous: ScoreSheet | None,
    needs: Mapping[str, Action],
    table: EffortTable,
) -> tuple[Option, ...]:
    """Return every improvement that could be chosen at a stage, in the order of the card, the smaller gain first.

    `previous` is the stage before (what a verifier cut can be won back up to it), `needs` maps question id to what the
    verifier's reason asks for. A question nobody owns has none.
    """
    before = {question.question_id: question.points for question in previous.questions} if previous else {}
    usual = usual_shares(instrument, sheet)
    found: list[Option] = []
    for score in sheet.questions:
        if score.opd_code and score.points < score.max_points:
            question = instrument.question(score.question_id)
            recovery = _recovery(question, score, before.get(score.question_id), needs, usual, table)
            found += _options(question, score, recovery, table)
    return tuple(found)


def usual_shares(instrument: Instrument, sheet: ScoreSheet) -> Mapping[str, Decimal]:
    """Return the share of the maximum (0 to 1) that the district's own counted answers earn, per measure.

    A measure without counted answers has the share of all of them; without any at all, 0.
    """
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    measures = {question.question_id: question.measure for question in instrument.questions}
    for score in sheet.questions:
        if score.cause in _COUNTING:
            for key in (measures[score.question_id], ""):
                earned, most = sums.get(key, (NOTHING, NOTHING))
                sums[key] = (earned + score.points, most + score.max_points)
    overall = _share(sums.get("", (NOTHING, NOTHING)))
    return {name: _share(sums[name]) if name in sums else overall for name in set(measures.values())}


def _share(earned_of_most: tuple[Decimal, Decimal]) -> Decimal:
    earned, most = earned_of_most
    return earned / most if most else Decimal(0)


def _recovery(
    question: Question,
    score: QuestionScore,
    earlier: Decimal | None,
    needs: Mapping[str, Action],
    usual: Mapping[str, Decimal],
    table: EffortTable,
) -> _Recovery:
    if earlier is not None and earlier > score.points:
        return _Recovery(earlier, table.actions[needs.get(score.question_id, Action.MEND)], "", False)
    if score.cause in _UPLOADS:
        return _Recovery(score.claimed_points, table.actions[Action.UPLOAD], "", False)
    if score.cause in _SUBMITS or score.cause is Cause.ANSWER_RETURNED:
        level = _usual_level(question, usual[question.measure])
        action = Action.SUBMIT if score.cause in _SUBMITS else Action.MEND
        points = points_of(level.share, question.max_points)
        return _Recovery(max(points, score.points), table.actions[action], level.label, True)
    return _Recovery(score.points, None, "", False)


def _usual_level(question: Question, share: Decimal) -> Level:
    """Return the best level that is no better than the district's usual share; the worst when all are better."""
    levels = sorted(question.scale.levels, key=_SHARE)
    return max((level for level in levels if level.share <= share), key=_SHARE, default=levels[0])


def _options(question: Question, score: QuestionScore, recovery: _Recovery, table: EffortTable) -> Iterator[Option]:
    """Yield the recovery alone, then each level above it that the measure's `max_steps` allows."""
    if recovery.effort is not None and recovery.points > score.points:
        yield _option(score, recovery, recovery.level, recovery.points, ())
    raising = table.measures[question.measure]
    raises: tuple[Effort, ...] = ()
    for level in sorted(question.scale.levels, key=_SHARE):
        if len(raises) == raising.max_steps:
            break
        points = points_of(level.share, question.max_points)
        if points > recovery.points:
            raises = (*raises, raising.effort)
            yield _option(score, recovery, level.label, points, raises)


def _option(
    score: QuestionScore, recovery: _Recovery, level: str, points: Decimal, raises: tuple[Effort, ...]
) -> Option:
    efforts = (recovery.effort, *raises) if recovery.effort else raises
    # After what puts the own claim in order all steps are alike.
    different = efforts[:1] if efforts[0] == efforts[-1] else (efforts[0], efforts[-1])
    base = recovery.effort.certainty if recovery.effort else _CERTAIN
    certainty = base * raises[0].certainty if raises else base
    gain = points - score.points
    sure = base * (recovery.points - score.points) + certainty * (points - recovery.points)
    return Option(
        question_id=score.question_id,
        opd_code=score.opd_code,
        block_code=score.block_code,
        actions=tuple(dict.fromkeys([effort.action for effort in different])),
        level=level,
        points=points,
        gain=gain,
        sure_gain=sure.quantize(HUNDREDTH, rounding=ROUND_DOWN),
        effort_days=sum([effort.effort_days for effort in efforts], _NO_DAYS),
        wait_days=sum([effort.wait_days for effort in different]),
        certainty=certainty,
        is_raise=bool(raises),
        is_estimate=recovery.is_estimate,
    )
