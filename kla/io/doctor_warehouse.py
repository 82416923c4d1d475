"""The doctor at the warehouse, the pages, Prefect's home and the disk."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Collection
from datetime import date
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from kla.errors import KlaError
from kla.io.doctor import Area, Chart
from kla.io.overview import MANIFEST
from kla.io.staging import is_intact
from kla.io.sweeping import GONE
from kla.io.warehouse import Warehouse, lease, open_warehouse, schema
from kla.io.warehouse.engine import connect, file_of

OLD_DAYS = 3
LITTLE_BYTES = 2_000_000_000


def opened(chart: Chart, url: str) -> Warehouse | None:
    """Return the warehouse where it is there and of this version; else None, and why is noted. Nothing is made."""
    path = file_of(url)
    if path is not None and not path.is_file():
        chart.note(Area.WAREHOUSE, "none", path)
        return None
    try:
        if schema.is_there(url):
            return open_warehouse(url)
        found = _revision(url)
    except (SQLAlchemyError, KlaError, OSError) as error:
        # The text of a database error may repeat the address with its password: only its kind is told.
        chart.note(Area.WAREHOUSE, "away", "", what=type(getattr(error, "orig", None) or error).__name__)
        return None
    code = "newer" if (found or "") > schema.head() else "older"
    chart.note(Area.WAREHOUSE, code, "", found=found or "–", wanted=schema.head())
    return None


def _revision(url: str) -> str | None:
    engine = connect(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return found
    finally:
        engine.dispose()


def warehouse(chart: Chart, held: Warehouse | None, url: str) -> None:
    """Look for broken promises inside, for runs that died, and for files that others may read."""
    if held is None:
        return
    with held.reading() as connection:
        chart.saw("runs", int(connection.execute(text("SELECT COUNT(*) FROM run")).scalar() or 0))
        chart.saw("files", int(connection.execute(text("SELECT COUNT(*) FROM receipt")).scalar() or 0))
        for run_id in lease.stale_runs(connection):
            chart.note(Area.WAREHOUSE, "dead_run", run_id)
        for run_id in connection.execute(
            text("SELECT run_id FROM run WHERE kind = 'rebuild' ORDER BY started_at")
        ).scalars():
            chart.note(Area.WAREHOUSE, "rebuilt", run_id)
        if connection.dialect.name == "sqlite":
            said = connection.execute(text("PRAGMA quick_check")).scalars().all()
            if said != ["ok"]:
                chart.note(Area.WAREHOUSE, "damaged", "", what=str(said[0]))
    for name, rows in held.failed_checks():
        chart.note(Area.WAREHOUSE, "check", name, count=len(rows))
    path = file_of(url)
    for file in [path, *path.parent.glob(f"{path.name}-*")] if path else []:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            chart.note(Area.WAREHOUSE, "open_file", file)


def pages(chart: Chart, public: Path, today: date, samples: Collection[str] = ()) -> None:
    """Hold every published folder against its manifest, and look how old it is; `samples` are of another day on purpose."""
    if not public.is_dir():
        chart.note(Area.PAGES, "none", public)
        return
    manifests = sorted(public.glob(f"[0-9]*/[0-9]*/{MANIFEST}"))
    for manifest in manifests:
        chart.saw("pages")
        _folder(chart, manifest, public, today, manifest.parts[-3] in samples)
    if manifests and not (public / "index.html").is_file():
        chart.note(Area.PAGES, "no_overview", public / "index.html")
    for left in sorted([*public.glob("[0-9]*/.*"), *public.glob(".*.new")]):
        chart.note(Area.PAGES, "left_over", left.relative_to(public))
    if public.with_name(GONE).is_dir():
        chart.note(Area.PAGES, "left_over", GONE)
    for folder in sorted(public.glob("[0-9]*/[0-9]*")):
        if not (folder / MANIFEST).is_file():
            chart.note(Area.PAGES, "no_manifest", folder.relative_to(public))


def _folder(chart: Chart, manifest: Path, public: Path, today: date, is_sample: bool) -> None:
    folder = manifest.parent
    shown = folder.relative_to(public)
    try:
        content = manifest.read_bytes()
        facts = json.loads(content)
        digests = {**facts["files"], MANIFEST: hashlib.sha256(content).hexdigest()}
        as_of = date.fromisoformat(facts["overview"]["as_of"])
    except (OSError, ValueError, KeyError, TypeError):
        chart.note(Area.PAGES, "unreadable_manifest", shown)
        return
    if not is_intact(folder, digests):
        chart.note(Area.PAGES, "changed", shown)
    newest = max((path.name for path in folder.parent.iterdir() if path.name.isdecimal()), default="")
    if not is_sample and (today - as_of).days > OLD_DAYS and folder.name == newest:
        chart.note(Area.PAGES, "old", shown, days=(today - as_of).days)


def prefect(chart: Chart, home: Path) -> None:
    """Look whether a run could write its state."""
    chart.saw("prefect")
    if not home.is_dir():
        chart.note(Area.PREFECT, "none", home)
    elif not os.access(home, os.W_OK | os.X_OK):
        chart.note(Area.PREFECT, "not_writable", home)
    elif (home / "prefect.db").is_file() and not os.access(home / "prefect.db", os.W_OK):
        chart.note(Area.PREFECT, "not_writable", home / "prefect.db")


def disk(chart: Chart, var: Path) -> None:
    """Look how much room there is."""
    place = next(it for it in (var, *var.parents) if it.is_dir())
    free = shutil.disk_usage(place).free
    if free < LITTLE_BYTES:
        chart.note(Area.ARCHIVE, "little_room", place, megabytes=free // 1_000_000)
