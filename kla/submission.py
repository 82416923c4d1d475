"""What an office handed in: receipts, seals, and the flat rows read from a workbook, each with sheet and cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


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
    `ignored` maps a named rule (cover, seal, header, lists, notes_outside, form_text ...) to its count.
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
