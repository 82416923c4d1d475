"""A rule starts on trial, and never first blocks when an office has no time left to react."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kla.findings import Finding, Severity
from kla.rule_life import QUIET_DAYS, CodeChange, blocks_from, code_changes, severity_on, trial_ends_on

DAYS = st.dates(date(2023, 1, 1), date(2025, 12, 31))
LIFE = {"since": st.none() | DAYS, "trial_until": st.none() | DAYS, "closings": st.lists(DAYS, max_size=8)}
CLOSING = date(2024, 6, 15)
BASE = Finding(
    code="A10",
    severity=Severity.WARNING,
    sha256="a" * 64,
    district_code="63.10",
    opd_code="DINKES",
    cycle=2024,
    stage="mandiri",
    file_name="form.xlsx",
    sheet="Klaster III",
    cell="J12",
    question_id="12.P3",
    value="",
    tell="",
    fix="",
    frame="answers",
    row_key="Klaster III!12",
)


@given(**LIFE)
def test_no_rule_first_blocks_within_fourteen_days_before_a_closing_or_on_it(since, trial_until, closings):
    first = blocks_from(since, trial_until, closings)
    assert first is None or not any(0 <= (closing - first).days <= QUIET_DAYS for closing in closings)


@given(**LIFE, as_of=DAYS)
def test_the_day_before_its_first_blocking_day_a_rule_only_warns(since, trial_until, closings, as_of):
    first = blocks_from(since, trial_until, closings)
    severity = severity_on(Severity.BLOCKING, since, trial_until, as_of, closings)
    assert severity is (Severity.WARNING if first and as_of < first else Severity.BLOCKING)


@given(**LIFE, as_of=DAYS)
def test_a_rule_that_blocks_never_stops_blocking(since, trial_until, closings, as_of):
    today, tomorrow = (
        severity_on(Severity.BLOCKING, since, trial_until, day, closings) for day in (as_of, as_of + timedelta(days=1))
    )
    assert (today, tomorrow) != (Severity.BLOCKING, Severity.WARNING)


@given(**LIFE, as_of=DAYS, severity=st.sampled_from([Severity.WARNING, Severity.INFO]))
def test_what_never_blocks_has_one_life(since, trial_until, closings, as_of, severity):
    assert severity_on(severity, since, trial_until, as_of, closings) is severity


@given(**LIFE)
def test_a_trial_is_never_cut_short(since, trial_until, closings):
    first = blocks_from(since, trial_until, closings)
    assert trial_until is None or (first is not None and first > trial_until)


def test_a_rule_without_a_life_has_always_blocked():
    assert blocks_from(None, None, [CLOSING]) is None
    assert severity_on(Severity.BLOCKING, None, None, CLOSING, [CLOSING]) is Severity.BLOCKING


def test_fifteen_days_before_a_closing_a_rule_may_first_block_and_fourteen_days_before_it_may_not():
    early, late = CLOSING - timedelta(days=15), CLOSING - timedelta(days=14)
    assert blocks_from(early, None, [CLOSING]) == early
    assert blocks_from(late, None, [CLOSING]) == CLOSING + timedelta(days=1)


def test_two_closings_in_a_row_put_a_rule_off_past_both():
    assert blocks_from(CLOSING, None, [CLOSING + timedelta(days=10), CLOSING]) == CLOSING + timedelta(days=11)


def test_the_trial_told_is_the_one_the_calendar_leaves():
    assert trial_ends_on(None, date(2024, 6, 5), date(2024, 6, 1), [CLOSING]) == CLOSING
    assert trial_ends_on(None, date(2024, 6, 5), date(2024, 6, 16), [CLOSING]) is None


def test_changes_are_counted_by_code_and_what_stays_is_left_out():
    stays, goes, comes = (replace(BASE, code=code) for code in ("A10", "A11", "A12"))
    assert code_changes([stays, goes], [stays, comes]) == (CodeChange("A11", 0, 1), CodeChange("A12", 1, 0))


def test_a_rule_that_would_begin_to_block_is_a_change():
    harder = replace(BASE, severity=Severity.BLOCKING)
    assert code_changes([BASE], [harder]) == (CodeChange("A10", 1, 1),)


def test_other_words_for_the_same_finding_are_no_change():
    assert code_changes([BASE], [replace(BASE, tell="lain", fix="lain", status="waived")]) == ()
