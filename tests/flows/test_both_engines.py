"""The sample night on PostgreSQL, run by the logins of a server: the same facts and the same pages as on SQLite."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from kla.io.warehouse import open_warehouse, roles
from kla.io.warehouse.export import digest_of, export

if TYPE_CHECKING:
    from conftest import SampleNight

pytest_plugins = ["tests.kla.io.warehouse.engines"]

DATABASE = "both_engines"


@pytest.fixture
def server(postgres: str) -> Iterator[str]:
    """A warehouse that belongs to somebody else, with a login for the night and one for the pages; the owner's URL."""
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    url = postgres.replace("/postgres?", f"/{DATABASE}?")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {DATABASE}")
        with open_warehouse(url) as warehouse, warehouse.writing() as held:
            roles.apply(held)
        connection.exec_driver_sql("CREATE ROLE uji_malam LOGIN IN ROLE kla_writer")
        connection.exec_driver_sql("CREATE ROLE uji_baca LOGIN IN ROLE kla_reader")
        yield url
        connection.exec_driver_sql(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        connection.exec_driver_sql("DROP ROLE uji_malam, uji_baca")
    engine.dispose()


def pages(public: Path) -> dict[str, bytes]:
    """Return every published file by its place, but for what tells of the run itself: manifests, the page of runs."""
    files = (path for path in public.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {
        path.relative_to(public).as_posix(): path.read_bytes() for path in files if (public / "keadaan") != path.parent
    }


def test_both_engines_give_the_same_facts_and_the_same_pages(
    server: str, sample_night: SampleNight, own_var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.nightly import nightly
    from kla.io.samples import sample_days

    shutil.copytree(sample_night.var / "inbox", own_var / "inbox")
    for marks in sample_night.var.glob("inbox.*"):  # what tells samples from files of offices
        shutil.copy(marks, own_var)
    monkeypatch.setenv("KLA_WAREHOUSE_URL", server.replace("//kla@", "//uji_malam@"))
    monkeypatch.setenv("KLA_READER_URL", server.replace("//kla@", "//uji_baca@"))
    days = {code: day.isoformat() for code, day in sample_days().items()}
    night = nightly(districts=sorted(days), as_of=days, who="uji")
    assert night.status == sample_night.night.status
    with (
        open_warehouse(f"sqlite:///{sample_night.var / 'warehouse.db'}") as one,
        open_warehouse(server) as other,
    ):
        here, there = export(one), export(other)
    assert there == here, "table by table"
    assert digest_of(there) == digest_of(here)
    assert sum(table.rows for table in here) > 5_000
    new, old = pages(own_var / "public"), pages(sample_night.var / "public")
    assert sorted(new) == sorted(old)
    assert [name for name in old if new[name] != old[name]] == []
