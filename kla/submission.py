"""What an office handed in: receipts, seals, and the flat rows read from a workbook, each with sheet and cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

from kla.district import District
from kla.office_names import meant_office
from kla.problem_kinds import PROBLEM_KINDS
from kla.record import record
from kla.resolving import Certainty, Limits

__all__ = [
    "PROBLEM_KINDS",
    "REPAIR_RULES",
    "AnswerRow",
    "EvidenceRow",
    "Identity",
    "Layout",
    "Ledger",
    "NearMatch",
    "Problem",
    "Reading",
    "Receipt",
    "Repair",
    "Seal",
    "StatedLevel",
    "StatedRow",
    "identify",
    "is_submission_name",
]


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


@record(frozen=True, slots=True)
class Problem:
    """Something seen while reading that a rule in expectations/ names: kind is a key such as "error_cell"."""

    kind: str
    sheet: str = ""
    cell: str = ""
    value: str = ""
    expected: str = ""
    question_id: str = ""


class _Row:
    """A row as it goes from process to process, tens of thousands a night: its values in order, and made anew of them.

    What a dataclass with slots does by itself asks for its fields each time, and costs twice that.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[type[_Row], tuple[object, ...]]:
        return type(self), _VALUES[type(self)](self)


@record(frozen=True, slots=True)
class AnswerRow(_Row):
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


@record(frozen=True, slots=True)
class EvidenceRow(_Row):
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


_VALUES: Mapping[type[_Row], Callable[[_Row], tuple[object, ...]]] = {
    row: attrgetter(*row.__match_args__) for row in (AnswerRow, EvidenceRow)
}


class StatedLevel(StrEnum):
    """What a row of a recap states points for."""

    QUESTION = "question"
    INDICATOR = "indicator"
    BLOCK = "block"
    TOTAL = "total"
    PREDIKAT = "predikat"  # no points: the predikat as it is given


@dataclass(frozen=True, slots=True)
class StatedRow:
    """One row of a recap: stated or verified points. `key` is question id, indicator number, block code or "total".

    A given predikat is a row of its own (key "predikat"): its `label` is the predikat's name as the bands print it, "" for
    none, or the text as written where that is no predikat.
    """

    sheet: str
    row: int
    level: StatedLevel
    key: str
    label: str
    max_points: Decimal | None
    points: Decimal | None
    reason: str
    offices: str
    cells: Mapping[str, str]  # key, max_points, points, reason, offices, predikat -> A1
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


@record(frozen=True, slots=True)
class Repair:
    """One automatic change: the cell's understood content (`result`) is not what is written there (`original`).

    One per cell: `result` is what was understood, in plain writing (numbers with a decimal point, ISO dates, labels as
    printed); where that is, sign for sign, what stands there, nothing was repaired. `rule` is a key of REPAIR_RULES.
    `frame` (answers, evidence, stated, "" for headers and the file), `field` and `row_key` ("Klaster III!12"; "" where it
    belongs to no row) say where it belongs, `question_id` is that of the row. An office alias has no cell.
    """

    sheet: str
    cell: str
    frame: str
    field: str
    row_key: str
    question_id: str
    original: str
    result: str
    rule: str


REPAIR_RULES: Mapping[str, str] = {
    "trim": "A text without the white space at its ends. result: the text, '' when nothing else stood there.",
    "number": "A text read as a number. result: the number, decimal point.",
    "date": "A text or serial read as a date or year. result: ISO date, or year.",
    "level": "A label of other case or spacing read as a level's label. result: the label.",
    "question_id": "A question id of other case or spacing. result: the id.",
    "kind": "A kind of data dukung of other case, spacing or by its key. result: the kind's label.",
    "header": "A header of another spelling taken for a column. result: the header meant.",
    "office_alias": "A folder or text taken for an office it does not name exactly. result: the office's code.",
    "fill_down": "A blank question id taken from the row above. original is empty; result: the id.",
}


@dataclass(frozen=True, slots=True)
class NearMatch:
    """A text that is near something known, but not near enough to be taken without asking; for a steward's queue.

    `kind` is office, header, level or kind (of data dukung); `candidate` what it may mean (an office's code, a header, a label),
    `score` 0 to 100.
    """

    kind: str
    text: str
    candidate: str
    score: int
    sheet: str = ""
    cell: str = ""


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
    repairs: tuple[Repair, ...] = ()
    near: tuple[NearMatch, ...] = ()
    attachments: Mapping[str, str] = field(default_factory=dict)  # name of a file beside the form, cleaned -> sha256


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


def identify(
    parts: Sequence[str], district: District, learned: Mapping[str, str] | None = None, limits: Limits | None = None
) -> Identity | None:
    """Return what the place of a file says: `parts` is its path below the district's inbox folder, file name last.

    <office>/... is a form of that office (opd_code "" where the district has no such office, folder "." for none at all);
    _verifikasi/[<cycle>/]<stage>/... and _rekap/[<cycle>/]mandiri/... are recaps. None where none of this is meant:
    a trace of a program, or an underscore folder of another name or stage. `learned` are folder names stewards gave an
    office's code; within `limits` a misspelt name is taken too.
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
    office = meant_office(district, parts[0], learned or {}, limits)
    code = office.candidate if office.certainty is Certainty.CERTAIN else ""
    return Identity(code, parts[0], "", None, Layout.FORM)
