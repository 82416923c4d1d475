"""The recap: stated or verified points per question, in whatever layout a district keeps; found by its headers' names."""

from __future__ import annotations

from dataclasses import dataclass, field

from kla.parsing.form import report_faults
from kla.parsing.grid import Grid, Sheets, address
from kla.parsing.journal import NO_CHOICES, Choices, Journal
from kla.parsing.recap_header import Header, find_header, settled
from kla.parsing.recap_predikat import given_predikat
from kla.parsing.recap_rows import first_texts, has_figures, stated_row
from kla.parsing.recap_sums import with_totals_placed
from kla.parsing.rows import question_id_of
from kla.parsing.tally import Tally
from kla.parsing.vocabulary import Vocabulary
from kla.submission import Problem, StatedLevel, StatedRow
from kla.values import clean


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


def gives_predikat(sheets: Sheets, words: Vocabulary) -> bool:
    """Whether any visible sheet gives a known predikat beside its name, as a decision without a single question does."""
    return any(
        (given := given_predikat(grid, row, {}, words)) is not None and given.label in words.recap.predikats.values()
        for grid in sheets.grids
        if not grid.is_hidden
        for row in range(grid.first_row, grid.first_row + len(grid.rows))
    )


def read_recap(sheets: Sheets, words: Vocabulary, stage: str, choices: Choices = NO_CHOICES) -> RecapContent:
    """Return one row per question, indicator, block and total that a recap states, and the predikat it gives."""
    recap = RecapContent(journal=Journal(choices))
    for grid in sheets.grids:
        count = recap.tally.open(grid)
        header = find_header(grid, words, stage, recap.journal)
        if header is None:
            _read_rest(grid, count, words, recap)
        elif (header := settled(grid, header, recap.journal)).is_unclear:
            recap.tally.rest("header_unclear")
        else:
            _tell_other_stage(grid, header, words, stage, recap.problems)
            _read_rows(grid, header, words, recap)
        report_faults(grid, recap.problems)
    return recap


def _read_rest(grid: Grid, count: int, words: Vocabulary, recap: RecapContent) -> None:
    """Take the predikat from a sheet without a recap's header; anything else there is only counted."""
    is_found = False
    for row in range(grid.first_row, grid.first_row + len(grid.rows) if not grid.is_hidden else grid.first_row):
        given = given_predikat(grid, row, {}, words)
        if given is not None and _is_new(given, recap.rows):
            recap.rows.append(given)
            recap.tally.use(1)
            is_found = True
    if is_found:
        recap.tally.rest("form_text")
        return
    if count:
        kind = "hidden_sheet" if grid.is_hidden else "unknown_sheet_data"
        recap.problems.append(Problem(kind, grid.name, "", str(count)))
    recap.tally.rest("unknown_sheet_data")


def _tell_other_stage(grid: Grid, header: Header, words: Vocabulary, stage: str, problems: list[Problem]) -> None:
    """Report a column of points that by its name belongs to other stages only."""
    column = header.columns["points"]
    for row in range(header.end_row - 1, header.first_row - 1, -1):
        meant = [it for it in words.recap.headers.get(clean(grid.text(row, column)), ()) if it.startswith("points")]
        if meant:
            if stage and "points" not in meant and f"points:{stage}" not in meant:
                text = grid.text(row, column)
                problems.append(Problem("points_of_other_stage", grid.name, address(row, column), text, stage))
            return


def _read_rows(grid: Grid, header: Header, words: Vocabulary, recap: RecapContent) -> None:
    tally = recap.tally
    rows: list[StatedRow] = []
    for row in range(grid.first_row, grid.first_row + len(grid.rows)):
        filled = grid.filled_counts[row - grid.first_row]
        if not filled:
            continue
        if header.first_row <= row < header.end_row:
            tally.ignore("header", filled)
            continue
        is_above = row < header.first_row
        stated = None if is_above else stated_row(grid, row, header.columns, words, recap.journal)
        given = given_predikat(grid, row, header.columns, words, stated)
        if given is not None and not _is_new(given, recap.rows + rows):
            given = None
        used = _cells_of(stated, given)
        rows += [it for it in (stated, given) if it is not None]
        tally.use(used)
        if used:
            tally.ignore("form_text", filled - used)
        else:
            tally.ignore("title" if is_above else _left_aside(grid, row, header, words, recap.problems), filled)
    recap.rows += with_totals_placed(rows, words)
    tally.rest("outside_tables")


def _is_new(given: StatedRow, rows: list[StatedRow]) -> bool:
    """Whether a predikat was not given before in the same words."""
    return all(row.label != given.label for row in rows if row.level is StatedLevel.PREDIKAT)


def _cells_of(stated: StatedRow | None, given: StatedRow | None) -> int:
    """Return how many cells two rows made from the same line hold, none counted twice."""
    cells = {stated.cells.get(name, name) for name in stated.raw} if stated else set()
    return len(cells | (set(given.cells.values()) if given else set()))


def _left_aside(grid: Grid, row: int, header: Header, words: Vocabulary, problems: list[Problem]) -> str:
    """Return the rule for a row that states nothing; figures without a known key are reported."""
    if words.recap.headers.get(clean(grid.text(row, header.columns["key"]))):
        return "header"
    if has_figures(grid, row, header.columns):
        label = next((text for _, text in first_texts(grid, row, header.columns)), "")
        problems.append(Problem("recap_row_not_understood", grid.name, address(row, header.columns["key"]), label))
        return "recap_row_not_understood"
    return "footer"
