"""The schema: Alembic migrations from sql/migrations, views from sql/views, checks from sql/checks. No alembic.ini."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from kla.errors import WarehouseError
from kla.io import project
from kla.io.warehouse import roles
from kla.io.warehouse.engine import connect, file_of
from kla.io.warehouse.tables import meta

if TYPE_CHECKING:
    from alembic.config import Config

VIEWS_KEY = "views"
NAMES_KEY = "view_names"
NO_PRIVILEGE = "42501"  # PostgreSQL's code
NOT_CURRENT = "its schema is not that of this version of kla"
OWNER_MIGRATES = "Run `kla migrate` with the URL of the login that owns it."
PG_LOCK = 640_217_046  # any number, the same for every process that migrates


def head() -> str:
    """Return the newest revision: migrations are named NNNN_what.py, NNNN being the revision."""
    return revisions()[-1]


def revisions() -> tuple[str, ...]:
    """Return every revision there is, the oldest first."""
    return tuple(sorted(path.name[:4] for path in (project.data("sql") / "migrations" / "versions").glob("[0-9]*.py")))


def go_to(engine: Engine, revision: str) -> None:
    """Migrate up or down to a revision, one process at a time. Below the newest only an older version can use it.

    Columns that a later revision brought are gone after going below it, and with them what stood in them.

    Raises:
        WarehouseError: the database was made by a newer version of this project.
    """
    with _alone(engine) as connection:
        found = _known_revision(connection)
        if found is not None and revision < found:
            downgrade(connection, revision)
        else:
            upgrade(connection, revision)
        if revision == head():
            _finish(connection)


def ensure(engine: Engine) -> None:
    """Migrate to the newest revision and rebuild the views, each only when needed.

    Raises:
        WarehouseError: the database was made by a newer version of this project, or this login may not migrate it.
    """
    with engine.connect() as connection:
        if _is_current(connection):
            return
    try:
        _migrate(engine)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != NO_PRIVILEGE:
            raise
        raise WarehouseError("warehouse", NOT_CURRENT, OWNER_MIGRATES) from error


def expect(engine: Engine) -> None:
    """Make sure that the warehouse is of this very version, changing nothing: for logins that only look or decide.

    Raises:
        WarehouseError: it is older or newer, or there is none.
    """
    with engine.connect() as connection:
        if not _is_current(connection):
            raise WarehouseError("warehouse", NOT_CURRENT, OWNER_MIGRATES)


def _is_current(connection: Connection) -> bool:
    return _revision(connection) == head() and _views_digest(connection) == _wanted_digest()


def _migrate(engine: Engine) -> None:
    with _alone(engine) as connection:
        if _known_revision(connection) != head():
            upgrade(connection, "head")
        _finish(connection)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": PG_LOCK})
        yield connection


def _known_revision(connection: Connection) -> str | None:
    found = _revision(connection)
    if found is not None and found > head():
        raise WarehouseError("warehouse", f"schema {found} is newer than {head()}", "Use the newer version of kla.")
    return found


def _finish(connection: Connection) -> None:
    rebuild_views(connection)
    roles.renew(connection)


def is_there(url: str) -> bool:
    """Whether a warehouse of this very version is at `url`, so that looking into it makes and migrates nothing.

    Raises:
        SettingsError: the URL is not one of SQLite or PostgreSQL.
    """
    path = file_of(url)
    if path is not None and not path.is_file():
        return False
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return _is_current(connection)
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


def upgrade(connection: Connection, revision: str) -> None:
    """Migrate up to a revision inside the connection's transaction; views are dropped (see `rebuild_views`)."""
    from alembic import command

    command.upgrade(_config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Migrate down to a revision ("base": nothing left) inside the connection's transaction."""
    from alembic import command

    command.downgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(project.data("sql") / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("select version_num from alembic_version")).scalar()
    return found


def view_files() -> tuple[Path, ...]:
    """Return the view files in the order they build on each other: NN_name.sql makes the view `name`."""
    return tuple(sorted((project.data("sql") / "views").glob("*.sql")))


def _wanted_digest() -> str:
    digest = hashlib.sha256()
    for path in view_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _views_digest(connection: Connection) -> str | None:
    found: str | None = connection.execute(select(meta.c.value).where(meta.c.key == VIEWS_KEY)).scalar()
    return found


def rebuild_views(connection: Connection) -> None:
    """Drop our views and make those of sql/views anew; names and digest are kept, so that this happens only on change."""
    drop_views(connection)
    names = [path.stem[3:] for path in view_files()]
    for name, path in zip(names, view_files(), strict=True):
        connection.exec_driver_sql(f'CREATE VIEW "{name}" AS\n{path.read_text(encoding="utf-8")}')
    kept = [{"key": VIEWS_KEY, "value": _wanted_digest()}, {"key": NAMES_KEY, "value": " ".join(names)}]
    connection.execute(meta.insert(), kept)


def drop_views(connection: Connection) -> None:
    """Drop the views made by `rebuild_views`, and no others, the last first; nothing happens on an empty database."""
    if not inspect(connection).has_table("meta"):
        return
    names = connection.execute(select(meta.c.value).where(meta.c.key == NAMES_KEY)).scalar() or ""
    for name in reversed(names.split()):
        connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"')
    connection.execute(meta.delete().where(meta.c.key.in_([VIEWS_KEY, NAMES_KEY])))


def checks() -> list[Path]:
    """Return sql/checks in order: each must select nothing, and is named after its file."""
    return sorted((project.data("sql") / "checks").glob("*.sql"))


def failed_rows(connection: Connection, check: Path) -> tuple[dict[str, Any], ...]:
    """Return up to 20 of the rows that a check selects; () when all is well."""
    result = connection.exec_driver_sql(check.read_text(encoding="utf-8"))
    return tuple(dict(row) for row in result.mappings().fetchmany(20))
