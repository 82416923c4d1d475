"""The recap: stated or verified points per question, in whatever layout a district keeps; found by its headers' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kla.parsing.form import report_faults
from kla.parsing.grid import CellFault, Grid, Sheets, address
from kla.parsing.journal import NO_CHOICES, Choices, Journal
from kla.parsing.recap_rows import first_texts, stated_row
from kla.parsing.rows import question_id_of
from kla.parsing.tally import Tally
from kla.parsing.vocabulary import Vocabulary
from kla.submission import Problem, StatedRow
from kla.values import State, clean, number_of

_HEADER_ROWS = 60  # a header stands near the top


@dataclass
class RecapContent:
    """What a recap gave so far."""

    rows: list[StatedRow] = field(default_factory=list)
    journal: Journal = field(default_factory=Journal)
    tally: Tally = field(default_factory=Tally)

    @property
    def problems(self) -> list[Problem]:
        """Return the problems noted so far."""
        return self.journal.problems


@dataclass(frozen=True, slots=True)
class _Header:
    columns: Mapping[str, int]
    first_row: int
    end_row: int


def looks_like_recap(sheets: Sheets, words: Vocabulary) -> bool:
    """Whether any sheet has a recap's header and below it a question."""
    for grid in sheets.grids:
        header = _find_header(grid, words, "")
        if header and any(
            question_id_of(grid.text(row, header.columns["key"]))
            for row in range(header.end_row, grid.first_row + len(grid.rows))
        ):
            return True
    return False


def read_recap(sheets: Sheets, words: Vocabulary, stage: str, choices: Choices = NO_CHOICES) -> RecapContent:
    """Return one row per question, indicator, block and total that a recap states."""
    recap = RecapContent(journal=Journal(choices))
    for grid in sheets.grids:
        count = recap.tally.open(grid)
        header = _find_header(grid, words, stage)
        if header is None:
            if count:
                kind = "hidden_sheet" if grid.is_hidden else "unknown_sheet_data"
                recap.problems.append(Problem(kind, grid.name, "", str(count)))
            recap.tally.rest("unknown_sheet_data")
        else:
            _read_rows(grid, header, words, recap)
        report_faults(grid, recap.problems)
    return recap


def _find_header(grid: Grid, words: Vocabulary, stage: str) -> _Header | None:
    """Return the header: a row that names the key column and, there or in the row below, the points."""
    for row in range(grid.first_row, min(grid.first_row + len(grid.rows), grid.first_row + _HEADER_ROWS)):
        above, below = _meanings(grid, row, words), _meanings(grid, row + 1, words)
        for two_rows in (True, False):
            if not above or (two_rows and not below):
                continue
            merged = {**above, **below} if two_rows else above
            columns = _columns(merged, stage)
            if "key" in columns and "points" in columns:
                return _Header(columns, row, row + 1 + two_rows)
    return None


def _meanings(grid: Grid, row: int, words: Vocabulary) -> dict[int, tuple[str, ...]]:
    line = grid.rows[row - grid.first_row] if 0 <= row - grid.first_row < len(grid.rows) else []
    return {
        column: meant
        for column, content in enumerate(line, grid.first_column)
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


def _read_rows(grid: Grid, header: _Header, words: Vocabulary, recap: RecapContent) -> None:
    tally = recap.tally
    for row in range(grid.first_row, grid.first_row + len(grid.rows)):
        filled = sum(content is not None and content != "" for content in grid.rows[row - grid.first_row])
        if not filled:
            continue
        if row < header.end_row:
            tally.ignore("title" if row < header.first_row else "header", filled)
            continue
        stated = stated_row(grid, row, header.columns, words, recap.journal)
        if stated is None:
            tally.ignore(_left_aside(grid, row, header, words, recap.problems), filled)
            continue
        recap.rows.append(stated)
        tally.use(len(stated.raw))
        tally.ignore("form_text", filled - len(stated.raw))
    tally.rest("outside_tables")


def _left_aside(grid: Grid, row: int, header: _Header, words: Vocabulary, problems: list[Problem]) -> str:
    """Return the rule for a row that states nothing; figures without a known key are reported."""
    if words.recap.headers.get(clean(grid.text(row, header.columns["key"]))):
        return "header"
    for key in ("points", "max_points"):
        column = header.columns.get(key)
        content = None if column is None else grid.cell(row, column)
        if isinstance(content, CellFault) or (content is not None and number_of(content).state is State.VALUE):
            label = next((text for _, text in first_texts(grid, row, header.columns)), "")
            problems.append(Problem("recap_row_not_understood", grid.name, address(row, header.columns["key"]), label))
            return "recap_row_not_understood"
    return "footer"
