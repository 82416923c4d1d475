"""A run's row in the warehouse: opened before anything is done, closed however it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flows.ending import told
from kla import __version__
from kla.io.desk_words import say
from kla.io.rules import rules_version
from kla.night import Night, NightStatus
from tasks.plan import Plan


class Book:
    """The open row: `night` is set by the flow when it is through."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.night: Night | None = None


@contextmanager
def run(kind: str, plan: Plan, *, who: str, reason: str, parameters: Mapping[str, object]) -> Iterator[Book]:
    """Give an open run; it is closed as what its night says, or as failed when there is none."""
    plan.notices = _notices(plan)
    days = sorted({day.isoformat() for day in plan.days.values()})
    run_id = plan.warehouse.begin_run(
        kind=kind,
        who=who,
        reason=reason,
        as_of=", ".join(days),
        parameters=parameters,
        code_version=__version__,
        suite_version=rules_version(),
    )
    book = Book(run_id)
    try:
        yield book
    finally:
        night = book.night
        status = night.status if night else NightStatus.FAILED
        plan.warehouse.finish_run(run_id, status.value, "; ".join(told(night)) if night else "")
        plan.close()


def _notices(plan: Plan) -> tuple[str, ...]:
    """Return what is to be said before the figures: that the rules are not those of the last run."""
    before, now = plan.warehouse.last_suite_version(), rules_version()
    return (say("rules.changed", old=before, new=now),) if before not in ("", now) else ()
