"""Where the project's folders are: KLA_HOME, else the checkout, else the wheel's own copy of the data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kla.errors import SettingsError
from kla.io import settings

DATA_FOLDERS = ("instrument", "districts", "expectations", "reports", "sql", "samples")


@cache
def _data_root() -> Path:
    package, named = Path(__file__).resolve().parents[1], settings.current().home
    # Whoever names a folder means it: other data than those would give other figures without a word.
    looked = [package.parent, package / "_data"] if named is None else [Path(named)]
    for root in looked:
        if (root / "instrument").is_dir() and (root / "expectations").is_dir():
            return root
    raise SettingsError(
        "KLA_HOME", f"no instrument/ and expectations/ in {', '.join(map(str, looked))}", "Set KLA_HOME."
    )


def data(folder: str) -> Path:
    """Return one of the data folders (instrument, districts, expectations, reports, sql, samples).

    Raises:
        SettingsError: no root holds the data, or `folder` is not a data folder.
    """
    if folder not in DATA_FOLDERS:
        raise SettingsError(folder, "not a data folder", f"Use one of {', '.join(DATA_FOLDERS)}.")
    return _data_root() / folder


def var() -> Path:
    """Return the folder a run works in: KLA_VAR, else `var` under KLA_HOME, else `var` in the current folder."""
    return settings.current().var


def inbox() -> Path:
    """Return var/inbox, where offices' files arrive: <district>/<opd>/*.xlsx."""
    return var() / "inbox"


def archive() -> Path:
    """Return var/archive, where originals are kept by sha256."""
    return var() / "archive"


def public() -> Path:
    """Return var/public, what people see."""
    return var() / "public"


def warehouse_url() -> str:
    """Return KLA_WAREHOUSE_URL, else a SQLite file var/warehouse.db."""
    return settings.current().warehouse_url
