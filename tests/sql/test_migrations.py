"""Every migration, down and up again, on a warehouse filled by a whole night: what a revision keeps comes back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, inspect, text

from kla.io import project
from kla.io.warehouse import open_warehouse, schema
from kla.io.warehouse.copying import copy_districts
from kla.io.warehouse.tables import decision

if TYPE_CHECKING:
    from conftest import SampleNight

pytest_plugins = ["tests.kla.io.warehouse.engines"]

REVISIONS = sorted(path.name[:4] for path in (project.data("sql") / "migrations" / "versions").glob("[0-9]*.py"))
Dump = dict[str, tuple[tuple[str, ...], list[dict[str, object]]]]
OURS_NOT = {"alembic_version", "meta"}


def dump(connection: Connection) -> Dump:
    """Return the columns and rows of every table of facts."""
    found: Dump = {}
    for table in sorted(set(inspect(connection).get_table_names()) - OURS_NOT):
        rows = connection.execute(text(f'SELECT * FROM "{table}"'))
        found[table] = (tuple(rows.keys()), [dict(row) for row in rows.mappings()])
    return found


def common(one: Dump, other: Dump) -> dict[str, list[str]]:
    """Return of `one` what both can hold: the tables of both with the columns of both, rows in a fixed order."""
    shared = {}
    for table in sorted(one.keys() & other.keys()):
        columns = sorted({*one[table][0]} & {*other[table][0]})
        shared[table] = sorted(repr([row[name] for name in columns]) for row in one[table][1])
    return shared


def decided(connection: Connection) -> None:
    """Add a decision, so that the table nothing may be removed from is not empty."""
    facts = {column.name: 2024 if column.name == "cycle" else "uji" for column in decision.columns}
    connection.execute(decision.insert(), facts | {"district_code": "63.10", "kind": "acceptance", "withdraws": ""})


@pytest.fixture
def filled(url: str, sample_night: SampleNight) -> str:
    """The URL of a warehouse that holds the whole sample night, on either engine."""
    with (
        open_warehouse(f"sqlite:///{sample_night.var / 'warehouse.db'}") as held,
        open_warehouse(url) as new,
    ):
        copy_districts(held, new, [line.district_code for line in sample_night.night.lines])
        with new.writing() as connection:
            decided(connection)
    return url


def test_no_step_down_or_up_loses_what_both_sides_can_hold(filled: str) -> None:
    with open_warehouse(filled) as opened:
        with opened.reading() as connection:
            whole = dump(connection)
        assert sum(len(rows) for _, rows in whole.values()) > 5_000, "a whole night"
        before, seen = whole, {}
        for revision in reversed(REVISIONS[:-1]):
            with opened.writing() as connection:
                schema.downgrade(connection, revision)
                now = dump(connection)
            assert common(now, before) == common(before, now), f"down to {revision}"
            before = seen[revision] = now
        for revision in REVISIONS[1:]:
            with opened.writing() as connection:
                schema.upgrade(connection, revision)
                now = dump(connection)
            assert common(now, before) == common(before, now), f"up to {revision}"
            expected = seen.get(revision, whole)
            assert {table: set(columns) for table, (columns, _) in now.items()} == {
                table: set(columns) for table, (columns, _) in expected.items()
            }, f"the tables of {revision}"
            before = now

    with open_warehouse(filled) as again, again.reading() as connection:
        assert again.failed_checks() == ()
        assert connection.execute(text("SELECT count(*) FROM current_answer")).scalar_one() > 0
