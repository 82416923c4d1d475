"""One row of a table of the form, cell by cell: what was written, what was understood, what has to be asked back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from kla import layout
from kla.dates import Day, date_of
from kla.parsing.grid import CellFault
from kla.parsing.journal import Journal
from kla.parsing.tables import Table
from kla.parsing.vocabulary import Vocabulary
from kla.resolving import Certainty, Names, resolve
from kla.submission import AnswerRow, EvidenceRow, NearMatch, Problem, Repair
from kla.values import State, clean, number_of, text_of

_QUESTION_ID = re.compile(r"(\d{1,2})\s*([a-z]?)\s*[.,:_\s-]*\s*p\s*[.]?\s*(\d{1,2})\s*([a-z]{0,2})\.?")
_LONGEST_ID = 40
NO_DAY = Day(State.BLANK)
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
    """Reads the cells of one row of a table and notes what it met; made anew for each row."""

    def __init__(self, table: Table, row: int, journal: Journal) -> None:
        self._grid, self._row, self._columns = table.grid, row, table.columns
        line = table.grid.rows[row - table.grid.first_row]
        width = len(line)
        self._contents = {
            key: content
            for key, offset in table.offsets.items()
            if offset < width and (content := line[offset]) is not None and content != ""
        }
        self._letters = table.letters
        self._sheet = table.grid.name
        self._frame = table.kind
        self._number = str(row + 1)
        self._journal = journal
        self.question_id = ""

    def content(self, key: str) -> object:
        """Return what stands in a field; None for a blank or a column that is not there."""
        return self._contents.get(key)

    def address(self, key: str) -> str:
        """Return the A1 address of a field, "" when its column is gone."""
        letters = self._letters.get(key)
        return "" if letters is None else letters + self._number

    def written(self, key: str) -> str:
        """Return a field's content exactly as written; a fault is a problem and its text stays in `raw` only."""
        found = self._contents.get(key)
        if isinstance(found, CellFault):
            self.complain(found.kind, key, found.text)
            return ""
        return found if isinstance(found, str) else text_of(found)

    def text(self, key: str) -> str:
        """Return a field as text, trimmed."""
        return self.trimmed(key, self.written(key)) if key in self._contents else ""

    def trimmed(self, key: str, written: str) -> str:
        """Return a field's text without the white space at its ends."""
        text = written.strip()
        return text if len(text) == len(written) or self.may_stand(key, written, text, "trim") else ""

    def number(self, key: str) -> tuple[Decimal | None, bool]:
        """Return (number, whether it was written as nil without a reason); what is no clear number is asked back."""
        found = self._contents.get(key)
        if found is None:
            return None, False
        if isinstance(found, CellFault):
            self.complain(found.kind, key, found.text)
            return None, False
        if self._grid.percents and (shown := self._grid.shown_percent(self._row, self._columns[key])):
            self.complain("number_ambiguous", key, shown)
            return None, False
        number = number_of(found)
        if number.state is State.NOT_UNDERSTOOD:
            self.complain("number_not_understood", key, text_of(found))
            return None, False
        if number.state is State.AMBIGUOUS or number.is_percent:
            self.complain("number_ambiguous", key, text_of(found))
            return None, False
        is_nil = number.state is State.NIL
        value = Decimal(0) if is_nil else number.value
        if isinstance(found, str) and not self.may_stand(
            key, found, plain(value), "number" if found.strip() else "trim"
        ):
            return None, False
        return value, is_nil and not number.reason

    def day(self, key: str, uses_1904: bool) -> Day:
        """Return a date or year; what is neither is asked back."""
        found = self.content(key)
        if found is None:
            return NO_DAY
        if isinstance(found, CellFault):
            self.complain(found.kind, key, found.text)
            return NO_DAY
        day = date_of(found, uses_1904=uses_1904)
        if day.state in (State.NOT_UNDERSTOOD, State.AMBIGUOUS):
            self.complain("date_not_understood", key, text_of(found))
            return day
        read = day.day.isoformat() if day.day else str(day.year or "")
        written = text_of(found)
        return day if self.may_stand(key, written, read, "date" if written.strip() else "trim") else NO_DAY

    def complain(self, kind: str, key: str, value: str, expected: str = "") -> None:
        """Note a problem with one field."""
        problem = Problem(kind, self._sheet, self.address(key), value, expected or key, self.question_id)
        self._journal.problems.append(problem)

    def may_stand(self, key: str, written: str, read: str, rule: str) -> bool:
        """Note that a field is read as something other than written, if it is; False where a steward forbade that."""
        if written == read:
            return True
        row_key = f"{self._sheet}!{self._number}"
        place = self._sheet, self.address(key), self._frame, key, row_key, self.question_id
        return self._journal.may_stand(Repair(*place, written, read, rule))

    def meaning(self, key: str, text: str, names: Names, kind: str, words: Vocabulary) -> str:
        """Return what a text that is no known name certainly means, "" for nothing; a near name is left to a steward."""
        learned = self._journal.choices.learned.get(kind, {})
        found = resolve(text, names, learned, words.limits.get(kind))
        if found.certainty is Certainty.NEAR:
            near = NearMatch(kind, text, found.name, found.score, self._sheet, self.address(key))
            self._journal.near.append(near)
        return found.candidate if found.certainty is Certainty.CERTAIN else ""

    def raw(self, keys: tuple[str, ...]) -> dict[str, str]:
        """Return the filled fields as written."""
        contents = self._contents
        return {
            key: found if isinstance(found, str) else text_of(found)  # most are texts, and a call costs more
            for key in keys
            if (found := contents.get(key)) is not None
        }

    @property
    def filled_count(self) -> int:
        """Return how many of the row's fields are filled."""
        return len(self._contents)

    def cells(self, keys: tuple[str, ...]) -> Mapping[str, str]:
        """Return field -> A1 address."""
        letters, number = self._letters, self._number
        return {key: letters[key] + number if key in letters else "" for key in keys}


def plain(value: Decimal | None) -> str:
    """Return a number as repairs show it: decimal point, no grouping; "" for none.

    >>> plain(Decimal("1234.50")), plain(None)
    ('1234.50', '')
    """
    return "" if value is None else f"{value:f}"


def answer_row(reader: RowReader, sheet: str, row: int, question_id: str, words: Vocabulary) -> AnswerRow:
    """Return a question's row, blank or not."""
    reader.question_id = question_id
    note = reader.text("note")
    numbers = {}
    for key in layout.NUMBER_KEYS:
        numbers[key], is_nil = reader.number(key)
        if is_nil and not is_reason(note):
            reader.complain("nil_without_reason", key, text_of(reader.content(key)))
    answer, level = _level(reader, question_id, words)
    keys = layout.ANSWER_INPUTS
    return AnswerRow(
        sheet, row + 1, question_id, answer, level, **numbers, note=note, cells=reader.cells(keys), raw=reader.raw(keys)
    )


def is_reason(note: str) -> bool:
    """Whether a note says anything: a second "nihil" or a dash is no reason for the first."""
    return bool(note) and number_of(note).state is not State.NIL


def _level(reader: RowReader, question_id: str, words: Vocabulary) -> tuple[str, str]:
    """Return (answer as text, key of the level); ("", "") where a steward forbade to understand it."""
    levels = words.levels.get(question_id)
    if not levels:
        return reader.text("answer"), ""
    written = reader.written("answer")
    answer = written.strip()
    if not answer:
        return reader.trimmed("answer", written), ""
    level = levels.get(clean(answer), "") or _likely_level(reader, answer, question_id, words)
    if not level:
        reader.complain("level_not_in_list", "answer", answer, words.labels[question_id])
        return answer, ""
    may = reader.may_stand("answer", written, words.level_texts[question_id][level], "level")
    return (answer, level) if may else ("", "")


def _likely_level(reader: RowReader, answer: str, question_id: str, words: Vocabulary) -> str:
    """Return the key of the level an answer of other spelling certainly means; a steward's choice names its label."""
    texts = words.level_texts[question_id]
    label = reader.meaning("answer", answer, Names({text: text for text in texts.values()}), "level", words)
    return next((key for key, text in texts.items() if text == label), "")


def evidence_row(
    reader: RowReader, sheet: str, row: int, question_id: str, words: Vocabulary, uses_1904: bool
) -> EvidenceRow:
    """Return one row of the data dukung table."""
    reader.question_id = question_id
    kind = _kind(reader, words)
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


def _kind(reader: RowReader, words: Vocabulary) -> str:
    written = reader.written("kind")
    if not written.strip():
        return reader.trimmed("kind", written)
    kind = words.kinds.get(clean(written), "")
    if not kind:
        label = reader.meaning("kind", written.strip(), words.kind_names, "kind", words)
        kind = words.kinds.get(clean(label), "")
    if not kind:
        reader.complain("unknown_evidence_kind", "kind", written.strip(), words.kind_labels)
        return ""
    return kind if reader.may_stand("kind", written, words.kind_texts[kind], "kind") else ""
