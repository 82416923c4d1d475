"""Every rule, run by Great Expectations itself, over one example row that passes it and one that fails it."""

from __future__ import annotations

import pytest

from kla.io.expecting import failing_rows
from kla.io.frames.table import from_examples
from kla.io.rules import load_suites
from kla.submission import PROBLEM_KINDS

SUITES = {suite.name: suite for suite in load_suites()}


@pytest.fixture(scope="module")
def codes_by_example() -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """(frame, code) -> codes found in its passing row, codes found in its failing row; one run per frame."""
    found = {}
    for suite in SUITES.values():
        examples = [row for rule in suite.rules for row in (rule.example_pass, rule.example_fail)]
        failed = failing_rows(suite, from_examples(suite.columns, examples))
        for number, rule in enumerate(suite.rules):
            passing, failing = ({c for c, rows in failed.items() if 2 * number + side in rows} for side in (0, 1))
            found[suite.name, rule.code] = passing, failing
    return found


def test_every_rule_lets_its_passing_example_pass(codes_by_example):
    assert [code for (_, code), (passing, _) in codes_by_example.items() if code in passing] == []


def test_every_failing_example_fails_with_exactly_its_own_code(codes_by_example):
    wrong = {code: sorted(failing) for (_, code), (_, failing) in codes_by_example.items() if failing != {code}}
    assert wrong == {}


def test_a_row_of_sound_values_breaks_no_rule():
    for suite in SUITES.values():
        assert failing_rows(suite, from_examples(suite.columns, [{}])) == {}, suite.name


def test_every_kind_of_problem_has_a_rule_and_every_rule_a_kind():
    named = {kind for rule in SUITES["problems"].rules for kind in rule.kwargs["value_set"]}
    assert named == set(PROBLEM_KINDS)
