"""Rewriting derived rows only where they differ, so that a second run changes no fact row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, select

from kla.io.warehouse.engine import insert


def replace_rows(
    connection: Connection, table: Table, scope: Mapping[str, object], wanted: Sequence[Mapping[str, Any]]
) -> int:
    """Make the table hold exactly `wanted` within `scope` (column -> value) and return how many rows changed.

    A row that differs in nothing but `run_id` keeps the run that last changed it.
    """
    within = and_(*(table.c[name] == value for name, value in scope.items()))
    key = [column.name for column in table.primary_key.columns]
    held = {
        tuple(row[name] for name in key): dict(row)
        for row in connection.execute(select(table).where(within)).mappings()
    }
    new = {tuple(row[name] for name in key): dict(row) for row in wanted}
    gone = [place for place, row in held.items() if place not in new or _facts(row) != _facts(new[place])]
    for place in gone:
        connection.execute(table.delete().where(and_(*(table.c[n] == v for n, v in zip(key, place, strict=True)))))
    added = [row for place, row in new.items() if place not in held or _facts(held[place]) != _facts(row)]
    insert(connection, table, [tuple(row[column.name] for column in table.columns) for row in added])
    return len(gone) + sum(1 for row in added if tuple(row[name] for name in key) not in held)


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "run_id"}
