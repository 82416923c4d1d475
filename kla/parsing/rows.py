"""One row of a table of the form, cell by cell: what was written, what was understood, what has to be asked back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from kla import layout
from kla.parsing.grid import CellFault
from kla.parsing.tables import Table
from kla.parsing.vocabulary import Vocabulary
from kla.submission import AnswerRow, EvidenceRow, Problem
from kla.values import Day, State, clean, date_of, number_of, text_of

_QUESTION_ID = re.compile(r"(\d{1,2})\s*([a-z]?)\s*[.,:_\s-]*\s*p\s*[.]?\s*(\d{1,2})\s*([a-z]{0,2})\.?")
_LONGEST_ID = 40
EVIDENCE_TEXTS = ("title", "number", "link", "note")


def question_id_of(text: str) -> str:
    """Return a question id as the instrument writes it, "" when the text is none.

    >>> question_id_of(" 14 p10"), question_id_of("21b.P2"), question_id_of("14.10")
    ('14.P10', '21B.P2', '')
    """
    return _question_id(text) if len(text) <= _LONGEST_ID else ""


@lru_cache(maxsize=4096)
def _question_id(text: str) -> str:
    found = _QUESTION_ID.fullmatch(clean(text))
    return f"{int(found[1])}{found[2].upper()}.P{int(found[3])}{found[4]}" if found else ""


class RowReader:
    """Reads the cells of one row of a table, collecting problems; made anew for each row."""

    def __init__(self, table: Table, row: int, problems: list[Problem]) -> None:
        self._line = table.grid.rows[row - table.grid.first_row]
        self._offsets = table.offsets
        self._letters = table.letters
        self._width = len(self._line)
        self._sheet = table.grid.name
        self._number = str(row + 1)
        self._problems = problems
        self.question_id = ""

    def content(self, key: str) -> object:
        """Return what stands in a field; None for a blank or a column that is not there."""
        offset = self._offsets.get(key, self._width)
        if offset >= self._width:
            return None
        found = self._line[offset]
        return None if found == "" else found

    def address(self, key: str) -> str:
        """Return the A1 address of a field, "" when its column is gone."""
        letters = self._letters.get(key)
        return "" if letters is None else letters + self._number

    def text(self, key: str) -> str:
        """Return a field as text, trimmed; a fault is a problem and its text stays in `raw` only."""
        found = self.content(key)
        if isinstance(found, CellFault):
            self.complain(found.kind, key, found.text)
            return ""
        return text_of(found).strip()

    def number(self, key: str) -> tuple[Decimal | None, bool]:
        """Return (number, whether it was written as nil); what is no clear number is asked back."""
        found = self.content(key)
        if isinstance(found, CellFault):
            self.complain(found.kind, key, found.text)
            return None, False
        number = number_of(found)
        if number.state is State.NIL:
            return Decimal(0), True
        if number.state is State.NOT_UNDERSTOOD:
            self.complain("number_not_understood", key, text_of(found))
        elif number.state is State.AMBIGUOUS or number.is_percent:
            self.complain("number_ambiguous", key, text_of(found))
            return None, False
        return number.value, False

    def day(self, key: str, uses_1904: bool) -> Day:
        """Return a date or year; what is neither is asked back."""
        found = self.content(key)
        if isinstance(found, CellFault):
            self.complain(found.kind, key, found.text)
            return Day(State.BLANK)
        day = date_of(found, uses_1904=uses_1904)
        if day.state in (State.NOT_UNDERSTOOD, State.AMBIGUOUS):
            self.complain("date_not_understood", key, text_of(found))
        return day

    def complain(self, kind: str, key: str, value: str, expected: str = "") -> None:
        """Note a problem with one field."""
        problem = Problem(kind, self._sheet, self.address(key), value, expected or key, self.question_id)
        self._problems.append(problem)

    def raw(self, keys: tuple[str, ...]) -> dict[str, str]:
        """Return the filled fields as written."""
        return {key: text_of(found) for key in keys if (found := self.content(key)) is not None}

    def cells(self, keys: tuple[str, ...]) -> Mapping[str, str]:
        """Return field -> A1 address."""
        return {key: self.address(key) for key in keys}


def answer_row(reader: RowReader, sheet: str, row: int, question_id: str, words: Vocabulary) -> AnswerRow:
    """Return a question's row, blank or not."""
    reader.question_id = question_id
    note = reader.text("note")
    answer = reader.text("answer")
    numbers = {}
    for key in layout.NUMBER_KEYS:
        numbers[key], is_nil = reader.number(key)
        if is_nil and not note:
            reader.complain("nil_without_reason", key, text_of(reader.content(key)))
    levels = words.levels.get(question_id, {})
    level = levels.get(clean(answer), "") if answer else ""
    if answer and levels and not level:
        reader.complain("level_not_in_list", "answer", answer, words.labels[question_id])
    keys = layout.ANSWER_INPUTS
    return AnswerRow(
        sheet, row + 1, question_id, answer, level, **numbers, note=note, cells=reader.cells(keys), raw=reader.raw(keys)
    )


def evidence_row(
    reader: RowReader, sheet: str, row: int, question_id: str, words: Vocabulary, uses_1904: bool
) -> EvidenceRow:
    """Return one row of the data dukung table."""
    reader.question_id = question_id
    written = reader.text("kind")
    kind = words.kinds.get(clean(written), "")
    if written and not kind:
        reader.complain("unknown_evidence_kind", "kind", written, words.kind_labels)
    day = reader.day("dated_on", uses_1904)
    texts = {key: reader.text(key) for key in EVIDENCE_TEXTS}
    dated_on: date | None = day.day
    keys = layout.EVIDENCE_KEYS
    return EvidenceRow(
        sheet=sheet,
        row=row + 1,
        question_id=question_id,
        kind=kind,
        dated_on=dated_on,
        year=None if dated_on else day.year,
        cells=reader.cells(keys),
        raw=reader.raw(keys),
        **texts,
    )
