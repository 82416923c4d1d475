"""The schema comes from migrations alone, goes up and down on a filled database, and its views follow their files."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from kla.errors import SettingsError, WarehouseError
from kla.io import project
from kla.io.warehouse import Warehouse, open_warehouse, schema
from kla.io.warehouse.engine import connect
from kla.io.warehouse.tables import METADATA
from tests.kla.io.warehouse.district_of_tests import INSTRUMENT, answer, district, form, proof

pytest_plugins = ["tests.kla.io.warehouse.engines"]


def fill(warehouse: Warehouse) -> str:
    run_id = warehouse.begin_run(kind="nightly", as_of="2024-05-20", code_version="c1", suite_version="s1")
    warehouse.load(form("DP3AKB", answer("1.P1", 7, "ada_sah"), evidence=(proof("1.P1", 5),)), run_id)
    warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    warehouse.finish_run(run_id, "complete")
    return run_id


def test_the_migrations_make_exactly_the_tables_the_code_knows(warehouse: Warehouse) -> None:
    with warehouse.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
    assert differences == []


def test_a_filled_warehouse_migrates_down_to_nothing_and_up_again(url: str, warehouse: Warehouse) -> None:
    fill(warehouse)
    with warehouse.writing() as connection:
        schema.downgrade(connection, "base")
    with warehouse.reading() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        assert inspect(connection).get_view_names() == []
    with open_warehouse(url) as again:
        fill(again)
        assert again.failed_checks() == ()


def test_opening_again_changes_nothing_and_keeps_what_is_there(url: str, warehouse: Warehouse) -> None:
    run_id = fill(warehouse)
    with open_warehouse(url) as again:
        assert again.run(run_id).status == "complete"
        assert len(again.known("63.10")) == 1


def test_a_changed_view_is_rebuilt_and_a_view_of_others_is_left_alone(
    url: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with warehouse.writing() as connection:
        connection.execute(text("CREATE VIEW of_others AS SELECT run_id FROM run"))
    (tmp_path / "01_only_one.sql").write_text("SELECT run_id FROM run\n", encoding="utf-8")
    # Rights are by the name of a view; another test's roles may live in the same cluster.
    monkeypatch.setattr(schema.roles, "renew", lambda _connection: None)
    monkeypatch.setattr(schema, "view_files", lambda: (tmp_path / "01_only_one.sql",))
    with open_warehouse(url) as again, again.reading() as connection:
        assert set(inspect(connection).get_view_names()) == {"only_one", "of_others"}


def test_a_warehouse_of_a_newer_version_is_refused(url: str, warehouse: Warehouse) -> None:
    with warehouse.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WarehouseError, match="newer"):
        open_warehouse(url)


def test_the_newest_migration_is_alembics_own_head() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(project.data("sql") / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.head()]


def test_the_sqlite_files_are_their_owners_alone_and_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "warehouse.db"
    with open_warehouse(f"sqlite:///{path}") as opened, opened.writing() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}
    assert modes == {0o600}


@pytest.mark.parametrize("url", ["no url", "mysql://kla:rahasia@host/db"])
def test_a_url_that_is_none_of_ours_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        open_warehouse(url)
    assert "rahasia" not in str(refusal.value)


def test_every_text_sorts_by_code_point(url: str, warehouse: Warehouse) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        for key in ("b", "B", "a", "_"):
            connection.execute(text("INSERT INTO meta (key, value) VALUES (:key, '')"), {"key": key})
        found = connection.execute(text("SELECT key FROM meta WHERE value = '' ORDER BY key")).scalars().all()
    engine.dispose()
    assert found == sorted(["b", "B", "a", "_"])


def test_a_warehouse_goes_to_a_revision_by_command_and_comes_back(
    url: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from desk.main import app

    def said(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            app(["migrate", *arguments])
        shown = capsys.readouterr()
        return int(end.value.code or 0), shown.out + shown.err

    fill(warehouse)
    monkeypatch.setenv("KLA_WAREHOUSE_URL", url)
    assert said("--to", "9999")[0] == 2
    assert said("--to", "0002") == (0, "Basis data memakai revisi 0002.\n")
    assert not schema.is_there(url)
    assert said() == (0, f"Basis data memakai revisi {schema.head()}.\n")
    assert said("--to", schema.head())[0] == 0
    assert schema.is_there(url)
    with open_warehouse(url) as again:
        assert len(again.known("63.10")) == 1
