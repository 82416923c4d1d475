"""One row of a recap: what it states points for, how many, and why."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kla.parsing.grid import CellFault, Grid, address
from kla.parsing.journal import Journal
from kla.parsing.recap_sums import sum_named
from kla.parsing.rows import plain, question_id_of
from kla.parsing.vocabulary import Vocabulary
from kla.submission import Problem, Repair, StatedLevel, StatedRow
from kla.values import State, number_of, text_of

_FIELDS = ("key", "label", "max_points", "points", "reason", "offices")


def first_texts(grid: Grid, row: int, columns: Mapping[str, int]) -> list[tuple[int, str]]:
    """Return (column, text) of what may name a row: its key, its label, whatever stands first."""
    places = [columns["key"], columns.get("label", -1), grid.first_column]
    found = [(column, text_of(grid.cell(row, column))) for column in places if column >= 0]
    return [(column, text) for column, text in found if text.strip()]


def stated_row(
    grid: Grid, row: int, columns: Mapping[str, int], words: Vocabulary, journal: Journal
) -> StatedRow | None:
    """Return what a row states; None for a row that names nothing known, or whose reading a steward rejected."""
    texts = first_texts(grid, row, columns)
    found = _level_and_key([text for _, text in texts], words, has_figures=has_figures(grid, row, columns))
    if found is None:
        return None
    level, key = found
    columns = {name: columns[name] for name in _FIELDS if name in columns}
    if "label" not in columns and level is StatedLevel.TOTAL:
        columns["label"] = grid.first_column
    reader = _Reader(grid, row, columns, key if level is StatedLevel.QUESTION else "", journal)
    if level is StatedLevel.QUESTION and not reader.may_stand("key", *texts[0], key, "question_id"):
        return None
    contents = {name: grid.cell(row, column) for name, column in columns.items()}
    return StatedRow(
        sheet=grid.name,
        row=row + 1,
        level=level,
        key=key,
        label=reader.text("label") or texts[0][1].strip(),
        max_points=reader.number("max_points"),
        points=reader.number("points"),
        reason=reader.text("reason"),
        offices=reader.text("offices"),
        cells={name: address(row, column) for name, column in columns.items()},
        raw={name: text_of(content) for name, content in contents.items() if content is not None},
    )


def _level_and_key(texts: list[str], words: Vocabulary, *, has_figures: bool) -> tuple[StatedLevel, str] | None:
    if not texts:
        return None
    if question_id := question_id_of(texts[0]):
        return StatedLevel.QUESTION, question_id
    found = (sum_named(text, words, has_figures=has_figures) for text in texts)
    return next((it for it in found if it), None)


def has_figures(grid: Grid, row: int, columns: Mapping[str, int]) -> bool:
    """Whether a row holds a number, or a cell that should hold one, where points or maxima stand."""
    for key in ("points", "max_points"):
        column = columns.get(key)
        content = None if column is None else grid.cell(row, column)
        if isinstance(content, CellFault) or (content is not None and number_of(content).state is State.VALUE):
            return True
    return False


class _Reader:
    """Reads the cells of one row and notes what it met."""

    def __init__(self, grid: Grid, row: int, columns: Mapping[str, int], question_id: str, journal: Journal) -> None:
        self._grid, self._row, self._columns = grid, row, columns
        self._question_id, self._journal = question_id, journal

    def may_stand(self, name: str, column: int, written: str, read: str, rule: str) -> bool:
        """Note that a cell is read as something other than written, if it is; False where a steward forbade that."""
        if written == read:
            return True
        place = self._grid.name, address(self._row, column), "stated", name, f"{self._grid.name}!{self._row + 1}"
        return self._journal.may_stand(Repair(*place, self._question_id, written, read, rule))

    def text(self, name: str) -> str:
        """Return a field as text, trimmed; "" where the recap has no such column."""
        column = self._columns.get(name)
        if column is None:
            return ""
        content = self._grid.cell(self._row, column)
        written = text_of(content)
        text = written.strip()
        if isinstance(content, CellFault) or self.may_stand(name, column, written, text, "trim"):
            return text
        return ""

    def number(self, name: str) -> Decimal | None:
        """Return points; None for a blank, and for what has to be asked back. Points are never thousands."""
        column = self._columns.get(name)
        content = None if column is None else self._grid.cell(self._row, column)
        if column is None or content is None:
            return None
        if isinstance(content, CellFault):
            self._complain(content.kind, name, column, content.text)
            return None
        if shown := self._grid.shown_percent(self._row, column):
            self._complain("number_ambiguous", name, column, shown)
            return None
        number = number_of(content, asks_back=False)
        if number.state is State.NOT_UNDERSTOOD:
            self._complain("number_not_understood", name, column, text_of(content))
            return None
        if number.state is State.AMBIGUOUS or number.is_percent:
            self._complain("number_ambiguous", name, column, text_of(content))
            return None
        value = Decimal(0) if number.state is State.NIL else number.value
        written = text_of(content)
        return (
            value
            if self.may_stand(name, column, written, plain(value), "number" if written.strip() else "trim")
            else None
        )

    def _complain(self, kind: str, name: str, column: int, value: str) -> None:
        place = self._grid.name, address(self._row, column)
        self._journal.problems.append(Problem(kind, *place, value, name, self._question_id))
