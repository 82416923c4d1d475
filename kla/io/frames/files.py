"""Frame `files`: one row per file, its seal beside what its folder says. Frame `problems`: what the reader saw."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import cast

from kla.decisions import ADMITTED
from kla.district import District, StageWindow
from kla.io.desk_words import entry
from kla.io.frames.context import Handed
from kla.io.frames.table import Frame, columns_of, typed
from kla.io.value_words import quoted, ranged
from kla.layout import ANSWER_HEADERS, EVIDENCE_HEADERS, TEMPLATE_VERSION, header_texts
from kla.repairs import places
from kla.submission import Layout, Problem, Seal, StatedLevel
from kla.wording import moment_text

NAMED_AT_MOST = 12
# Fields a verdict hangs on: without them the row cannot count. A fault in another field leaves the row its worth.
DECIDING = frozenset(
    {
        "answer",
        "value_t2",
        "denominator_t2",
        "value_t1",
        "denominator_t1",
        "question_id",
        "kind",
        "dated_on",
        "key",
        "points",
    }
)
# Problems that leave a cell empty for us although something stands in it.
SPOILING = frozenset(
    {
        "error_cell",
        "formula_uncached",
        "number_not_understood",
        "number_ambiguous",
        "level_not_in_list",
        "unknown_evidence_kind",
        "date_not_understood",
    }
)
RECAP_HEADERS = {
    "key": "Kode pertanyaan",
    "label": "Uraian",
    "max_points": "Nilai maksimum",
    "points": "Nilai",
    "reason": "Alasan",
    "offices": "Perangkat daerah",
}
_ROW = re.compile(r"\d+$")


def listed(names: Sequence[str], at_most: int = NAMED_AT_MOST) -> str:
    """Return names in a row, the rest only counted.

    >>> listed(["1.P1", "1.P2a", "1.P2b"], at_most=2)
    '1.P1, 1.P2a, dan 1 lainnya'
    """
    shown = ", ".join(names[:at_most])
    return shown if len(names) <= at_most else f"{shown}, dan {len(names) - at_most} lainnya"


def _missing(handed: Handed) -> list[str]:
    """Return the question ids the file should hold and does not; only of a file that was read."""
    reading, setting = handed.reading, handed.setting
    if reading.layout is Layout.FORM and reading.answers:
        there = {row.question_id for row in reading.answers}
        return [key for key in setting.owned.get(handed.subject.opd_code, ()) if key not in there]
    if reading.layout is Layout.RECAP and any(row.level is StatedLevel.QUESTION for row in reading.stated):
        there = {row.key for row in reading.stated}
        return [key for key, facts in setting.facts.items() if key not in there and facts.max_points]
    return []


def _window(handed: Handed, cycle: int | None) -> StageWindow | None:
    """Return the window of the file's stage in a cycle of its district; None when the calendar has none."""
    windows = handed.setting.district.windows(cycle)
    return next((window for window in windows if window.stage == handed.subject.stage), None)


def _opening(district: District, cycle: int) -> date:
    return min((window.opens_on for window in district.windows(cycle)), default=date.max)


def _expected_cycle(handed: Handed) -> int:
    """Return the cycle a file must be for: its folder's; else the latest that had begun when the file arrived.

    Without a calendar that says so it is the district's current one. A file that comes while the stage it is sealed for
    is open is right whatever other cycle has begun; so is one of any cycle in the calendar where no cycle had begun.
    """
    district, arrived_on = (
        handed.setting.district,
        handed.receipt.received_at.astimezone(handed.setting.district.zone).date(),
    )
    if handed.receipt.cycle is not None:
        return handed.receipt.cycle
    own = _window(handed, handed.subject.cycle) if handed.subject.cycle in district.calendar else None
    if own is not None and handed.subject.cycle and own.opens_on <= arrived_on <= own.closes_on:
        return handed.subject.cycle
    if handed.subject.cycle in district.calendar and arrived_on < min(_opening(district, c) for c in district.calendar):
        return handed.subject.cycle or district.cycle
    begun = [c for c, windows in district.calendar.items() if any(w.opens_on <= arrived_on for w in windows)]
    return max(begun, default=district.cycle)


def _late(handed: Handed) -> tuple[bool, date | None]:
    window = _window(handed, handed.subject.cycle)
    if window is None:
        return False, None
    return handed.receipt.received_at > window.closes_at(handed.setting.district.zone), window.closes_on


def is_owner(opd_code: str, seal: Seal | None) -> bool:
    """Whether the form was issued for the office in whose folder it came; without a seal, or an office, nobody can tell."""
    return seal is None or not opd_code or seal.opd_code == opd_code


def _file_row(handed: Handed) -> dict[str, object]:
    reading, subject, setting, seal = handed.reading, handed.subject, handed.setting, handed.reading.seal
    missing = _missing(handed)
    repaired = places(reading.repairs)
    is_late, closes_on = _late(handed)
    is_admitted = any(problem.kind == ADMITTED for problem in reading.problems)
    is_form = reading.layout is Layout.FORM
    cycle = _expected_cycle(handed)
    seal_cycle = (seal.cycle if seal else "") or str(reading.cycle or "")
    return {
        "is_form": is_form,
        "is_recap": reading.layout is Layout.RECAP,
        "has_seal": seal is not None,
        "has_district": bool(subject.district_code),
        "is_seal_office_known": seal is None or setting.district.has_office(seal.opd_code),
        "district_code": subject.district_code,
        "opd_code": subject.opd_code,
        "expected_cycle": cycle,
        "seal_district": seal.district_code if seal else "",
        "seal_opd": seal.opd_code if seal else "",
        "seal_cycle": seal_cycle,
        "seal_stage": seal.stage if seal else "",
        "seal_version": seal.template_version if seal else "",
        "template_version": TEMPLATE_VERSION,
        "is_district_right": seal is None or seal.district_code == subject.district_code,
        "is_office_right": is_owner(subject.opd_code, seal),
        "is_cycle_right": not seal_cycle or seal_cycle == str(cycle),
        "is_stage_known": not subject.stage or subject.stage in setting.instrument.stages,
        "stage": subject.stage,
        "stages": ", ".join(setting.instrument.stages),
        "rows": len(reading.answers) + len(reading.stated),
        "answered": sum(not row.raw.keys() <= {"note"} for row in reading.answers) + len(reading.stated),
        "missing": len(missing),
        "missing_ids": listed(missing),
        "repaired": sum(map(len, repaired.values())),
        "repaired_cells": "; ".join(f"{quoted(sheet)}!{ranged(cells)}" for sheet, cells in repaired.items()),
        "is_late": is_late,
        "is_shut_out": is_late and is_form and not is_admitted,
        "received": moment_text(handed.receipt.received_at, setting.district.zone),
        "closes_on": closes_on,
    }


def files_frame(handed: Sequence[Handed]) -> Frame:
    """Return one row per file: layout, seal against folder and district, questions missing, on time or late."""
    found = [_file_row(one) for one in handed]
    columns = columns_of("files")
    data = {name: [row[name] for row in found] for name in (found[0] if found else columns)}
    return Frame(
        "files",
        typed(columns, data),
        [one.subject for one in handed],
        [""] * len(handed),
        [0] * len(handed),
        [{}] * len(handed),
        ["files"] * len(handed),
    )


def row_of(cell: str) -> int:
    """Return the Excel row of an A1 address; 0 when there is none.

    >>> row_of("F12"), row_of("")
    (12, 0)
    """
    found = _ROW.search(cell)
    return int(found.group()) if found else 0


def row_homes(handed: Handed) -> dict[tuple[str, int], str]:
    """Return (sheet, row) -> the frame the row is handed on in."""
    reading = handed.reading
    homes = {(row.sheet, row.row): "answers" for row in reading.answers}
    homes.update({(row.sheet, row.row): "evidence" for row in reading.evidence})
    homes.update({(row.sheet, row.row): "stated" for row in reading.stated})
    return homes


def _is_deciding(problem: Problem) -> bool:
    """Whether the problem takes away what a verdict hangs on; a missing column is named by `value`, a field by `expected`."""
    if problem.kind == "column_missing":
        return problem.value in DECIDING - {"kind", "dated_on"}
    return problem.expected in DECIDING


def spoiled_rows(handed: Handed) -> set[tuple[str, int]]:
    """Return (sheet, row) of the rows from which a problem took some content away."""
    return {(p.sheet, row_of(p.cell)) for p in handed.reading.problems if p.kind in SPOILING}


@cache
def _headers(years: tuple[int, int]) -> Mapping[str, str]:
    return RECAP_HEADERS | header_texts(EVIDENCE_HEADERS, years) | header_texts(ANSWER_HEADERS, years)


def _shown(problem: Problem) -> str:
    """Return the problem's value as people call it: a kind of file by its Indonesian name."""
    if problem.kind != "not_a_workbook":
        return problem.value
    names = cast(Mapping[str, str], entry("file_type"))
    return names.get(problem.value, problem.value)


def problems_frame(handed: Sequence[Handed]) -> Frame:
    """Return one row per problem; its home is the row it was seen in, if that row is handed on."""
    items: list[tuple[Problem, Handed, int, str]] = []
    for one in handed:
        homes = row_homes(one) if one.reading.problems else {}
        for problem in one.reading.problems:
            row = row_of(problem.cell)
            items.append((problem, one, row, homes.get((problem.sheet, row), "problems")))
    facts = [one.setting.of(problem.question_id) for problem, one, _, _ in items]
    data: dict[str, Sequence[object]] = {
        "kind": [problem.kind for problem, *_ in items],
        "value": [_shown(problem) for problem, *_ in items],
        "expected": [problem.expected for problem, *_ in items],
        "question_id": [problem.question_id for problem, *_ in items],
        "label": [fact.label for fact in facts],
        "max_points": [fact.max_points for fact in facts],
        "field": [
            _headers(one.setting.instrument.evidence_years).get(problem.expected, problem.expected)
            for problem, one, _, _ in items
        ],
        "is_percent": [problem.value.rstrip().endswith("%") for problem, *_ in items],
        "is_deciding": [_is_deciding(problem) for problem, *_ in items],
    }
    return Frame(
        "problems",
        typed(columns_of("problems"), data),
        [one.subject for _, one, _, _ in items],
        [problem.sheet for problem, *_ in items],
        [row for _, _, row, _ in items],
        [{"cell": problem.cell} for problem, *_ in items],
        [home for *_, home in items],
    )
