"""A rule's sentences over its own failing example: what a finding of that code looks like. YAML only, no pandas."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kla.io.rules import Column, Rule, load_suites
from kla.io.value_words import value_text


def example_sentences(rule: Rule, places: Mapping[str, str]) -> tuple[str, str]:
    """Return (tell, fix) as an office would read them about the row of the rule's `example_fail`.

    What the example leaves out has its column's sound value; `places` fills what no column holds (sheet, cell, ...).
    """
    columns = next(suite.columns for suite in load_suites() if suite.name == rule.frame)
    words = {
        name: _said(columns[name], rule.example_fail.get(name, columns[name].sound))
        if name in columns
        else places[name]
        for name in rule.fields()
    }
    return rule.tell.format(**words), rule.fix.format(**words)


def _said(column: Column, value: object) -> str:
    """Return an example's value as people read it; points stand as points in the YAML, as hundredths in a frame."""
    if column.kind == "points" and value is not None:
        value = Decimal(str(value)) * 100
    return value_text(column, value)
