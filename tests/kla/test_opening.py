"""A closed stage takes a file again only within a late slot of its office or a repair window, which close by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.decisions import (
    ADMITTED,
    DecisionError,
    DecisionKind,
    OfficeStage,
    digest_of,
    in_force,
    late_slot,
    openings,
    repair_window,
    spans,
    withdraw,
)
from kla.decisions.opening import admission
from kla.io.decision_words import decision_words
from kla.io.districts import load_district

KAUR = load_district("17.04")
ZONE = ZoneInfo("Asia/Jakarta")
WINDOW = KAUR.windows(2024)[0]
CLOSES = datetime(2024, 5, 31, 23, 59, 59, tzinfo=ZONE)
WORDS = decision_words()
DINKES = OfficeStage("17.04", 2024, "mandiri", "DINKES")
AT = datetime(2024, 6, 1, 9, tzinfo=ZONE)


def slot(until: datetime, **more):
    told = {"who": "Siti", "at": AT, "reason": "Jaringan kantor putus."} | more
    return late_slot(
        more.pop("about", DINKES), WINDOW, KAUR, WORDS, until=until, **{k: told[k] for k in told if k != "about"}
    )


def window(from_at: datetime, **more):
    told = {"who": "Siti", "at": AT, "reason": "Sesudah verifikasi lapangan."} | more
    return repair_window(DINKES, WINDOW, KAUR, WORDS, from_at=from_at, **told)


@pytest.mark.parametrize(
    ("seconds", "is_admitted"), [(0, False), (1, True), (2 * 86_400, True), (2 * 86_400 + 1, False)]
)
def test_a_slot_takes_what_came_after_the_closing_up_to_its_last_second(seconds, is_admitted):
    (one,) = openings([slot(CLOSES + timedelta(days=2))])
    assert one.admits("DINKES", CLOSES + timedelta(seconds=seconds)) is is_admitted


def test_a_slot_is_for_its_own_office_and_a_window_for_every_office():
    late = CLOSES + timedelta(hours=1)
    (of_office,) = openings([slot(CLOSES + timedelta(days=2))])
    (of_all,) = openings([window(CLOSES)])
    assert not of_office.admits("DINSOS", late)
    assert of_all.admits("DINKES", late)
    assert of_all.admits("DINSOS", late)


@given(hours=st.integers(0, 500), seconds=st.integers(-86_400, 600_000))
def test_a_window_lasts_two_times_24_hours_and_never_begins_before_the_closing(hours, seconds):
    begins = CLOSES + timedelta(hours=hours)
    (one,) = openings([window(begins)])
    received = begins + timedelta(seconds=seconds)
    assert one.admits("DINKES", received) is (0 < seconds <= 48 * 3600)
    assert one.until_at - one.from_at == timedelta(hours=48)


def test_a_window_declared_while_the_stage_is_open_begins_with_its_closing():
    (one,) = openings([window(CLOSES - timedelta(hours=20))])
    assert (one.from_at, one.until_at) == (CLOSES, CLOSES + timedelta(hours=28))


def test_a_window_is_judged_by_arrival_on_whatever_day_the_file_is_judged():
    taken = [window(CLOSES)]
    for day in (date(2024, 6, 2), date(2025, 1, 1)):
        held = in_force(taken, day)
        assert admission(held, "DINKES", CLOSES + timedelta(hours=3)).kind == ADMITTED
        assert admission(held, "DINKES", CLOSES + timedelta(hours=49)) is None


def test_the_note_names_the_opening_that_lasts_longest():
    found = admission([window(CLOSES), slot(CLOSES + timedelta(days=5))], "DINKES", CLOSES + timedelta(hours=3))
    assert (found.value, found.expected) == ("5 Juni 2024, 23.59 WIB", "Jaringan kantor putus.")


def test_a_slot_or_window_changes_what_files_of_its_offices_are_judged_under():
    day = AT.date()
    under = {
        (kind, opd): digest_of([one], day, "17.04", 2024, "mandiri", opd)
        for kind, one in (("slot", slot(CLOSES + timedelta(days=2))), ("window", window(CLOSES)))
        for opd in ("DINKES", "DINSOS", "")
    }
    assert [key for key, digest in under.items() if digest] == [
        ("slot", "DINKES"),
        ("window", "DINKES"),
        ("window", "DINSOS"),
    ]
    assert digest_of([window(CLOSES)], day, "17.04", 2024, "administrasi", "DINKES") == ""


def test_a_withdrawn_slot_takes_nothing_any_more():
    one = slot(CLOSES + timedelta(days=2))
    ended = withdraw(one, WORDS, who="Siti", at=AT + timedelta(days=1), reason="Salah OPD.")
    assert openings(in_force([one, ended], date(2024, 6, 1)))
    assert not openings(in_force([one, ended], date(2024, 6, 2)))


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        (lambda: slot(CLOSES), "sudah lewat"),
        (lambda: slot(AT), "sudah lewat"),
        (lambda: slot(CLOSES + timedelta(days=40)), "paling lama 31 hari"),
        (lambda: slot(CLOSES + timedelta(days=2), reason=" "), "memerlukan alasan"),
        (lambda: slot(CLOSES + timedelta(days=2), who=""), "Nama"),
        (lambda: slot(CLOSES + timedelta(days=2), about=replace(DINKES, opd_code="")), "menyebut OPD"),
        (lambda: window(CLOSES - timedelta(hours=48)), "masih terbuka"),
        (lambda: window(CLOSES, reason=""), "memerlukan alasan"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_a_sentence(taken, told):
    with pytest.raises(DecisionError, match=told):
        taken()


def test_a_stage_without_a_closing_is_never_opened_again():
    with pytest.raises(DecisionError, match="jadwal penutupan"):
        repair_window(DINKES, None, KAUR, WORDS, from_at=AT, who="Siti", at=AT, reason="Alasan.")


MOMENTS = st.integers(0, 300).map(lambda hours: datetime(2024, 6, 1, tzinfo=UTC) + timedelta(hours=hours))


@given(times=st.lists(st.tuples(MOMENTS, st.integers(1, 60)), max_size=8), asked=MOMENTS)
def test_spans_are_apart_and_hold_exactly_the_moments_of_the_openings(times, asked):
    (model,) = openings([window(CLOSES)])
    opened = [replace(model, from_at=at, until_at=at + timedelta(hours=hours)) for at, hours in times]
    found = spans(opened)
    assert all(before.until_at < after.from_at for before, after in pairwise(found))
    assert any(it.admits("DINKES", asked) for it in found) is any(it.admits("DINKES", asked) for it in opened) or any(
        it.until_at == asked for it in opened
    )
    assert DecisionKind.REPAIR_WINDOW in {it.kind for it in found} or not times
