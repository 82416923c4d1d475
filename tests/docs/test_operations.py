"""The operations guide is true: its commands are run as they stand there, its units are sound, it names every setting."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url
from sqlalchemy.exc import OperationalError

from kla.io.settings import Settings
from kla.io.warehouse import open_warehouse, roles

pytest_plugins = ["tests.kla.io.warehouse.engines"]

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDES = {"id": CHECKOUT / "docs" / "operations.md", "en": CHECKOUT / "docs" / "operations.en.md"}
UNITS = sorted((CHECKOUT / "deploy" / "systemd").iterdir())
BLOCK = re.compile(r"^```sh (root|kla)( test)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VIEWS = {"hba": "pg_hba_file_rules", "ident": "pg_ident_file_mappings"}
SERVERS = re.compile("PREFECT_API_URL=|PREFECT_SERVER_DATABASE_CONNECTION_URL=")
LOGINS = ("kla_owner", "kla_malam", "kla_baca", "kla_prefect", "kla_siti")


@dataclass(frozen=True)
class Block:
    """Commands of the guide: for whom, whether they are run here, and what they are."""

    who: str
    is_run: bool
    text: str


def blocks(guide: str) -> list[Block]:
    """Return the blocks of commands of a guide, in order."""
    return [Block(who, bool(run), text) for who, run, text in BLOCK.findall(GUIDES[guide].read_text(encoding="utf-8"))]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_is_in_the_table_and_nothing_else(guide: str) -> None:
    rows = re.findall(r"^\| `(KLA_\w+)` \|", GUIDES[guide].read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [one.metadata["name"] for one in fields(Settings)]


def test_both_languages_give_the_same_commands() -> None:
    assert [(it.who, it.is_run) for it in blocks("id")] == [(it.who, it.is_run) for it in blocks("en")]
    assert [it.text for it in blocks("id") if it.is_run] == [it.text for it in blocks("en") if it.is_run]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_block_of_commands_says_who_runs_it(guide: str) -> None:
    text = GUIDES[guide].read_text(encoding="utf-8")
    assert text.count("```") == 2 * len(blocks(guide))


@pytest.mark.parametrize("guide", GUIDES)
def test_every_unit_is_in_the_guide(guide: str) -> None:
    text = GUIDES[guide].read_text(encoding="utf-8")
    timed = {path.stem for path in UNITS if path.suffix == ".timer"}
    named = [
        path.name if path.stem in timed else path.stem
        for path in UNITS
        if path.stem not in timed or path.suffix == ".timer"
    ]
    assert [name for name in named if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    if (analyze := shutil.which("systemd-analyze")) is None:
        pytest.skip("systemd-analyze is not installed here: the units of deploy/systemd were not verified")
    for path in UNITS:  # a timer is looked at with its service
        there = re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(there, encoding="utf-8")
    verify = [analyze, "verify", "--man=no", "--recursive-errors=one", str(tmp_path / unit.name)]
    done = subprocess.run(verify, capture_output=True, text=True)
    assert (done.returncode, [line for line in done.stderr.splitlines() if str(tmp_path) in line]) == (0, [])


@pytest.mark.parametrize("unit", [path for path in UNITS if path.suffix == ".service"], ids=lambda path: path.name)
def test_a_unit_runs_what_an_installation_brings(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    ours = re.findall(r"/opt/kla/current/(\S+)", text)
    missing = [name for name in ours if not name.startswith(".venv/bin/") and not (CHECKOUT / name).exists()]
    programs = [name for name in ours if name.startswith(".venv/bin/")]
    assert missing == []
    assert [name for name in programs if not (Path(sys.executable).parent / Path(name).name).exists()] == []
    assert "User=" in text
    assert "NoNewPrivileges=true" in text


def test_no_secret_stands_in_what_is_installed() -> None:
    for path in (CHECKOUT / "deploy").rglob("*"):
        if path.is_file():
            assert not re.search(r"://[^:/@\s]*:[^@\s]+@|(?i:password *[=:] *\S)", path.read_text("utf-8")), path


class Server:
    """A machine as the guide assumes one, in a folder: places of its own, a real PostgreSQL, systemd only noted down."""

    def __init__(self, root: Path, cluster: str) -> None:
        self.root = root
        self.sockets = str(make_url(cluster).query["host"])
        self.places = {
            "/opt/kla/current": root / "current",
            "/opt/kla/0.1.0": root / "older",
            "/var/lib/kla": root / "lib",
            "/var/backups/kla": root / "backups",
            "/etc/kla": root / "etc",
            "/etc/systemd/system": root / "units",
            "/etc/logrotate.d": root / "rotate",
        }
        for place in self.places.values():
            place.mkdir()
        (root / "backups" / "archive").mkdir()
        self._install()
        self._pretend()

    def there(self, text: str) -> str:
        """Return a text of the guide with this machine's places."""
        for place, here in self.places.items():
            text = text.replace(place, str(here))
        return text.replace("/var/run/postgresql", self.sockets)

    def _install(self) -> None:
        current = self.places["/opt/kla/current"]
        (current / ".venv").symlink_to(sys.prefix)
        (current / "sql").symlink_to(CHECKOUT / "sql")
        for path in (CHECKOUT / "deploy").rglob("*"):
            if path.is_file():
                copy = current / path.relative_to(CHECKOUT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(self.there(path.read_text(encoding="utf-8")), encoding="utf-8")
        # No Prefect server is started here: a command then brings its own, with what the test hands it.
        settings = current / "deploy" / "kla.env"
        kept = [line for line in settings.read_text(encoding="utf-8").splitlines() if not SERVERS.match(line)]
        settings.write_text("\n".join(kept), encoding="utf-8")
        older = self.places["/opt/kla/0.1.0"] / "sql" / "migrations" / "versions"
        older.mkdir(parents=True)
        names = sorted(path.name for path in (CHECKOUT / "sql" / "migrations" / "versions").glob("[0-9]*.py"))
        for name in names[:-1]:
            (older / name).touch()

    def _pretend(self) -> None:
        """Put a sudo that only runs what follows the user's name, and a systemctl that only notes, first on the path."""
        programs = self.root / "programs"
        programs.mkdir()
        (programs / "sudo").write_text('#!/bin/sh\nshift 2\nexec "$@"\n', encoding="utf-8")
        (programs / "systemctl").write_text(f'#!/bin/sh\necho "$*" >> {self.root}/systemctl\n', encoding="utf-8")
        for path in programs.iterdir():
            path.chmod(0o755)

    def run(self, steps: list[Block], prefect: Path | None = None) -> str:
        """Run blocks one after the other in one shell and return what they printed; the first failure fails the test."""
        script = ["set -euo pipefail"]
        for number, step in enumerate(steps):
            as_kla = 'set -a; . /etc/kla/kla.env; set +a; export PATH="/opt/kla/current/.venv/bin:$PATH"'
            lines = [f"echo '== {number}'", *([as_kla] if step.who == "kla" else []), step.text]
            # What a block exports for the others stays; what it does for itself ends with it.
            is_shared = "export PEMILIK" in step.text
            script.append(self.there("\n".join(lines if is_shared else ["(", *lines, ")"])))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KLA_", "PREFECT_"))}
        if prefect is not None:
            shutil.copytree(prefect, self.places["/var/lib/kla"] / "prefect")
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=self.root,
            # The cluster's administrator is called kla here; the temporary Prefect server of a command is SQLite's.
            env={
                **kept,
                "PATH": f"{self.root / 'programs'}:{kept['PATH']}",
                "PGHOST": self.sockets,
                "PGUSER": "kla",
                "PGDATABASE": "postgres",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=500,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture
def server(tmp_path: Path, postgres: str) -> Iterator[Server]:
    """A machine with an empty PostgreSQL; what the guide made there is removed again."""
    for program in ("psql", "pg_dump", "pg_restore", "createdb", "dropdb"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed here: the commands of docs/operations.md were not run")
    yield Server(tmp_path, postgres)
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("kla", "prefect"):
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        for login in LOGINS:
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {login}")
    engine.dispose()


def test_the_commands_of_the_guide_do_what_it_says(server: Server, prefect_template: Path) -> None:
    steps = [it for it in blocks("id") if it.is_run]
    assert len(steps) > 12
    printed = server.run(steps, prefect_template)
    assert printed.count("765,81") == 3, "after the night in its table and in kla status, and again after restoring"
    assert "Cadangan utuh" in printed
    assert (server.root / "lib" / "public" / "16.10" / "2024" / "index.html").is_file()
    noted = (server.root / "systemctl").read_text(encoding="utf-8").splitlines()
    assert noted[0] == "reload postgresql"
    assert "enable --now kla-worker kla-web kla-backup.timer kla-health.timer" in noted
    assert {path.name for path in (server.root / "units").iterdir()} == {path.name for path in UNITS}


@contextmanager
def access(cluster: str, hba: str, ident: str) -> Iterator[None]:
    """Give a running cluster other rules of access, its administrator's kept, and take them back."""
    engine = create_engine(cluster, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def given(name: str, text: str) -> None:
        with engine.connect() as connection:
            place = Path(str(connection.exec_driver_sql(f"SHOW {name}_file").scalar_one()))
            place.write_text(text, encoding="utf-8")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
            wrong = connection.exec_driver_sql(f"SELECT line_number, error FROM {VIEWS[name]} WHERE error IS NOT NULL")
            assert wrong.all() == [], name

    with engine.connect() as connection:
        before = Path(str(connection.exec_driver_sql("SHOW hba_file").scalar_one())).read_text(encoding="utf-8")
    try:
        given("ident", ident)
        given("hba", hba + "local all kla trust\n")
        yield
    finally:
        given("ident", "")
        given("hba", before)
        until("again open to all", lambda: may_enter(cluster, "kla", "postgres"))
        engine.dispose()


def may_enter(cluster: str, login: str, database: str) -> bool:
    """Whether a login may connect to a database."""
    url = make_url(cluster).set(username=login, database=database)
    engine = create_engine(url, poolclass=NullPool)
    try:
        engine.connect().close()
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


def until(what: str, holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_who_may_be_which_login_is_settled_by_the_systems_user(server: Server, postgres: str) -> None:
    """The files of deploy/postgresql, on a cluster that trusts nobody else; whoever runs this is the service's user."""
    server.run([it for it in blocks("id") if "logins.sql" in it.text and it.is_run])
    folder = CHECKOUT / "deploy" / "postgresql"
    hba, ident = ((folder / name).read_text(encoding="utf-8") for name in ("pg_hba.conf", "pg_ident.conf"))
    mine = re.sub(r"^kla +kla ", f"kla {getpass.getuser()} ", ident, flags=re.MULTILINE)
    with access(postgres, hba, mine):
        until("peers only", lambda: not may_enter(postgres, "kla_siti", "kla"))
        for login in ("kla_owner", "kla_malam", "kla_baca"):
            assert may_enter(postgres, login, "kla") is (login == "kla_owner"), (
                f"{login} before any role has its rights"
            )
        assert may_enter(postgres, "kla_prefect", "prefect")
        assert not may_enter(postgres, "kla_prefect", "kla"), "Prefect has no business in the warehouse"
        assert not may_enter(postgres, "kla_malam", "postgres")
        owner = str(make_url(postgres).set(username="kla_owner", database="kla"))
        with open_warehouse(owner) as warehouse, warehouse.writing() as connection:
            roles.apply(connection)
        assert may_enter(postgres, "kla_malam", "kla")
        assert may_enter(postgres, "kla_baca", "kla")
        assert not may_enter(postgres, "kla_malam", "prefect")
    with access(postgres, hba, ident):
        until("somebody else may be none of them", lambda: not may_enter(postgres, "kla_owner", "kla"))
