"""Points, decided once and exactly: question, indicator, block, total. No binary floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
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
    """All points of one district, cycle and stage. `predikat` None below the first band."""

    stage: str
    questions: tuple[QuestionScore, ...]
    indicators: tuple[SumScore, ...]
    blocks: tuple[SumScore, ...]
    total: SumScore
    predikat: str | None
