"""Claims and their data dukung: legal form, years, documents used twice, links that lead nowhere, rules on trial."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from rows_of_tests import AS_OF, DISTRICTS, INSTRUMENT, answer, evidence, form

from kla.findings import CheckedFile, Outcome, Severity
from kla.io import suites
from kla.io.rules import load_suites
from kla.io.suites import validate
from kla.links import is_link
from kla.submission import Problem

OLD = {"dated_on": date(2017, 3, 1)}
LASTING = "13.P4"  # a document whose existence is asked


def judge(*pairs, as_of=AS_OF) -> list[CheckedFile]:
    named = [
        (replace(receipt, sha256=f"{n:064x}"), replace(reading, sha256=f"{n:064x}"))
        for n, (receipt, reading) in enumerate(pairs)
    ]
    return list(validate(named, DISTRICTS, {2024: INSTRUMENT}, as_of))


def codes(checked: CheckedFile) -> set[str]:
    return {finding.code for finding in checked.findings} - {"W10", "D04", "D16"}


def test_an_older_regulation_may_still_be_in_force_and_asks_to_confirm_it():
    silent, confirmed, other = judge(
        form(evidence=[evidence(LASTING, 5, **OLD)]),
        form(evidence=[evidence(LASTING, 5, **OLD, note="masih berlaku")]),
        form(evidence=[evidence("12.P1", 5, **OLD, note="masih berlaku")]),
    )
    assert (codes(silent), silent.outcome) == ({"D19"}, Outcome.ACCEPTED)
    assert codes(confirmed) == set()
    assert (codes(other), other.outcome) == ({"D09"}, Outcome.RETURNED)


def test_a_photo_of_another_year_never_supports_a_regulation():
    (checked,) = judge(form(evidence=[evidence(LASTING, 5, **OLD, kind="foto")]))
    assert codes(checked) == {"D09"}


def test_a_claim_of_legal_form_needs_a_numbered_document():
    claim = answer(LASTING, 7, "ada_sah")
    bare, numbered, humble = judge(
        form([claim], [evidence(LASTING, 5, number="")]),
        form([claim], [evidence(LASTING, 5)]),
        form([answer(LASTING, 7, "ada_belum_sah")], [evidence(LASTING, 5, number="")]),
    )
    assert codes(bare) == {"D18"}
    assert codes(numbered) == set()
    assert codes(humble) == set()


def test_title_and_number_make_a_document_the_same_whatever_its_file_is_called():
    rows = [
        evidence("12.P1", 5, title="SK  Tim", number="7/2023", link="a.pdf"),
        evidence("12.P2", 6, title="SK Tim", number="7/2023", link="b.pdf"),
        evidence("12.P6", 7, title="Laporan", number="9", link="b.pdf"),
        evidence("12.P6", 8, title="Laporan", number="10", link="c.pdf"),
    ]
    (checked,) = judge(form(evidence=rows))
    (finding,) = (it for it in checked.findings if it.code == "D13")
    assert "3 pertanyaan: 12.P1, 12.P2, 12.P6" in finding.tell
    assert finding.cell == "D5"


def test_the_same_bytes_under_two_names_are_told_at_the_second():
    rows = [evidence("12.P1", 5, link="a.pdf"), evidence("12.P2", 6, link="B.pdf"), evidence("12.P3", 7, link="c.pdf")]
    (checked,) = judge(form(evidence=rows, attachments={"a.pdf": "1", "b.pdf": "1", "c.pdf": "2"}))
    (finding,) = (it for it in checked.findings if it.code == "D20")
    assert finding.cell == "G6"
    assert '"a.pdf", yang dipakai untuk pertanyaan 12.P1' in finding.tell


@pytest.mark.parametrize(
    "text",
    [
        "https://drive.google.com/file/d/1aB/view?usp=sharing",
        "http://10.1.2.3:8080/x",
        "bit.ly/kla-2024",
        "www.kla.id",
        "SK Gugus Tugas (final).pdf",
        "foto 1.jpg; foto 2.jpg",
        "https://x.id/a\nhttps://x.id/b",
        "",
    ],
)
def test_an_address_or_the_name_of_a_file_is_a_link(text):
    assert is_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "ada di kantor",
        "http://",
        "https:// x.id",
        "C:\\data\\sk.pdf",
        "file:///home/sk.pdf",
        "terlampir",
        "https://drive",
    ],
)
def test_what_leads_nowhere_is_no_link(text):
    assert not is_link(text)


def test_what_is_no_link_is_told_at_its_cell():
    (checked,) = judge(form(evidence=[evidence("12.P1", 5, link="ada di kantor")]))
    assert [(it.code, it.cell) for it in checked.findings if it.code != "W10"] == [("D21", "G5")]


def locked() -> tuple:
    problem = Problem("attachment_encrypted", "Data Dukung", "G5", "sk.pdf", "", "12.P1")
    return form(evidence=[evidence("12.P1", 5, link="sk.pdf")], problems=[problem])


def test_a_rule_on_trial_warns_and_says_until_when():
    (checked,) = judge(locked())
    (finding,) = (it for it in checked.findings if it.code == "D22")
    assert (finding.severity, checked.outcome) == (Severity.WARNING, Outcome.ACCEPTED)
    assert finding.tell.endswith("(uji coba sampai 31 Desember 2026).")


def test_after_its_trial_a_rule_blocks_and_says_nothing_of_a_trial():
    (checked,) = judge(locked(), as_of={"63.10": date(2027, 1, 1)})
    (finding,) = (it for it in checked.findings if it.code == "D22")
    assert (finding.severity, checked.outcome) == (Severity.BLOCKING, Outcome.RETURNED)
    assert "uji coba" not in finding.tell


def test_a_closing_soon_after_its_trial_puts_a_rule_off(monkeypatch):
    closing = DISTRICTS["63.10"].calendar[2024][0].closes_on
    problems = next(suite for suite in load_suites() if suite.name == "problems")
    rules = tuple(
        replace(rule, since=None, trial_until=closing.replace(day=closing.day - 3)) if rule.code == "D22" else rule
        for rule in problems.rules
    )
    changed = tuple(replace(s, rules=rules) if s.name == "problems" else s for s in load_suites())
    monkeypatch.setattr(suites, "load_suites", lambda: changed)
    (checked,) = judge(locked(), as_of={"63.10": closing})
    assert [it.severity for it in checked.findings if it.code == "D22"] == [Severity.WARNING]


def test_no_rule_that_has_only_now_come_blocks_from_its_first_day():
    fresh = [rule for suite in load_suites() for rule in suite.rules if rule.since]
    assert all(
        rule.trial_until and rule.trial_until > rule.since for rule in fresh if rule.severity is Severity.BLOCKING
    )
    assert {rule.code for rule in fresh} >= {"D22", "D23"}
