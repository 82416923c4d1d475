"""Connections: SQLite by default (WAL, its files for their owner only), PostgreSQL by URL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from kla.errors import SettingsError

BUSY_MS = 30_000


def connect(url: str) -> Engine:
    """Return an engine for the warehouse at `url`; a SQLite file is made with mode 0600 when it is not there.

    Raises:
        SettingsError: the URL is not one, or names an engine other than SQLite and PostgreSQL.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "postgresql":
        # Text in UTC is all that is stored; the session's own zone must not matter.
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.get_backend_name() != "sqlite":
        raise SettingsError(
            "KLA_WAREHOUSE_URL", f"engine {parsed.get_backend_name()} is not known", "Use SQLite or PostgreSQL."
        )
    if parsed.database and parsed.database != ":memory:":
        _make_private(Path(parsed.database))
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        # The URL may hold a password: it is not repeated.
        raise SettingsError(
            "KLA_WAREHOUSE_URL", "not a database URL", "Use sqlite:///path or postgresql://..."
        ) from error


def _make_private(path: Path) -> None:
    """Create the file for its owner only; SQLite gives its -wal and -shm files the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver's guess
    # The timeout comes first: switching to WAL may itself have to wait for another process.
    settings = (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
    for setting in settings:
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    # A writer takes its lock at once: one that only asks for it later may be refused without waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows (in the order of the table's columns) in one driver call: the fast path on SQLite."""
    if rows:
        connection.exec_driver_sql(_insert_sql(connection, table), list(rows))


def _insert_sql(connection: Connection, table: Table) -> str:
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join([mark] * len(table.columns))})'  # noqa: S608 - names of ours
