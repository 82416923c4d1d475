"""The cells that were read as something other than written, each once."""

from __future__ import annotations

from kla.repairs import merged, places
from kla.submission import Repair


def repair(cell: str, original: str, result: str, rule: str, sheet: str = "Klaster III") -> Repair:
    return Repair(sheet, cell, "answers", "value_t1", "Klaster III!9", "12.P4", original, result, rule)


def test_a_cell_changed_in_steps_is_named_once_and_one_changed_back_not_at_all() -> None:
    steps = [repair("J9", " 37 ", "37", "trim"), repair("J9", "37", "37.0", "number")]
    back = [repair("J10", "a", "b", "level"), repair("J10", "b", "a", "level")]
    other = [repair("F5", "x ", "x", "trim", "Data Dukung"), repair("", "Capil", "DISDUKCAPIL", "office_alias", "")]
    assert places([*steps, *back, *other]) == {"Klaster III": ["J9"], "Data Dukung": ["F5"]}
    assert [(it.rule, it.original, it.result) for it in merged(steps)] == [("trim+number", " 37 ", "37.0")]
