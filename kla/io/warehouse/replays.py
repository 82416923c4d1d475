"""What a day's report was made from: the runs that worked on a district until then, what each received and knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select

from kla.decisions import Decision
from kla.district import District
from kla.io.intake import folder_of
from kla.io.warehouse.publications import of_district
from kla.io.warehouse.rejudging import archived
from kla.io.warehouse.store import Warehouse
from kla.io.warehouse.tables import decision, finding_change, receipt, run
from kla.submission import Receipt


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that worked on a district: the day it took for now, and what it received; `rules` as it knew them."""

    run_id: str
    day: date
    started_at: datetime
    rules: str
    receipts: tuple[Receipt, ...]


def has_later_files(warehouse: Warehouse, district: District, moment: datetime) -> bool:
    """Whether something arrived after a moment, so that a run as of it would speak of a day that is past."""
    with warehouse.reading() as connection:
        arrived = select(receipt.c.received_at).where(receipt.c.district_code == district.code)
        return any(datetime.fromisoformat(it) > moment for it in connection.execute(arrived).scalars())


def runs_until(warehouse: Warehouse, district: District, archive: Path, day: date) -> tuple[PastRun, ...]:
    """Return the runs that brought something to a district, or published it, for a day not after the given one."""
    code = district.code
    days = {it.run_id: date.fromisoformat(it.as_of) for it in of_district(warehouse, code)}
    by_run: dict[str, list[Receipt]] = {}
    with warehouse.reading() as connection:
        received = select(receipt.c.sha256, receipt.c.folder, receipt.c.run_id).where(receipt.c.district_code == code)
        owner = {(row[0], row[1]): row[2] for row in connection.execute(received)}
        changed = select(finding_change.c.run_id).where(finding_change.c.district_code == code).distinct()
        ids = {*days, *owner.values(), *connection.execute(changed).scalars()}
        lines = connection.execute(select(run).where(run.c.run_id.in_(sorted(ids)))).mappings().all()
    for one in archived(warehouse, district, archive):
        by_run.setdefault(owner[one.sha256, folder_of(one)], []).append(one)
    found = [
        PastRun(
            run_id=row["run_id"],
            day=days.get(row["run_id"]) or date.fromisoformat(row["as_of"].split(", ")[-1]),
            started_at=datetime.fromisoformat(row["started_at"]),
            rules=row["suite_version"],
            receipts=tuple(by_run.get(row["run_id"], ())),
        )
        for row in lines
    ]
    return tuple(sorted((it for it in found if it.day <= day), key=lambda it: (it.started_at, it.run_id)))


def copy_run(source: Warehouse, target: Warehouse, run_id: str) -> None:
    """Copy a run's row of the ledger, without its number: in the copy it holds no leases and needs none."""
    with source.reading() as held:
        row = dict(held.execute(select(run).where(run.c.run_id == run_id)).mappings().one())
    with target.writing() as new:
        new.execute(run.insert().values({**row, "token": 0}))


def copy_decisions(source: Warehouse, target: Warehouse, known: Sequence[Decision]) -> None:
    """Copy those of the decisions that the target does not hold yet."""
    with source.reading() as held, target.writing() as new:
        there = set(new.execute(select(decision.c.decision_id)).scalars())
        ids = [it.decision_id for it in known if it.decision_id not in there]
        rows = held.execute(select(decision).where(decision.c.decision_id.in_(ids))).mappings().all()
        if rows:
            new.execute(decision.insert(), [dict(row) for row in rows])
