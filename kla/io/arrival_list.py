"""The list an inbox may keep of when its files arrived: `_kedatangan.csv` with columns path,received_at."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

ARRIVALS = "_kedatangan.csv"


def moments_in(folder: Path) -> dict[str, datetime]:
    """Return path -> moment of arrival as a district's folder lists them; lines that cannot be understood say nothing."""
    path = folder / ARRIVALS
    found: dict[str, datetime] = {}
    if path.is_symlink() or not path.is_file():
        return found
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for line in csv.DictReader(file):
            try:
                moment = datetime.fromisoformat((line.get("received_at") or "").strip())
            except ValueError:
                continue
            if moment.tzinfo is not None:
                found[(line.get("path") or "").strip()] = moment
    return found
