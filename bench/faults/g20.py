"""G20: SQLite and PostgreSQL give byte-equal exports."""

from __future__ import annotations

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged, not_tried
from bench.faults.postgres import cluster

TITLE = "SQLite and PostgreSQL export the same bytes"
SECONDS, LONG_SECONDS = 25, 150


def run(budget: Budget) -> Figure:
    """Run the same night on both engines and hold the exports against each other; for long, every sample district's."""
    from kla.io.samples import sample_days
    from kla.io.warehouse import open_warehouse
    from kla.io.warehouse.export import digest_of, export

    days = {code: day.isoformat() for code, day in sample_days().items()} if budget.is_long else {quick.CODE: quick.DAY}
    with cluster() as server:
        if server is None:
            return not_tried("G20", "PostgreSQL is not installed here")
        if budget.is_long:
            from kla.io.samples import build_inbox

            build_inbox(budget.room / "inbox", sorted(days))
        else:
            quick.inbox(budget.room)
            quick.remember()
        exports, rows = [], 0
        for world in (quick.sqlite_world(budget.room), server.world(budget.room)):
            world.fresh()
            for code, day in days.items():
                quick.night(code, day)
            with open_warehouse(world.url) as warehouse:
                exports.append(export(warehouse))
                rows = sum(it.rows for it in exports[-1])
    one, other = exports
    faults = [f"{it.name}: {it.rows} rows and {that.rows}" for it, that in zip(one, other, strict=True) if it != that]
    return judged(
        "G20", f"{rows} rows in {len(one)} tables, {len(days)} districts: {digest_of(one)[:16]} twice", faults
    )
