"""What people recorded and no file says: it is written into the archive's journal too, so that it outlives the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from kla.io import archive_journal
from kla.io.warehouse.engine import insert
from kla.io.warehouse.store import Warehouse
from kla.io.warehouse.tables import METADATA

RECORDED = ("decision", "reminder")  # tables of rows that are only ever added, none of which follows from a file


def keep_records(warehouse: Warehouse, archive: Path) -> int:
    """Write what the journal does not hold yet into it and return how many rows that were.

    Raises:
        OSError: the journal could not be written; what was recorded is in the warehouse all the same.
    """
    with warehouse.reading() as connection:
        rows = [
            (table.name, dict(row))
            for table in _tables()
            for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        ]
    return archive_journal.record(archive, rows)


def restore_records(warehouse: Warehouse, archive: Path) -> int:
    """Put what the journal holds and the warehouse does not into the warehouse and return how many rows that were."""
    held = archive_journal.records(archive)
    count = 0
    with warehouse.writing() as connection:
        for table in _tables():
            key = [column.name for column in table.primary_key.columns]
            there = {tuple(row) for row in connection.execute(select(*table.primary_key.columns))}
            wanted = _by_key([row for name, row in held if name == table.name], key)
            missing = [row for place, row in wanted.items() if place not in there]
            insert(connection, table, [_facts(table, row) for row in missing])
            count += len(missing)
    return count


def missing_records(warehouse: Warehouse, archive: Path) -> int:
    """Return how many rows the journal holds that the warehouse does not: it was put back to an earlier state."""
    held = archive_journal.records(archive)
    count = 0
    with warehouse.reading() as connection:
        for table in _tables():
            key = [column.name for column in table.primary_key.columns]
            there = {tuple(row) for row in connection.execute(select(*table.primary_key.columns))}
            count += len(_by_key([row for name, row in held if name == table.name], key).keys() - there)
    return count


def _tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table.name in RECORDED]


def _by_key(rows: Iterable[Mapping[str, Any]], key: list[str]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    return {tuple(row[name] for name in key): row for row in rows}


def _facts(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return a row in the order of the columns; one that came with a later version is as a migration would fill it."""
    return tuple(row.get(column.name, None if column.nullable else "") for column in table.columns)
