"""Attempts of an office: every version of its form, what differs from the one before, what was mended in reading."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, RowMapping, text

from kla.delta import CellChange, WrittenRow, cell_changes
from kla.district import District
from kla.findings import Outcome
from kla.io.warehouse import findings
from kla.io.warehouse.standing import Place
from kla.picture import Attempt, RepairLine
from kla.receipts import receipt_number
from kla.submission import Repair

_ROWS = (
    "SELECT 'answers' AS frame, sheet, sheet_row, question_id, written FROM answer WHERE submission_id = :id "
    "UNION ALL "
    "SELECT 'evidence' AS frame, sheet, sheet_row, question_id, written FROM evidence WHERE submission_id = :id "
    "ORDER BY frame, sheet, sheet_row"
)


def of_place(
    connection: Connection, place: Place, district: District, opd_code: str | None = None
) -> tuple[Attempt, ...]:
    """Return the versions of every office's form (or one office's) at a stage, by office and version.

    A refused version has no rows: the next one is held against the last that was read.
    """
    sql = text(
        "SELECT * FROM version WHERE district_code = :district_code AND cycle = :cycle AND stage = :stage "
        "AND opd_code <> '' ORDER BY opd_code, version"
    )
    told = _Told(connection, district, place.cycle)
    found: list[Attempt] = []
    read: dict[str, int] = {}  # office -> its last version that was read
    for row in connection.execute(sql, place.parameters()).mappings().all():
        office = row["opd_code"]
        if opd_code not in (None, office):
            continue
        changes: tuple[CellChange, ...] = ()
        if row["outcome"] != Outcome.REFUSED.value:
            if office in read:
                changes = between(connection, read[office], row["submission_id"])
            read[office] = row["submission_id"]
        found.append(told.attempt(row, changes))
    return tuple(found)


def of_recaps(connection: Connection, district: District, cycle: int) -> tuple[Attempt, ...]:
    """Return the versions of every stage's recap, by stage and version: what goes back to whoever sent them.

    A file from a recap's folder that turned out to be something else is one too.
    """
    sql = text(
        "SELECT v.* FROM version AS v INNER JOIN receipt AS r ON r.receipt_id = v.receipt_id "
        "WHERE v.district_code = :district_code AND v.cycle = :cycle AND v.opd_code = '' AND substr(r.folder, 1, 1) = '_' "
        "ORDER BY v.stage, v.version"
    )
    found = connection.execute(sql, {"district_code": district.code, "cycle": cycle}).mappings().all()
    if not found:
        return ()
    told = _Told(connection, district, cycle)
    return tuple(told.attempt(row, ()) for row in found)


class _Told:
    """What was found and mended in the files of a district and cycle, asked for all of them at once."""

    def __init__(self, connection: Connection, district: District, cycle: int) -> None:
        self._district = district
        self._findings = findings.of_versions(connection, district.code, cycle)
        self._repairs: dict[int, list[Repair]] = {}
        sql = text(
            "SELECT r.* FROM repair AS r INNER JOIN submission AS s ON s.submission_id = r.submission_id "
            "WHERE s.district_code = :district_code AND s.cycle = :cycle ORDER BY r.repair_id"
        )
        for row in connection.execute(sql, {"district_code": district.code, "cycle": cycle}).mappings():
            self._repairs.setdefault(row["submission_id"], []).append(_repair(row))

    def attempt(self, row: RowMapping, changes: tuple[CellChange, ...]) -> Attempt:
        """Return one row of the view `version` as the attempt it was."""
        place = row["district_code"], row["opd_code"], row["cycle"], row["stage"]
        return Attempt(
            opd_code=row["opd_code"],
            stage=row["stage"],
            version=row["version"],
            receipt_number=receipt_number(*place, row["version"], row["sha256"]),
            sha256=row["sha256"],
            file_name=row["file_name"],
            received_at=datetime.fromisoformat(row["received_at"]).astimezone(self._district.zone),
            outcome=Outcome(row["outcome"]),
            changes=changes,
            findings=self._findings.get(row["submission_id"], ()),
            repairs=tuple(self._repairs.get(row["submission_id"], ())),
        )


def between(connection: Connection, earlier_id: int, later_id: int) -> tuple[CellChange, ...]:
    """Return each cell that differs between two stored files."""
    return cell_changes(_written(connection, earlier_id), _written(connection, later_id))


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


def repairs(connection: Connection, place: Place) -> tuple[RepairLine, ...]:
    """Return what was mended in reading each office's form in force, by office and in the order of the file."""
    sql = text(
        "SELECT s.opd_code, s.stage, s.sha256, s.file_name, r.* FROM current_submission AS s "
        "INNER JOIN repair AS r ON r.submission_id = s.submission_id "
        "WHERE s.district_code = :district_code AND s.cycle = :cycle AND s.stage = :stage "
        "ORDER BY s.opd_code, r.repair_id"
    )
    return tuple(_lines(connection.execute(sql, place.parameters()).mappings()))


_FIELDS = tuple(Repair.__dataclass_fields__)


def _lines(rows: Iterable[RowMapping]) -> Iterable[RepairLine]:
    for row in rows:
        yield RepairLine(row["opd_code"], row["stage"], row["sha256"], row["file_name"], _repair(row))


def _repair(row: RowMapping) -> Repair:
    return Repair(**{name: row[name] for name in _FIELDS})
