"""Reads expectations/layouts.yaml and resolving.yaml: how recaps name columns and rows, and how near a misspelling is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kla.errors import RuleError
from kla.io import project
from kla.io.yaml_text import plain
from kla.parsing.vocabulary import RecapWords, recap_words
from kla.resolving import Limits


@cache
def load_recap_words() -> RecapWords:
    """Return the words of recaps (kept in memory).

    Raises:
        RuleError: the file lacks one of its lists.
    """
    path = project.data("expectations") / "layouts.yaml"
    try:
        return recap_words(plain(path)["recap"])
    except KeyError as missing:
        raise RuleError("expectations/layouts.yaml", f"recap has no {missing}", "Add the list.") from missing


@cache
def load_limits() -> Mapping[str, Limits]:
    """Return from what likeness on a name is taken, by kind of name: office, header, level, kind (kept in memory).

    Raises:
        RuleError: a kind lacks one of its numbers.
    """
    found = plain(project.data("expectations") / "resolving.yaml")
    apart = frozenset(found["apart"])
    try:
        return {
            kind: Limits(it["certain"], it["margin"], it["near"], it["shortest"], apart)
            for kind, it in found["kinds"].items()
        }
    except KeyError as missing:
        raise RuleError("expectations/resolving.yaml", f"a kind has no {missing}", "Add the number.") from missing
