"""The recap: stated or verified points per question, in whatever layout a district keeps; found by its headers' names."""

from __future__ import annotations

from dataclasses import dataclass, field

from kla.parsing.form import report_faults
from kla.parsing.grid import CellFault, Grid, Sheets, address
from kla.parsing.journal import NO_CHOICES, Choices, Journal
from kla.parsing.recap_header import Header, find_header, settled
from kla.parsing.recap_rows import first_texts, stated_row
from kla.parsing.rows import question_id_of
from kla.parsing.tally import Tally
from kla.parsing.vocabulary import Vocabulary
from kla.submission import Problem, StatedRow
from kla.values import State, clean, number_of


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


def looks_like_recap(sheets: Sheets, words: Vocabulary, choices: Choices = NO_CHOICES) -> bool:
    """Whether any sheet has a recap's header, misspelt perhaps, and below it a question."""
    for grid in sheets.grids:
        header = find_header(grid, words, "", Journal(choices))
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
        header = find_header(grid, words, stage, recap.journal)
        if header is None:
            if count:
                kind = "hidden_sheet" if grid.is_hidden else "unknown_sheet_data"
                recap.problems.append(Problem(kind, grid.name, "", str(count)))
            recap.tally.rest("unknown_sheet_data")
        elif (header := settled(grid, header, recap.journal)).is_unclear:
            recap.tally.rest("header_unclear")
        else:
            _read_rows(grid, header, words, recap)
        report_faults(grid, recap.problems)
    return recap


def _read_rows(grid: Grid, header: Header, words: Vocabulary, recap: RecapContent) -> None:
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


def _left_aside(grid: Grid, row: int, header: Header, words: Vocabulary, problems: list[Problem]) -> str:
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
