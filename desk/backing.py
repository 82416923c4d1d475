"""`kla backup`: the warehouse in one file that was looked over. How to restore it stands in docs/operations.md."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from desk.frame import out
from kla.io import project
from kla.io.desk_words import say

To = Annotated[Path, typer.Option("--to", metavar="TEMPAT", help=say("option.backup_to"), show_default=False)]


def backup(to: To) -> None:
    """Copy the warehouse into a file, or into a folder under the moment's name."""
    from kla.io.warehouse.backup import backup as copy
    from kla.io.warehouse.backup import ending_of

    url = project.warehouse_url()
    target = to / f"gudang-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{ending_of(url)}" if to.is_dir() else to
    made = copy(url, target)
    out(
        say(
            "backup.done",
            path=made.path,
            megabytes=f"{made.size_bytes / 1e6:.1f}".replace(".", ","),
            tables=made.tables,
        )
    )
