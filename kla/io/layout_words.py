"""Reads expectations/layouts.yaml: how other people's recaps name their columns and rows."""

from __future__ import annotations

from functools import cache

import yaml

from kla.errors import RuleError
from kla.io import project
from kla.parsing.vocabulary import RecapWords, recap_words


@cache
def load_recap_words() -> RecapWords:
    """Return the words of recaps (kept in memory).

    Raises:
        RuleError: the file lacks one of its lists.
    """
    path = project.data("expectations") / "layouts.yaml"
    recap = yaml.safe_load(path.read_text(encoding="utf-8"))["recap"]
    try:
        return recap_words(
            recap["headers"], recap["points"], recap["totals"], recap["total_beginnings"], recap["block_words"]
        )
    except KeyError as missing:
        raise RuleError("expectations/layouts.yaml", f"recap has no {missing}", "Add the list.") from missing
