"""Only who still owes something is reminded, of its own, once per mark; those above later, and nobody in quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_letters import led, need

from kla.holidays import Holiday, Holidays
from kla.letters import letters_of
from kla.picture import Picture
from kla.reminders import Level, Reminder, ReminderRules, digests_of, reminders_of
from kla.scoring import Cause
from reports import factory

RULES = ReminderRules((30, 14, 7, 3, 1, 0), time(18), time(7), True, 1, 7, 3)
PICTURE = replace(factory.picture(office_count=6, questions_per_block=4), findings=())
QUESTION, OWING = led(PICTURE, 3)
LOSS = need(QUESTION, OWING, Cause.BLANK, "2.25")


def at(days_left: int, picture: Picture = PICTURE) -> Picture:
    day = date(2025, 6, 5)
    lines = tuple(replace(line, status="accepted") for line in picture.offices)
    return replace(picture, offices=lines, as_of=day - timedelta(days=days_left), deadline_on=day, days_left=days_left)


def due(picture: Picture, *needs) -> tuple[Reminder, ...]:
    return reminders_of(picture, letters_of(picture, needs), RULES)


def told(reminders: tuple[Reminder, ...]) -> list[tuple[str, str]]:
    return [(it.level.value, it.opd_code) for it in reminders]


def test_only_the_office_that_owes_is_reminded_of_what_it_loses():
    (one,) = due(at(14), LOSS)
    assert (one.level, one.opd_code, one.mark, one.days_left) == (Level.OFFICE, OWING, 14, 14)
    assert [(it.opd_code, it.points) for it in one.digests] == [(OWING, Decimal("2.25"))]


def test_when_all_is_done_there_is_silence():
    assert due(at(1)) == ()
    assert due(at(1), need(QUESTION, OWING, Cause.BELOW_FULL)) == ()


@pytest.mark.parametrize(("days_left", "is_due"), [(31, False), (30, True), (0, True), (-1, False)])
def test_nobody_is_reminded_before_the_first_mark_nor_after_the_deadline(days_left, is_due):
    assert bool(due(at(days_left), LOSS)) is is_due


def test_without_a_deadline_nobody_is_reminded():
    assert due(replace(at(3), deadline_on=None, days_left=None), LOSS) == ()


@pytest.mark.parametrize(
    ("days_left", "levels"),
    [
        (8, ["office"]),
        (7, ["office", "coordinator"]),
        (4, ["office", "coordinator"]),
        (3, ["office", "coordinator", "sekda"]),
        (0, ["office", "coordinator", "sekda"]),
    ],
)
def test_those_above_are_told_by_date_and_of_all_that_owe(days_left, levels):
    found = due(at(days_left), LOSS)
    assert [it.level.value for it in found] == levels
    assert all(it.digests == found[0].digests for it in found)
    assert [it.opd_code for it in found[1:]] == [PICTURE.district.coordinator, ""][: len(levels) - 1]


@pytest.mark.parametrize("status", ["expected", "empty", "refused", "returned"])
def test_while_the_form_stage_counts_down_a_form_that_is_not_sound_is_awaited(status):
    picture = at(14)
    first = replace(picture.offices[0], status=status, submission=None)
    awaited = replace(picture, offices=(first, *picture.offices[1:]), deadline_stage=picture.instrument.stages[0])
    (one,) = due(awaited)
    assert (one.opd_code, one.digests[0].is_awaited, one.digests[0].has_sent) == (first.opd_code, True, False)
    assert due(replace(awaited, deadline_stage="vlh")) == ()


def test_a_finding_that_is_owed_makes_a_reminder_and_a_settled_one_none():
    from kla.findings import Severity

    warned = factory.finding(1, OWING, Severity.WARNING, QUESTION)
    assert told(due(replace(at(14), findings=(warned,)))) == [("office", OWING)]
    for status in ("waived", "acknowledged"):
        assert due(replace(at(14), findings=(replace(warned, status=status),))) == ()


def test_an_occasion_is_named_by_deadline_mark_addressee_and_address_not_by_the_day():
    (early,), (late,) = due(at(14), LOSS), due(at(9), LOSS)
    assert early.occasion("berkas") == late.occasion("berkas")
    (next_mark, *_) = due(at(7), LOSS)
    moved = replace(early, deadline_on=date(2025, 6, 6))
    names = {
        early.occasion("berkas"),
        early.occasion("KLA_NOTIFY_URLS#1"),
        next_mark.occasion("berkas"),
        moved.occasion("berkas"),
        replace(early, level=Level.COORDINATOR).occasion("berkas"),
        replace(early, opd_code="LAIN").occasion("berkas"),
    }
    assert len(names) == 6


@given(
    losses=st.lists(st.tuples(st.integers(0, 27), st.sampled_from(list(Cause)[1:])), max_size=10),
    days_left=st.integers(0, 40),
)
def test_no_office_is_told_of_another_and_everybody_who_owes_is_told_once(losses, days_left):
    picture = at(days_left)
    needs = [need(*led(PICTURE, number), cause) for number, cause in losses]
    letters = letters_of(picture, needs)
    found = reminders_of(picture, letters, RULES)
    offices = [it for it in found if it.level is Level.OFFICE]
    owing = [it.opd_code for it in digests_of(picture, letters)]
    assert [it.opd_code for it in offices] == (owing if days_left <= 30 else [])
    assert len({it.occasion("berkas") for it in found}) == len(found)
    for one in offices:
        (digest,) = one.digests
        owners = {
            PICTURE.district.owners_of(PICTURE.instrument.question(it.question_id))[0].code for it in digest.letter.owed
        }
        assert owners <= {one.opd_code} == {digest.opd_code}


OFF = Holidays({date(2025, 5, 29): Holiday(date(2025, 5, 29), "Kenaikan", False)}, frozenset({2025}))
ZONE = PICTURE.district.zone


@pytest.mark.parametrize(
    ("moment", "days_left", "is_quiet"),
    [
        (datetime(2025, 5, 28, 6, 59, 59), 8, True),
        (datetime(2025, 5, 28, 7, 0, 0), 8, False),
        (datetime(2025, 5, 28, 17, 59, 59), 8, False),
        (datetime(2025, 5, 28, 18, 0, 0), 8, True),
        (datetime(2025, 5, 28, 0, 30, 0), 8, True),
        (datetime(2025, 5, 29, 9, 0, 0), 7, True),
        (datetime(2025, 5, 31, 9, 0, 0), 5, True),
        (datetime(2025, 5, 31, 9, 0, 0), 1, False),
        (datetime(2025, 5, 31, 19, 0, 0), 0, True),
    ],
)
def test_nights_weekends_and_holidays_are_quiet_but_for_the_last_days(moment, days_left, is_quiet):
    assert RULES.is_quiet(moment.replace(tzinfo=ZONE), days_left, OFF) is is_quiet


def test_quiet_hours_may_lie_within_one_day():
    noon = replace(RULES, quiet_from=time(12), quiet_until=time(13))
    hours = [hour for hour in range(24) if noon.is_quiet(datetime(2025, 5, 28, hour, tzinfo=ZONE), 8, OFF)]
    assert hours == [12]
