"""What was loaded and not yet compared across offices: kept in the warehouse, so that a killed run's work is taken up."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Column, Connection, Integer, Table, select, text

from kla.io.warehouse import freshness
from kla.io.warehouse.columns import METADATA, means
from kla.io.warehouse.columns import text as text_column

unsettled = Table(
    "unsettled",
    METADATA,
    text_column("district_code", "Kemendagri code", primary_key=True),
    Column("cycle", Integer, primary_key=True, autoincrement=False, doc="of the evaluation"),
    info=means("Where verdicts changed and answers were not compared across offices since; empty between runs."),
)
_ADD = text(
    "INSERT INTO unsettled (district_code, cycle) VALUES (:district_code, :cycle) ON CONFLICT DO NOTHING",
)


def add(connection: Connection, district_code: str, cycle: int) -> None:
    """Write down, in the transaction that changes a verdict, that its district's cycle is to be compared."""
    connection.execute(_ADD, {"district_code": district_code, "cycle": cycle})
    freshness.touch(connection, district_code)


def of_districts(connection: Connection, codes: Collection[str]) -> frozenset[tuple[str, int]]:
    """Return the (district, cycle) of these districts that are to be compared."""
    rows = connection.execute(select(unsettled.c.district_code, unsettled.c.cycle))
    return frozenset((row[0], row[1]) for row in rows if row[0] in codes)


def remove(connection: Connection, district_code: str, cycle: int) -> None:
    """Write down that a district's cycle was compared."""
    of_cycle = (unsettled.c.district_code == district_code) & (unsettled.c.cycle == cycle)
    connection.execute(unsettled.delete().where(of_cycle))
