"""docs/reference/ is made from what it describes, and says all of it."""

from __future__ import annotations

import pytest

from desk.reference import FOLDER, PAGES, REMAKE, effect_of
from kla.io.instruments import available_cycles, load_instrument
from kla.io.rules import load_rules
from kla.io.warehouse.tables import METADATA


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_what_the_generator_gives(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), f"docs/reference/{name} is old: {REMAKE}"


def test_every_page_of_the_folder_is_generated_or_lists_the_others() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*PAGES, "README.md"}


def test_every_question_stands_in_the_instrument_page() -> None:
    page = PAGES["instrument.md"]()
    latest = load_instrument(available_cycles()[-1])
    assert [q.question_id for q in latest.questions if f"| {q.question_id} | " not in page] == []


def test_every_rule_has_a_heading_with_its_code_and_an_effect() -> None:
    lines = PAGES["findings.md"]().splitlines()
    assert sorted(line for line in lines if line.startswith("### ")) == sorted(f"### {r.code}" for r in load_rules())
    assert all(effect_of(rule) for rule in load_rules())


def test_every_table_and_column_says_what_it_means() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if not column.doc
    ]
    silent += [table.name for table in METADATA.tables.values() if not table.info.get("means")]
    assert silent == []
