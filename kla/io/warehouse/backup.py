"""A copy of the whole warehouse in one file, looked over before it counts as one. How to restore: docs/operations.md.

SQLite is copied by its own backup interface, while others write; PostgreSQL by pg_dump. The archive of originals
(`var/archive`) is a folder of files that never change: it is copied by whatever copies files.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

from kla.errors import SettingsError, WarehouseError
from kla.io import settings
from kla.io.warehouse.engine import file_of, url_of
from kla.io.warehouse.tables import METADATA

DUMP_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was looked over: where it lies, how large it is, how many tables it holds."""

    path: Path
    size_bytes: int
    tables: int


def ending_of(url: str) -> str:
    """Return how the file of a copy is named at its end: .db is a SQLite file, .dump is for pg_restore."""
    return ".dump" if file_of(url) is None else ".db"


def backup(url: str, target: Path) -> Backup:
    """Copy the warehouse at `url` into a file of its owner's alone that is not there yet.

    Raises:
        SettingsError: the target is there, the source is not, or PostgreSQL's programs are not installed.
        WarehouseError: the copy could not be made or is not sound; no file is left.
    """
    if target.exists():
        raise SettingsError(str(target), "is there already", "Name a file that is not there.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))
    try:
        source = file_of(url)
        tables = _sound_copy(source, part) if source else _dumped(url_of(url), part)
        if missing := sorted(set(METADATA.tables) - tables):
            raise WarehouseError(str(target), f"the copy lacks {', '.join(missing)}", "Look at the warehouse itself.")
        _flush(part)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return Backup(target, target.stat().st_size, len(tables))


def _sound_copy(source: Path, part: Path) -> set[str]:
    try:
        return _copied(source, part)
    except sqlite3.DatabaseError as error:
        raise WarehouseError(str(source), f"the copy could not be made: {error}", "Restore an earlier one.") from error


def _copied(source: Path, part: Path) -> set[str]:
    """Copy a SQLite file, look it over, and return the names of its tables."""
    if not source.is_file():
        raise SettingsError(str(source), "there is no warehouse", "Run a night first.")
    place = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(place, uri=True)) as held, closing(sqlite3.connect(part)) as new:
        held.backup(new)
        # A copy must be one file, whole in itself.
        new.execute("PRAGMA journal_mode=DELETE")
        wrong = [row[0] for row in new.execute("PRAGMA integrity_check") if row[0] != "ok"]
        wrong += [str(row) for row in new.execute("PRAGMA foreign_key_check")]
        if wrong:
            raise WarehouseError(str(source), f"the copy is not sound: {wrong[0]}", "Restore an earlier backup.")
        return {row[0] for row in new.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _dumped(url: URL, part: Path) -> set[str]:
    """Dump a PostgreSQL database, have the dump read again, and return the names of the tables whose rows it holds."""
    # The password travels in the environment: arguments can be read by everybody on the machine.
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query).render_as_string()
    _run(["pg_dump", "--format=custom", f"--file={part}", f"--dbname={plain}"], secret)
    listed = _run(["pg_restore", "--list", str(part)], {})
    # 4567; 0 16390 TABLE DATA public answer kla
    rows = (line.partition(" TABLE DATA ")[2].split() for line in listed.splitlines() if " TABLE DATA " in line)
    return {words[1] for words in rows}


def _run(command: list[str], more: dict[str, str]) -> str:
    program = shutil.which(command[0])
    if program is None:
        raise SettingsError(command[0], "is not installed", "Install PostgreSQL's client programs.")
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [program, *command[1:]],
        env=settings.environment(more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DUMP_SECONDS,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise WarehouseError(command[0], settings.masked(last), "Nothing was kept; try again.")
    return done.stdout


def _flush(path: Path) -> None:
    with path.open("rb") as copied:
        os.fsync(copied.fileno())
