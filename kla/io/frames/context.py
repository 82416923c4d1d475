"""What is known beside the file itself: its district, instrument, office, and the limits of every question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from kla.district import District
from kla.findings import PreviousAnswers
from kla.instrument import AnswerKind, Instrument, Question
from kla.io.frames.table import Subject, hundredths
from kla.layout import asked_inputs
from kla.record import record
from kla.submission import Reading, Receipt


@record(frozen=True, slots=True)
class Facts:
    """The limits of one question in one district, ready to be joined to rows; `question` None when the id is unknown."""

    question: Question | None
    label: str
    max_points: float  # hundredths
    answer_kind: str
    owners: tuple[str, ...]
    lead_name: str
    asked_evidence: tuple[str, ...]
    asked_labels: str
    asks_both_years: bool
    gate_id: str


UNKNOWN = Facts(None, "", float("nan"), "", (), "", (), "", False, "")


@dataclass(frozen=True)
class Setting:
    """One district in one cycle, with the facts of all its questions by id."""

    district: District
    instrument: Instrument
    facts: Mapping[str, Facts]

    def of(self, question_id: str) -> Facts:
        """Return a question's facts; UNKNOWN when the cycle has no such question."""
        return self.facts.get(question_id, UNKNOWN)

    @cached_property
    def owned(self) -> Mapping[str, Sequence[str]]:
        """The ids of the questions each office owns, in the order of the card."""
        found: dict[str, list[str]] = defaultdict(list)
        for question_id, facts in self.facts.items():
            for code in facts.owners:
                found[code].append(question_id)
        return found


@dataclass(frozen=True)
class Handed:
    """One file with its setting: what every frame builder works on.

    `as_of` is the local day it is looked at; `previous` what offices answered the cycle before.
    """

    subject: Subject
    receipt: Receipt
    reading: Reading
    setting: Setting
    as_of: date
    previous: PreviousAnswers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the instrument says of a question whatever the district: fields of `Facts`."""

    question: Question
    max_points: float
    labels: str
    both_years: bool


def _asked(question: Question, instrument: Instrument) -> _Asked:
    return _Asked(
        question,
        hundredths(question.max_points),
        ", ".join(instrument.evidence_kinds[key].label for key in question.evidence_kinds),
        question.scale.answer is not AnswerKind.CHOICE and "value_t2" in asked_inputs(question),
    )


def _facts(asked: _Asked, district: District) -> Facts:
    question = asked.question
    owners = district.owners_of(question)
    return Facts(
        question=question,
        label=question.label,
        max_points=asked.max_points,
        answer_kind=question.scale.answer.value,
        owners=tuple([office.code for office in owners]),
        lead_name=owners[0].name if owners else "",
        asked_evidence=question.evidence_kinds,
        asked_labels=asked.labels,
        asks_both_years=asked.both_years,
        gate_id=question.gate_id,
    )


class Settings:
    """The settings of districts, each made when first asked for; what an instrument asks is worked out once for all."""

    def __init__(self, districts: Mapping[str, District], instruments: Mapping[int, Instrument]) -> None:
        self._districts, self._instruments = districts, instruments
        self._asked: dict[int, tuple[_Asked, ...]] = {}
        self._made: dict[tuple[str, int], Setting] = {}

    def of(self, code: str, cycle: int) -> Setting:
        """Return a district's setting for one cycle; KeyError when there is no such district or instrument."""
        key = code, cycle
        if key not in self._made:
            district, instrument = self._districts[code], self._instruments[cycle]
            if cycle not in self._asked:
                self._asked[cycle] = tuple(_asked(question, instrument) for question in instrument.questions)
            facts = {it.question.question_id: _facts(it, district) for it in self._asked[cycle]}
            self._made[key] = Setting(district, instrument, facts)
        return self._made[key]


def _subject(receipt: Receipt, reading: Reading, district: District) -> Subject:
    is_known = district.has_office(receipt.opd_code)
    return Subject(
        sha256=receipt.sha256,
        district_code=receipt.district_code,
        district_name=district.name,
        opd_code=receipt.opd_code,
        opd_name=district.office(receipt.opd_code).name if is_known else receipt.folder_opd,
        cycle=reading.cycle or receipt.cycle or district.cycle,
        stage=reading.stage or receipt.stage,
        file_name=receipt.file_name,
    )


def hand_over(
    pairs: Sequence[tuple[Receipt, Reading]],
    districts: Mapping[str, District],
    instruments: Mapping[int, Instrument],
    as_of: Mapping[str, date],
    previous: PreviousAnswers | None = None,
) -> tuple[Handed, ...]:
    """Return each file with its setting, in the given order.

    A file that names a cycle nobody has an instrument for is set against its district's current cycle (a rule on
    `files` says so and refuses it).

    Raises:
        KeyError: a receipt's district, its current cycle or its as_of is not among those given.
    """
    settings = Settings(districts, instruments)
    handed = []
    for receipt, reading in pairs:
        district = districts[receipt.district_code]
        subject = _subject(receipt, reading, district)
        cycle = subject.cycle if subject.cycle in instruments else district.cycle
        setting = settings.of(receipt.district_code, cycle or district.cycle)
        handed.append(Handed(subject, receipt, reading, setting, as_of[district.code], previous or {}))
    return tuple(handed)
