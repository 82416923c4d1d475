"""The lines that pages and workbooks are made of, and how they are put in order. No sentences and no markup here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from kla.district import StageWindow
from kla.findings import Finding, Outcome, Severity
from kla.gaps import Gap
from kla.instrument import Question
from kla.picture import AnswerLine, OfficeLine, Picture
from kla.record import record
from kla.scoring import Cause, QuestionScore, ScoreSheet

EMPTY = "empty"  # the status of an office whose form holds no answer
NOTHING = Decimal("0.00")
TASKS_SHOWN = 6
GAPS_SHOWN = 15
HOLDING_SHOWN = 6
A1 = re.compile(r"([A-Z]+)([0-9]+)")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """A finding and the anchor it has on the findings page, e.g. "A02-3"."""

    finding: Finding
    anchor: str


@dataclass(frozen=True, slots=True)
class LossLine:
    """Points lost for one cause (and, where set, one office): how many questions, how many points."""

    cause: Cause
    opd_code: str
    lost_points: Decimal
    question_count: int


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage: its sheet (None before anything is scored), its window, the change of points from the stage before."""

    stage: str
    sheet: ScoreSheet | None
    window: StageWindow | None
    change: Decimal | None


@dataclass(frozen=True, slots=True)
class CodeLine:
    """All findings of one code: how many, at which severity, the first of them as example."""

    code: str
    severity: Severity
    count: int
    example: PlacedFinding


@dataclass(frozen=True, slots=True)
class RecapLine:
    """A stated figure that cannot stand and the points that count in its place (None: the sum of its rows)."""

    placed: PlacedFinding
    label: str
    counted: Decimal | None


@record(frozen=True, slots=True)
class QuestionLine:
    """One question with everything its row shows; `score` None before the district has any."""

    question: Question
    score: QuestionScore | None
    by_stage: tuple[tuple[str, Decimal], ...]
    owners: tuple[str, ...]
    answers: tuple[AnswerLine, ...]
    evidence_accepted: int
    evidence_rejected: int
    findings: tuple[PlacedFinding, ...]
    is_lead: bool = True


def page_names(codes: Iterable[str]) -> Mapping[str, str]:
    """Return a file name for each code: lower case, letters, digits and hyphens, and no two alike on any file system.

    >>> page_names(["DP3A", "Kec. Kota", "dp3a"])
    {'DP3A': 'dp3a.html', 'Kec. Kota': 'kec-kota.html', 'dp3a': 'dp3a-2.html'}
    """
    names: dict[str, str] = {}
    for code in codes:
        stem = re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-") or "opd"
        name, turn = stem, 2
        while f"{name}.html" in names.values():
            name, turn = f"{stem}-{turn}", turn + 1
        names[code] = f"{name}.html"
    return names


def cell_order(cell: str) -> tuple[int, int, str]:
    """Return what sorts A1 addresses by row, then column.

    >>> sorted(["AA1", "B10", "B2"], key=cell_order)
    ['AA1', 'B2', 'B10']
    """
    match = A1.fullmatch(cell)
    return (int(match[2]), len(match[1]), match[1]) if match else (0, 0, cell)


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """Return what sorts numbers inside texts by their size.

    >>> sorted(["14.P10", "14.P9", "2.P7"], key=natural)
    ['2.P7', '14.P9', '14.P10']
    """
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in re.split(r"([0-9]+)", text) if part)


def is_in(line: OfficeLine) -> bool:
    """Whether a form of the office came, at least part of it can be used, and something is filled in."""
    came = line.submission is not None and line.submission.outcome is not Outcome.REFUSED
    return came and line.status != EMPTY


def is_by_recap(picture: Picture) -> bool:
    """Whether what is known comes from recaps alone: something is scored, and no office has sent a form."""
    return bool(picture.stages) and not any(row.opd_code for row in picture.submissions)


def grouped(pairs: Iterable[tuple[str, Row]]) -> Mapping[str, tuple[Row, ...]]:
    """Return the rows of each key, keys and rows in the order they come."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for key, row in pairs:
        groups[key].append(row)
    return {key: tuple(rows) for key, rows in groups.items()}


def losses(pairs: Iterable[tuple[tuple[Cause, str], Gap]]) -> tuple[LossLine, ...]:
    """Return the lost points of each (cause, office), dearest first."""
    groups: dict[tuple[Cause, str], list[Gap]] = defaultdict(list)
    for key, gap in pairs:
        groups[key].append(gap)
    lines = [
        LossLine(cause, code, sum((gap.lost_points for gap in rows), NOTHING), len({gap.question_id for gap in rows}))
        for (cause, code), rows in groups.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.lost_points, line.cause, line.opd_code)))
