"""What each district's pages were made from: so a night knows which districts it can leave as they are.

Every transaction that changes what is known of a district gives it another mark. Decisions and names that wait for one
are only ever added, so their number is mark enough, and stewards need no right to write here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Connection, Table, func, select, text

from kla.io.warehouse.columns import METADATA, means
from kla.io.warehouse.columns import text as text_column
from kla.io.warehouse.decision_tables import alias_queue, decision
from kla.io.warehouse.lasting import lasting

if TYPE_CHECKING:
    from kla.io.warehouse.store import Warehouse

freshness = Table(
    "freshness",
    METADATA,
    text_column("district_code", "Kemendagri code", primary_key=True),
    text_column("mark", "random; another after each transaction that changed what is known of the district"),
    text_column("made_from", "digest of all that its pages follow from but the day; '' before they were made"),
    text_column("made_for", "the day they speak of"),
    text_column("files", "digest of the names, sizes and times of its published files"),
    info=means("What each district's pages were made from: where all of it is the same, a night leaves them alone."),
)
_TOUCH = text(
    "INSERT INTO freshness (district_code, mark, made_from, made_for, files) VALUES (:code, :mark, '', '', '') "
    "ON CONFLICT (district_code) DO UPDATE SET mark = excluded.mark"
)
_KEEP = text(
    "INSERT INTO freshness (district_code, mark, made_from, made_for, files) "
    "VALUES (:code, '', :made_from, :made_for, :files) ON CONFLICT (district_code) "
    "DO UPDATE SET made_from = excluded.made_from, made_for = excluded.made_for, files = excluded.files"
)
_MARK = text("SELECT mark FROM freshness WHERE district_code = :code")


@dataclass(frozen=True, slots=True)
class Made:
    """What a district's pages were made from, for which day (ISO), and what their files were like."""

    made_from: str
    made_for: str
    files: str


def touch(connection: Connection, district_code: str) -> None:
    """Write down, in the transaction that changes something, that what is known of a district is not what it was."""
    connection.execute(_TOUCH, {"code": district_code, "mark": uuid4().hex})


def mark_of(connection: Connection, district_code: str) -> str:
    """Return what is another text after each transaction that changed what is known of a district (`touch`)."""
    return str(connection.execute(_MARK, {"code": district_code}).scalar() or "")


@lasting
def marks(warehouse: Warehouse, codes: Collection[str]) -> Mapping[str, str]:
    """Return what is another text for a district as soon as anything else is known of it; asked once for all."""
    with warehouse.reading() as connection:
        mark = {row[0]: row[1] for row in connection.execute(select(freshness.c.district_code, freshness.c.mark))}
        counts = [
            {row[0]: row[1] for row in connection.execute(select(code, func.count()).group_by(code))}
            for code in (decision.c.district_code, alias_queue.c.district_code)
        ]
    return {code: " ".join([mark.get(code, ""), *(str(it.get(code, 0)) for it in counts)]) for code in codes}


@lasting
def made(warehouse: Warehouse, codes: Collection[str]) -> Mapping[str, Made]:
    """Return what the pages of those districts were made from that have any."""
    here = freshness.c
    sql = select(here.district_code, here.made_from, here.made_for, here.files).where(here.made_from != "")
    with warehouse.reading() as connection:
        return {row[0]: Made(*row[1:]) for row in connection.execute(sql) if row[0] in codes}


@lasting
def keep(warehouse: Warehouse, found: Mapping[str, Made]) -> None:
    """Write down what the pages of some districts have been made from."""
    if found:
        with warehouse.writing() as connection:
            connection.execute(_KEEP, [{"code": code, **asdict(it)} for code, it in sorted(found.items())])
