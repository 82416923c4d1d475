"""A PostgreSQL cluster of the goal's own, on a socket and on a loopback port, gone when the goal ends."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.faults.quick import World

USER, PASSWORD = "kla", "r4hasia-jangan-tampil"
_NUMBERS = count(1)


def programs() -> Path | None:
    """Return the folder with initdb and pg_ctl; None where PostgreSQL is not installed or cannot be started."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    initdb = shutil.which("initdb") or (str(found[0]) if found else None)
    can_start = os.geteuid() != 0 or shutil.which("runuser")  # it refuses to run as root
    return Path(initdb).parent if initdb and can_start else None


@dataclass(frozen=True)
class Cluster:
    """A running server. `stop` and `start` end it and bring it back, as a kill of the server does."""

    home: Path
    port: int
    bin: Path

    def url(self, name: str, port: int = 0) -> str:
        """Return the address of a database over TCP, by a proxy's port where one is given."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port or self.port}/{name}"

    def sql(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the owner, each by itself."""
        from sqlalchemy import create_engine

        engine = create_engine(self.url(database).replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def control(self, action: str, *more: str) -> None:
        """Run pg_ctl."""
        log = str(self.home / "log")
        _run(str(self.bin / "pg_ctl"), "-D", str(self.home / "data"), "-w", "-l", log, *more, action)

    def kill(self) -> None:
        """End the server as a crash does, and bring it back."""
        self.control("stop", "-m", "immediate")
        self.start()

    def start(self) -> None:
        """Start it."""
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories='{self.home}'"
        self.control("start", "-o", options + " -c max_connections=60")

    def world(self, root: Path, port: int = 0) -> World:
        """Return a world whose warehouse is a database here; each time a copy of a migrated one."""
        from kla.io.warehouse import open_warehouse

        number = next(_NUMBERS)
        model, name = f"model_{number}", f"kla_{number}"
        self.sql(f"CREATE DATABASE {model}")
        with open_warehouse(self.url(model)):
            pass

        def make() -> None:
            self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {model}")

        return World(root, self.url(name, port), make)


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """Give a running cluster; None where there is none to be had."""
    folder = programs()
    if folder is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="kla-faults-pg-"))
    home.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    made = Cluster(home, _free_port(), folder)
    secret = home / "password"
    secret.write_text(PASSWORD, encoding="ascii")
    options = ("-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync")
    _run(str(folder / "initdb"), "-D", str(home / "data"), *options)
    made.start()
    try:
        yield made
    finally:
        made.control("stop", "-m", "immediate")
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(*command: str) -> None:
    prefix = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    subprocess.run([*prefix, *command], check=True, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir(), timeout=60)
