"""What the rules as they are in expectations/ would change for files in force: judged again, compared, nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import text

from kla.decisions import Decision, DecisionKind, in_force
from kla.district import District
from kla.findings import Finding
from kla.io.attachments import with_attachments
from kla.io.judging import by_cycle, every_instrument, history, judge
from kla.io.reading import read_files
from kla.io.warehouse import Warehouse
from kla.io.warehouse.attached import seen_by
from kla.io.warehouse.rejudging import archived
from kla.rule_life import CodeChange, code_changes
from kla.submission import Receipt

Decisions = Mapping[str, Sequence[Decision]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What was judged again, how many originals the archive no longer has, under which rule sets they were judged before."""

    files: int
    missing: int
    judged_under: tuple[str, ...]
    changes: tuple[CodeChange, ...]


def preview(
    warehouse: Warehouse, districts: Mapping[str, District], days: Mapping[str, date], archive: Path
) -> Preview:
    """Return what judging every file in force again would bring and take away, by code; decisions act as they stand."""
    decisions = {code: warehouse.decisions(district) for code, district in districts.items()}
    stored: list[Finding] = []
    found: list[Finding] = []
    receipts: list[Receipt] = []
    missing = 0
    versions: set[str] = set()
    for code, district in districts.items():
        in_force = _in_force(warehouse, code)
        versions |= set(in_force.values())
        held = [it for it in archived(warehouse, district, archive) if (it.opd_code, it.sha256) in in_force]
        there = [it for it in held if Path(it.path).is_file()]
        missing += len(held) - len(there)
        receipts += there
        known = {"", *(it.sha256 for it in there)}  # "": findings across offices
        stored += [
            it for cycle in warehouse.cycles(code) for it in warehouse.findings(code, cycle) if it.sha256 in known
        ]
        found += _across_offices(warehouse, district, days, decisions)
    found += _of_files(warehouse, districts, days, decisions, receipts)
    return Preview(len(receipts), missing, tuple(sorted(versions)), code_changes(stored, found))


def _across_offices(
    warehouse: Warehouse, district: District, days: Mapping[str, date], decisions: Decisions
) -> tuple[Finding, ...]:
    from kla.io.suites import validate_standing

    instruments = every_instrument()
    rows = [
        row
        for cycle in warehouse.cycles(district.code)
        if cycle in instruments
        for stage in warehouse.stages(district.code, instruments[cycle], cycle)
        for row in warehouse.standing_rows(district, instruments[cycle], cycle, stage)
    ]
    return validate_standing(rows, {district.code: district}, instruments, days, decisions)


def _of_files(
    warehouse: Warehouse,
    districts: Mapping[str, District],
    days: Mapping[str, date],
    decisions: Decisions,
    receipts: Sequence[Receipt],
) -> list[Finding]:
    learned = {code: warehouse.learned_aliases(district, days[code]) for code, district in districts.items()}
    rejected = [
        (one.sha256, one.sheet, one.cell)
        for code, taken in decisions.items()
        for one in in_force(taken, days[code])
        if one.kind is DecisionKind.REJECTED_REPAIR and one.sha256
    ]
    readings = read_files(receipts, rejected=rejected, learned=learned)
    # Data dukung counts as it was seen then: only the rules are other ones.
    readings = with_attachments(receipts, readings, lambda _: None, seen=seen_by(warehouse, receipts))
    found: list[Finding] = []
    current = {code: district.cycle for code, district in districts.items()}
    for cycle, pairs in by_cycle(zip(receipts, readings, strict=True), current).items():
        checked, _ = judge(pairs, districts, days, history(warehouse, districts.values(), cycle), decisions)
        found += [finding for file in checked for finding in file.findings]
    return found


def _in_force(warehouse: Warehouse, code: str) -> dict[tuple[str, str], str]:
    """Return (office, sha256) -> the rule set it was judged under, of each file that counts now."""
    sql = text("SELECT opd_code, sha256, suite_version FROM current_submission WHERE district_code = :code")
    with warehouse.reading() as connection:
        return {(row[0], row[1]): row[2] for row in connection.execute(sql, {"code": code})}
