"""What every table of the warehouse is built from: kinds of columns, names of keys. Conventions are in `tables`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, SmallInteger, Text

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def text(name: str, means: str, **options: Any) -> Column[str]:
    """Return a column of text that is always there ("" for nothing)."""
    return Column(name, TEXT, nullable=False, doc=means, **options)


def maybe(name: str, means: str) -> Column[str]:
    """Return a column of text that may be NULL."""
    return Column(name, TEXT, nullable=True, doc=means)


def count(name: str, means: str) -> Column[int]:
    """Return a column of whole numbers."""
    return Column(name, Integer, nullable=False, doc=means)


def flag(name: str, means: str) -> Column[int]:
    """Return a column of 0 or 1."""
    return Column(name, SmallInteger, nullable=False, doc=means)


def of_run(means: str) -> Column[str]:
    """Return the reference to a run of the ledger."""
    return Column("run_id", TEXT, ForeignKey("run.run_id"), nullable=False, doc=means)


def of(name: str, means: str, **options: Any) -> Column[int]:
    """Return a reference to the row of another table that is named by its own id."""
    key = ForeignKey(f"{name.removesuffix('_id')}.{name}")
    return Column(name, BigInteger, key, **{"nullable": False, **options}, doc=means)


def row_of_file() -> tuple[Column[Any], ...]:
    """Return the columns every row read from a workbook has: whose it is, and where it stands."""
    return (
        of("submission_id", "the file it stands in", index=True),
        text("sheet", "sheet of the workbook"),
        count("sheet_row", "row of the sheet, from 1"),
        text("cell", "A1 address of its main cell"),
        text("written", "JSON: field -> [A1 address, text as written], filled cells only"),
        flag("is_quarantined", "1: sent back by a blocking finding, does not count"),
    )


def row_id(name: str) -> Column[int]:
    """Return a primary key that is not counted up but follows from what the row names."""
    return Column(name, BigInteger, primary_key=True, autoincrement=False, doc="follows from what the row names")


def means(what: str) -> dict[str, str]:
    """Return what a table is for, as its `info`."""
    return {"means": what}
