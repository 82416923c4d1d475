"""Where a recap's header stands and what its columns hold, misspelt names included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kla.parsing.grid import Cell, Grid
from kla.parsing.headers import Spelling, spellings, take
from kla.parsing.journal import Journal
from kla.parsing.vocabulary import Vocabulary
from kla.resolving import Limits
from kla.values import clean

_HEADER_ROWS = 60  # a header stands near the top
_NEEDED = ("key", "points")
_Meanings = dict[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Header:
    """A header: field -> column, its rows, the misspelt names it rests on.

    With `is_unclear` a column that is needed has a name that is only near a known one: nothing below may be read.
    """

    columns: Mapping[str, int]
    first_row: int
    end_row: int
    guesses: tuple[Spelling, ...] = ()
    is_unclear: bool = False


def find_header(grid: Grid, words: Vocabulary, stage: str, journal: Journal) -> Header | None:
    """Return the header: a row that names the key column and, there or in the row below, the points.

    A header of exact names comes before one that has to be guessed.
    """
    rows = range(grid.first_row, min(grid.first_row + len(grid.rows), grid.first_row + _HEADER_ROWS))
    for may_guess in (False, True):
        for row in rows:
            above, below = _meanings(grid, row, words), _meanings(grid, row + 1, words)
            if not above and not (may_guess and below):
                continue
            for height in (2, 1):
                exact = {**above, **below} if height == 2 else above
                if (below or height == 1) and _is_whole(_columns(exact, stage)) is not may_guess:
                    header = _with_guesses(grid, row, height, exact, words, stage, journal)
                    if header:
                        return header
    return None


def settled(grid: Grid, header: Header, journal: Journal) -> Header:
    """Return the header with its guesses noted, without those a steward rejected."""
    taken = set(take(grid.name, header.guesses, {}, journal).values())
    rejected = {it.column for it in header.guesses if it.is_certain} - taken
    columns = {name: column for name, column in header.columns.items() if column not in rejected}
    return replace(header, columns=columns, is_unclear=header.is_unclear or not _is_whole(columns))


def _is_whole(columns: Mapping[str, int]) -> bool:
    return all(name in columns for name in _NEEDED)


def _with_guesses(
    grid: Grid, row: int, height: int, exact: _Meanings, words: Vocabulary, stage: str, journal: Journal
) -> Header | None:
    found = [
        it
        for line in range(row, row + height)
        for it in spellings(
            line, _other_texts(grid, line, exact), words.recap.names, _all_meanings(words), journal, _limits(words)
        )
    ]
    certain = _columns({**exact, **{it.column: tuple(it.field.split("|")) for it in found if it.is_certain}}, stage)
    likely = _columns({**exact, **{it.column: tuple(it.field.split("|")) for it in found}}, stage)
    if not _is_whole(likely):
        return None
    used = certain if _is_whole(certain) and _is_own(certain, exact, found, stage) else likely
    guesses = tuple(
        replace(it, field=it.field.split("|")[0].partition(":")[0])
        for it in found
        if it.column in used.values() and (it.is_certain or used is likely)
    )
    needed = {used[name] for name in _NEEDED}
    is_unclear = any(not it.is_certain and it.column in needed for it in guesses)
    return Header(
        used, row, row + height, tuple(it for it in guesses if it.is_certain or it.column in needed), is_unclear
    )


def _is_own(certain: Mapping[str, int], exact: _Meanings, found: list[Spelling], stage: str) -> bool:
    """Whether the points column is the stage's own or a plain one, or nothing near it claims to be."""
    sure = {**exact, **{it.column: tuple(it.field.split("|")) for it in found if it.is_certain}}
    if {f"points:{stage}", "points"} & set(sure[certain["points"]]):
        return True
    return not any(f"points:{stage}" in it.field.split("|") for it in found if not it.is_certain)


def _all_meanings(words: Vocabulary) -> set[str]:
    return set(words.recap.names.meanings.values())


def _limits(words: Vocabulary) -> Limits | None:
    return words.limits.get("header")


def _line(grid: Grid, row: int) -> list[Cell]:
    return grid.rows[row - grid.first_row] if 0 <= row - grid.first_row < len(grid.rows) else []


def _other_texts(grid: Grid, row: int, exact: _Meanings) -> dict[int, str]:
    return {
        column: content
        for column, content in enumerate(_line(grid, row), grid.first_column)
        if isinstance(content, str) and content.strip() and column not in exact
    }


def _meanings(grid: Grid, row: int, words: Vocabulary) -> _Meanings:
    return {
        column: meant
        for column, content in enumerate(_line(grid, row), grid.first_column)
        if isinstance(content, str) and (meant := words.recap.headers.get(clean(content)))
    }


def _columns(meanings: Mapping[int, tuple[str, ...]], stage: str) -> dict[str, int]:
    """Return field -> column; of several columns of points the stage's own counts, else the plain one, else the last."""
    columns: dict[str, int] = {}
    points: dict[int, tuple[str, ...]] = {}
    for column, meant in meanings.items():
        if any(key.startswith("points") for key in meant):
            points[column] = meant
        else:
            columns.setdefault(meant[0], column)
    for wanted in (f"points:{stage}", "points"):
        for column, meant in points.items():
            if wanted in meant:
                return {**columns, "points": column}
    return {**columns, "points": max(points)} if points else columns
