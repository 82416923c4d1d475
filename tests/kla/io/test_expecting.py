"""Great Expectations is asked as little as possible, and its answers are those it gives when asked in full."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import replace

import great_expectations as gx
import pandas as pd
import pytest

from kla.io import expecting
from kla.io.data_docs import Witness
from kla.io.expecting import failing_rows
from kla.io.frames.table import from_examples
from kla.io.rules import Suite, load_suites

SUITES = {suite.name: suite for suite in load_suites()}


def _asked_in_full(suite: Suite, table: pd.DataFrame) -> dict[str, list[int]]:
    """All rules at once over the whole table, conditions and all, as Great Expectations itself would have it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        built = [
            gx.expectations.registry.get_expectation_impl(rule.type)(**rule.kwargs, meta={"code": rule.code})
            for rule in suite.rules
        ]
        asset = gx.get_context(mode="ephemeral").data_sources.add_pandas("rows").add_dataframe_asset("frame")
        batch = asset.add_batch_definition_whole_dataframe("batch").get_batch({"dataframe": table})
        told = batch.validate(gx.ExpectationSuite(name="full", expectations=built), result_format="COMPLETE").results
    return {it.expectation_config.meta["code"]: it.result["unexpected_index_list"] for it in told if not it.success}


@pytest.mark.parametrize("name", ["files", "answers", "evidence", "stated", "rollups", "questions", "figures"])
def test_the_rows_found_are_those_of_rules_run_in_full(name: str) -> None:
    suite = SUITES[name]
    table = from_examples(suite.columns, [it for rule in suite.rules for it in (rule.example_pass, rule.example_fail)])
    found = failing_rows(suite, table)
    assert found == _asked_in_full(suite, table)
    assert set(found) == {rule.code for rule in suite.rules}


def test_of_sound_rows_it_is_only_asked_whether_and_of_no_rows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str]] = []
    told = expecting._GreatExpectations._told

    def noted(self, batch, rules, built, form):
        asked.append((len(rules), form["result_format"]))
        return told(self, batch, rules, built, form)

    monkeypatch.setattr(expecting._GreatExpectations, "_told", noted)
    suite = SUITES["stated"]
    rule = replace(suite.rules[0], kwargs={**suite.rules[0].kwargs, "row_condition": "points > 9999"})
    witness = Witness()
    table = from_examples(suite.columns, [{}, {}])
    assert failing_rows(replace(suite, rules=(rule,)), table, witness=witness) == {}
    assert not asked
    assert witness.suites[0]["results"][0]["result"] == {"element_count": 0, "unexpected_count": 0}
    assert failing_rows(suite, table) == {}
    assert {form for rules, form in asked if rules} == {"BOOLEAN_ONLY"}


def test_a_condition_that_cannot_be_read_is_named_with_its_rule() -> None:
    suite = SUITES["stated"]
    rule = replace(suite.rules[0], kwargs={**suite.rules[0].kwargs, "row_condition": "gone == 1"})
    with pytest.raises(expecting.RuleError, match=rf"{rule.code}: the expectation raised: .*gone"):
        failing_rows(replace(suite, rules=(rule,)), from_examples(suite.columns, [{}]))


def test_what_no_rule_asks_for_is_imported_when_somebody_uses_it() -> None:
    program = (
        "import sys; from kla.io import expecting; expecting.prepare();"
        "early = {'scipy.stats._stats_py', 'altair.vegalite', 'narwhals', 'jsonschema.validators'} & set(sys.modules);"
        "assert not early, early;"
        "import scipy.stats, altair, jsonschema.exceptions;"
        "print(scipy.stats.norm.cdf(0), altair.Chart().mark_bar().mark, jsonschema.validate(1, {'type': 'number'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.split(), done.returncode) == (["0.5", "bar", "None"], 0), done.stderr
