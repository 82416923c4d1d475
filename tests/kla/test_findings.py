"""Echoes are left out, outcomes follow from what blocks."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kla.findings import Finding, Outcome, Severity, first_causes, outcome_of

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
FILE = replace(BASE, code="F01", severity=Severity.BLOCKING, sheet="", cell="", frame="files", row_key="")
SILENCES = {"W19": ("A",), "W11": ("A06",), "F18": ("W01",), "D10": ("D",)}


def codes(*findings: Finding) -> list[str]:
    return [finding.code for finding in first_causes(findings, SILENCES)]


def test_a_refused_file_silences_its_rows_and_what_is_only_shown():
    late = replace(FILE, code="F20", severity=Severity.INFO)
    assert codes(BASE, FILE, late) == ["F01"]


def test_a_refused_file_silences_no_other_file():
    assert codes(FILE, replace(BASE, sha256="b" * 64)) == ["F01", "A10"]


def test_the_same_bytes_from_another_office_are_another_file():
    assert codes(FILE, replace(BASE, opd_code="DISDIK")) == ["F01", "A10"]


def test_a_code_silences_its_echo_in_the_same_row_only():
    error = replace(BASE, code="W19", severity=Severity.BLOCKING)
    elsewhere = replace(BASE, row_key="Klaster III!13")
    assert codes(error, BASE, elsewhere) == ["W19", "A10"]


def test_a_code_about_the_file_silences_its_echo_in_every_row():
    empty = replace(FILE, code="W11", severity=Severity.WARNING)
    assert codes(empty, replace(BASE, code="A06"), BASE) == ["W11", "A10"]


def test_a_code_whose_beginning_it_silences_does_not_silence_itself():
    assert codes(replace(BASE, code="D10"), replace(BASE, code="D04")) == ["D10"]


def test_a_file_level_cause_leaves_out_the_file_level_echo():
    assert codes(replace(FILE, code="F18"), replace(FILE, code="W01")) == ["F18"]


def test_nothing_found_is_accepted():
    assert outcome_of([]) is Outcome.ACCEPTED


def test_a_warning_about_the_file_is_accepted():
    assert outcome_of([replace(FILE, severity=Severity.WARNING)]) is Outcome.ACCEPTED


def test_a_blocked_row_returns_the_file():
    assert outcome_of([replace(BASE, severity=Severity.BLOCKING), BASE]) is Outcome.RETURNED


def test_a_blocked_sheet_returns_the_file_and_does_not_refuse_it():
    assert outcome_of([replace(BASE, severity=Severity.BLOCKING, row_key="Klaster III!")]) is Outcome.RETURNED


def test_a_blocking_finding_about_the_file_refuses_it():
    assert outcome_of([replace(BASE, severity=Severity.BLOCKING), FILE]) is Outcome.REFUSED


FINDINGS = st.builds(
    lambda code, severity, row: replace(BASE, code=code, severity=severity, row_key=row),
    st.sampled_from(["F01", "W11", "W19", "A06", "A10", "D04", "D10"]),
    st.sampled_from(list(Severity)),
    st.sampled_from(["", "Klaster III!12", "Klaster III!13"]),
)


@given(st.lists(FINDINGS, max_size=12))
def test_leaving_out_echoes_never_changes_a_refusal_and_never_adds(findings):
    left = first_causes(findings, {})
    assert set(left) <= set(findings)
    assert outcome_of(left) is outcome_of(findings)


@given(st.lists(FINDINGS, max_size=12))
def test_something_is_left_wherever_something_was_found(findings):
    assert bool(first_causes(findings, SILENCES)) == bool(findings)


PHASES = {"F01": "file", "W12": "structure", "W19": "field", "A06": "field", "A10": "cross_field", "A40": "history"}


def told(*findings: Finding) -> list[str]:
    return [finding.code for finding in first_causes(findings, {}, PHASES)]


def test_what_blocks_a_row_silences_the_later_phases_in_this_row_only():
    broken = replace(BASE, code="W19", severity=Severity.BLOCKING)
    assert told(broken, BASE, replace(BASE, row_key="Klaster III!13")) == ["W19", "A10"]


def test_a_warning_of_an_earlier_phase_silences_nothing():
    assert told(replace(BASE, code="W19"), BASE) == ["W19", "A10"]


def test_what_blocks_silences_neither_its_own_phase_nor_an_earlier_one():
    broken = replace(BASE, code="A10", severity=Severity.BLOCKING)
    assert told(replace(BASE, code="A06"), broken, replace(BASE, code="A40")) == ["A06", "A10"]


def test_a_broken_table_silences_its_rows_and_no_other_table():
    broken = replace(BASE, code="W12", severity=Severity.BLOCKING, frame="problems", row_key="Klaster III!")
    assert told(broken, BASE, replace(BASE, row_key="Klaster IV!12")) == ["W12", "A10"]


def test_two_tables_that_share_a_row_break_apart():
    broken = replace(BASE, code="W19", severity=Severity.BLOCKING, frame="evidence")
    assert told(broken, BASE) == ["W19", "A10"]


def test_a_waived_finding_silences_nothing():
    assert told(replace(BASE, code="W19", severity=Severity.BLOCKING, status="waived"), BASE) == ["W19", "A10"]


@given(st.lists(FINDINGS, max_size=12))
def test_phases_never_change_what_becomes_of_a_file(findings):
    phases = {"F01": "file", "W11": "structure", "W19": "field", "A06": "field", "A10": "cross_field", "D10": "history"}
    left = first_causes(findings, {}, phases)
    assert outcome_of(left) is outcome_of(findings)
    assert bool(left) == bool(findings)
