"""The office form: answers and data dukung, each row with its sheet and cells; the seal; what else stands in the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kla import layout
from kla.parsing.grid import CellFault, Grid, Sheets, address
from kla.parsing.journal import NO_CHOICES, Choices, Journal
from kla.parsing.rows import RowReader, answer_row, evidence_row, question_id_of
from kla.parsing.tables import ANSWERS, EVIDENCE, Table, find_tables
from kla.parsing.tally import Tally
from kla.parsing.vocabulary import Vocabulary
from kla.submission import AnswerRow, EvidenceRow, Problem, Seal
from kla.values import clean, text_of

_SEAL_KEYS = frozenset(layout.SEAL_KEYS)
_INPUTS = {ANSWERS: layout.ANSWER_INPUTS, EVIDENCE: tuple(key for key in layout.EVIDENCE_KEYS if key != "question_id")}


@dataclass
class FormContent:
    """What a form gave so far."""

    answers: list[AnswerRow] = field(default_factory=list)
    evidence: list[EvidenceRow] = field(default_factory=list)
    journal: Journal = field(default_factory=Journal)
    tally: Tally = field(default_factory=Tally)
    claimed: dict[tuple[str, int], frozenset[int]] = field(default_factory=dict)  # sheet, row -> columns already read

    @property
    def problems(self) -> list[Problem]:
        """Return the problems noted so far."""
        return self.journal.problems

    def claim(self, table: Table, row: int) -> bool:
        """Take a row's cells for a table; False when another table of the sheet has any of them."""
        line = table.grid.name, row
        taken = self.claimed.get(line)
        if taken is None:
            self.claimed[line] = table.places
            return True
        if not taken.isdisjoint(table.places):
            return False
        self.claimed[line] = taken | table.places
        return True


def find_seal(grids: Sequence[Grid]) -> tuple[Seal | None, str]:
    """Return the seal and the name of its sheet; (None, "") when no sheet holds one."""
    for grid in sorted(grids, key=lambda grid: grid.name != layout.SEAL_SHEET):
        found: dict[str, str] = {}
        for row, column, content in grid.filled():
            if isinstance(content, str) and content.strip() in _SEAL_KEYS:
                found.setdefault(content.strip(), grid.text(row, column + 1))
        if {"district", "opd", "checksum"} <= found.keys():
            return _seal(found), grid.name
    return None, ""


def _seal(found: dict[str, str]) -> Seal:
    given = {key: found.get(key, "") for key in layout.SEAL_KEYS}
    computed = _computed(given)
    return Seal(
        given["district"],
        given["opd"],
        given["cycle"],
        given["stage"],
        given["template_version"],
        given["checksum"],
        given["checksum"] == computed,
    )


def _computed(given: dict[str, str]) -> str:
    ids = given["question_ids"].split()
    return layout.checksum(
        given["district"], given["opd"], given["cycle"], given["stage"], given["template_version"], ids
    )


def looks_like_form(sheets: Sheets, words: Vocabulary, choices: Choices = NO_CHOICES) -> bool:
    """Whether any sheet holds a mark or a table of the form."""
    return any(find_tables(grid, words, Journal(choices)) for grid in sheets.grids)


def read_form(
    sheets: Sheets, words: Vocabulary, seal: Seal | None, seal_sheet: str, choices: Choices = NO_CHOICES
) -> FormContent:
    """Return every row of every table of the form, blank answers included, and every other cell's whereabouts."""
    form = FormContent(journal=Journal(choices))
    if seal is None:
        form.problems.append(Problem("seal_missing"))
    elif not seal.is_intact:
        form.problems.append(Problem("seal_broken", seal_sheet, "", seal.checksum))
    seen: set[str] = set()
    for grid in sheets.grids:
        count = form.tally.open(grid)
        tables = find_tables(grid, words, form.journal)
        if not tables:
            form.tally.rest(_other_sheet(grid, seal_sheet, count, form))
            continue
        for table in tables:
            _check_duplicate(table, seen, form)
            _read_table(table, words, sheets.uses_1904, form)
        form.tally.rest("outside_tables")
        report_faults(grid, form.problems)
        _report_hidden_rows(grid, tables, form)
    return form


def _other_sheet(grid: Grid, seal_sheet: str, count: int, form: FormContent) -> str:
    """Return the name of the rule under which a sheet without tables is left aside, saying so where it matters."""
    name = clean(grid.name)
    rule = {
        layout.COVER_SHEET: "cover",
        layout.LISTS_SHEET: "lists",
        layout.SEAL_SHEET: "seal",
        seal_sheet: "seal",
    }.get(grid.name, "")
    if not rule and name == clean(layout.EVIDENCE_SHEET):
        rule = "outside_tables"
    if not rule and count:
        kind = "hidden_sheet" if grid.is_hidden else "unknown_sheet_data"
        form.problems.append(Problem(kind, grid.name, "", str(count)))
    report_faults(grid, form.problems)
    return rule or "unknown_sheet_data"


def report_faults(grid: Grid, problems: list[Problem]) -> None:
    """Add a problem for each fault of a sheet that is not reported yet: an error cell is never just blank."""
    if not grid.has_faults:
        return
    reported = {(problem.kind, problem.cell) for problem in problems if problem.sheet == grid.name}
    for row, column, content in grid.filled():
        if isinstance(content, CellFault) and (content.kind, address(row, column)) not in reported:
            problems.append(Problem(content.kind, grid.name, address(row, column), content.text))


def _check_duplicate(table: Table, seen: set[str], form: FormContent) -> None:
    name = table.name or table.kind
    if name in seen and table.name:
        cell = address(table.header_row, table.columns["question_id"])
        form.problems.append(Problem("duplicate_table", table.grid.name, cell, name))
    seen.add(name)


def _read_table(table: Table, words: Vocabulary, uses_1904: bool, form: FormContent) -> None:
    tally = form.tally
    for row in range(table.header_row, table.first_row):
        if form.claim(table, row):
            tally.ignore("header", _filled(table, row))
    headers = words.answer_headers if table.kind == ANSWERS else words.evidence_headers
    counts = table.grid.filled_counts
    above = ""  # the question of the row above, where it may hold for the next one too
    for row in range(table.first_row, table.end_row):
        if not counts[row - table.grid.first_row]:
            above = ""
        elif form.claim(table, row):
            above = _read_line(table, row, headers, above, words, uses_1904, form)


def _read_line(
    table: Table,
    row: int,
    headers: Mapping[str, str],
    above: str,
    words: Vocabulary,
    uses_1904: bool,
    form: FormContent,
) -> str:
    """Read one filled row and return its question, "" where it has none."""
    reader = RowReader(table, row, form.journal)
    content = reader.content("question_id")
    written = "" if isinstance(content, CellFault) else text_of(content)
    if headers.get(clean(written)) == "question_id":
        form.tally.ignore("header", _filled(table, row))
        return ""
    question_id, rule = question_id_of(written), "question_id"
    if not question_id and above and content is None and table.kind == EVIDENCE and _is_continued(reader):
        question_id, rule = above, "fill_down"
    if not question_id:
        _leave_row(reader, table, written.strip(), form)
        return ""
    reader.question_id = question_id
    if not reader.may_stand("question_id", written, question_id, rule):
        form.tally.ignore("repair_rejected", _filled(table, row))
        return ""
    _read_row(reader, table, row, question_id, words, uses_1904, form)
    return question_id


def _is_continued(reader: RowReader) -> bool:
    """Whether a row without a question id holds evidence: the id above, written once or merged, holds for it too."""
    return any(value.strip() for key, value in reader.raw(layout.EVIDENCE_KEYS).items() if key != "note")


def _read_row(
    reader: RowReader, table: Table, row: int, question_id: str, words: Vocabulary, uses_1904: bool, form: FormContent
) -> None:
    if table.kind == ANSWERS:
        answer = answer_row(reader, table.grid.name, row, question_id, words)
        form.answers.append(answer)
        form.tally.use(len(answer.raw))
        form.tally.ignore("form_text", reader.filled_count - len(answer.raw))
    else:
        evidence = evidence_row(reader, table.grid.name, row, question_id, words, uses_1904)
        form.evidence.append(evidence)
        form.tally.use(len(evidence.raw))


def _leave_row(reader: RowReader, table: Table, written: str, form: FormContent) -> None:
    """Say which filled row could not be read: without its question it answers nothing, but it is not lost silently."""
    filled = reader.raw(_INPUTS[table.kind])
    if written and (filled or table.kind == EVIDENCE):
        rule = "question_id_not_understood"
        reader.complain(rule, "question_id", written)
    elif any(value.strip() for value in filled.values()):
        rule = "row_without_question"
        reader.complain(rule, "question_id", " | ".join(filled.values()))
    else:
        rule = "form_text"
    form.tally.ignore(rule, reader.filled_count)


def _filled(table: Table, row: int) -> int:
    """Return how many cells of a table's own columns are filled in a row."""
    return sum(table.grid.cell(row, column) is not None for column in table.columns.values())


def _report_hidden_rows(grid: Grid, tables: Sequence[Table], form: FormContent) -> None:
    """Report hidden rows that hold answers or evidence; our own marks and keys are hidden by design."""
    rows = {row for row in grid.hidden_rows for table in tables if table.first_row <= row < table.end_row}
    if not rows:
        return
    read = {row.row - 1 for row in form.answers if row.sheet == grid.name and row.raw}
    read |= {row.row - 1 for row in form.evidence if row.sheet == grid.name}
    if hidden := sorted(rows & read):
        form.problems.append(Problem("hidden_rows", grid.name, address(hidden[0], 0), str(len(hidden))))
