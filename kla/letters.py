"""What the letter to each office holds: what is missing, where, by when, at what price; nothing of any other office. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kla.district import District, Office
from kla.findings import Finding, Severity
from kla.instrument import Instrument
from kla.measures import Action
from kla.needs import Need
from kla.picture import Picture
from kla.scoring import Cause

ACROSS = "X"  # codes of findings that hold offices against each other; their sentences name the others
_SEVERITIES = (Severity.BLOCKING, Severity.WARNING)


class Kind(StrEnum):
    """What a letter is about."""

    OWES = "owes"  # something is missing or has to be mended
    RAISE = "raise"  # complete; points could still be won
    CLEAR = "clear"  # complete, nothing to win


@dataclass(frozen=True, slots=True)
class Item:
    """A question the office leads and what it loses. `cause` is a key of reports/causes.id.yaml (`changes` where
    `is_verifiers`, else `losses`); `is_owed` False where it counts already and could only be raised."""

    question_id: str
    label: str
    indicator_number: str
    indicator_name: str
    block_code: str
    cause: str
    is_verifiers: bool
    action: Action
    lost_points: Decimal
    is_owed: bool
    is_possible: bool


@dataclass(frozen=True, slots=True)
class Note:
    """A finding the office still has to do something about. `lead_name` is who leads its question where that is another
    office, else ""; `tell` and `fix` are "" where the sentence would tell what other offices wrote (`is_across`)."""

    code: str
    severity: Severity
    question_id: str
    place: str
    tell: str
    fix: str
    lead_name: str
    is_across: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is written to one office. `number` counts from 1 in the order of the district's offices; `items` dearest
    first; `deadline_on` None without a calendar."""

    district: District
    office: Office
    cycle: int
    stage: str
    number: int
    as_of: date
    deadline_on: date | None
    days_left: int | None
    target_predikat: str
    points_to_target: Decimal  # of the whole district; 0 when reached
    items: tuple[Item, ...]
    notes: tuple[Note, ...]

    @property
    def owed(self) -> tuple[Item, ...]:
        """What is missing: points are lost though nothing new has to be achieved."""
        return tuple(item for item in self.items if item.is_owed)

    @property
    def raisable(self) -> tuple[Item, ...]:
        """What counts already and could be raised before the deadline."""
        return tuple(item for item in self.items if not item.is_owed and item.is_possible)

    @property
    def owed_points(self) -> Decimal:
        """The points at stake: the sum of what is missing."""
        return sum((item.lost_points for item in self.owed), Decimal("0.00"))

    @property
    def raisable_points(self) -> Decimal:
        """What could be won at most by raising what counts already."""
        return sum((item.lost_points for item in self.raisable), Decimal("0.00"))

    @property
    def kind(self) -> Kind:
        """What the letter is: a reminder, a request, or a word of thanks; every office gets one of them."""
        if self.owed or self.notes:
            return Kind.OWES
        return Kind.RAISE if self.raisable else Kind.CLEAR


def letters_of(picture: Picture, needs: Sequence[Need]) -> tuple[Letter, ...]:
    """Return one letter per office that owes a form, in the order of the district's list.

    `needs` are those of the picture's current stage (`kla.needs.needs_of`). A question nobody owns is in no letter.
    """
    district, instrument = picture.district, picture.instrument
    return tuple(
        Letter(
            district=district,
            office=office,
            cycle=picture.cycle,
            stage=picture.current_stage,
            number=number,
            as_of=picture.as_of,
            deadline_on=picture.deadline_on,
            days_left=picture.days_left,
            target_predikat=picture.target_predikat,
            points_to_target=picture.points_to_target,
            items=tuple(_item(need, instrument) for need in needs if need.gap.opd_code == office.code),
            notes=tuple(_note(finding, picture) for finding in picture.findings if _is_meant(finding, office)),
        )
        for number, office in enumerate(district.expected_offices(instrument), 1)
    )


def _is_meant(finding: Finding, office: Office) -> bool:
    return finding.opd_code == office.code and finding.is_owed and finding.effective in _SEVERITIES


def _item(need: Need, instrument: Instrument) -> Item:
    gap = need.gap
    return Item(
        question_id=gap.question_id,
        label=instrument.question(gap.question_id).label,
        indicator_number=gap.indicator_number,
        indicator_name=instrument.indicator(gap.indicator_number).name,
        block_code=gap.block_code,
        cause=need.cause,
        is_verifiers=need.is_verifiers,
        action=need.action,
        lost_points=gap.lost_points,
        is_owed=gap.cause is not Cause.BELOW_FULL,
        is_possible=need.is_possible,
    )


def _note(finding: Finding, picture: Picture) -> Note:
    is_across = finding.code.startswith(ACROSS)
    return Note(
        code=finding.code,
        severity=finding.severity,
        question_id=finding.question_id,
        place="!".join(part for part in (finding.sheet, finding.cell) if part),
        tell="" if is_across else finding.tell,
        fix="" if is_across else finding.fix,
        lead_name=_other_lead(finding, picture),
        is_across=is_across,
    )


def _other_lead(finding: Finding, picture: Picture) -> str:
    """Return the name of the office that leads a finding's question, "" where that is the finding's own or nobody."""
    if not picture.instrument.has_question(finding.question_id):
        return ""
    owners = picture.district.owners_of(picture.instrument.question(finding.question_id))
    return owners[0].name if owners and owners[0].code != finding.opd_code else ""
