"""What is known beside the file itself: its district, instrument, office, and the limits of every question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kla.district import District
from kla.findings import PreviousAnswers
from kla.instrument import AnswerKind, Instrument, Question
from kla.io.frames.table import Subject, hundredths
from kla.layout import asked_inputs
from kla.submission import Reading, Receipt


@dataclass(frozen=True, slots=True)
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


def _facts(question: Question, district: District, instrument: Instrument) -> Facts:
    owners = district.owners_of(question)
    asked = asked_inputs(question)
    return Facts(
        question=question,
        label=question.label,
        max_points=hundredths(question.max_points),
        answer_kind=question.scale.answer.value,
        owners=tuple(office.code for office in owners),
        lead_name=owners[0].name if owners else "",
        asked_evidence=question.evidence_kinds,
        asked_labels=", ".join(instrument.evidence_kinds[key].label for key in question.evidence_kinds),
        asks_both_years=question.scale.answer is not AnswerKind.CHOICE and "value_t2" in asked,
        gate_id=question.gate_id,
    )


def setting_of(district: District, instrument: Instrument) -> Setting:
    """Return the district's setting for one cycle."""
    return Setting(district, instrument, {q.question_id: _facts(q, district, instrument) for q in instrument.questions})


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
    settings: dict[tuple[str, int], Setting] = {}
    handed = []
    for receipt, reading in pairs:
        district = districts[receipt.district_code]
        subject = _subject(receipt, reading, district)
        cycle = subject.cycle if subject.cycle in instruments else district.cycle
        key = (district.code, cycle or district.cycle)
        if key not in settings:
            settings[key] = setting_of(district, instruments[key[1]])
        handed.append(Handed(subject, receipt, reading, settings[key], as_of[district.code], previous or {}))
    return tuple(handed)
