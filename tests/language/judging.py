"""Says what in a text is no good Bahasa Indonesia: English, what a program left, unformatted figures, empty placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from kla.io.districts import regencies

CASES = Path(__file__).resolve().parents[1] / "cases" / "language.yaml"
_CODE = re.compile(r"(?<![\w.,])\d\d\.\d\d(?![\w.,])")
KINDS = ("english", "traces", "values", "placeholders")


@cache
def patterns() -> tuple[Mapping[str, re.Pattern[str]], re.Pattern[str]]:
    """What is looked for, by kind, and what is allowed."""
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    words = "|".join(re.escape(word) for word in cases["english"])
    found = {kind: re.compile("|".join(f"(?:{one})" for one in cases[kind])) for kind in KINDS[1:]}
    found["english"] = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
    return found, re.compile("|".join(f"(?:{one})" for one in cases["allowed"]))


def faults(text: str, theirs: Iterable[str] = ()) -> list[str]:
    """Return each fault as "kind: what stands there"; `theirs` are texts that were never ours to word."""
    looked_for, allowed = patterns()
    left = _CODE.sub(lambda found: " " if found[0] in regencies() else found[0], text)
    for one in theirs:
        left = left.replace(one, " ")
    left = allowed.sub(" ", left)
    return [f"{kind}: {hit[0]}" for kind in KINDS for hit in looked_for[kind].finditer(left)]
