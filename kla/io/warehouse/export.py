"""The warehouse as text: every fact as JSON lines in one order, the same bytes whatever the engine and whatever the runs.

Left out is what tells how the facts came to be and not what they are: the ledger of runs, leases, the ids and clock
readings of runs, and how findings came and went from run to run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import Connection, Table, select

from kla.io.warehouse.store import Warehouse
from kla.io.warehouse.tables import METADATA

OF_RUNS = frozenset({"run", "lease", "finding_change", "freshness", "meta", "unsettled", "published", "backfill_step"})
OF_A_RUN = frozenset({"run_id"})
PART_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class TableExport:
    """One table of an export: how many rows, and the sha256 of their lines."""

    name: str
    rows: int
    digest: str


def export(warehouse: Warehouse, target: BinaryIO | None = None) -> tuple[TableExport, ...]:
    """Write every fact to `target` (None: only count and digest) and return what each table held.

    A line per row: {"table": ..., columns by name}; tables by name, rows by their keys. Text sorts by code point.
    """
    with warehouse.reading() as connection:
        return tuple(_table(connection, table, target) for table in fact_tables())


def fact_tables() -> list[Table]:
    """Return the tables of facts, by name."""
    return sorted((it for it in METADATA.sorted_tables if it.name not in OF_RUNS), key=lambda it: it.name)


def digest_of(tables: tuple[TableExport, ...]) -> str:
    """Return one sha256 over all tables: two warehouses that give the same hold the same facts."""
    lines = "".join(f"{it.name} {it.rows} {it.digest}\n" for it in tables)
    return hashlib.sha256(lines.encode()).hexdigest()


def _table(connection: Connection, table: Table, target: BinaryIO | None) -> TableExport:
    digest, rows = hashlib.sha256(), 0
    for line in _lines(connection, table):
        digest.update(line)
        rows += 1
        if target is not None:
            target.write(line)
    return TableExport(table.name, rows, digest.hexdigest())


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    columns = [column for column in table.columns if column.name not in OF_A_RUN]
    names = [column.name for column in columns]
    keys = [column for column in table.primary_key.columns if column.name not in OF_A_RUN]
    encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
    found = connection.execution_options(yield_per=PART_ROWS).execute(select(*columns).order_by(*(keys or columns)))
    for row in found:
        facts = {"table": table.name, **dict(zip(names, row, strict=True))}
        yield encode(facts).encode("utf-8", "surrogatepass") + b"\n"
