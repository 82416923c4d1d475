"""What Great Expectations said: every rule with its counts, in Bahasa Indonesia, and not one value of a workbook."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rows_of_tests import AS_OF, DISTRICTS, INSTRUMENT, RATIO, answer, evidence, form, standing

from kla.io.data_docs import KEPT_RUNS, PAGE, Witness, keep, keep_also, pattern_of, publish
from kla.io.rules import load_rules
from kla.io.suites import validate, validate_standing
from kla.submission import Problem

# What an office might write, personal things above all; none of it is a word of ours.
SECRETS = ("Zulaikha binti Harun", "3273012501990001", "rahasia-kami.pdf", "zul@contoh.id", "987654321")


def faulty() -> tuple:
    rows = [
        answer("12.P3", 7, note=SECRETS[0], **RATIO | {"value_t1": SECRETS[4]}),
        answer(SECRETS[0], 8, SECRETS[1]),
    ]
    proofs = [evidence("12.P3", 5, title=SECRETS[0], number=SECRETS[1], link=SECRETS[3], note=SECRETS[4])]
    problems = [
        Problem("number_not_understood", "Klaster III", "I9", SECRETS[1], "value_t1", "12.P4"),
        Problem("attachment_encrypted", "Data Dukung", "G5", SECRETS[2], "", "12.P3"),
    ]
    return form(rows, proofs, problems)


@pytest.fixture(scope="module")
def witness() -> Witness:
    seen = Witness()
    validate([faulty()], DISTRICTS, {2024: INSTRUMENT}, AS_OF, witness=seen)
    row = standing("8.P2", "DINSOS", "baik", file_name=SECRETS[2])
    validate_standing([row], DISTRICTS, {2024: INSTRUMENT}, witness=seen)
    return seen


@pytest.fixture
def published(witness, tmp_path: Path) -> Path:
    keep(tmp_path / "docs", "run-1", "0001", witness)
    publish(tmp_path / "docs", tmp_path / "public")
    return tmp_path


def test_no_value_of_a_workbook_is_in_any_file(published):
    files = [path for path in published.rglob("*") if path.is_file()]
    assert len(files) == 4
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert [secret for secret in SECRETS if secret in text] == [], path.name


def test_what_was_found_is_counted(published):
    kept = json.loads((published / "docs" / "run-1" / "0001.json").read_text(encoding="utf-8"))
    results = {
        result["expectation_config"]["meta"]["code"]: result for suite in kept["suites"] for result in suite["results"]
    }
    assert results["A01"]["result"] == {"element_count": 2, "unexpected_count": 1}
    assert not results["A01"]["success"]
    assert results["A24"]["success"]


def test_the_page_shows_every_rule(published):
    page = (published / "public" / PAGE).read_text(encoding="utf-8")
    assert [rule.code for rule in load_rules() if f"<strong>{rule.code}</strong>" not in page] == []


def test_the_page_fetches_nothing_and_runs_nothing(published):
    page = (published / "public" / PAGE).read_text(encoding="utf-8")
    assert not re.search(r"https?://|<script|@import|url\(", page)


def test_the_page_speaks_indonesian_and_names_no_english_status(published):
    page = (published / "public" / PAGE).read_text(encoding="utf-8")
    assert '<html lang="id">' in page
    words = page.replace("Great Expectations", "")
    body = words[words.index("<body>") :]
    assert not re.search(r"\b(expect\w*|success\w*|failed|warning|critical|blocking|unexpected)\b", body)


def test_the_same_results_give_the_same_bytes(witness, published):
    before = (published / "public" / PAGE).stat().st_mtime_ns
    keep(published / "docs", "run-2", "0001", witness)
    publish(published / "docs", published / "public")
    assert (published / "public" / PAGE).stat().st_mtime_ns == before


def test_parts_of_a_run_add_up_and_the_latest_run_is_shown(witness, published):
    keep(published / "docs", "run-2", "0001", witness)
    keep(published / "docs", "run-2", "0002", witness)
    publish(published / "docs", published / "public")
    page = (published / "public" / PAGE).read_text(encoding="utf-8")
    (row,) = re.findall(r"<tr><td[^>]*><strong>A01</strong>.*?</tr>", page)
    assert '>4</td><td class="num" data-label="Tidak lolos">2</td>' in row


def test_only_the_latest_runs_are_kept(witness, tmp_path):
    docs = tmp_path / "docs"
    runs = [f"20250520T{number:06d}-ab" for number in range(KEPT_RUNS + 3)]
    for run in runs:
        keep(docs, run, "0001", witness)
        keep(docs, run, "0002", witness)
    assert sorted(path.name for path in docs.iterdir() if path.is_dir()) == runs[3:]
    keep(docs, "20240101T000000-ab", "0001", witness)
    assert (docs / "20240101T000000-ab").is_dir()
    assert publish(docs, tmp_path / "public") is None


def test_a_run_that_only_looked_again_changes_nothing(witness, published):
    before = {path: path.read_bytes() for path in published.rglob("*") if path.is_file()}
    keep_also(published / "docs", "rerun", "antar", witness)
    assert {path: path.read_bytes() for path in published.rglob("*") if path.is_file()} == before
    keep_also(published / "docs", "run-1", "antar", witness)
    assert (published / "docs" / "run-1" / "antar.json").is_file()


def test_before_anything_was_validated_the_page_says_that_no_row_was_looked_at(tmp_path):
    publish(tmp_path / "docs", tmp_path / "public")
    assert "tidak ada baris" in (tmp_path / "public" / PAGE).read_text(encoding="utf-8")


def test_a_rule_that_fails_is_seen_by_a_witness_once(witness):
    twice = Witness()
    twice.merge(witness)
    assert twice.suites == witness.suites


def test_a_rules_pattern_holds_its_words_and_none_of_its_values():
    rule = replace(load_rules()[0], tell="Nilai {points} di {cell}.")
    assert pattern_of(rule) == "Nilai … di …."
