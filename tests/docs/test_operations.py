"""The operations guide is true: its commands are run as they stand there, its units are sound, it names every setting."""

from __future__ import annotations

import getpass
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url
from sqlalchemy.exc import OperationalError

from kla.io.settings import Settings
from kla.io.warehouse import open_warehouse, roles
from tests.docs.machine import CHECKOUT, GUIDES, REPOSITORY, Block, Machine, blocks

pytest_plugins = ["tests.kla.io.warehouse.engines"]

UNITS = sorted((CHECKOUT / "deploy" / "systemd").iterdir())
VIEWS = {"hba": "pg_hba_file_rules", "ident": "pg_ident_file_mappings"}
LOGINS = ("kla_owner", "kla_malam", "kla_baca", "kla_prefect", "kla_siti")


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_is_in_the_table_and_nothing_else(guide: str) -> None:
    rows = re.findall(r"^\| `(KLA_\w+)` \|", GUIDES[guide].read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [one.metadata["name"] for one in fields(Settings)]


def test_both_languages_give_the_same_commands() -> None:
    assert [(it.who, it.is_run) for it in blocks("id")] == [(it.who, it.is_run) for it in blocks("en")]
    one, other = ([REPOSITORY.sub("<>", it.text) for it in blocks(guide) if it.is_run] for guide in ("id", "en"))
    assert one == other


@pytest.mark.parametrize("guide", GUIDES)
def test_every_block_of_commands_says_who_runs_it_and_is_run_here(guide: str) -> None:
    text = GUIDES[guide].read_text(encoding="utf-8")
    assert text.count("```") == 2 * len(blocks(guide))
    assert [it.text.splitlines()[0] for it in blocks(guide) if not it.is_run] == ["sudo -u kla -s /bin/bash"]


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


@pytest.fixture
def server(tmp_path: Path, postgres: str) -> Iterator[Machine]:
    """A machine with an empty PostgreSQL; what the guide made there is removed again."""
    for program in ("git", "psql", "pg_dump", "pg_restore", "createdb", "dropdb"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed here: the commands of docs/operations.md were not run")
    if not (CHECKOUT / ".git").exists():
        pytest.skip("this is no checkout: the commands of docs/operations.md were not run")
    yield Machine(tmp_path, postgres)
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("kla", "prefect"):
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        for login in LOGINS:
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {login}")
    engine.dispose()


SHOWN = Block(
    "kla",
    True,
    "python -c 'import kla; print(\"version\", kla.__version__)'\n"
    'echo tables $(psql -Atc "SELECT count(*) FROM information_schema.tables WHERE table_name = \'kelak\'" "$PEMILIK")\n'
    "kla status --district 16.10\n",
)


def test_the_commands_of_the_guide_do_what_it_says(server: Machine, prefect_template: Path) -> None:
    # The server registers deployments where there is one: tests/flows/test_deployments.py runs that block.
    steps = [it for it in blocks("id") if it.is_run and it.text != "kla server setup\n"]
    back = next(number for number, it in enumerate(steps) if "kla migrate --to" in it.text) - 1
    printed = server.run([*steps[:back], SHOWN, *steps[back:], SHOWN], prefect_template)
    assert re.findall(r"^(?:version|tables) (.+)$", printed, re.MULTILINE) == ["0.2.0", "1", "0.1.0", "0"]
    assert printed.count("765,81") == 1 + 4 * 2, (
        "once in the night's table; in both tables of kla status after it, restored, upgraded, back again"
    )
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


def test_who_may_be_which_login_is_settled_by_the_systems_user(server: Machine, postgres: str) -> None:
    """The files of deploy/postgresql, on a cluster that trusts nobody else; whoever runs this is the service's user."""
    installing, logins = blocks("id")[:2]
    assert "logins.sql" in logins.text
    server.run([installing, logins])
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
