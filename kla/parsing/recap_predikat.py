"""The predikat a recap gives, wherever it stands: beside its name, behind a colon, or in a column of the total."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kla.parsing.grid import Grid, address
from kla.parsing.vocabulary import Vocabulary
from kla.submission import StatedLevel, StatedRow
from kla.values import clean, text_of

_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
_Place = tuple[int, str]  # column, text as written


def given_predikat(
    grid: Grid, row: int, columns: Mapping[str, int], words: Vocabulary, stated: StatedRow | None = None
) -> StatedRow | None:
    """Return the predikat that stands in a row, as a row of its own; None where there is none.

    A question's row gives none; a total's row gives what stands in the column of predikats.
    """
    if stated is not None and stated.level is not StatedLevel.TOTAL:
        return None
    found = _beside_its_name(grid, row, words) or _in_its_column(grid, row, columns, stated)
    if found is None:
        return None
    column, written = found
    cell = address(row, column)
    label = name_of(written.rpartition(":")[2], words)
    raw = {"predikat": written}
    return StatedRow(
        grid.name, row + 1, StatedLevel.PREDIKAT, "predikat", label, None, None, "", "", {"predikat": cell}, raw
    )


def name_of(text: str, words: Vocabulary) -> str:
    """Return the predikat a text means, "" where it says that none was given, the text itself where it is none.

    A remark in brackets is left out, and so is the word before it: "Predikat NINDYA (sementara)" is Nindya.
    """
    key = clean(_REMARK.sub("", text))
    for name in words.recap.predikat_names:
        key = key.removeprefix(f"{name} ")
    return words.recap.predikats.get(key, text.strip())


def _beside_its_name(grid: Grid, row: int, words: Vocabulary) -> _Place | None:
    """Return what stands behind the colon of "Predikat: Utama", or in the next filled cell after "Predikat"."""
    named = False
    for column in range(grid.first_column, grid.first_column + len(grid.rows[row - grid.first_row])):
        written = text_of(grid.cell(row, column))
        name, colon, value = written.partition(":")
        if named and written.strip(" :"):
            return column, written
        if clean(name) in words.recap.predikat_names:
            if colon and value.strip():
                return column, written
            named = True
    return None


def _in_its_column(grid: Grid, row: int, columns: Mapping[str, int], stated: StatedRow | None) -> _Place | None:
    column = columns.get("predikat")
    if stated is None or column is None:
        return None
    written = text_of(grid.cell(row, column))
    return (column, written) if written.strip(" :-") else None
