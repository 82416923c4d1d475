"""Rewriting derived rows only where they differ, so that a second run changes no fact row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, select

from kla.io.warehouse.engine import insert


def replace_rows(
    connection: Connection, table: Table, scope: Mapping[str, object], wanted: Sequence[Mapping[str, Any]]
) -> int:
    """Make the table hold exactly `wanted` within `scope` (column -> value) and return how many rows changed.

    A row that differs in nothing but `run_id` keeps the run that last changed it.
    """
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key.columns]
    key_of = itemgetter(*(names.index(name) for name in keys))
    facts_of = itemgetter(*(place for place, name in enumerate(names) if name != "run_id"))
    within = and_(*(table.c[name] == value for name, value in scope.items()))
    held = {key_of(row): row for row in connection.execute(select(table).where(within)).all()}
    new = {key_of(row): row for row in map(itemgetter(*names), wanted)}
    same = {key for key, row in new.items() if key in held and facts_of(held[key]) == facts_of(row)}
    gone = [row for key, row in held.items() if key not in same]
    added = [row for key, row in new.items() if key not in same]
    if gone:
        one = and_(*(table.c[name] == bindparam(f"old_{name}") for name in keys))
        olds = [{f"old_{name}": row[names.index(name)] for name in keys} for row in gone]
        connection.execute(table.delete().where(one), olds)
    insert(connection, table, added)
    return len(gone) + sum(1 for row in added if key_of(row) not in held)
