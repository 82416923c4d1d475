"""The files that were handed in for a district and cycle: read once, looked at from many sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, text

from kla.findings import Outcome


class Filed(NamedTuple):
    """One row of the view `version`, as stored: a file that was judged."""

    submission_id: int
    receipt_id: int
    stage: str
    opd_code: str
    layout: str
    outcome: str
    code: str
    sha256: str
    file_name: str
    received_at: str
    cells_read: int
    cells_loaded: int
    cells_quarantined: int
    cells_ignored: int
    run_id: str
    version: int

    @property
    def is_refused(self) -> bool:
        """Whether nothing of the file can be used."""
        return self.outcome == Outcome.REFUSED.value


_FILES = text(
    f"SELECT {', '.join(Filed._fields[:-1])} FROM submission "  # noqa: S608 - names of ours
    "WHERE district_code = :district_code AND cycle = :cycle ORDER BY stage, opd_code, received_at, sha256, submission_id"
)


def read(connection: Connection, district_code: str, cycle: int) -> tuple[Filed, ...]:
    """Return every file of a district and cycle, by stage, office and version.

    Numbering them, as the view does, takes a database three times as long.
    """
    found = connection.execute(_FILES, {"district_code": district_code, "cycle": cycle}).all()
    by_office = groupby(found, key=lambda row: (row.stage, row.opd_code))
    return tuple(Filed._make((*row, version)) for _, own in by_office for version, row in enumerate(own, 1))


def newest(files: Iterable[Filed]) -> Mapping[tuple[str, str], Filed]:
    """Return the last of the files (in the order of `read`) of each stage and office, whatever became of it."""
    return {(it.stage, it.opd_code): it for it in files}


def in_force(files: Iterable[Filed]) -> Mapping[tuple[str, str], Filed]:
    """Return the last of the files (in the order of `read`) of each stage and office that was not refused."""
    return newest(it for it in files if not it.is_refused)
