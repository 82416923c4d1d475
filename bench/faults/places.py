"""Small worlds to try things in: an inbox of one district with files in it, its archive, the moment it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kla.district import District
from kla.io.districts import load_district

CODE = "64.02"


@dataclass(frozen=True)
class Place:
    """An inbox with one district's files, and what `kla.io.intake.receive` is asked with."""

    inbox: Path
    archive: Path
    districts: Mapping[str, District]
    as_of: Mapping[str, datetime]
    code: str = CODE


def inbox_of(root: Path, files: Mapping[str, bytes], code: str = CODE) -> Place:
    """Return an inbox holding these files, by path below the district's folder."""
    for name, content in files.items():
        path = root / "inbox" / code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root / "inbox" / code).mkdir(parents=True, exist_ok=True)
    district = load_district(code)
    as_of = {code: datetime(2030, 1, 1, 12, tzinfo=district.zone)}
    return Place(root / "inbox", root / "archive", {code: district}, as_of, code)
