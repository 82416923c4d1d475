"""Points, decided once and exactly: question, indicator, block, total. No binary floats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from kla.instrument import AnswerKind, Instrument, Question
from kla.predikat import DECIDED_STAGE, StatedPredikat, predikat_for
from kla.record import record

HUNDREDTH = Decimal("0.01")


class Cause(StrEnum):
    """Why a question earns less than its maximum (FULL: it does not)."""

    FULL = "full"
    NOT_SUBMITTED = "not_submitted"  # the lead's form never came (or was refused)
    UNOWNED = "unowned"  # no office of the district owns the question
    BLANK = "blank"  # the form came, the question is empty
    ANSWER_RETURNED = "answer_returned"  # answered, but a blocking finding sent the answer back
    NO_EVIDENCE = "no_evidence"  # claimed without any data dukung
    EVIDENCE_REJECTED = "evidence_rejected"  # data dukung there, all of it sent back
    BELOW_FULL = "below_full"  # counts, at a level below the full one
    CUT_BY_VERIFIER = "cut_by_verifier"  # a later stage gave less than the stage before


@dataclass(frozen=True, slots=True)
class CountedAnswer:
    """The answer of the lead that counts for a question, as the warehouse holds it. `answer_id` traces to file and cell."""

    question_id: str
    opd_code: str
    answer_id: int
    level: str
    value_t2: Decimal | None
    denominator_t2: Decimal | None
    value_t1: Decimal | None
    denominator_t1: Decimal | None
    is_blank: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """All that scoring needs to know of one question at a form stage.

    `answer` None: the lead has no loaded row. `is_returned`: its newest row was sent back and no earlier one counts.
    `has_submitted`: a form of the lead was read. Evidence of every owner counts, leads and supporters alike.
    """

    lead_opd: str  # "" when nobody owns it
    answer: CountedAnswer | None
    has_submitted: bool
    is_returned: bool
    evidence_accepted: int
    evidence_rejected: int


@dataclass(frozen=True, slots=True)
class StatedPoints:
    """Points a recap states for a question and that were loaded; `stated_id` traces to file and cell."""

    question_id: str
    stated_id: int
    points: Decimal


@record(frozen=True, slots=True)
class QuestionScore:
    """Points of one question at one stage: 0 <= points <= max_points, cut to hundredths.

    `claimed_points` is what the answer would give with its evidence in order. `answer_id` / `stated_id`: at most one is set.
    """

    question_id: str
    indicator_number: str
    block_code: str
    max_points: Decimal
    points: Decimal
    claimed_points: Decimal
    cause: Cause
    opd_code: str
    answer_id: int | None = None
    stated_id: int | None = None


@dataclass(frozen=True, slots=True)
class SumScore:
    """A sum of question points: an indicator (31), a block (7) or the total."""

    key: str
    points: Decimal
    max_points: Decimal


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """All points of one district, cycle and stage. `predikat` None below the first band.

    Of the decided stage it is what was given (`predikat_id` traces to file and cell), None while nothing was.
    """

    stage: str
    questions: tuple[QuestionScore, ...]
    indicators: tuple[SumScore, ...]
    blocks: tuple[SumScore, ...]
    total: SumScore
    predikat: str | None
    predikat_id: int | None = None


def is_complete(question: Question, answer: CountedAnswer) -> bool:
    """Whether the answer holds all that its scale needs: a level, or the figures of the deciding year(s)."""
    if answer.is_blank:
        return False
    if question.scale.answer is AnswerKind.CHOICE:
        return answer.level != ""
    if question.scale.answer is AnswerKind.RATIO:
        if answer.value_t1 is None or answer.denominator_t1 is None:
            return False
        # Nought of nought loads only with a reason: nobody to serve, so it counts as 0 per cent.
        return answer.denominator_t1 > 0 or answer.denominator_t1 == answer.value_t1 == 0
    return answer.value_t1 is not None and answer.value_t2 is not None


def share_of(question: Question, answer: CountedAnswer) -> Decimal:
    """Return the share (0 to 1) of the question's maximum that the answer claims; 0 when it is not complete.

    Ratios are decided by the later year and compared without dividing, so that 1/3 of a limit is never rounded.
    Counts compare the later year (T-1) with the earlier (T-2).

    Raises:
        KeyError: the answer names a level its scale does not have.

    Source: instrument/<cycle>, scales (assumed; the official option tables are not public).
    """
    if not is_complete(question, answer):
        return Decimal(0)
    if question.scale.answer is AnswerKind.CHOICE:
        return question.scale.level(answer.level).share
    if question.scale.answer is AnswerKind.RATIO:
        return _share_of_ratio(question, answer)
    return _share_of_change(question, answer)


def _share_of_ratio(question: Question, answer: CountedAnswer) -> Decimal:
    value, value_of = (answer.value_t1 or Decimal(0)).as_integer_ratio()
    whole, whole_of = (answer.denominator_t1 or Decimal(1)).as_integer_ratio()
    reached = []
    for level in question.scale.levels:
        if level.at_least is not None:
            least, least_of = level.at_least.as_integer_ratio()
            if value * 100 * least_of * whole_of >= least * whole * value_of:
                reached.append((level.at_least, level.share))
    return max(reached)[1] if reached else Decimal(0)


def _share_of_change(question: Question, answer: CountedAnswer) -> Decimal:
    later, earlier = answer.value_t1 or Decimal(0), answer.value_t2 or Decimal(0)
    key = "naik" if later > earlier else "turun" if later < earlier else "tetap"
    return question.scale.level(key).share


def points_of(share: Decimal, max_points: Decimal) -> Decimal:
    """Return share x maximum in points, cut (not rounded) to hundredths.

    Source: published cards print 0.66 of 2 as 1.32 and a third of 3 as 0.99 (instrument/<cycle>, scales).

    >>> points_of(Decimal("0.667"), Decimal(2))
    Decimal('1.33')
    """
    return (share * max_points).quantize(HUNDREDTH, rounding=ROUND_DOWN)


def score(instrument: Instrument, standings: Mapping[str, Standing], stage: str) -> ScoreSheet:
    """Return all points of a form stage; `standings` holds every question of the instrument.

    Only the lead's answer counts. A claim above 0 to a question that asks for data dukung earns 0 without any.

    Raises:
        KeyError: a question has no standing, or an answer a level its scale does not have.
    """
    return sheet_of(instrument, stage, tuple(_scored(q, standings[q.question_id]) for q in instrument.questions))


def _scored(question: Question, standing: Standing) -> QuestionScore:
    answer = standing.answer
    share = share_of(question, answer) if answer else Decimal(0)
    claimed = points_of(share, question.max_points)
    cause = _cause(question, standing, share, claimed)
    counts = cause in (Cause.FULL, Cause.BELOW_FULL)
    return QuestionScore(
        question_id=question.question_id,
        indicator_number=question.indicator_number,
        block_code=question.block_code,
        max_points=question.max_points,
        points=claimed if counts else Decimal("0.00"),
        claimed_points=claimed,
        cause=cause,
        opd_code=standing.lead_opd,
        answer_id=answer.answer_id if answer else None,
    )


def _cause(question: Question, standing: Standing, share: Decimal, claimed: Decimal) -> Cause:
    """Return why the question earns what it earns: the first cause that holds, the office's side first."""
    answer = standing.answer
    if question.max_points == 0:
        return Cause.FULL
    if not standing.lead_opd:
        return Cause.UNOWNED
    if answer is None or not is_complete(question, answer):
        if standing.is_returned:
            return Cause.ANSWER_RETURNED
        return Cause.BLANK if answer or standing.has_submitted else Cause.NOT_SUBMITTED
    if question.evidence_kinds and share > 0 and standing.evidence_accepted == 0:
        return Cause.EVIDENCE_REJECTED if standing.evidence_rejected else Cause.NO_EVIDENCE
    return Cause.FULL if claimed == question.max_points else Cause.BELOW_FULL


def score_stated(
    instrument: Instrument,
    stated: Mapping[str, StatedPoints],
    stage: str,
    previous: ScoreSheet | None,
    leads: Mapping[str, str] | None = None,
    uncounted: Mapping[str, Cause] | None = None,
    given: StatedPredikat | None = None,
) -> ScoreSheet:
    """Return all points of a stage that arrives as a recap: what its loaded rows state, cut to hundredths.

    `previous` is the sheet of the stage before (a lower figure was cut by the verifier). `leads` maps question id to
    the lead's office code, where `previous` does not say it. `uncounted` maps questions whose row was there but does
    not count to ANSWER_RETURNED or BLANK; all others without a row are NOT_SUBMITTED. Never above the maximum. The
    decided stage has the predikat that was `given`, or none.
    """
    before = {question.question_id: question for question in previous.questions} if previous else {}
    scored = []
    for question in instrument.questions:
        key = question.question_id
        earlier = before.get(key)
        lead = (leads or {}).get(key) or (earlier.opd_code if earlier else "")
        missing = (uncounted or {}).get(key, Cause.NOT_SUBMITTED)
        scored.append(_restated(question, stated.get(key), earlier, lead, missing))
    sheet = sheet_of(instrument, stage, tuple(scored))
    if stage != DECIDED_STAGE:
        return sheet
    predikat = given.predikat if given else ""
    return replace(sheet, predikat=predikat or None, predikat_id=given.stated_id if given else None)


def _restated(
    question: Question, stated: StatedPoints | None, earlier: QuestionScore | None, lead: str, missing: Cause
) -> QuestionScore:
    points = (
        points_of(Decimal(1), min(max(stated.points, Decimal(0)), question.max_points)) if stated else Decimal("0.00")
    )
    cause = Cause.BELOW_FULL
    if points == question.max_points:
        cause = Cause.FULL
    elif stated is None:
        cause = missing
    elif earlier is not None and points < earlier.points:
        cause = Cause.CUT_BY_VERIFIER
    return QuestionScore(
        question_id=question.question_id,
        indicator_number=question.indicator_number,
        block_code=question.block_code,
        max_points=question.max_points,
        points=points,
        claimed_points=points,
        cause=cause,
        opd_code=lead,
        stated_id=stated.stated_id if stated else None,
    )


def sheet_of(instrument: Instrument, stage: str, questions: tuple[QuestionScore, ...]) -> ScoreSheet:
    """Return the sheet over these question scores: every sum is the sum of its questions, and of nothing else."""
    total = _sum("total", questions)
    by_indicator: defaultdict[str, list[QuestionScore]] = defaultdict(list)
    by_block: defaultdict[str, list[QuestionScore]] = defaultdict(list)
    for question in questions:
        by_indicator[question.indicator_number].append(question)
        by_block[question.block_code].append(question)
    return ScoreSheet(
        stage=stage,
        questions=questions,
        indicators=tuple(_sum(row.number, by_indicator.get(row.number, ())) for row in instrument.indicators),
        blocks=tuple(_sum(row.code, by_block.get(row.code, ())) for row in instrument.blocks),
        total=total,
        predikat=predikat_for(total.points, instrument.bands),
    )


def _sum(key: str, questions: Iterable[QuestionScore]) -> SumScore:
    rows = tuple(questions)
    nothing = Decimal("0.00")
    return SumScore(key, sum((q.points for q in rows), nothing), sum((q.max_points for q in rows), nothing))
