"""G22: the warehouse made again from the archive and its journal equals the one that was lost."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged

TITLE = "rebuilt from the archive, byte for byte"
SECONDS, LONG_SECONDS = 45, 120


def run(budget: Budget) -> Figure:
    """Two nights with a decision between them, a killed run, and then the warehouse from the archive alone."""
    from flows.rebuilding import rebuild
    from kla.io.warehouse import open_warehouse
    from kla.io.warehouse.export import digest_of, export

    quick.inbox(budget.room)
    world = quick.sqlite_world(budget.room)
    world.fresh()
    late = world.var / "inbox" / quick.CODE / quick.OFFICES[1]
    shutil.move(late, budget.room / "late")
    quick.night()
    decided = _waived(world)
    shutil.move(budget.room / "late", late)
    quick.night(day=(datetime.fromisoformat(quick.DAY) + timedelta(days=2)).date().isoformat())
    with open_warehouse(world.url) as warehouse:
        live = export(warehouse)
    url = f"sqlite:///{budget.room / 'again.db'}"
    shutil.rmtree(world.var / "inbox")
    made = rebuild(url, world.var / "archive", world.var / "public")
    with open_warehouse(url) as warehouse:
        again = export(warehouse)
    faults = [
        f"{it.name}: {it.rows} rows, rebuilt {that.rows}" for it, that in zip(live, again, strict=True) if it != that
    ]
    faults += [] if decided == made.records == 1 else [f"{decided} decision taken, {made.records} rebuilt"]
    faults += [it.what for it in made.troubles if it.step != "read"]
    rows = sum(it.rows for it in live)
    return judged(
        "G22", f"{made.files} files, {made.records} decision, {rows} rows: {digest_of(again)[:16]} twice", faults
    )


def _waived(world: quick.World) -> int:
    """Let a steward waive one blocking finding, as the command does; return how many were waived."""
    from kla.decisions import Decision, DecisionKind
    from kla.findings import Severity
    from kla.io.districts import load_district
    from kla.io.warehouse import open_warehouse

    district = load_district(quick.CODE)
    at = datetime.fromisoformat(f"{quick.DAY}T20:00").replace(tzinfo=district.zone)
    with open_warehouse(world.url) as warehouse:
        found = warehouse.findings(quick.CODE, district.cycle)
        one = next(it for it in found if it.severity is Severity.BLOCKING and it.sha256)
        facts = {
            "who": "Sari",
            "reason": "uji",
            "requested_by": "Budi",
            "reason_code": "SESUAI_SUMBER",
            "code": one.code,
        }
        period = {"from_on": at.date(), "until_on": at.date() + timedelta(days=30)}
        place = {"district_code": quick.CODE, "cycle": district.cycle, "stage": "mandiri", "opd_code": one.opd_code}
        warehouse.add_decision(Decision(kind=DecisionKind.WAIVER, at=at, **place, **facts, **period))
    return 1
