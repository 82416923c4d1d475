"""gap.xlsx and findings.xlsx: the lists behind the pages, to sort and send on. Text stays text, bytes stay the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from kla.findings import Finding, Severity
from kla.gaps import Gap
from kla.io.acknowledging import KEY_HEADING, identity
from kla.io.decision_words import decision_words
from kla.io.list_cells import Value
from kla.io.list_sheets import Choice, ListBook, ListSheet
from kla.io.page_lines import NOTHING, grouped
from kla.io.page_loop import read_as, rule_of
from kla.io.page_views import PictureView
from kla.io.page_words import word, words
from kla.submission import Repair
from kla.wording import date_text, written_text

Column = tuple[
    str, float
]  # key of its heading in reports/text.id.yaml, width in characters; 0: hidden, the key as heading
GAP_COLUMNS: tuple[Column, ...] = (
    ("gap.number", 6),
    ("gap.question_id", 10),
    ("gap.question", 60),
    ("gap.indicator", 10),
    ("gap.block", 20),
    ("gap.opd", 16),
    ("gap.cause", 28),
    ("gap.lost", 12),
    ("gap.max", 12),
)
OFFICE_COLUMNS: tuple[Column, ...] = (("gap.opd", 16), ("gap.count", 12), ("gap.lost", 12))
BLOCK_COLUMNS: tuple[Column, ...] = (("gap.block", 60), ("gap.count", 12), ("gap.lost", 12))
FINDING_COLUMNS: tuple[Column, ...] = (
    ("findings.number", 6),
    ("findings.code", 8),
    ("findings.severity", 18),
    ("findings.opd", 16),
    ("findings.stage", 22),
    ("findings.file", 28),
    ("findings.worksheet", 18),
    ("findings.cell", 8),
    ("findings.question", 10),
    ("findings.value", 24),
    ("findings.tell", 60),
    ("findings.fix", 50),
    ("findings.stake", 12),
    ("findings.receipt", 36),
    ("findings.status", 16),
    ("findings.reason", 24),
    ("findings.note", 40),
    (KEY_HEADING, 0),
)
REASON_PLACE = next(place for place, (key, _) in enumerate(FINDING_COLUMNS) if key == "findings.reason")
REPAIR_COLUMNS: tuple[Column, ...] = (
    ("repairs.opd", 16),
    ("repairs.worksheet", 18),
    ("repairs.cell", 8),
    ("repairs.question", 10),
    ("repairs.original", 40),
    ("repairs.result", 40),
    ("repairs.rule", 50),
)


def district_lists(view: PictureView) -> Mapping[str, ListBook]:
    """Return the lists of a district by their file names. They bear the day of its last file, so that most nights find
    them as they are.
    """
    return {"gap.xlsx": gap_workbook(view), "findings.xlsx": findings_workbook(view)}


def gap_workbook(view: PictureView) -> ListBook:
    """Return gap.xlsx: every gap (points), then the same by office and by block, and what it was made of."""
    rows = [_gap_row(view, number, gap) for number, gap in enumerate(view.gaps, 1)]
    offices = grouped((gap.opd_code or word("words.no_office"), gap) for gap in view.gaps)
    blocks = view.picture.instrument.blocks
    by_block = [(f"{b.sheet}: {b.name}", [gap for gap in view.gaps if gap.block_code == b.code]) for b in blocks]
    sheets = (
        _titled("xlsx.gap.sheet", GAP_COLUMNS, rows),
        _titled("xlsx.gap.offices_sheet", OFFICE_COLUMNS, _sums(offices.items())),
        _titled("xlsx.gap.blocks_sheet", BLOCK_COLUMNS, _sums(by_block)),
        _about(view),
    )
    return ListBook(sheets, _last_day(view))


def _titled(
    title: str, columns: Sequence[Column], rows: Sequence[Sequence[Value]], choice: Choice | None = None
) -> ListSheet:
    """Return the sheet of a list; `title` is the key of its name."""
    named = [(word(f"xlsx.{key}") if width else key, width) for key, width in columns]
    return ListSheet(word(title), named, rows, choice)


def findings_workbook(view: PictureView) -> ListBook:
    """Return findings.xlsx of a district: every finding with its place, what to do and the points concerned."""
    receipts = {(row.opd_code, row.sha256): row.receipt_number for row in view.picture.attempts}
    found = [placed.finding for placed in view.findings]
    repairs = [(line.opd_code, line.repair) for line in view.picture.repairs]
    return _findings_book(found, repairs, receipts, _last_day(view))


def _last_day(view: PictureView) -> date:
    """Return the day on which the last file arrived; the day the district is looked at before the first one."""
    return max((row.received_at.date() for row in view.picture.submissions), default=view.picture.as_of)


def findings_list(
    findings: Sequence[Finding],
    made_on: date,
    receipt: str = "",
    repairs: Sequence[Repair] = (),
) -> ListBook:
    """Return the list of one attempt: every finding of that file, in the given order; the same ones, the same bytes.

    `receipt` is the attempt's receipt number; `repairs` are the cells read as something other than written.
    """
    if not findings and not repairs:
        return _empty_list(made_on)
    receipts = {(found.opd_code, found.sha256): receipt for found in findings}
    office = findings[0].opd_code if findings else ""
    return _findings_book(findings, [(office, repair) for repair in repairs], receipts, made_on)


@lru_cache(maxsize=64)
def _empty_list(made_on: date) -> ListBook:
    """Return the list of an attempt in which nothing was found: most of them, in all districts, so it is made once a day."""
    return _findings_book((), (), {}, made_on)


def _findings_book(
    findings: Sequence[Finding],
    repairs: Sequence[tuple[str, Repair]],
    receipts: Mapping[tuple[str, str], str],
    made_on: date,
) -> ListBook:
    rows = [
        _finding_row(number, found, receipts.get((found.opd_code, found.sha256), ""))
        for number, found in enumerate(findings, 1)
    ]
    owed = [row for row, it in enumerate(findings, 2) if it.severity is Severity.WARNING and it.status == "open"]
    sheets = [_titled("xlsx.findings.sheet", FINDING_COLUMNS, rows, _choice(owed) if owed else None)]
    if repairs:
        lines = [_repair_row(code, one) for code, one in repairs]
        sheets.append(_titled("xlsx.repairs.sheet", REPAIR_COLUMNS, lines))
    if owed:
        sheets.append(_reasons())
    return ListBook(sheets, made_on)


def _finding_row(number: int, found: Finding, receipt: str) -> Sequence[Value]:
    return (
        number,
        found.code,
        word(f"severity.{found.severity}.name"),
        found.opd_code or word("words.verifier"),
        _stage_name(found.stage),
        found.file_name,
        found.sheet,
        found.cell,
        found.question_id,
        written_text(found.value),
        found.tell,
        found.fix,
        found.points_at_stake,
        receipt,
        word(f"finding_status.{found.status}.name"),
        "",
        "",
        identity(found),
    )


def _stage_name(stage: str) -> str:
    known = words()["stage"]
    return word(f"stage.{stage}") if isinstance(known, dict) and stage in known else stage


def _repair_row(opd_code: str, repair: Repair) -> Sequence[Value]:
    place = opd_code, repair.sheet, repair.cell, repair.question_id
    return *place, repair.original, read_as(repair), rule_of(repair)


def _reasons() -> ListSheet:
    """Return the sheet that says what each reason means, and how to send the list back."""
    heading = (word("xlsx.reasons.code"), word("xlsx.reasons.label"))
    rows = [heading, *decision_words().reasons.items(), (), ("", word("xlsx.reasons.how"))]
    return ListSheet(word("xlsx.reasons.sheet"), (("", 24), ("", 80)), rows, has_headings=False)


def _choice(rows: Sequence[int]) -> Choice:
    """Return the list of reasons offered in these rows; what they mean is on a sheet of its own."""
    return Choice(
        column=REASON_PLACE,
        rows=rows,
        entries=f"'{word('xlsx.reasons.sheet')}'!$A$2:$A${len(decision_words().reasons) + 1}",
        title=word("xlsx.findings.reason"),
        prompt=word("xlsx.reasons.prompt"),
        error=word("xlsx.reasons.wrong"),
    )


def _gap_row(view: PictureView, number: int, gap: Gap) -> Sequence[Value]:
    return (
        number,
        gap.question_id,
        view.picture.instrument.question(gap.question_id).label,
        gap.indicator_number,
        view.picture.instrument.block(gap.block_code).sheet,
        gap.opd_code or word("words.no_office"),
        word(f"cause.{gap.cause}.name"),
        gap.lost_points,
        gap.max_points,
    )


def _sums(groups: Iterable[tuple[str, Sequence[Gap]]]) -> list[Sequence[Value]]:
    """Return name, number of questions and lost points of each group, dearest first."""
    sums = [(sum((gap.lost_points for gap in gaps), NOTHING), name, gaps) for name, gaps in groups]
    dearest = sorted(sums, key=lambda line: (-line[0], line[1]))
    return [(name, len({gap.question_id for gap in gaps}), lost) for lost, name, gaps in dearest]


def _about(view: PictureView) -> ListSheet:
    """Return the sheet that says which district, stage and day the list is of, and what its losses sum to."""
    shown = view.picture
    score = view.sheet.total.points if view.sheet else NOTHING
    pairs: tuple[tuple[str, Value], ...] = (
        ("district", f"{shown.district.name} ({shown.district.code})"),
        ("cycle", shown.cycle),
        ("stage", word(f"stage.{shown.current_stage}")),
        ("last_day", date_text(_last_day(view)) if shown.submissions else word("words.none")),
        ("max", shown.instrument.max_points),
        ("score", score),
        ("lost", view.lost),
        ("note", word("xlsx.about.note_text")),
        *(("note", word(f"notice.{key}")) for key in shown.notices),
    )
    rows = [(word(f"xlsx.about.{key}"), value) for key, value in pairs]
    return ListSheet(word("xlsx.gap.about_sheet"), (("", 24), ("", 60)), rows, has_headings=False)
