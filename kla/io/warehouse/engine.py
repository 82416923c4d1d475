"""Connections: SQLite by default (WAL, its files for their owner only), PostgreSQL by URL."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError

from kla.errors import SettingsError

BUSY_MS = 30_000
# Seconds (the last: milliseconds) after which a server that does not answer counts as gone, in libpq's own words.
PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
COPY_ROWS = 4  # below it a plain INSERT costs fewer round trips


def connect(url: str) -> Engine:
    """Return an engine for the warehouse at `url`; a SQLite file is made with mode 0600 when it is not there.

    Raises:
        SettingsError: the URL is not one, or names an engine other than SQLite and PostgreSQL.
    """
    parsed = url_of(url)
    if parsed.get_backend_name() == "postgresql":
        # Text in UTC is all that is stored; the session's own zone must not matter.
        server = parsed.set(drivername="postgresql+psycopg")
        given = {name: value for name, value in PATIENCE.items() if name not in server.query}
        return create_engine(server, pool_pre_ping=True, connect_args=given)
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


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite URL; None for a server, or a database in memory. SettingsError: not a URL."""
    parsed = url_of(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if is_file else None


def url_of(url: str) -> URL:
    """Return the parts of a database URL; SettingsError, without repeating it, when it is none."""
    try:
        return make_url(url)
    except ArgumentError as error:
        # The URL may hold a password: it is not repeated.
        raise SettingsError(
            "KLA_WAREHOUSE_URL", "not a database URL", "Use sqlite:///path or postgresql://..."
        ) from error


def _make_private(path: Path) -> None:
    """Create the file for its owner only; SQLite gives its -wal and -shm files the same mode.

    One that is there is not opened: closing it again would take from this process every lock that it holds on it, and
    another process could then remove the -wal file under its hands (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was quicker
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


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
    """Insert rows (in the order of the table's columns) the fastest way an engine has, within the transaction.

    That is one driver call on SQLite, COPY on PostgreSQL. Both are all or nothing and raise what SQLAlchemy raises.
    """
    if len(rows) >= COPY_ROWS and connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    elif rows:
        connection.exec_driver_sql(_insert_sql(connection.dialect.name, table), list(rows))


def _copy(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    sql = f'COPY "{table.name}" ({_columns(table)}) FROM STDIN'
    dbapi: Any = connection.dialect.loaded_dbapi
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)
    except dbapi.Error as error:
        # The driver was called past SQLAlchemy: its errors are given the shape everyone here expects, without values.
        is_lost = connection.dialect.is_disconnect(error, driver, None)
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(sql, None, error, dbapi.Error, connection_invalidated=is_lost) from error


@cache
def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


@cache
def _insert_sql(dialect: str, table: Table) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    return f'INSERT INTO "{table.name}" ({_columns(table)}) VALUES ({", ".join([mark] * len(table.columns))})'  # noqa: S608 - names of ours
