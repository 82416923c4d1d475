"""Both engines for real: a SQLite file, and a throw-away PostgreSQL cluster where its programs are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from kla.io.warehouse import Warehouse, open_warehouse

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
INITDB = shutil.which("initdb") or (str(PROGRAMS[0]) if PROGRAMS else None)
NUMBERS = count(1)


def _run(*command: str, as_user: str | None) -> None:
    prefix = ("runuser", "-u", as_user, "--") if as_user else ()
    subprocess.run([*prefix, *command], check=True, capture_output=True, cwd=tempfile.gettempdir())


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a cluster's maintenance database; it listens on a socket in its own folder only."""
    if INITDB is None:
        pytest.skip("PostgreSQL is not installed here (no initdb): the same tests ran on SQLite only")
    user = "postgres" if os.geteuid() == 0 else None  # initdb refuses to run as root
    if user and shutil.which("runuser") is None:
        pytest.skip("PostgreSQL cannot be started as root without runuser: the same tests ran on SQLite only")
    home = Path(tempfile.mkdtemp(prefix="kla-pg-"))
    if user:
        shutil.chown(home, user)
    bin_folder, data = Path(INITDB).parent, home / "data"
    _run(INITDB, "-D", str(data), "-U", "kla", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", as_user=user)
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
    control = str(bin_folder / "pg_ctl")
    _run(control, "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start", as_user=user)
    try:
        yield f"postgresql+psycopg://kla@/postgres?host={home}"
    finally:
        _run(control, "-D", str(data), "-w", "-m", "immediate", "stop", as_user=user)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; the same test body runs on both engines."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'warehouse.db'}"
    cluster: str = request.getfixturevalue("postgres")
    name = f"test_{next(NUMBERS)}"
    engine = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return cluster.replace("/postgres?", f"/{name}?")


@pytest.fixture
def warehouse(url: str) -> Iterator[Warehouse]:
    """An empty warehouse on either engine."""
    with open_warehouse(url) as opened:
        yield opened
