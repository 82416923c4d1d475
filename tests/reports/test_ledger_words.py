"""Every rule of the ledger has words for people."""

from __future__ import annotations

import re
from pathlib import Path

from kla.io.page_words import word

KLA = Path(__file__).parents[2] / "kla"
NAMED = re.compile(
    r'(?:\bignore\(\s*|\brest\(\s*|\brule = |LEDGER_RULE = |_aside.*return )"([a-z_]+)"|return "(header|footer|title)"'
)


def test_every_rule_that_leaves_cells_aside_has_a_name_in_words() -> None:
    places = [*(KLA / "parsing").glob("*.py"), KLA / "io" / "personal.py", KLA / "io" / "child.py"]
    rules = {first or second for path in places for first, second in NAMED.findall(path.read_text(encoding="utf-8"))}
    assert {"header", "form_text", "outside_tables", "personal_data", "row_without_question"} <= rules
    for rule in sorted(rules):
        assert word(f"ledger.rules.{rule}") != rule
