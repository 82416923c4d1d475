"""A run's row in the warehouse and its leases: taken before anything is done, renewed by a thread, closed however it ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from kla import __version__
from kla.errors import LeaseLostError
from kla.io import run_status
from kla.io.desk_words import say
from kla.io.rules import rules_version
from kla.io.warehouse import Warehouse
from kla.io.warehouse.lease import BEAT_SECONDS
from kla.io.warehouse.recorded import keep_records
from kla.night import Night, NightStatus, Trouble, told
from tasks.plan import Plan


class Book:
    """The open row: `night` is set by the flow when it is through."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.night: Night | None = None


def open_run(kind: str, plan: Plan, *, who: str, reason: str, parameters: Mapping[str, object]) -> str:
    """Write the run's row and lease its districts; return its id, by which any process of the run holds them.

    Raises:
        BusyError: other runs are at work on all of them; nothing was done.
    """
    days = sorted({day.isoformat() for day in plan.days.values()})
    return plan.warehouse.begin_run(
        kind=kind,
        who=who,
        reason=reason,
        as_of=", ".join(days),
        parameters=parameters,
        code_version=__version__,
        suite_version=rules_version(),
        districts=tuple(plan.districts),
    )


@contextmanager
def run(
    kind: str, plan: Plan, *, who: str, reason: str, parameters: Mapping[str, object], run_id: str = ""
) -> Iterator[Book]:
    """Give an open run; it is closed as what its night says, or as failed when there is none.

    Districts that another run holds are left out of the plan, and the night says so. `run_id` names a run that was
    opened a moment ago for this very flow (`open_run`); one that is over by now is not taken up again.

    Raises:
        BusyError: other runs are at work on all the districts.
        LeaseLostError: the run was thought dead and another one took over.
    """
    plan.notices = _notices(plan)
    if not run_id or plan.warehouse.run(run_id).status != "running":
        run_id = open_run(kind, plan, who=who, reason=reason, parameters=parameters)
    leave_out(plan, run_id)
    book = Book(run_id)
    if not plan.is_rehearsal:
        keep_records(plan.warehouse, plan.places.archive)
    try:
        with beating(plan.warehouse, run_id):
            yield book
    finally:
        _close(plan, book)


def _close(plan: Plan, book: Book) -> None:
    night = book.night
    status = night.status if night else NightStatus.FAILED
    try:
        plan.warehouse.finish_run(book.run_id, status.value, "; ".join(told(night)) if night else "")
        _show(plan)
        if plan.warehouse.run(book.run_id).status == "abandoned":
            where = next(iter(plan.districts), "")
            raise LeaseLostError(where, say("lease.lost", run=book.run_id), say("lease.lost_then"))
    finally:
        plan.close()


def _show(plan: Plan) -> None:
    """Write the page of the nights anew; what stops that stops nothing else, and the page's own age tells of it."""
    if not plan.is_rehearsal:
        with contextlib.suppress(Exception):
            run_status.publish(plan.warehouse, plan.places.public, datetime.now(UTC))


def leave_out(plan: Plan, run_id: str) -> None:
    """Take the districts that others hold out of the plan, each with a trouble that says who is at work there."""
    plan.run_id = run_id
    own = plan.warehouse.leased(run_id)
    others = plan.warehouse.held_by_others([code for code in plan.districts if code not in own], run_id)
    for code in [code for code in plan.districts if code not in own]:
        held = others[code].told() if code in others else say("lease.a_moment_ago")
        plan.troubles += (Trouble("receive", code, "", say("lease.left_out", held=held)),)
    plan.districts = {code: district for code, district in plan.districts.items() if code in own}


@contextmanager
def beating(warehouse: Warehouse, run_id: str) -> Iterator[None]:
    """Renew a run's leases as long as it lasts; a beat that fails is made up for by the next one."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            with contextlib.suppress(Exception):
                warehouse.beat(run_id)

    heart = threading.Thread(target=beat, name="lease", daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join(BEAT_SECONDS)


def _notices(plan: Plan) -> tuple[str, ...]:
    """Return what is to be said before the figures: that the rules are not those of the last run."""
    before, now = plan.warehouse.last_suite_version(), rules_version()
    return (say("rules.changed", old=before, new=now),) if before not in ("", now) else ()
