"""Finds the tables of an office form wherever they went: by tags, then machine keys, then visible headers, never by place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kla import layout
from kla.parsing.grid import Grid, address, column_letters
from kla.parsing.headers import spellings, take
from kla.parsing.journal import Journal
from kla.parsing.vocabulary import Vocabulary
from kla.submission import Problem, Repair
from kla.values import clean, text_of

FEWEST_HEADERS = 3
ANSWERS, EVIDENCE = "answers", "evidence"
_KEYS = {ANSWERS: frozenset(layout.ANSWER_KEYS), EVIDENCE: frozenset(layout.EVIDENCE_KEYS)}
_PRINTED = frozenset({"label", "role", "max_points", "evidence_asked"})  # ours, not read back
_OPTIONAL = _PRINTED | {"note", "number", "link"}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `columns` maps machine keys to 0-based columns; its rows lie in `first_row` <= row < `end_row`."""

    grid: Grid
    kind: str
    name: str
    columns: Mapping[str, int]
    places: frozenset[int]  # those columns
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


@dataclass(frozen=True, slots=True)
class _Header:
    """A header row: `columns` by exact texts; those whose header is misspelt are still missing."""

    row: int
    columns: dict[str, int]
    kind: str
    is_machine: bool


def find_tables(grid: Grid, words: Vocabulary, journal: Journal) -> list[Table]:
    """Return the tables of one sheet; what is wrong with their frames is noted in the journal."""
    marks = _marks(grid)
    if not marks and not _may_have_header(grid, words):
        return []
    tables: list[Table] = []
    seen: set[tuple[int, int]] = set()
    # A mark astray opens a region around a table that has its own marks: the closest marks count.
    for region in sorted(_regions(grid, marks), key=lambda region: (not region.is_bounded, -region.first_row)):
        header = _header(grid, region, words, journal)
        if header is None:
            if region.name:
                _complain_missing(grid, ["question_id"], ANSWERS, words, journal)
        elif table := _framed(grid, region, header, seen, words, journal):
            tables.append(table)
    return sorted(tables, key=lambda table: (table.header_row, table.columns["question_id"]))


def _framed(
    grid: Grid,
    region: _Region,
    header: _Header,
    seen: set[tuple[int, int]],
    words: Vocabulary,
    journal: Journal,
) -> Table | None:
    """Return the table below a header; None where another region has it already, or its key column cannot be told."""
    place = header.row, header.columns.get("question_id", -1)
    if place in seen:
        journal.problems.append(Problem("tags_missing", grid.name, "", region.name or header.kind))
        return None
    columns, last = _completed(grid, header.row, dict(header.columns), header.kind, words)
    columns, unclear = _with_misspelt(grid, header, columns, last, words, journal)
    if "question_id" not in columns:
        _complain_missing(grid, {"question_id"} - unclear, header.kind, words, journal)
        return None
    seen.add((header.row, columns["question_id"]))
    if not region.is_bounded:
        journal.problems.append(Problem("tags_missing", grid.name, "", region.name or header.kind))
    if not header.is_machine:
        cell = address(header.row, columns["question_id"])
        journal.problems.append(Problem("machine_keys_missing", grid.name, cell, header.kind))
    missing = [key for key in _titles(header.kind, words) if key not in columns and key not in _OPTIONAL | unclear]
    _complain_missing(grid, missing, header.kind, words, journal)
    return _table(grid, header.kind, region, columns, header.row, last + 1)


def _table(grid: Grid, kind: str, region: _Region, columns: Mapping[str, int], header: int, first: int) -> Table:
    offsets = {key: column - grid.first_column for key, column in columns.items()}
    letters = {key: column_letters(column) for key, column in columns.items()}
    places = frozenset(columns.values())
    return Table(grid, kind, region.name, columns, places, offsets, letters, header, first, region.end_row)


def _titles(kind: str, words: Vocabulary) -> Mapping[str, str]:
    return words.answer_titles if kind == ANSWERS else words.evidence_titles


def _complain_missing(grid: Grid, keys: Iterable[str], kind: str, words: Vocabulary, journal: Journal) -> None:
    titles = _titles(kind, words)
    journal.problems.extend(Problem("column_missing", grid.name, "", key, titles[key]) for key in keys)


def _with_misspelt(
    grid: Grid, header: _Header, columns: dict[str, int], last: int, words: Vocabulary, journal: Journal
) -> tuple[dict[str, int], set[str]]:
    """Return the columns, misspelt ones added, and the keys of those whose header is too unclear to be taken."""
    titles = _titles(header.kind, words)
    if header.is_machine and columns.keys() >= titles.keys():
        return columns, set()
    if not header.is_machine:
        columns = {
            key: column for key, column in columns.items() if _may_name(grid, header.row, key, column, titles, journal)
        }
    missing = [key for key in titles if key not in columns and key not in _PRINTED]
    if not missing:
        return columns, set()
    texts = {
        column: text
        for column, text in _line_texts(grid, last).items()
        if column not in columns.values() and clean(text) not in _visible(header.kind, words)
    }
    names = words.answer_names if header.kind == ANSWERS else words.evidence_names
    found = spellings(last, texts, names, missing, journal, words.limits.get("header"))
    taken = take(grid.name, found, titles, journal)
    return {**columns, **taken}, {it.field for it in found} - taken.keys()


def _may_name(grid: Grid, row: int, key: str, column: int, titles: Mapping[str, str], journal: Journal) -> bool:
    """Note where a header of other case or spacing was taken for a column; False where a steward forbade that."""
    written = text_of(grid.cell(row, column))
    return journal.may_stand(Repair(grid.name, address(row, column), "", key, "", "", written, titles[key], "header"))


def _visible(kind: str, words: Vocabulary) -> Mapping[str, str]:
    return words.answer_headers if kind == ANSWERS else words.evidence_headers


def _marks(grid: Grid) -> list[_Mark]:
    tags = grid.marks
    marks = []
    for row, line in enumerate(grid.rows if tags else (), grid.first_row):
        if tags.isdisjoint(line):
            continue
        for column, content in enumerate(line, grid.first_column):
            if content in tags:
                word, _, name = str(content).strip().partition(" ")
                if word in (layout.START, layout.END):
                    marks.append(_Mark(row, column, word == layout.START, name.strip()))
    return marks


def _regions(grid: Grid, marks: list[_Mark]) -> list[_Region]:
    """Return the pieces of a sheet that may hold a table; the whole sheet where no mark is left."""
    bottom = grid.first_row + len(grid.rows)
    right = grid.first_column + max(map(len, grid.rows), default=0)
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


def _may_have_header(grid: Grid, words: Vocabulary) -> bool:
    """Whether a sheet holds as many keys or headers of a kind as the least header row has."""
    stripped, cleaned = set(map(str.strip, grid.texts)), set(map(clean, grid.texts))
    return any(
        len(stripped & keys) >= FEWEST_HEADERS or len(cleaned & _visible(kind, words).keys()) >= FEWEST_HEADERS
        for kind, keys in _KEYS.items()
    )


def _header(grid: Grid, region: _Region, words: Vocabulary, journal: Journal) -> _Header | None:
    """Return the first header row of a region: by machine keys, else by visible headers, else by misspelt ones."""
    best: _Header | None = None
    guess: _Header | None = None
    for row in range(region.first_row, region.end_row):
        texts = _texts(grid, row, region)
        if len(texts) < FEWEST_HEADERS:
            continue
        for kind, keys in _KEYS.items():
            columns = {text.strip(): column for column, text in texts.items() if text.strip() in keys}
            if _is_header(columns, kind):
                return _Header(row, columns, kind, True)
            visible = _visible(kind, words)
            shown = {visible[key]: column for column, text in texts.items() if (key := clean(text)) in visible}
            if best is None and _is_header(shown, kind):
                best = _Header(row, shown, kind, False)
            if best is None and guess is None and len(shown) >= FEWEST_HEADERS:
                guess = _guessed(row, texts, shown, kind, words, journal)
    return best or guess


def _guessed(
    row: int, texts: Mapping[int, str], shown: dict[str, int], kind: str, words: Vocabulary, journal: Journal
) -> _Header | None:
    """Return the header a row would be if its misspelt headers meant what they seem to; it is not taken here."""
    others = {column: text for column, text in texts.items() if column not in shown.values()}
    names = words.answer_names if kind == ANSWERS else words.evidence_names
    missing = _titles(kind, words).keys() - shown.keys()
    found = spellings(row, others, names, missing, journal, words.limits.get("header"))
    is_one = _is_header({**shown, **{it.field: it.column for it in found}}, kind)
    return _Header(row, shown, kind, False) if is_one else None


def _is_header(columns: Mapping[str, int], kind: str) -> bool:
    # "note" stands in both tables, so a table needs a column of its own besides.
    own = {"answer", "value_t1", "value_t2"} if kind == ANSWERS else {"kind", "title", "dated_on"}
    return "question_id" in columns and len(columns) >= FEWEST_HEADERS and not own.isdisjoint(columns)


def _texts(grid: Grid, row: int, region: _Region) -> dict[int, str]:
    columns = range(region.first_column, region.end_column)
    return {column: text for column, text in _line_texts(grid, row).items() if column in columns}


def _line_texts(grid: Grid, row: int) -> dict[int, str]:
    line = grid.rows[row - grid.first_row]
    return {
        column: content
        for column, content in enumerate(line, grid.first_column)
        if isinstance(content, str) and content.strip()
    }


def _completed(
    grid: Grid, row: int, columns: dict[str, int], kind: str, words: Vocabulary
) -> tuple[dict[str, int], int]:
    """Return the columns, those whose key is gone filled in from the visible header below, and that header's row."""
    visible = words.answer_headers if kind == ANSWERS else words.evidence_headers
    last = row
    if "question_id" not in columns:
        return columns, last
    for below in range(row + 1, min(row + 4, grid.first_row + len(grid.rows))):
        if visible.get(clean(grid.text(below, columns["question_id"]))) == "question_id":
            last = below
            line = grid.rows[below - grid.first_row]
            for column, content in enumerate(line, grid.first_column):
                key = visible.get(clean(content)) if isinstance(content, str) else None
                if key and key not in columns and column not in columns.values():
                    columns[key] = column
    return columns, last
