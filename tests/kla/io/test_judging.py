"""One file on which a rule breaks costs only itself; rules that break on everything cost little to find out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from kla.errors import RuleError
from kla.findings import CheckedFile, Outcome
from kla.io import judging, suites
from kla.submission import Layout, Ledger, Reading, Receipt

Pair = tuple[Receipt, Reading]


def pair(name: str) -> Pair:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    receipt = Receipt(name, "63.10", "DINKES", "DINKES", "", None, Layout.FORM, f"{name}.xlsx", "", 1, moment)
    reading = Reading(name, Layout.FORM, None, None, "", (), (), (), (), Ledger(0, 0, {}), "calamine")
    return receipt, reading


class Rules:
    """Stands in for the suites: breaks on piles that hold a poisoned file, and counts how often it was asked."""

    def __init__(self, poisoned: set[str]) -> None:
        self.poisoned = poisoned
        self.runs = 0

    def __call__(self, pairs: Sequence[Pair], *_known: Any) -> tuple[CheckedFile, ...]:
        self.runs += 1
        if any(receipt.sha256 in self.poisoned for receipt, _ in pairs):
            raise RuleError("expectations/answers.yaml, A01", "the expectation raised", "Correct it.")
        return tuple(CheckedFile(*one, (), Outcome.ACCEPTED) for one in pairs)


@pytest.mark.parametrize("poisoned", [{"0"}, {"39"}, {"7", "31"}, {"0", "20"}])
def test_files_that_break_a_rule_are_left_out_and_named(poisoned: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites, "validate", Rules(poisoned))
    checked, troubles = judging.judge([pair(str(number)) for number in range(40)], {}, {})
    assert [file.receipt.sha256 for file in checked] == [str(n) for n in range(40) if str(n) not in poisoned]
    assert {trouble.who for trouble in troubles} == {f"DINKES {name}.xlsx" for name in poisoned}
    assert {(trouble.step, trouble.district_code) for trouble in troubles} == {("validate", "63.10")}


def test_rules_that_break_on_every_file_are_found_out_in_a_few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = Rules({str(number) for number in range(250)})
    monkeypatch.setattr(suites, "validate", rules)
    checked, troubles = judging.judge([pair(str(number)) for number in range(250)], {}, {})
    assert not checked
    assert len(troubles) == 250
    assert rules.runs <= 1 + judging.PROBES


def test_nothing_to_judge_asks_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = Rules(set())
    monkeypatch.setattr(suites, "validate", rules)
    assert judging.judge([], {}, {}) == ((), ())
    assert rules.runs == 0
