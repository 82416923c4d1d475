"""Sheets as rectangles of values, each value at its real place. Pure: whoever opened the file hands these over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from kla.layout import TAG_PREFIX
from kla.values import exact_decimal, text_of


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that holds something, but no value: `kind` is the Problem kind, `text` what stands there (#DIV/0!, =A1+B1)."""

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


Cell = str | float | int | bool | datetime | date | time | timedelta | CellFault | None


@dataclass(frozen=True)
class Grid:
    """One sheet: `rows[i][j]` stands in row `first_row + i`, column `first_column + j`, both counted from 0.

    `hidden_rows` are 0-based rows that are hidden and hold a value; `percents` places whose number Excel shows as a
    percentage.
    """

    name: str
    rows: list[list[Cell]]
    first_row: int = 0
    first_column: int = 0
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    has_faults: bool = False
    percents: frozenset[tuple[int, int]] = frozenset()

    @cached_property
    def _distinct(self) -> frozenset[Cell]:
        return frozenset().union(*self.rows)

    @cached_property
    def contents(self) -> frozenset[Cell]:
        """Return what stands in the sheet, each content once: a quick look whether something stands in it at all."""
        return self._distinct - {None, ""}

    @cached_property
    def texts(self) -> frozenset[str]:
        """Return the texts among the contents."""
        return frozenset([content for content in self.contents if isinstance(content, str)])

    @cached_property
    def marks(self) -> frozenset[str]:
        """Return the texts that bear a mark of ours."""
        return frozenset([text for text in self.contents if isinstance(text, str) and TAG_PREFIX in text])

    @cached_property
    def filled_counts(self) -> list[int]:
        """Return how many cells of each row are not blank."""
        if None not in self._distinct:  # what is read by calamine: it gives "" for a blank
            return [len(line) - line.count("") for line in self.rows]
        return [len(line) - line.count("") - line.count(None) for line in self.rows]

    def cell(self, row: int, column: int) -> Cell:
        """Return the content at a 0-based place; None outside the rectangle and for blanks."""
        row, column = row - self.first_row, column - self.first_column
        if row < 0 or column < 0 or row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        found = self.rows[row][column]
        return None if found == "" else found

    def shown_percent(self, row: int, column: int) -> str:
        """Return the percentage Excel shows at a place ("12,5 %" for 0.125), "" where it shows none."""
        content = self.cell(row, column)
        if (row, column) not in self.percents or not isinstance(content, int | float) or not content:
            return ""
        exact = exact_decimal(content)
        return "" if exact is None else f"{(exact * 100).normalize():f} %".replace(".", ",")

    def filled(self) -> Iterator[tuple[int, int, Cell]]:
        """Yield (row, column, content) of each non-blank cell, row by row."""
        for i, line in enumerate(self.rows, self.first_row):
            for j, content in enumerate(line, self.first_column):
                if content is not None and content != "":
                    yield i, j, content

    def text(self, row: int, column: int) -> str:
        """Return the content at a place as text, trimmed."""
        return text_of(self.cell(row, column)).strip()


@dataclass(frozen=True, slots=True)
class Sheets:
    """All sheets of one workbook; serial dates count from 1904 where `uses_1904`."""

    grids: tuple[Grid, ...]
    uses_1904: bool = False


def column_letters(column: int) -> str:
    """Return the letters of a 0-based column.

    >>> column_letters(0), column_letters(27), column_letters(16383)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return the A1 address of a 0-based place.

    >>> address(11, 5)
    'F12'
    """
    return f"{column_letters(column)}{row + 1}"


def column_number(letters: str) -> int:
    """Return the 0-based column of its letters.

    >>> column_number("XFD")
    16383
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
