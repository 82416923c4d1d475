"""Judging again what is already here: the archive's files as receipts, and a new verdict in place of the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select, text

from kla.decisions import Decision, digest_of
from kla.district import District
from kla.errors import WarehouseError
from kla.findings import CheckedFile
from kla.io.intake import folder_of
from kla.io.warehouse import decisions, lease, runs, tables, unsettled
from kla.io.warehouse.attached import mended_since
from kla.io.warehouse.changes import replace_rows
from kla.io.warehouse.lasting import lasting
from kla.io.warehouse.loading import cycle_of
from kla.io.warehouse.rows import FileRows, key_of, rows_of
from kla.io.warehouse.store import Warehouse
from kla.submission import Layout, Receipt

Fact = dict[str, Any]
LAST_JUDGEMENT = ("suite_version", "decisions")  # kept up even where the verdict is the same


@lasting
def archived(
    warehouse: Warehouse, district: District, archive: Path, *, offices: Sequence[str] = (), stage: str = ""
) -> tuple[Receipt, ...]:
    """Return the receipt of every file ever judged of a district, by arrival; only some offices', or one stage's."""
    sql = text(
        "SELECT r.folder, r.size_bytes, s.* FROM receipt AS r INNER JOIN submission AS s ON s.receipt_id = r.receipt_id "
        "WHERE s.district_code = :code ORDER BY s.received_at, s.file_name, s.sha256"
    )
    with warehouse.reading() as connection:
        found = connection.execute(sql, {"code": district.code}).mappings().all()
    return tuple(
        _receipt(row, district, archive)
        for row in found
        if (not offices or row["opd_code"] in offices) and (not stage or row["stage"] == stage)
    )


@lasting
def to_judge_again(
    warehouse: Warehouse,
    district: District,
    archive: Path,
    as_of: date,
    inbox: Path | None = None,
    taken: Sequence[Decision] | None = None,
) -> tuple[Receipt, ...]:
    """Return the receipts whose stored verdict was given under other decisions than hold on a day, by arrival.

    `taken` are the district's decisions, for one who has read them.

    So a new decision, a withdrawal and the end of a waiver's period alike call for a new verdict, each once; with
    `inbox` so does data dukung that was missing or at fault when the form in force was judged, and has come since.
    """
    taken = warehouse.decisions(district) if taken is None else taken
    sql = text(
        "SELECT r.folder, s.sha256, s.cycle, s.stage, s.opd_code, s.decisions FROM submission AS s "
        "INNER JOIN receipt AS r ON r.receipt_id = s.receipt_id WHERE s.district_code = :code"
    )
    with warehouse.reading() as connection:
        judged = connection.execute(sql, {"code": district.code}).mappings().all()
    stale = {
        (row["folder"], row["sha256"])
        for row in judged
        if row["decisions"] != digest_of(taken, as_of, district.code, row["cycle"], row["stage"], row["opd_code"])
    }
    if inbox is not None:
        stale |= mended_since(warehouse, district.code, inbox)
    held = archived(warehouse, district, archive) if stale else ()
    return tuple(receipt for receipt in held if (folder_of(receipt), receipt.sha256) in stale)


def _receipt(row: RowMapping, district: District, archive: Path) -> Receipt:
    """Return the receipt as the folder once gave it (see `kla.io.intake.folder_of`)."""
    folder, *rest = row["folder"].split("/")
    is_recap = bool(rest)
    return Receipt(
        sha256=row["sha256"],
        district_code=district.code,
        opd_code=row["opd_code"],
        folder_opd=folder,
        stage=rest[-1] if is_recap else "",
        cycle=int(rest[0]) if len(rest) > 1 else None,
        layout=Layout.RECAP if is_recap else Layout.FORM,
        file_name=row["file_name"],
        path=str(archive / row["sha256"][:2] / row["sha256"]),
        size_bytes=row["size_bytes"],
        received_at=datetime.fromisoformat(row["received_at"]).astimezone(district.zone),
    )


@lasting
def verdict_of(warehouse: Warehouse, checked: CheckedFile) -> tuple[str, frozenset[tuple[str, str, str]]]:
    """Return the stored verdict on a file: its outcome and its findings as (code, sheet, cell)."""
    with warehouse.reading() as connection:
        submission = _submission(connection, checked)
        found = connection.execute(
            select(tables.finding.c.code, tables.finding.c.sheet, tables.finding.c.cell).where(
                tables.finding.c.submission_id == submission["submission_id"]
            )
        )
        return submission["outcome"], frozenset((row[0], row[1], row[2]) for row in found)


@lasting
def replace_verdict(warehouse: Warehouse, checked: CheckedFile, run_id: str, cycles: Mapping[str, int]) -> int:
    """Make the warehouse hold this verdict on a file in place of the old one, in one transaction; return rows changed.

    Rows that do not differ keep the run that last changed them. Scores that pointed at a row that changed point at
    nothing until the district is scored again.

    Raises:
        WarehouseError: the file was never judged before.
    """
    with warehouse.writing() as connection:
        lease.fence(connection, run_id, checked.receipt.district_code)
        held = _submission(connection, checked)
        suite_version = runs.line(connection, run_id).suite_version
        rows = rows_of(checked, held["submission_id"], cycle_of(checked, cycles), run_id, suite_version)
        unsettled.add(connection, checked.receipt.district_code, cycle_of(checked, cycles))
        receipt, near = checked.receipt, checked.reading.near
        decisions.queue(connection, receipt.district_code, near, receipt.sha256, receipt.file_name, run_id)
        return sum(_replace(connection, held, *part) for part in _parts(rows)) + _update(connection, held, rows)


def _submission(connection: Connection, checked: CheckedFile) -> Fact:
    district, folder, sha256 = key_of(checked)
    receipt = tables.receipt.c
    same = (receipt.district_code == district) & (receipt.folder == folder) & (receipt.sha256 == sha256)
    join = tables.submission.join(tables.receipt, tables.submission.c.receipt_id == receipt.receipt_id)
    row = connection.execute(select(tables.submission).select_from(join).where(same)).mappings().first()
    if row is None:
        raise WarehouseError(checked.receipt.file_name, "it was never judged before", "Load it first.")
    return dict(row)


def _parts(rows: FileRows) -> tuple[tuple[Table, list[Any]], ...]:
    return (
        (tables.ignored, rows.ignored),
        (tables.answer, rows.answers),
        (tables.evidence, rows.evidence),
        (tables.stated, rows.stated),
        (tables.finding, rows.findings),
        (tables.repair, rows.repairs),
        (tables.attachment, rows.attachments),
    )


def _facts(table: Table, row: Sequence[Any]) -> Fact:
    return dict(zip((column.name for column in table.columns), row, strict=True))


def _replace(connection: Connection, held: Fact, table: Table, rows: Sequence[Any]) -> int:
    wanted = [_facts(table, row) for row in rows]
    pointer = {"answer": "answer_id", "stated": "stated_id"}.get(table.name)
    if pointer:
        own = connection.execute(select(table).where(table.c.submission_id == held["submission_id"])).mappings()
        new = {row[pointer]: row for row in wanted}
        gone = [row[pointer] for row in own if dict(row) != new.get(row[pointer])]
        score = tables.score
        for row_id in gone:
            connection.execute(score.update().where(score.c[pointer] == row_id).values({pointer: None}))
    return replace_rows(connection, table, {"submission_id": held["submission_id"]}, wanted)


def _update(connection: Connection, held: Fact, rows: FileRows) -> int:
    """Write the file's own row where it differs; rules and decisions are always those of the last judgement."""
    wanted = _facts(tables.submission, rows.submission)
    aside = {"run_id", "receipt_id", *LAST_JUDGEMENT}
    is_other = any(held[name] != value for name, value in wanted.items() if name not in aside)
    changes = (
        {name: value for name, value in wanted.items() if name not in aside | {"submission_id"}} if is_other else {}
    )
    changes |= {name: wanted[name] for name in LAST_JUDGEMENT} | ({"run_id": wanted["run_id"]} if is_other else {})
    submission = tables.submission
    connection.execute(submission.update().where(submission.c.submission_id == held["submission_id"]).values(changes))
    return int(is_other)
