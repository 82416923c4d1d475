"""Attempts of an office: every version of its form, what differs from the one before, what was mended in reading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from sqlalchemy import Connection, text

from kla.delta import CellChange, WrittenRow, cell_changes
from kla.district import District
from kla.findings import Finding, Outcome
from kla.io.warehouse import filed, findings
from kla.io.warehouse.filed import Filed
from kla.picture import Attempt, RepairLine
from kla.receipts import receipt_number
from kla.submission import Repair

_FIELDS = tuple(Repair.__dataclass_fields__)
_ROWS = (
    "SELECT 'answers' AS frame, sheet, sheet_row, question_id, written FROM answer WHERE submission_id = :id "
    "UNION ALL "
    "SELECT 'evidence' AS frame, sheet, sheet_row, question_id, written FROM evidence WHERE submission_id = :id "
    "ORDER BY frame, sheet, sheet_row"
)


@dataclass(frozen=True, slots=True)
class Told:
    """The files of a district and cycle, and by submission what was found and mended in each."""

    district: District
    cycle: int
    files: tuple[Filed, ...]
    findings: Mapping[int, tuple[Finding, ...]]
    repairs: Mapping[int, Sequence[Repair]]

    def attempt(self, file: Filed, changes: tuple[CellChange, ...] = ()) -> Attempt:
        """Return one of the files as the attempt it was."""
        place = self.district.code, file.opd_code, self.cycle, file.stage
        return Attempt(
            opd_code=file.opd_code,
            stage=file.stage,
            version=file.version,
            receipt_number=receipt_number(*place, file.version, file.sha256),
            sha256=file.sha256,
            file_name=file.file_name,
            received_at=datetime.fromisoformat(file.received_at).astimezone(self.district.zone),
            outcome=Outcome(file.outcome),
            changes=changes,
            findings=self.findings.get(file.submission_id, ()),
            repairs=tuple(self.repairs.get(file.submission_id, ())),
        )


def told(connection: Connection, district: District, cycle: int) -> Told:
    """Return what attempts are told from, all of a district and cycle at once."""
    files = filed.read(connection, district.code, cycle)
    found = findings.of_files(connection, district.code, cycle)
    return Told(district, cycle, files, found, mended(connection, district.code, cycle))


def mended(connection: Connection, district_code: str, cycle: int) -> dict[int, list[Repair]]:
    """Return by submission what was mended in reading each file of a district and cycle, in the order of the file."""
    sql = text(
        "SELECT r.* FROM repair AS r INNER JOIN submission AS s ON s.submission_id = r.submission_id "
        "WHERE s.district_code = :district_code AND s.cycle = :cycle ORDER BY r.repair_id"
    )
    found: dict[int, list[Repair]] = {}
    for row in connection.execute(sql, {"district_code": district_code, "cycle": cycle}).mappings():
        found.setdefault(row["submission_id"], []).append(Repair(**{name: row[name] for name in _FIELDS}))
    return found


def of_forms(connection: Connection, told: Told, stage: str, opd_code: str | None = None) -> tuple[Attempt, ...]:
    """Return the versions of every office's form (or one office's) at a stage, by office and version.

    A refused version has no rows: the next one is held against the last that was read.
    """
    written = cache(partial(_written, connection))  # most files are held against the one before and the one after
    found: list[Attempt] = []
    read: dict[str, int] = {}  # office -> its last version that was read
    for file in told.files:
        office = file.opd_code
        if file.stage != stage or not office or opd_code not in (None, office):
            continue
        changes: tuple[CellChange, ...] = ()
        if not file.is_refused:
            if office in read:
                changes = cell_changes(written(read[office]), written(file.submission_id))
            read[office] = file.submission_id
        found.append(told.attempt(file, changes))
    return tuple(found)


def of_recaps(connection: Connection, told: Told) -> tuple[Attempt, ...]:
    """Return the versions of every stage's recap, by stage and version: what goes back to whoever sent them.

    A file from a recap's folder that turned out to be something else is one too.
    """
    if all(file.opd_code for file in told.files):
        return ()
    sql = text(
        "SELECT s.submission_id FROM submission AS s INNER JOIN receipt AS r ON r.receipt_id = s.receipt_id "
        "WHERE s.district_code = :district_code AND s.cycle = :cycle AND s.opd_code = '' AND substr(r.folder, 1, 1) = '_'"
    )
    sent = set(connection.execute(sql, {"district_code": told.district.code, "cycle": told.cycle}).scalars())
    return tuple(told.attempt(file) for file in told.files if file.submission_id in sent)


def _written(connection: Connection, submission_id: int) -> list[WrittenRow]:
    return [
        WrittenRow(
            row["frame"],
            row["sheet"],
            row["sheet_row"],
            row["question_id"],
            {name: (entry[0], entry[1]) for name, entry in json.loads(row["written"]).items()},
        )
        for row in connection.execute(text(_ROWS), {"id": submission_id}).mappings()
    ]


def repairs(files: Iterable[Filed], mended: Mapping[int, Sequence[Repair]], stage: str) -> tuple[RepairLine, ...]:
    """Return what was mended (`mended`) in each office's form in force at a stage, by office and in the order of the file."""
    return tuple(
        RepairLine(file.opd_code, file.stage, file.sha256, file.file_name, repair)
        for file in filed.in_force(files).values()
        if file.stage == stage
        for repair in mended.get(file.submission_id, ())
    )
