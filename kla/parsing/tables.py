"""Finds the tables of an office form wherever they went: by tags, then machine keys, then visible headers, never by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kla import layout
from kla.parsing.grid import Grid, address, column_letters
from kla.parsing.vocabulary import Vocabulary
from kla.submission import Problem
from kla.values import clean

FEWEST_HEADERS = 3
ANSWERS, EVIDENCE = "answers", "evidence"
_KEYS = {ANSWERS: frozenset(layout.ANSWER_KEYS), EVIDENCE: frozenset(layout.EVIDENCE_KEYS)}
_OPTIONAL = frozenset({"label", "role", "max_points", "evidence_asked", "note", "number", "link"})


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `columns` maps machine keys to 0-based columns; its rows lie in `first_row` <= row < `end_row`."""

    grid: Grid
    kind: str
    name: str
    columns: Mapping[str, int]
    offsets: Mapping[str, int]  # the same, counted from the grid's first column
    letters: Mapping[str, str]
    header_row: int
    first_row: int
    end_row: int


@dataclass(frozen=True, slots=True)
class _Mark:
    row: int
    column: int
    is_start: bool
    name: str


@dataclass(frozen=True, slots=True)
class _Region:
    name: str
    first_row: int
    end_row: int
    first_column: int
    end_column: int
    is_bounded: bool


def find_tables(grid: Grid, words: Vocabulary) -> tuple[list[Table], list[Problem]]:
    """Return the tables of one sheet and what is wrong with their frames."""
    tables: list[Table] = []
    problems: list[Problem] = []
    headers_seen: set[tuple[int, int]] = set()
    # A mark astray opens a region around a table that has its own marks: the closest marks count.
    for region in sorted(_regions(grid), key=lambda region: (not region.is_bounded, -region.first_row)):
        found = _header(grid, region, words)
        if found is None:
            if region.name:
                problems.append(
                    Problem("column_missing", grid.name, "", "question_id", layout.ANSWER_HEADERS["question_id"])
                )
            continue
        row, columns, kind, is_machine = found
        if (row, columns["question_id"]) in headers_seen:
            problems.append(Problem("tags_missing", grid.name, "", region.name or kind))
            continue
        headers_seen.add((row, columns["question_id"]))
        if not region.is_bounded:
            problems.append(Problem("tags_missing", grid.name, "", region.name or kind))
        if not is_machine:
            problems.append(Problem("machine_keys_missing", grid.name, address(row, columns["question_id"]), kind))
        columns, last_header = _completed(grid, row, columns, kind, words)
        headers = layout.ANSWER_HEADERS if kind == ANSWERS else layout.EVIDENCE_HEADERS
        missing = [key for key in headers if key not in columns and key not in _OPTIONAL]
        problems += [Problem("column_missing", grid.name, "", key, _shown(key, kind, words)) for key in missing]
        tables.append(_table(grid, kind, region, columns, row, last_header + 1))
    return sorted(tables, key=lambda table: (table.header_row, table.columns["question_id"])), problems


def _table(grid: Grid, kind: str, region: _Region, columns: Mapping[str, int], header: int, first: int) -> Table:
    offsets = {key: column - grid.first_column for key, column in columns.items()}
    letters = {key: column_letters(column) for key, column in columns.items()}
    return Table(grid, kind, region.name, columns, offsets, letters, header, first, region.end_row)


def _shown(key: str, kind: str, words: Vocabulary) -> str:
    headers = words.answer_headers if kind == ANSWERS else words.evidence_headers
    return next((text for text, meant in headers.items() if meant == key), key).capitalize()


def _marks(grid: Grid) -> list[_Mark]:
    marks = []
    for row, line in enumerate(grid.rows, grid.first_row):
        for column, content in enumerate(line, grid.first_column):
            if content.__class__ is str and layout.TAG_PREFIX in content:
                word, _, name = content.strip().partition(" ")
                if word in (layout.START, layout.END):
                    marks.append(_Mark(row, column, word == layout.START, name.strip()))
    return marks


def _regions(grid: Grid) -> list[_Region]:
    """Return the pieces of a sheet that may hold a table; the whole sheet where no mark is left."""
    marks = _marks(grid)
    bottom = grid.first_row + len(grid.rows)
    right = grid.first_column + max((len(line) for line in grid.rows), default=0)
    if not marks:
        return [_Region("", grid.first_row, bottom, 0, right, False)]
    regions: list[_Region] = []
    opened: dict[str, _Mark] = {}
    top = grid.first_row
    for mark in marks:
        if mark.is_start:
            if earlier := opened.pop(mark.name, None):
                regions.append(_Region(mark.name, earlier.row, mark.row, earlier.column, right, False))
            opened[mark.name] = mark
            continue
        start = opened.pop(mark.name, None)
        if start:
            regions.append(_Region(mark.name, start.row, mark.row, start.column, right, True))
        else:
            regions.append(_Region(mark.name, top, mark.row, 0, right, False))
        top = mark.row + 1
    for name, start in opened.items():
        below = [mark.row for mark in marks if mark.is_start and mark.column == start.column and mark.row > start.row]
        regions.append(_Region(name, start.row, min(below, default=bottom), start.column, right, False))
    return [_narrowed(region, regions) for region in regions]


def _narrowed(region: _Region, regions: list[_Region]) -> _Region:
    """Return the region cut off where a table beside it begins; a table alone may spread to both sides of its mark."""
    beside = [r for r in regions if r is not region and r.first_row < region.end_row and region.first_row < r.end_row]
    if not beside:
        return _Region(region.name, region.first_row, region.end_row, 0, region.end_column, region.is_bounded)
    end = min((r.first_column for r in beside if r.first_column > region.first_column), default=region.end_column)
    return _Region(region.name, region.first_row, region.end_row, region.first_column, end, region.is_bounded)


def _header(grid: Grid, region: _Region, words: Vocabulary) -> tuple[int, dict[str, int], str, bool] | None:
    """Return (row, columns, kind, whether by machine keys) of the first header row of a region."""
    visible = {ANSWERS: words.answer_headers, EVIDENCE: words.evidence_headers}
    best: tuple[int, dict[str, int], str, bool] | None = None
    for row in range(region.first_row, region.end_row):
        texts = _texts(grid, row, region)
        if len(texts) < FEWEST_HEADERS:
            continue
        for kind, keys in _KEYS.items():
            columns = {text: column for column, text in texts.items() if text in keys}
            if _is_header(columns, kind):
                return row, columns, kind, True
            shown = {
                visible[kind][key]: column for column, text in texts.items() if (key := clean(text)) in visible[kind]
            }
            if best is None and _is_header(shown, kind):
                best = row, shown, kind, False
    return best


def _is_header(columns: Mapping[str, int], kind: str) -> bool:
    # "note" stands in both tables, so a table needs a column of its own besides.
    own = {"answer", "value_t1", "value_t2"} if kind == ANSWERS else {"kind", "title", "dated_on"}
    return "question_id" in columns and len(columns) >= FEWEST_HEADERS and not own.isdisjoint(columns)


def _texts(grid: Grid, row: int, region: _Region) -> dict[int, str]:
    line = grid.rows[row - grid.first_row]
    return {
        column: content.strip()
        for column, content in enumerate(line, grid.first_column)
        if isinstance(content, str) and content.strip() and region.first_column <= column < region.end_column
    }


def _completed(
    grid: Grid, row: int, columns: dict[str, int], kind: str, words: Vocabulary
) -> tuple[dict[str, int], int]:
    """Return the columns, those whose key is gone filled in from the visible header below, and that header's row."""
    visible = words.answer_headers if kind == ANSWERS else words.evidence_headers
    last = row
    for below in range(row + 1, min(row + 4, grid.first_row + len(grid.rows))):
        if visible.get(clean(grid.text(below, columns["question_id"]))) == "question_id":
            last = below
            line = grid.rows[below - grid.first_row]
            for column, content in enumerate(line, grid.first_column):
                key = visible.get(clean(content)) if isinstance(content, str) else None
                if key and key not in columns and column not in columns.values():
                    columns[key] = column
    return columns, last
