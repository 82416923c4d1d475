"""A backup is one sound file that restores to the same rows, on both engines, by the commands the operations guide names."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kla.errors import SettingsError, WarehouseError
from kla.io.warehouse import Warehouse, open_warehouse
from kla.io.warehouse import backup as backing
from kla.io.warehouse.backup import backup, ending_of
from tests.kla.io.warehouse.district_of_tests import INSTRUMENT, answer, district, form, proof
from tests.kla.io.warehouse.test_warehouse_loading import facts

pytest_plugins = ["tests.kla.io.warehouse.engines"]


def fill(warehouse: Warehouse) -> None:
    run_id = warehouse.begin_run(kind="nightly", as_of="2024-05-20", code_version="c1", suite_version="s1")
    warehouse.load(form("DP3AKB", answer("1.P1", 7, "ada_sah"), evidence=(proof("1.P1", 5),)), run_id)
    warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    warehouse.finish_run(run_id, "complete")


def restored(copy: Path, url: str, tmp_path: Path) -> str:
    """Restore a copy beside the warehouse it was made of and return its URL."""
    if copy.suffix == ".db":
        shutil.copy(copy, tmp_path / "restored.db")
        return f"sqlite:///{tmp_path / 'restored.db'}"
    again = url.replace("?", "_again?")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = connection.execute(text("select current_database()")).scalar_one()
        connection.exec_driver_sql(f"CREATE DATABASE {name}_again")
    engine.dispose()
    plain = again.replace("+psycopg", "")
    command = ["pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={plain}", str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    return again


def test_what_is_restored_holds_the_same_rows_and_serves(url: str, warehouse: Warehouse, tmp_path: Path) -> None:
    fill(warehouse)
    held = facts(warehouse)
    made = backup(url, tmp_path / f"copy{ending_of(url)}")
    assert made.size_bytes == made.path.stat().st_size > 10_000
    with open_warehouse(restored(made.path, url, tmp_path)) as again:
        assert facts(again) == held
        assert again.failed_checks() == ()
        fill(again)


def test_a_copy_is_its_owners_alone_and_nothing_lies_beside_it(url: str, warehouse: Warehouse, tmp_path: Path) -> None:
    fill(warehouse)
    made = backup(url, tmp_path / "deep" / f"copy{ending_of(url)}")
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_a_copy_made_while_a_run_writes_holds_what_was_committed(
    url: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    fill(warehouse)
    held = facts(warehouse)
    with warehouse.writing() as connection:
        connection.execute(text("UPDATE submission SET file_name = 'half'"))
        made = backup(url, tmp_path / f"copy{ending_of(url)}")
        connection.rollback()
    with open_warehouse(restored(made.path, url, tmp_path)) as again:
        assert facts(again) == held


def test_an_older_copy_is_never_overwritten(url: str, warehouse: Warehouse, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.write_text("older", encoding="utf-8")
    with pytest.raises(SettingsError, match="is there already"):
        backup(url, target)
    assert target.read_text(encoding="utf-8") == "older"


def test_without_a_warehouse_there_is_nothing_to_copy_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no warehouse"):
        backup(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A SQLite warehouse in which a page was overwritten."""
    path = tmp_path / "warehouse.db"
    with open_warehouse(f"sqlite:///{path}") as warehouse:
        fill(warehouse)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        place = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_answer_submission_id'")
        page = int(place.fetchone()[0])
    with path.open("r+b") as held:
        held.seek((page - 1) * 4096)
        held.write(b"\0" * 4096)
    return path


def test_a_damaged_warehouse_gives_no_copy_that_looks_sound(damaged: Path, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError):
        backup(f"sqlite:///{damaged}", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    assert not (tmp_path / "copy.db.part").exists()


def test_what_is_not_a_warehouse_is_not_kept_as_one(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE other (x)")
    with pytest.raises(WarehouseError, match="lacks"):
        backup(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "copy.db")


def test_a_password_stands_neither_in_the_arguments_nor_in_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    real = subprocess.run

    def looked(command: list[str], **given: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        assert given["env"]["PGPASSWORD"] == "rahasia"  # type: ignore[index]
        return real(["false"], **{**given, "check": False})  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(backing.shutil, "which", lambda name: name)
    monkeypatch.setattr(backing.subprocess, "run", looked)
    with pytest.raises(WarehouseError) as refusal:
        backup("postgresql://kla:rahasia@tuan/kla", tmp_path / "copy.dump")
    assert "rahasia" not in str(seen)
    assert "rahasia" not in str(refusal.value)


def test_the_command_names_its_file_by_the_moment(
    own_var: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from desk.main import app

    with open_warehouse() as warehouse:
        fill(warehouse)
    with pytest.raises(SystemExit) as end:
        app(["backup", "--to", str(tmp_path)])
    assert end.value.code == 0
    made = next(tmp_path.glob("gudang-*.db"))
    assert str(made) in capsys.readouterr().out
