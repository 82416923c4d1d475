"""The warehouse as those open it who may not do all: readers, and stewards who decide. See sql/roles."""

from __future__ import annotations

from pathlib import Path

from kla.io import project, settings
from kla.io.warehouse import schema
from kla.io.warehouse.engine import connect, file_of
from kla.io.warehouse.lasting import again
from kla.io.warehouse.store import Warehouse, open_warehouse

_NOTHING_YET = "sqlite:///:memory:"


def open_reader() -> Warehouse:
    """Return the warehouse for looking only: by KLA_READER_URL, whose login may write nothing; without it the warehouse.

    Looking makes none: where a SQLite file is not there yet, an empty one in memory is looked at.

    Raises:
        SettingsError: the URL is not one of SQLite or PostgreSQL.
        WarehouseError: the warehouse is not of this version; a reader does not migrate it.
    """
    url, file = settings.current().reader_url, file_of(project.warehouse_url())
    if url is None and file is not None and _is_to_come(file):
        return open_warehouse(_NOTHING_YET)
    return _open_as(url)


def _is_to_come(file: Path) -> bool:
    """Whether a file is not there yet, but could be made: something else in the place of its folder is a fault."""
    return not file.exists() and (file.parent.is_dir() or not file.parent.exists())


def open_for_decisions() -> Warehouse:
    """Return the warehouse for adding decisions: by KLA_STEWARD_URL; without it the warehouse. Raises as `open_reader`."""
    return _open_as(settings.current().steward_url)


def _open_as(url: str | None) -> Warehouse:
    if url is None:
        return open_warehouse()
    engine = connect(url)
    try:
        again(lambda: schema.expect(engine))
    except BaseException:
        engine.dispose()
        raise
    return Warehouse(engine)
