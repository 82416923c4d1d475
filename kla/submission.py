"""What an office handed in: receipts, seals, and the flat rows read from a workbook, each with sheet and cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from kla.district import District, resolve_office


class Layout(StrEnum):
    """What kind of workbook it is."""

    FORM = "form"  # the office form: answers and data dukung, points computed
    RECAP = "recap"  # stated or verified points per question, for any stage
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One file that arrived: its bytes are in the archive under `sha256`; the folder decided district and office.

    `opd_code` is "" for a recap (it speaks for the whole district); `folder_opd` is the folder's name as found.
    `stage` and `cycle` come from the folder for recaps (cycle None = the district's current one), for forms from the seal.
    """

    sha256: str
    district_code: str
    opd_code: str
    folder_opd: str
    stage: str
    cycle: int | None
    layout: Layout
    file_name: str
    path: str  # where the archived copy lies
    size_bytes: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file's place in a district's inbox says about it; fields as in Receipt."""

    opd_code: str
    folder_opd: str
    stage: str
    cycle: int | None
    layout: Layout


@dataclass(frozen=True, slots=True)
class Seal:
    """The form's hidden identity, as written by `kla template`; every field as text, "" when absent."""

    district_code: str
    opd_code: str
    cycle: str
    stage: str
    template_version: str
    checksum: str
    is_intact: bool  # the checksum agrees with the fields and the question ids


@dataclass(frozen=True, slots=True)
class Problem:
    """Something seen while reading that a rule in expectations/ names: kind is a key such as "error_cell"."""

    kind: str
    sheet: str = ""
    cell: str = ""
    value: str = ""
    expected: str = ""
    question_id: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One question's row in an office form, blank or not. Raw texts as written; numbers as understood.

    `level` is the key of the matched level of the question's scale ("" when blank or not matched).
    Numbers are None when blank or not understood (then `problems` of the reading say so).
    `cells` maps each field (answer, value_t2, denominator_t2, value_t1, denominator_t1, note) to its A1 address.
    """

    sheet: str
    row: int
    question_id: str
    answer: str
    level: str
    value_t2: Decimal | None
    denominator_t2: Decimal | None
    value_t1: Decimal | None
    denominator_t1: Decimal | None
    note: str
    cells: Mapping[str, str]
    raw: Mapping[str, str] = field(default_factory=dict)  # field -> text as written, filled cells only


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One row of the data dukung table. `kind` is the matched key ("" when not matched), `dated_on` the date understood.

    `year` is set when only a year was given. `cells` maps question_id, kind, title, number, dated_on, link, note to A1.
    """

    sheet: str
    row: int
    question_id: str
    kind: str
    title: str
    number: str
    dated_on: date | None
    year: int | None
    link: str
    note: str
    cells: Mapping[str, str]
    raw: Mapping[str, str] = field(default_factory=dict)


class StatedLevel(StrEnum):
    """What a row of a recap states points for."""

    QUESTION = "question"
    INDICATOR = "indicator"
    BLOCK = "block"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class StatedRow:
    """One row of a recap: stated or verified points. `key` is question id, indicator number, block code or "total"."""

    sheet: str
    row: int
    level: StatedLevel
    key: str
    label: str
    max_points: Decimal | None
    points: Decimal | None
    reason: str
    offices: str
    cells: Mapping[str, str]  # key, max_points, points, reason, offices -> A1
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where every non-blank cell of a workbook went: loaded + quarantined + sum(ignored) = cells_read.

    Reading knows `used` (cells of rows handed on); which of those are loaded or quarantined is known after validation.
    `ignored` maps a named rule (cover, seal, header, lists, return_sheet, form_text ...) to its count.
    """

    cells_read: int
    used: int
    ignored: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one file gave. A file that could not be read has problems of subject F and no rows."""

    sha256: str
    layout: Layout
    seal: Seal | None
    cycle: int | None
    stage: str
    answers: tuple[AnswerRow, ...]
    evidence: tuple[EvidenceRow, ...]
    stated: tuple[StatedRow, ...]
    problems: tuple[Problem, ...]
    ledger: Ledger
    reader: str  # "calamine" or "openpyxl"


VERIFICATION_FOLDER, RECAP_FOLDER = "_verifikasi", "_rekap"
_STAGES = {VERIFICATION_FOLDER: ("administrasi", "vlh", "final"), RECAP_FOLDER: ("mandiri",)}


def is_submission_name(name: str) -> bool:
    """Whether a file of this name is one that was handed in, not a trace of a program (~$lock, .hidden, Thumbs.db).

    >>> is_submission_name("isian.xlsx"), is_submission_name("~$isian.xlsx")
    (True, False)
    """
    return not name.startswith(("~$", ".", "~WRL")) and name.casefold() not in (
        "thumbs.db",
        "desktop.ini",
        "_kedatangan.csv",
    )


def identify(parts: Sequence[str], district: District) -> Identity | None:
    """Return what the place of a file says: `parts` is its path below the district's inbox folder, file name last.

    <office>/... is a form of that office (opd_code "" where the district has no such office, folder "." for none at all);
    _verifikasi/[<cycle>/]<stage>/... and _rekap/[<cycle>/]mandiri/... are recaps. None where none of this is meant:
    a trace of a program, or an underscore folder of another name or stage.
    """
    if not parts or not is_submission_name(parts[-1]) or any(part.startswith(".") for part in parts):
        return None
    if len(parts) == 1:
        return Identity("", ".", "", None, Layout.FORM)
    if parts[0] in _STAGES:
        folders = list(parts[1:-1])
        cycle = int(folders.pop(0)) if folders and folders[0].isascii() and folders[0].isdigit() else None
        if not folders or folders[0] not in _STAGES[parts[0]]:
            return None
        return Identity("", parts[0], folders[0], cycle, Layout.RECAP)
    office = resolve_office(district, parts[0])
    return Identity(office.code if office else "", parts[0], "", None, Layout.FORM)


# Every kind of Problem the reader can yield; expectations/ holds one rule per kind. "Nothing read": the reading has no rows.
PROBLEM_KINDS: Mapping[str, str] = {
    # The file as a whole, nothing read.
    "encrypted": "Nothing read: protected by a password.",
    "not_a_workbook": "Nothing read: not a workbook by its content. value: what it looks like (pdf, zip, text, empty ...).",
    "damaged": "Nothing read: cut off or broken, no reader can open it. value: the part that is broken, or empty.",
    "too_large": "Nothing read: more bytes than allowed. value: megabytes, expected: the limit in megabytes.",
    "unpacks_too_large": "Nothing read: unpacks to more than allowed. value: what was measured, expected: its limit.",
    "too_many_cells": "Nothing read: the cells with values span too wide an area. sheet; value: the area, expected: limit.",
    "dangerous_xml": "Nothing read: a DTD or entity where none belongs. value: the part of the archive.",
    "timeout": "Nothing read: reading took longer than allowed. expected: the limit in seconds.",
    "reader_died": "Nothing read: the reading process died or ran out of memory. value: the error's kind, if known.",
    "not_our_form": "Nothing read: a workbook, but neither the form nor a recap.",
    "unknown_office": 'The folder is no office of the district; read all the same. value: the folder\'s name, "." for none.',
    # The file as a whole, read all the same.
    "legacy_format": "Read: xls, xlsb or ods instead of xlsx; errors and hidden rows go unseen. value: format.",
    "wrong_layout": "Read: a form in a recap folder or the reverse. value: layout found, expected: layout of the folder.",
    "strict_ooxml": "Read: saved as Strict Open XML.",
    "macro": "Read without running it: the workbook carries macros.",
    "external_link": "Read without following them: links to other workbooks. value: how many.",
    "lying_dimension": "Read in full: the sheet declares a smaller area than it has. sheet; value: declared, expected: real.",
    "readers_disagree": "Two ways of counting the cells differ. sheet; value: cells read, expected: cells counted in the file.",
    "hidden_sheet": "Read: a sheet not ours is hidden and holds values. sheet; value: its number of filled cells.",
    "hidden_rows": "Read: hidden rows hold values. sheet, cell: the first of them; value: how many rows.",
    "unknown_sheet_data": "Not read: a sheet not of the form holds values. sheet; value: its number of filled cells.",
    # The form as a form.
    "seal_missing": "The hidden identity sheet is gone or empty.",
    "seal_broken": "The seal's checksum does not fit its own fields. sheet; value: the checksum found.",
    "tags_missing": "A table's START or END mark is gone; read by its headers. sheet; value: the table (answers, evidence).",
    "machine_keys_missing": "The hidden row of machine keys is gone; visible headers were used. sheet, cell of the header row.",
    "column_missing": "A column of a table cannot be found. sheet; value: machine key, expected: its visible header.",
    "duplicate_table": "The same table stands twice; all copies are read. sheet, cell; value: the table.",
    "row_without_question": "Not read: filled cells in a row whose question id is empty. sheet, cell; value: text found.",
    "question_id_not_understood": "The question id is not one; row not read. sheet, cell; value: text found.",
    # One cell. question_id is that of the row, expected names the field unless said otherwise.
    "error_cell": "The cell holds an Excel error. value: #DIV/0! ...; expected: field, empty outside our tables.",
    "formula_uncached": "The cell holds a formula without a stored result. value: the formula; expected: as above.",
    "number_not_understood": "Not a number. value: text as written.",
    "number_ambiguous": "A number that can be read two ways (1.234). value: text as written.",
    "nil_without_reason": "Nil (nihil, -) was read as 0 and the row's note gives no reason. value: text as written.",
    "date_not_understood": "Neither a date nor a year. value: text as written.",
    "level_not_in_list": "The answer is no level of the question's scale. value: text as written, expected: the labels.",
    "unknown_evidence_kind": "The kind of data dukung is not in the list. value: text as written, expected: the labels.",
    # A recap.
    "recap_row_not_understood": "Not read: a row with figures whose key is unknown. sheet, cell; value: its label.",
}
