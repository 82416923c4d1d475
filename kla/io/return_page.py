"""What a returned workbook says: findings in the order to mend them, the head of the sheet, one note per marked cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import cast

from kla.findings import Finding, Severity
from kla.instrument import Instrument
from kla.io.return_notes import OPENING
from kla.io.return_sheet import Line, Page
from kla.io.return_work import Mark, place_of
from kla.io.word_file import WordFile
from kla.io.yaml_text import Value
from kla.wording import number_text

_FILE = WordFile("return.id.yaml")
_ORDER = tuple(Severity)
_NOTED_AT_MOST = 4
_LAST = (99, "")


@dataclass(frozen=True, slots=True)
class Head:
    """Whose file it is: names as people read them, the receipt number, until when to mend it."""

    office: str
    district: str
    receipt: str
    deadline: str
    cycle: int | None = None


def say(key: str, **fields: object) -> str:
    """Return a text of reports/return.id.yaml by its dotted key with its placeholders filled.

    Raises:
        SettingsError: the file has no such text.
    """
    return str(_FILE.entry(key)).format(**fields)


def says(key: str) -> list[str]:
    """Return a list of texts by its dotted key."""
    return [str(item) for item in cast(list[Value], _FILE.entry(key))]


def in_order(findings: Iterable[Finding], instrument: Instrument | None) -> tuple[Finding, ...]:
    """Return findings in the order to mend them: what holds up the whole file, then by points at stake, then as the form runs."""

    def rank(finding: Finding) -> tuple[object, ...]:
        holds_all = not finding.row_key and finding.severity is Severity.BLOCKING
        place = place_of(finding.cell) or (-1, -1)
        block = _block_rank(finding, instrument)
        return (not holds_all, -finding.points_at_stake, block, finding.sheet, *place, finding.code, finding.tell)

    return tuple(sorted(findings, key=rank))


def _block_rank(finding: Finding, instrument: Instrument | None) -> tuple[int, str]:
    for number, block in enumerate(instrument.blocks if instrument else ()):
        if finding.sheet == block.sheet:
            return number, ""
    return (_LAST[0], finding.sheet) if finding.sheet else (-1, "")


def page_of(findings: Sequence[Finding], head: Head, is_marked: bool) -> Page:
    """Return what stands on the sheet; `findings` are in order, `is_marked` says whether it is the office's own workbook."""
    tones = [severity.value for severity in _ORDER if any(finding.severity is severity for finding in findings)]
    title = say("title", cycle=head.cycle) if head.cycle else say("title_no_cycle")
    values = (head.office, head.district, head.receipt, head.deadline or say("no_deadline"), _count(findings))
    return Page(
        title=title,
        facts=[
            (say(f"facts.{key}"), value)
            for key, value in zip(("office", "district", "receipt", "deadline", "count"), values, strict=True)
            if value
        ],
        steps_heading=say("steps_heading"),
        steps=says("steps" if is_marked else "steps_unmarked"),
        legend_heading=say("legend_heading"),
        legend=[(tone, say(f"legend.{tone}")) for tone in tones],
        headings=says("headings"),
        lines=[_line(finding) for finding in findings],
        nothing=say("nothing"),
    )


def _count(findings: Sequence[Finding]) -> str:
    if not findings:
        return say("count_none")
    counts = Counter(finding.severity for finding in findings)
    parts = [
        say("count_part", count=number_text(counts[severity]), name=say(f"severity.{severity.value}.counted"))
        for severity in _ORDER
        if counts[severity]
    ]
    return say("count", count=number_text(len(findings)), parts=", ".join(parts))


def _line(finding: Finding) -> Line:
    more = len(set(finding.cells) - {finding.cell}) if finding.cell else 0
    return Line(
        tone=finding.severity.value,
        severity=say(f"severity.{finding.severity.value}.name"),
        sheet=finding.sheet or say("whole_file"),
        cell=finding.cell,
        shown_cell=say("cell_more", cell=finding.cell, count=number_text(more)) if more else finding.cell,
        question=finding.question_id,
        tell=finding.tell,
        fix=finding.fix,
        points=finding.points_at_stake if finding.points_at_stake > Decimal(0) else None,
        code=finding.code,
    )


def marks_of(findings: Iterable[Finding]) -> tuple[Mark, ...]:
    """Return one mark per cell that findings speak of: the gravest tone, and a note that tells them all (at most four)."""
    placed = [
        (finding.sheet, cell, finding)
        for finding in findings
        for cell in dict.fromkeys((finding.cell, *finding.cells))
        if place_of(cell)
    ]
    placed.sort(key=lambda entry: (entry[0], entry[1], _ORDER.index(entry[2].severity), entry[2].code))
    marks = []
    for (sheet, cell), group in groupby(placed, key=lambda entry: entry[:2]):
        own = [finding for _, _, finding in group]
        marks.append(Mark(sheet, cell, own[0].severity.value, _note(own)))
    return tuple(marks)


def _note(findings: Sequence[Finding]) -> str:
    told = [
        say("note.heading", code=finding.code, severity=say(f"severity.{finding.severity.value}.name"))
        + "\n"
        + say("note.body", tell=finding.tell, fix=finding.fix)
        for finding in findings[:_NOTED_AT_MOST]
    ]
    if left := len(findings) - len(told):
        told.append(say("note.more", count=number_text(left)))
    return OPENING + "\n\n".join(told)
