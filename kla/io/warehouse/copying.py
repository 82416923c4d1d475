"""Some districts of one warehouse into another, empty one: what a dry run works on. Any engine to any engine."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Select, Table, select

from kla.io.warehouse.engine import insert
from kla.io.warehouse.store import Warehouse
from kla.io.warehouse.tables import METADATA, lease, meta, submission

CHUNK_ROWS = 20_000


def copy_districts(source: Warehouse, target: Warehouse, codes: Sequence[str]) -> None:
    """Copy every row of the districts, and the ledger of runs, into a warehouse that holds none yet."""
    with source.reading() as held, target.writing() as new:
        for table in METADATA.sorted_tables:
            if table is not meta and table is not lease:  # a copy is nobody's: it serves one rehearsal
                _copy(held, new, table, _of_districts(table, codes))


def _of_districts(table: Table, codes: Sequence[str]) -> Select[tuple[object, ...]]:
    if "district_code" in table.c:
        return select(table).where(table.c.district_code.in_(codes))
    if "submission_id" in table.c:
        own = select(submission.c.submission_id).where(submission.c.district_code.in_(codes))
        return select(table).where(table.c.submission_id.in_(own))
    return select(table)


def _copy(held: Connection, new: Connection, table: Table, rows: Select[tuple[object, ...]]) -> None:
    for part in held.execute(rows).partitions(CHUNK_ROWS):
        insert(new, table, [tuple(row) for row in part])
