"""Who works with whom: offices against indicators, questions nobody owns, indicators one office carries alone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from kla.district import District
from kla.instrument import Indicator, Instrument, Question
from kla.picture import Picture

# Findings that hold two offices against each other: answers (X01) and figures (X05, X06) that differ, a lead in doubt
# (X07, X08). A silent lead (X02) is no dispute.
DISPUTES = ("X01", "X05", "X06", "X07", "X08")


@dataclass(frozen=True, slots=True)
class Part:
    """What one office has to do with one indicator, in questions: it leads and supports them, has answered (or brought
    data dukung for) so many of both; of so many an answer, figure or lead is disputed."""

    opd_code: str
    indicator_number: str
    led: int
    supported: int
    delivered: int
    disputed: int

    @property
    def owned(self) -> int:
        """Questions it leads or supports."""
        return self.led + self.supported


@dataclass(frozen=True, slots=True)
class Unowned:
    """A question that no office of the district owns. `is_meant`: the district says it has none of its roles."""

    question_id: str
    indicator_number: str
    block_code: str
    max_points: Decimal
    is_meant: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """A question on which offices disagree: the codes of its findings, its owners, the lead first."""

    question_id: str
    indicator_number: str
    codes: tuple[str, ...]
    opd_codes: tuple[str, ...]
    max_points: Decimal


@dataclass(frozen=True, slots=True)
class MovedLead:
    """A question the district has given to another lead than the instrument names; "" where that role is nobody's."""

    question_id: str
    from_opd: str
    to_opd: str
    max_points: Decimal


@dataclass(frozen=True, slots=True)
class SilentLead:
    """A question that others have answered and its lead has not, so that it earns nothing yet."""

    question_id: str
    opd_code: str
    answered: tuple[str, ...]
    max_points: Decimal


@dataclass(frozen=True, slots=True)
class Alone:
    """Something with several owners of which only one has delivered; `silent` are the others, in the district's order.

    An indicator, or with a `question_id` one of its questions.
    """

    indicator_number: str
    block_code: str
    question_id: str
    opd_code: str
    silent: tuple[str, ...]
    max_points: Decimal


@dataclass(frozen=True, slots=True)
class Coordination:
    """How the offices of a district work together at its form stage.

    `parts` hold each pair of office and indicator that belong together, by indicator in the order of the card, then
    office; `opd_codes` are the offices that own something. The other lists are in the order of the card.
    """

    opd_codes: tuple[str, ...]
    parts: tuple[Part, ...]
    unowned: tuple[Unowned, ...]
    disputes: tuple[Dispute, ...]
    alone: tuple[Alone, ...]  # indicators
    alone_questions: tuple[Alone, ...]
    shared_indicators: int  # those with several owners
    shared_questions: int
    moved: tuple[MovedLead, ...]
    silent_leads: tuple[SilentLead, ...]

    def part(self, opd_code: str, indicator_number: str) -> Part | None:
        """Return one cell of the matrix; None where the office owns nothing of the indicator."""
        for part in self.parts:
            if (part.opd_code, part.indicator_number) == (opd_code, indicator_number):
                return part
        return None

    def alone_by_office(self) -> tuple[tuple[str, int], ...]:
        """Return (office, questions it carries alone though others own them too), most first, then in the district's order."""
        return self._counted([(it.opd_code,) for it in self.alone_questions])

    def alone_of(self, opd_code: str) -> tuple[str, ...]:
        """Return the questions one office carries alone, in the order of the card."""
        return tuple(it.question_id for it in self.alone_questions if it.opd_code == opd_code)

    def silent_by_office(self) -> tuple[tuple[str, int], ...]:
        """Return (office, questions for which it leaves one other alone), most first, then in the district's order."""
        return self._counted([it.silent for it in self.alone_questions])

    def _counted(self, named: list[tuple[str, ...]]) -> tuple[tuple[str, int], ...]:
        counts = Counter(code for codes in named for code in codes)
        found = [(code, counts[code]) for code in self.opd_codes if counts[code]]
        return tuple(sorted(found, key=lambda item: -item[1]))


def coordination_of(picture: Picture) -> Coordination:
    """Return who leads, supports, has delivered and disagrees, from the current answers of the form stage.

    An office has delivered where it gave an answer that was not sent back, or data dukung that was accepted.
    """
    owners = {q.question_id: tuple(o.code for o in picture.district.owners_of(q)) for q in picture.instrument.questions}
    delivered = {
        (line.question_id, line.opd_code)
        for line in picture.answers
        if line.opd_code and (line.answer or line.evidence_accepted)
    }
    disputes = _disputes(picture, owners)
    disputed = {dispute.question_id for dispute in disputes}
    owning = {code for codes in owners.values() for code in codes}
    order = [office.code for office in picture.district.offices if office.code in owning]
    parts_of = {
        indicator.number: _parts(indicator, order, owners, delivered, disputed)
        for indicator in picture.instrument.indicators
    }
    return Coordination(
        opd_codes=tuple(order),
        parts=tuple(part for parts in parts_of.values() for part in parts),
        unowned=tuple(_unowned(q, picture) for q in picture.instrument.questions if not owners[q.question_id]),
        disputes=disputes,
        alone=tuple(
            found for it in picture.instrument.indicators if (found := _alone_indicator(it, parts_of[it.number]))
        ),
        alone_questions=tuple(
            found
            for question in picture.instrument.questions
            if (
                found := _alone_question(
                    question, sorted(set(owners[question.question_id]), key=order.index), delivered
                )
            )
        ),
        shared_indicators=sum(1 for parts in parts_of.values() if len(parts) > 1),
        shared_questions=sum(1 for codes in owners.values() if len(codes) > 1),
        moved=moved_leads(picture.district, picture.instrument),
        silent_leads=_silent_leads(picture, owners),
    )


def moved_leads(district: District, instrument: Instrument) -> tuple[MovedLead, ...]:
    """Return the questions whose lead is not the one the instrument's roles would give, in the order of the card."""
    plain = replace(district, owner_overrides={})
    found = []
    for question in instrument.questions:
        if question.question_id not in district.owner_overrides:
            continue
        was, now = plain.owners_of(question), district.owners_of(question)
        if now and now[:1] != was[:1]:
            source = was[0].code if was else ""
            found.append(MovedLead(question.question_id, source, now[0].code, question.max_points))
    return tuple(found)


def _silent_leads(picture: Picture, owners: Mapping[str, tuple[str, ...]]) -> tuple[SilentLead, ...]:
    given = {(line.question_id, line.opd_code) for line in picture.answers if line.opd_code and line.answer}
    found = []
    for question in picture.instrument.questions:
        lead, *others = owners[question.question_id] or ("",)
        answered = tuple(code for code in others if (question.question_id, code) in given)
        if answered and (question.question_id, lead) not in given:
            found.append(SilentLead(question.question_id, lead, answered, question.max_points))
    return tuple(found)


def _parts(
    indicator: Indicator,
    order: list[str],
    owners: Mapping[str, tuple[str, ...]],
    delivered: set[tuple[str, str]],
    disputed: set[str],
) -> list[Part]:
    """Return what each office that owns something of an indicator has to do with it, in the district's order."""
    owned: dict[str, list[str]] = {}
    for question in indicator.questions:
        for code in dict.fromkeys(owners[question.question_id]):
            owned.setdefault(code, []).append(question.question_id)
    found = []
    for code in filter(owned.__contains__, order):
        own = owned[code]
        led = sum(1 for question_id in own if owners[question_id][0] == code)
        found.append(
            Part(
                opd_code=code,
                indicator_number=indicator.number,
                led=led,
                supported=len(own) - led,
                delivered=sum(1 for question_id in own if (question_id, code) in delivered),
                disputed=sum(1 for question_id in own if question_id in disputed),
            )
        )
    return found


def _disputes(picture: Picture, owners: Mapping[str, tuple[str, ...]]) -> tuple[Dispute, ...]:
    codes: dict[str, set[str]] = {}
    for finding in picture.findings:
        if finding.code in DISPUTES and finding.status == "open":
            codes.setdefault(finding.question_id, set()).add(finding.code)
    return tuple(
        Dispute(
            question.question_id,
            question.indicator_number,
            tuple(sorted(codes[question.question_id])),
            owners[question.question_id],
            question.max_points,
        )
        for question in picture.instrument.questions
        if question.question_id in codes
    )


def _unowned(question: Question, picture: Picture) -> Unowned:
    is_meant = bool(question.owners) and set(question.owners) <= picture.district.without_roles
    place = question.question_id, question.indicator_number, question.block_code
    return Unowned(*place, question.max_points, is_meant)


def _alone_indicator(indicator: Indicator, parts: list[Part]) -> Alone | None:
    active = [part.opd_code for part in parts if part.delivered]
    silent = tuple(part.opd_code for part in parts if not part.delivered)
    if len(active) != 1 or not silent:
        return None
    return Alone(indicator.number, indicator.block_code, "", active[0], silent, indicator.max_points)


def _alone_question(question: Question, codes: list[str], delivered: set[tuple[str, str]]) -> Alone | None:
    active = [code for code in codes if (question.question_id, code) in delivered]
    silent = tuple(code for code in codes if code not in active)
    if len(active) != 1 or not silent:
        return None
    place = question.indicator_number, question.block_code, question.question_id
    return Alone(*place, active[0], silent, question.max_points)
