"""Which pages were published when, by their digests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import func, select

from kla.io.warehouse.backfill_tables import published
from kla.io.warehouse.store import Warehouse


@dataclass(frozen=True, slots=True)
class Publication:
    """The pages of one district and cycle as one run published them for a day (ISO); `sha256` is of all their files."""

    run_id: str
    district_code: str
    cycle: int
    as_of: str
    sha256: str


def newest(warehouse: Warehouse, as_of: str = "") -> dict[tuple[str, int], Publication]:
    """Return the last publication of each district and cycle, of all or of one day; run ids sort as time."""
    here = published.c
    last = select(here.district_code, here.cycle, func.max(here.run_id).label("run_id"))
    last = last.where(here.as_of == as_of) if as_of else last
    newest = last.group_by(here.district_code, here.cycle).subquery()
    same = (here.run_id == newest.c.run_id) & (here.district_code == newest.c.district_code)
    with warehouse.reading() as connection:
        rows = connection.execute(select(published).join(newest, same & (here.cycle == newest.c.cycle))).mappings()
        return {(row["district_code"], row["cycle"]): Publication(**row) for row in rows}


def keep(warehouse: Warehouse, found: Iterable[Publication]) -> int:
    """Write publications that are news and return how many: the same pages for the same day again are none."""
    held = newest(warehouse)
    new = [
        it
        for it in found
        if (old := held.get((it.district_code, it.cycle))) is None or (old.as_of, old.sha256) != (it.as_of, it.sha256)
    ]
    # A run that publishes twice (its first answer was lost on the way) publishes once.
    if new := [it for it in new if (old := held.get((it.district_code, it.cycle))) is None or old.run_id != it.run_id]:
        with warehouse.writing() as connection:
            connection.execute(published.insert(), [asdict(it) for it in new])
    return len(new)


def of_district(warehouse: Warehouse, district_code: str) -> tuple[Publication, ...]:
    """Return every publication of a district, the oldest first."""
    here = published.c
    sql = select(published).where(here.district_code == district_code).order_by(here.run_id, here.cycle)
    with warehouse.reading() as connection:
        return tuple(Publication(**row) for row in connection.execute(sql).mappings())
