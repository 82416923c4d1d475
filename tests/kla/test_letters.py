"""A letter holds what its own office loses and has to mend, all of it, and nothing of any other office."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kla.findings import Severity
from kla.gaps import Gap
from kla.instrument import Question
from kla.letters import Kind, Letter, letters_of
from kla.measures import Action, EffortClass
from kla.needs import Need
from kla.picture import Picture
from kla.scoring import Cause
from reports import factory

PICTURE = replace(factory.picture(office_count=6, questions_per_block=4), findings=())


def need(question: Question, opd_code: str, cause: Cause, lost: str = "1.50", *, is_possible: bool = True) -> Need:
    """A loss of one question."""
    gap = Gap(
        question.question_id,
        question.indicator_number,
        question.block_code,
        opd_code,
        cause,
        Decimal(lost),
        question.max_points,
    )
    return Need(
        *(gap, cause.value, False, Action.UPLOAD, Decimal(1), 0, Decimal("0.5"), EffortClass.LIGHT),
        *(date(2025, 6, 5), is_possible, ""),
    )


def led(picture: Picture, number: int) -> tuple[Question, str]:
    """A question and the office that leads it."""
    question = picture.instrument.questions[number % len(picture.instrument.questions)]
    return question, picture.district.owners_of(question)[0].code


def letter_to(code: str, picture: Picture, *needs: Need) -> Letter:
    return next(letter for letter in letters_of(picture, needs) if letter.office.code == code)


def test_every_office_that_owes_a_form_gets_exactly_one_letter_in_the_districts_order() -> None:
    picture = factory.picture()
    letters = letters_of(picture, ())
    assert [letter.office for letter in letters] == list(picture.district.offices)
    assert [letter.number for letter in letters] == list(range(1, 35))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 27), st.sampled_from(list(Cause)[1:]), st.integers(1, 999)), max_size=12))
def test_the_letters_share_all_losses_out_and_each_goes_to_its_own_office(losses: list[tuple[int, Cause, int]]) -> None:
    needs = [need(*led(PICTURE, number), cause, str(Decimal(lost) / 100)) for number, cause, lost in losses]
    letters = letters_of(PICTURE, needs)
    told = sum((item.lost_points for letter in letters for item in letter.items), Decimal(0))
    assert told == sum((it.gap.lost_points for it in needs), Decimal(0))
    for letter in letters:
        for item in letter.items:
            owners = PICTURE.district.owners_of(PICTURE.instrument.question(item.question_id))
            assert owners[0] == letter.office


def test_a_question_nobody_owns_is_in_no_letter() -> None:
    question, _ = led(PICTURE, 0)
    assert not [it for letter in letters_of(PICTURE, [need(question, "", Cause.UNOWNED)]) for it in letter.items]


@pytest.mark.parametrize(
    ("cause", "is_possible", "kind"),
    [
        (Cause.BLANK, True, Kind.OWES),
        (Cause.BLANK, False, Kind.OWES),
        (Cause.CUT_BY_VERIFIER, True, Kind.OWES),
        (Cause.BELOW_FULL, True, Kind.RAISE),
        (Cause.BELOW_FULL, False, Kind.CLEAR),
    ],
)
def test_what_is_missing_makes_a_reminder_and_what_can_only_be_raised_a_request(
    cause: Cause, is_possible: bool, kind: Kind
) -> None:
    question, code = led(PICTURE, 3)
    assert letter_to(code, PICTURE, need(question, code, cause, is_possible=is_possible)).kind is kind


def test_points_at_stake_are_those_of_what_is_missing_only() -> None:
    question, code = led(PICTURE, 3)
    letter = letter_to(
        code, PICTURE, need(question, code, Cause.BLANK, "2.25"), need(question, code, Cause.BELOW_FULL, "4")
    )
    assert (letter.owed_points, letter.raisable_points) == (Decimal("2.25"), Decimal(4))


def test_a_finding_is_told_to_its_office_only_and_a_shown_or_settled_one_to_nobody() -> None:
    question, code = led(PICTURE, 3)
    warned = factory.finding(1, code, Severity.WARNING, question)
    others = (
        factory.finding(2, "DINAS06" if code != "DINAS06" else "DINAS05", Severity.BLOCKING, question),
        factory.finding(3, code, Severity.INFO, question),
        replace(warned, status="waived"),
        replace(warned, status="acknowledged"),
    )
    picture = replace(PICTURE, findings=(warned, *others))
    letter = letter_to(code, picture)
    assert [(note.code, note.place, note.tell) for note in letter.notes] == [("D01", "Klaster III!F11", warned.tell)]
    assert letter.kind is Kind.OWES


def test_a_finding_across_offices_never_tells_what_the_others_wrote() -> None:
    question, code = led(PICTURE, 3)
    across = replace(factory.finding(1, code, Severity.WARNING, question, "Dinas Lain menulis 7"), code="X01")
    (note,) = letter_to(code, replace(PICTURE, findings=(across,))).notes
    assert note.is_across
    assert (note.tell, note.fix) == ("", "")


def test_a_supporter_is_told_who_leads_the_question_and_the_lead_is_not() -> None:
    question = next(q for q in PICTURE.instrument.questions if len(PICTURE.district.owners_of(q)) == 2)
    lead, support = PICTURE.district.owners_of(question)
    found = tuple(factory.finding(1, office.code, Severity.WARNING, question) for office in (lead, support))
    picture = replace(PICTURE, findings=found)
    assert [note.lead_name for note in letter_to(support.code, picture).notes] == [lead.name]
    assert [note.lead_name for note in letter_to(lead.code, picture).notes] == [""]
