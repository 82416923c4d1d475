"""Who may do what on PostgreSQL: the roles of sql/roles. SQLite has no logins; there the file's owner may do all."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from kla.io import project

ROLES = ("kla_writer", "kla_reader", "kla_steward")


def role_files() -> tuple[Path, ...]:
    """Return the files of sql/roles in the order in which they are run."""
    return tuple(sorted((project.data("sql") / "roles").glob("*.sql")))


def apply(connection: Connection) -> bool:
    """Make the roles where they are missing and grant them what the files say, anew; False on SQLite, which has none."""
    if connection.dialect.name != "postgresql":
        return False
    for path in role_files():
        # Several statements, and no parameters whose marks could be mistaken.
        plain = connection.execution_options(no_parameters=True)
        plain.exec_driver_sql(path.read_text(encoding="utf-8"))
    return True


def renew(connection: Connection) -> None:
    """Grant the roles what new tables and rebuilt views need; nothing where nobody asked for roles.

    Every migration ends with this, so that the night after an upgrade finds its rights.
    """
    if connection.dialect.name == "postgresql" and are_there(connection):
        apply(connection)


def are_there(connection: Connection) -> bool:
    """Whether the roles were made on this server."""
    sql = text("SELECT count(*) FROM pg_roles WHERE rolname = ANY(:names)")
    return bool(connection.execute(sql, {"names": list(ROLES)}).scalar_one() == len(ROLES))
