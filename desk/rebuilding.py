"""`kla export` and `kla rebuild`: the facts as text, and the warehouse made again from the archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.frame import FAILED, OK, PARTIAL, out, table
from desk.looking import Json
from kla.io import project
from kla.io.desk_words import items, say

if TYPE_CHECKING:
    from kla.io.warehouse.export import TableExport


def export(
    target: Annotated[
        Path | None, typer.Option("--out", metavar="BERKAS", help=say("option.export_out"), show_default=False)
    ] = None,
    is_json: Json = False,
) -> None:
    """Write every fact, and print how many rows each table holds and their digest."""
    from kla.io.warehouse import open_warehouse
    from kla.io.warehouse.export import export as write

    with open_warehouse() as warehouse:
        if target is None:
            found = write(warehouse)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            staged = target.with_name(f".{target.name}.new")
            with staged.open("wb") as file:
                found = write(warehouse, file)
            staged.replace(target)
    _tell_export(found, target, is_json)


def _tell_export(found: tuple[TableExport, ...], target: Path | None, is_json: bool) -> None:
    from kla.io.warehouse.export import digest_of

    if is_json:
        tables = {it.name: {"rows": it.rows, "sha256": it.digest} for it in found}
        out(json.dumps({"sha256": digest_of(found), "tables": tables, "out": str(target or "")}))
        return
    out(table(items("export.header"), [[it.name, str(it.rows), it.digest[:16]] for it in found], frozenset({1})))
    out(say("export.digest", digest=digest_of(found)))
    if target is not None:
        out(say("export.written", out=target))


def rebuild(
    into: Annotated[str, typer.Option("--into", metavar="URL", help=say("option.into"), show_default=False)],
    archive: Annotated[
        Path | None, typer.Option("--archive", metavar="FOLDER", help=say("option.archive"), show_default=False)
    ] = None,
    is_compared: Annotated[bool, typer.Option("--compare", help=say("option.compare"))] = False,
) -> None:
    """Make the warehouse again in an empty database."""
    from flows.rebuilding import rebuild as make
    from tasks.terminal import progress

    held = archive or project.archive()
    with progress(say("rebuild.reading"), sum(1 for _ in held.glob("??/*"))) as step:
        made = make(into, held, project.public(), step)
    for trouble in made.troubles:
        where = " ".join(part for part in (trouble.district_code, trouble.who) if part) or say("night.everyone")
        out("  " + say("rebuild.trouble", where=where, what=trouble.what))
    out(say("rebuild.done", files=made.files, records=made.records, into=_named(into)))
    is_same = not is_compared or _compared(into)
    raise typer.Exit(FAILED if not is_same else PARTIAL if made.troubles else OK)


def _named(url: str) -> str:
    """Return a URL without its password."""
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)


def _compared(url: str) -> bool:
    """Say whether a warehouse holds what the one in use holds, table by table."""
    from kla.io.warehouse import open_warehouse
    from kla.io.warehouse.export import digest_of
    from kla.io.warehouse.export import export as write

    with open_warehouse() as live, open_warehouse(url) as made:
        here, there = write(live), write(made)
    if here == there:
        out(say("rebuild.same", digest=digest_of(here)[:16]))
        return True
    others = [one.name for one, other in zip(here, there, strict=True) if one != other]
    out(say("rebuild.differs", tables=", ".join(others)))
    return False
