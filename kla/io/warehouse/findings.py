"""Findings kept: those of files as they were, those across offices as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from kla.findings import Finding, Severity
from kla.io.warehouse import filed, freshness
from kla.io.warehouse.changes import replace_rows
from kla.io.warehouse.exact import points
from kla.io.warehouse.filed import Filed
from kla.io.warehouse.rows import finding_facts
from kla.io.warehouse.standing import Place
from kla.io.warehouse.tables import standing_finding

_FACTS = [column.name for column in standing_finding.columns if column.name not in ("finding_id", "run_id")]
_OF_CYCLE = "district_code = :district_code AND cycle = :cycle"
_RANK = {Severity.BLOCKING: 0, Severity.WARNING: 1, Severity.INFO: 2}


def replace_standing(connection: Connection, place: Place, findings: Sequence[Finding], run_id: str) -> int:
    """Make the warehouse hold exactly these findings across offices at a place; return how many rows changed."""
    wanted = {}
    for finding in findings:
        facts = dict(zip(_FACTS, finding_facts(finding), strict=True)) | place.parameters()
        finding_id = _id_of(facts)
        wanted[finding_id] = {"finding_id": finding_id, **facts, "run_id": run_id}
    changed = replace_rows(connection, standing_finding, place.parameters(), list(wanted.values()))
    if changed:
        freshness.touch(connection, place.district_code)
    return changed


def _id_of(facts: dict[str, Any]) -> int:
    """Return an id that follows from what the finding says: the same finding has it again tomorrow."""
    digest = hashlib.sha256("\0".join(str(facts[name]) for name in _FACTS).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def current(connection: Connection, district_code: str, cycle: int) -> tuple[Finding, ...]:
    """Return what the offices of a district have to read now: blocking first, then by points at stake and place."""
    files = filed.read(connection, district_code, cycle)
    return now(connection, district_code, cycle, files, of_files(connection, district_code, cycle))


def now(
    connection: Connection,
    district_code: str,
    cycle: int,
    files: Sequence[Filed],
    found_in: Mapping[int, Sequence[Finding]],
) -> tuple[Finding, ...]:
    """Return the same as `current` where the cycle's files, and what was found in each (`of_files`), are known already.

    What was found in files is the view `current_finding`.
    """
    read_now = {it.submission_id for last in (filed.newest(files), filed.in_force(files)) for it in last.values()}
    across = text(f"SELECT * FROM standing_finding WHERE {_OF_CYCLE} ORDER BY finding_id")  # noqa: S608
    rows = connection.execute(across, {"district_code": district_code, "cycle": cycle}).mappings()
    found = [one for submission_id, own in found_in.items() if submission_id in read_now for one in own]
    return tuple(sorted([*found, *map(_finding, rows)], key=_order))


def of_files(connection: Connection, district_code: str, cycle: int) -> dict[int, tuple[Finding, ...]]:
    """Return by submission what was found in each file of a cycle, in force or not, in the order of `current`."""
    sql = text(
        "SELECT f.* FROM finding AS f INNER JOIN submission AS s ON s.submission_id = f.submission_id "
        "WHERE s.district_code = :district_code AND s.cycle = :cycle ORDER BY f.finding_id"
    )
    found: dict[int, list[Finding]] = {}
    for row in connection.execute(sql, {"district_code": district_code, "cycle": cycle}).mappings():
        found.setdefault(row["submission_id"], []).append(_finding(row))
    return {submission_id: tuple(sorted(own, key=_order)) for submission_id, own in found.items()}


def of_question(connection: Connection, place: Place, question_id: str) -> tuple[Finding, ...]:
    """Return the current findings about one question at a stage."""
    return tuple(
        finding
        for finding in current(connection, place.district_code, place.cycle)
        if finding.question_id == question_id and finding.stage in (place.stage, "")
    )


def _order(finding: Finding) -> tuple[Any, ...]:
    return (
        _RANK[finding.severity],
        -finding.points_at_stake,
        *(
            finding.opd_code,
            finding.file_name,
            finding.sheet,
            finding.cell,
            finding.code,
            finding.question_id,
            finding.tell,
        ),
    )


def _finding(row: Any) -> Finding:
    facts = {name: row[name] for name in _FACTS if name != "points_at_stake_hundredths"}
    stake = points(row["points_at_stake_hundredths"])
    told = {"severity": Severity(facts["severity"]), "points_at_stake": stake, "cells": tuple(facts["cells"].split())}
    return Finding(**{**facts, **told})
