"""The instrument of one cycle: blocks, indicators, questions, scales, bands. Pure; read by kla.io.instruments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property


class AnswerKind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"  # one level of the scale, picked from a list
    RATIO = "ratio"  # numerator and denominator, scored by percentage
    COUNT = "count"  # a count per year, scored by its change


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a scale: its key, what people read, the share of the maximum it earns.

    `at_least` is the lowest percentage (0 to 100) that reaches this level; None on choice and count scales.
    """

    key: str
    label: str
    share: Decimal
    at_least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns an answer into a share (0 to 1) of the question's maximum.

    Levels are ordered: choice scales from worst to best as printed; ratio scales by `at_least`;
    count scales hold exactly the keys turun, tetap, naik.
    """

    code: str
    answer: AnswerKind
    levels: tuple[Level, ...]
    is_per_year: bool = False
    has_amount: bool = False
    is_scored: bool = True

    def level(self, key: str) -> Level:
        """Return the level with this key; KeyError when there is none."""
        for level in self.levels:
            if level.key == key:
                return level
        raise KeyError(key)

    @property
    def best_share(self) -> Decimal:
        """The highest share this scale can give."""
        return max(level.share for level in self.levels)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `max_points` in points with at most two decimals; `owners` are office roles, the lead first.

    `periods` is 2 where figures for both evidence years are asked. `note` is shown in reports (assumptions).
    `condition` is a variant's condition as published (e.g. not_3t); `gate_id` the unscored question that opens it.
    """

    question_id: str
    label: str
    measure: str
    scale: Scale
    max_points: Decimal
    owners: tuple[str, ...]
    evidence_kinds: tuple[str, ...]
    indicator_number: str
    block_code: str
    periods: int = 1
    note: str = ""
    condition: str = ""
    gate_id: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One scored row of the card (31 of them in 2024: 21-24 are split, 25 and 26 added)."""

    number: str
    name: str
    max_points: Decimal
    block_code: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Kelembagaan (K0), a klaster (K1 to K5) or kecamatan and desa/kelurahan (KD)."""

    code: str
    name: str
    sheet: str  # its sheet name in forms, e.g. "Klaster III"
    max_points: Decimal
    indicators: tuple[Indicator, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions of the block, in the order of the card."""
        return tuple(question for indicator in self.indicators for question in indicator.questions)


@dataclass(frozen=True, slots=True)
class Band:
    """A predikat and the lowest total (points, inclusive) that earns it."""

    predikat: str
    at_least: Decimal


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """A kind of data dukung: key and what people read. `is_dated` kinds must carry a date."""

    key: str
    label: str
    is_dated: bool = True


@dataclass(frozen=True)
class Instrument:
    """The whole instrument of one cycle.

    `version` is a digest of the files it was read from; `assumptions` and `sources` are Indonesian sentences
    that every report prints in its footer; `evidence_years` are (T-2, T-1).
    """

    cycle: int
    max_points: Decimal
    evidence_years: tuple[int, int]
    stages: tuple[str, ...]
    bands: tuple[Band, ...]
    scales: Mapping[str, Scale]
    evidence_kinds: Mapping[str, EvidenceKind]
    blocks: tuple[Block, ...]
    roles: Mapping[str, str]  # office role -> name for people
    legal_basis: tuple[str, ...]
    sources: tuple[str, ...]
    assumptions: tuple[str, ...]
    version: str

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """All scored rows, in the order of the card."""
        return tuple(indicator for block in self.blocks for indicator in block.indicators)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions, in the order of the card."""
        return tuple(question for block in self.blocks for question in block.questions)

    @cached_property
    def _by_id(self) -> Mapping[str, Question]:
        return {question.question_id: question for question in self.questions}

    def question(self, question_id: str) -> Question:
        """Return one question; KeyError when the cycle has none with this id."""
        return self._by_id[question_id]

    def has_question(self, question_id: str) -> bool:
        """Whether the cycle has a question with this id."""
        return question_id in self._by_id

    def block(self, code: str) -> Block:
        """Return one block; KeyError when the cycle has none with this code."""
        for block in self.blocks:
            if block.code == code:
                return block
        raise KeyError(code)

    def indicator(self, number: str) -> Indicator:
        """Return one scored row; KeyError when the cycle has none with this number."""
        for indicator in self.indicators:
            if indicator.number == number:
                return indicator
        raise KeyError(number)
