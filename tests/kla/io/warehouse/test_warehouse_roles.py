"""Writer, reader, steward: real logins on a real PostgreSQL, each held to what its role may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from kla.errors import WarehouseError
from kla.io import project
from kla.io.warehouse import Warehouse, open_for_decisions, open_reader, open_warehouse, roles, schema
from kla.io.warehouse.engine import connect
from kla.io.warehouse.tables import decision
from tests.kla.io.warehouse.district_of_tests import DAY, INSTRUMENT, answer, district, form, proof

pytest_plugins = ["tests.kla.io.warehouse.engines"]

NUMBERS = count(1)
LOGINS = {"kla_malam": "kla_writer", "kla_baca": "kla_reader", "kla_siti": "kla_steward"}
FACTS = {column.name: 2024 if column.name == "cycle" else "" for column in decision.columns}


@dataclass(frozen=True)
class Server:
    """A database with roles and a login of each; `of(login)` is its URL."""

    owner: str

    def of(self, login: str) -> str:
        """Return the URL with which a login opens the database."""
        return self.owner.replace("//kla@", f"//{login}@")


def run(url: str, *statements: str) -> None:
    """Run statements outside any transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="module")
def server(postgres: str) -> Iterator[Server]:
    """A filled warehouse that its owner gave roles, and three logins."""
    name = f"roles_{next(NUMBERS)}"
    run(postgres, f"CREATE DATABASE {name}")
    one = Server(postgres.replace("/postgres?", f"/{name}?"))
    with open_warehouse(one.owner) as warehouse, warehouse.writing() as connection:
        assert roles.apply(connection)
    run(postgres, *(f"CREATE ROLE {login} LOGIN" for login in LOGINS))
    run(postgres, *(f"GRANT {role} TO {login}" for login, role in LOGINS.items()))
    yield one
    run(postgres, f"DROP DATABASE {name} WITH (FORCE)", *(f"DROP ROLE {login}" for login in LOGINS))


def night(warehouse: Warehouse) -> None:
    """Do what a night does with the warehouse."""
    run_id = warehouse.begin_run(kind="nightly", as_of="2024-05-20", code_version="c1", suite_version="s1")
    warehouse.load(form("DP3AKB", answer("1.P1", 7, "ada_sah"), evidence=(proof("1.P1", 5),)), run_id)
    warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    warehouse.replace_standing_findings("63.10", 2024, "mandiri", (), run_id)
    warehouse.finish_run(run_id, "complete")


def test_a_night_runs_as_the_writer(server: Server) -> None:
    with open_warehouse(server.of("kla_malam")) as warehouse:
        night(warehouse)
        assert warehouse.failed_checks() == ()


def test_pages_and_looks_run_as_the_reader(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_warehouse(server.of("kla_malam")) as warehouse:
        night(warehouse)
    monkeypatch.setenv("KLA_READER_URL", server.of("kla_baca"))
    with open_reader() as reader:
        one = district()
        assert reader.picture(one, INSTRUMENT, 2024, DAY.date()).district.code == "63.10"
        assert reader.status(one, INSTRUMENT, 2024, DAY.date()).received == 1
        assert reader.trace(one, INSTRUMENT, 2024, "1.P1")
        assert reader.findings("63.10", 2024) == ()
        assert reader.states(one, INSTRUMENT, 2024, "mandiri", DAY.date())
        assert reader.attempts(one, 2024, "mandiri")
        assert reader.repairs("63.10", 2024, "mandiri") == ()
        assert reader.pending_aliases(one) == ()
        assert reader.decisions(one) == ()
        assert reader.office_deltas(one, 2024) is not None
        with pytest.raises(ProgrammingError, match="permission denied"):
            night(reader)


def every_way_to_write(table: str, column: str) -> tuple[str, ...]:
    """Return statements that change a table, or its shape."""
    return (
        f'INSERT INTO "{table}" DEFAULT VALUES',
        f'UPDATE "{table}" SET "{column}" = "{column}"',
        f'DELETE FROM "{table}"',
        f'TRUNCATE "{table}"',
        f'DROP TABLE "{table}"',
        f'ALTER TABLE "{table}" ADD COLUMN x text',
        f'CREATE INDEX ON "{table}" ("{column}")',
        f'LOCK TABLE "{table}" IN EXCLUSIVE MODE',
    )


def allowed(url: str, statements: tuple[str, ...]) -> list[str]:
    """Return which statements the database does not refuse for want of a right; each is rolled back."""
    engine = connect(url)
    may = []
    for statement in statements:
        with engine.connect() as connection, connection.begin() as work:
            try:
                connection.exec_driver_sql(statement)
            except DBAPIError as error:
                # Refused for another reason, such as a trigger or an empty column: the right was there.
                if getattr(error.orig, "sqlstate", "") == "42501":
                    continue
            finally:
                work.rollback()
        may.append(statement)
    engine.dispose()
    return may


def tables(server: Server) -> dict[str, str]:
    """Return every table with the name of one column."""
    engine = connect(server.owner)
    with engine.connect() as connection:
        looked = inspect(connection)
        found = {name: str(looked.get_columns(name)[0]["name"]) for name in looked.get_table_names()}
    engine.dispose()
    return found


def test_the_reader_may_write_nothing_anywhere(server: Server) -> None:
    writes = [sql for table, column in tables(server).items() for sql in every_way_to_write(table, column)]
    assert len(writes) > 100
    assert allowed(server.of("kla_baca"), (*writes, "CREATE TABLE x (y text)", "CREATE VIEW x AS SELECT 1")) == []


def test_the_steward_may_add_decisions_and_nothing_else(server: Server) -> None:
    writes = [sql for table, column in tables(server).items() for sql in every_way_to_write(table, column)]
    assert allowed(server.of("kla_siti"), (*writes, "CREATE TABLE x (y text)")) == [
        'INSERT INTO "decision" DEFAULT VALUES'
    ]


def test_a_decision_of_a_steward_is_kept_and_seen(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import datetime

    from kla.decisions import Decision, DecisionKind

    one = Decision(
        kind=DecisionKind.ACCEPTANCE,
        district_code="63.10",
        cycle=2024,
        who="Siti",
        reason="uji",
        at=datetime(2024, 5, 20, 9, tzinfo=district().zone),
        opd_code="DP3AKB",
        stage="mandiri",
    )
    monkeypatch.setenv("KLA_STEWARD_URL", server.of("kla_siti"))
    monkeypatch.setenv("KLA_READER_URL", server.of("kla_baca"))
    with open_for_decisions() as warehouse:
        decision_id = warehouse.add_decision(one)
        assert warehouse.add_decision(one) == decision_id
    with open_reader() as reader:
        assert [it.decision_id for it in reader.decisions(district())] == [decision_id]


def test_the_writer_changes_no_shape_and_takes_back_no_decision(server: Server) -> None:
    held = tables(server)
    shapes = [sql for table, column in held.items() for sql in every_way_to_write(table, column)[3:7]]
    kept = ("UPDATE decision SET who = who", "DELETE FROM decision", "DELETE FROM alembic_version")
    assert allowed(server.of("kla_malam"), (*shapes, *kept, "CREATE TABLE x (y text)")) == []


def test_every_table_and_view_is_granted_to_readers_or_kept_back_by_name(server: Server) -> None:
    said = (project.data("sql") / "roles" / "40_reader.sql").read_text(encoding="utf-8")
    granted = set(re.findall(r"\w+", " ".join(re.findall(r"GRANT SELECT ON ([^;]*) TO kla_reader;", said))))
    kept = set(re.findall(r"(\w+) \(", " ".join(re.findall(r"^-- kept back: (.*)$", said, re.MULTILINE))))
    engine = connect(server.owner)
    with engine.connect() as connection:
        names = {*inspect(connection).get_table_names(), *inspect(connection).get_view_names()}
        sees = {name for name in names if _may_see(connection, name)}
    engine.dispose()
    assert granted | kept == names, "name each new table or view in sql/roles/40_reader.sql"
    assert sees == granted
    assert not granted & kept


def _may_see(connection: Connection, name: str) -> bool:
    sql = text("SELECT has_table_privilege('kla_baca', :name, 'SELECT')")
    return bool(connection.execute(sql, {"name": f'"{name}"'}).scalar_one())


def test_after_a_migration_the_roles_have_their_rights_again_and_only_the_owner_migrates(server: Server) -> None:
    revisions = sorted(path.name[:4] for path in (project.data("sql") / "migrations" / "versions").glob("[0-9]*.py"))
    with open_warehouse(server.owner) as warehouse, warehouse.writing() as connection:
        schema.downgrade(connection, revisions[-2])
    for login in LOGINS:
        with pytest.raises(WarehouseError, match="kla migrate"):
            open_warehouse(server.of(login))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_READER_URL", server.of("kla_baca"))
        with pytest.raises(WarehouseError, match="kla migrate"):
            open_reader()
        open_warehouse(server.owner).close()
        open_reader().close()
    with open_warehouse(server.of("kla_malam")) as warehouse:
        night(warehouse)


def test_without_urls_of_their_own_readers_and_stewards_use_the_warehouse(own_var: object) -> None:
    with open_warehouse() as warehouse:
        night(warehouse)
    with open_reader() as reader, open_for_decisions() as deciding:
        assert len(reader.known("63.10")) == len(deciding.known("63.10")) == 1


def test_a_database_without_logins_has_no_roles(tmp_path: object) -> None:
    with open_warehouse(f"sqlite:///{tmp_path}/warehouse.db") as warehouse, warehouse.writing() as connection:
        assert roles.apply(connection) is False
