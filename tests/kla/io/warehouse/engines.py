"""Both engines for real: a SQLite file, and a throw-away PostgreSQL cluster where its programs are installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL of the tests' own, on a socket in its folder only; it may be killed and brought back."""

    home: Path
    user: str | None  # who it runs as; None: whoever runs the tests

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg://kla@/{database}?host={self.home}"

    def create(self, *databases: str, template: str = "template1") -> None:
        """Make databases that hold what a template holds: nothing."""
        engine = create_engine(self.url(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for name in databases:
                connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        engine.dispose()

    def control(self, action: str, *more: str) -> None:
        """Run pg_ctl."""
        program = str(Path(str(INITDB)).parent / "pg_ctl")
        _run(
            program, "-D", str(self.home / "data"), "-w", "-l", str(self.home / "log"), *more, action, as_user=self.user
        )

    def start(self) -> None:
        """Start it; where a killed one left processes that still end, again."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.home}' -c fsync=off"
        for _ in range(20):
            try:
                return self.control("start", "-o", options)
            except subprocess.CalledProcessError:
                time.sleep(0.25)
        return self.control("start", "-o", options)

    def kill(self) -> None:
        """Kill the postmaster with no time for a word; what serves connections ends with it."""
        os.kill(int((self.home / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running cluster."""
    if INITDB is None:
        pytest.skip("PostgreSQL is not installed here (no initdb): the same tests ran on SQLite only")
    user = "postgres" if os.geteuid() == 0 else None  # initdb refuses to run as root
    if user and shutil.which("runuser") is None:
        pytest.skip("PostgreSQL cannot be started as root without runuser: the same tests ran on SQLite only")
    made = Cluster(Path(tempfile.mkdtemp(prefix="kla-pg-")), user)
    if user:
        shutil.chown(made.home, user)
    data = str(made.home / "data")
    _run(INITDB, "-D", data, "-U", "kla", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", as_user=user)
    made.start()
    try:
        yield made
    finally:
        made.control("stop", "-m", "immediate")
        shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(cluster: Cluster) -> str:
    """The URL of a cluster's maintenance database."""
    return cluster.url()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite warehouse with its tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "warehouse.db"
    open_warehouse(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def migrated_database(cluster: Cluster) -> str:
    """The name of a PostgreSQL database with its tables and nothing in them, to be copied."""
    cluster.create("migrated")
    open_warehouse(cluster.url("migrated")).close()
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; the same test body runs on both engines.

    It has its tables already where the test asks for a warehouse.
    """
    is_migrated = "warehouse" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "warehouse.db"
        if is_migrated:
            shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    made: Cluster = request.getfixturevalue("cluster")
    name = f"test_{next(NUMBERS)}"
    made.create(name, template=request.getfixturevalue("migrated_database") if is_migrated else "template1")
    return made.url(name)


@pytest.fixture
def warehouse(url: str) -> Iterator[Warehouse]:
    """An empty warehouse on either engine."""
    with open_warehouse(url) as opened:
        yield opened
