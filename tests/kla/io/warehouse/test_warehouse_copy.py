"""Bulk load: one driver call on SQLite, COPY on PostgreSQL, inside the transaction like everything else."""

from __future__ import annotations

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from kla.io.warehouse import Warehouse
from kla.io.warehouse.engine import COPY_ROWS, insert
from kla.io.warehouse.tables import ignored, meta

pytest_plugins = ["tests.kla.io.warehouse.engines"]

# What COPY's own text format uses as marks, and what a database might take for nothing.
ODD = ["", "\\N", "\\.", "a\tb", "a\nb", "a\r\nb", "a\\nb", "'\"", "%s", "NULL", "€ 🙂", " x ", "\x0b\x1f"]


def rows(count: int, mark: str = "k") -> list[tuple[str, str]]:
    """Return rows of the table `meta`."""
    return [(f"{mark}{number:05}", "") for number in range(count)]


def held(warehouse: Warehouse, mark: str) -> int:
    """Return how many rows with a mark are there."""
    with warehouse.reading() as connection:
        counted = select(func.count()).select_from(meta).where(meta.c.key.startswith(mark))
        return int(connection.execute(counted).scalar_one())


@pytest.mark.parametrize("count", [0, 1, COPY_ROWS - 1, COPY_ROWS, 2_000])
def test_every_row_arrives_whatever_their_number(warehouse: Warehouse, count: int) -> None:
    with warehouse.writing() as connection:
        insert(connection, meta, rows(count))
    assert held(warehouse, "k") == count


def test_every_text_arrives_as_it_is(warehouse: Warehouse) -> None:
    assert len(ODD) >= COPY_ROWS
    with warehouse.writing() as connection:
        insert(connection, meta, [(f"odd{number:02}", value) for number, value in enumerate(ODD)])
    with warehouse.reading() as connection:
        found = connection.execute(select(meta.c.value).where(meta.c.key.startswith("odd")).order_by(meta.c.key))
        assert found.scalars().all() == ODD


@pytest.mark.parametrize("count", [COPY_ROWS - 1, COPY_ROWS, 500])
def test_what_an_error_leaves_behind_is_nothing_and_the_warehouse_goes_on(warehouse: Warehouse, count: int) -> None:
    def twice() -> None:
        with warehouse.writing() as connection:
            insert(connection, meta, rows(count, "before"))
            insert(connection, meta, [*rows(count), rows(1)[0]])

    with pytest.raises(IntegrityError):
        twice()
    assert held(warehouse, "before") == held(warehouse, "k") == 0
    with warehouse.writing() as connection:
        insert(connection, meta, rows(count))
    assert held(warehouse, "k") == count


def test_a_refused_reference_is_an_integrity_error_too(warehouse: Warehouse) -> None:
    def astray() -> None:
        with warehouse.writing() as connection:
            insert(connection, ignored, [(7, f"rule {number}", 1) for number in range(COPY_ROWS)])

    with pytest.raises(IntegrityError):
        astray()


def test_an_error_of_a_bulk_load_does_not_repeat_what_an_office_wrote(warehouse: Warehouse) -> None:
    """The message of the database names the table and its rule; `loading` tells only the cause's own text."""
    with pytest.raises(DBAPIError) as refusal, warehouse.writing() as connection:
        insert(connection, meta, [("k", "NIK 6401010101010001")] * COPY_ROWS)
    assert "6401010101010001" not in str(refusal.value.__cause__)


def test_postgresql_loads_many_rows_by_copy(postgres: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(postgres)
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    with engine.connect() as connection:
        meta.create(connection)
        insert(connection, meta, rows(COPY_ROWS))
        insert(connection, meta, rows(COPY_ROWS - 1, "few"))
        assert connection.execute(select(func.count()).select_from(meta)).scalar_one() == 2 * COPY_ROWS - 1
        connection.rollback()
    assert sum(sql.startswith("INSERT") for sql in said) == 1, "only the few rows went by INSERT"
    engine.dispose()


def test_a_connection_cut_during_copy_is_told_as_lost_and_the_next_one_works(postgres: str) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(postgres)

    def cut() -> None:
        with engine.begin() as connection:
            pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
            with engine.connect() as other:
                other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            insert(connection, meta, rows(COPY_ROWS))

    with pytest.raises(DBAPIError) as lost:
        cut()
    assert lost.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.execute(text("select 1")).scalar_one() == 1
    engine.dispose()
