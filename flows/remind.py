"""Reminders: whoever still owes something before a deadline is told, once per mark; then those above."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime

from prefect import flow
from prefect.states import Completed

from flows import ledger, occasion
from flows.ending import NightFailedError
from flows.parameters import Days, DistrictCodes, DryRun, MaybeWho, Zone
from kla.io.warehouse.recorded import keep_records
from kla.night import DistrictLine, Night, NightStatus, told
from kla.reminders import Round
from tasks.plan import AsOf, Plan, make_plan
from tasks.remind import Reminded, remind_district


@flow(name="remind", **occasion.RUN)
def remind(
    districts: DistrictCodes = None,
    as_of: Days = None,
    zone: Zone = None,
    who: MaybeWho = "",
    dry_run: DryRun = False,
) -> Round:
    """Remind the offices of every district, or of the named ones, or of a zone, as it stands at `as_of` (default: now).

    Nobody is told twice for one mark, nobody who owes nothing, and nobody in quiet hours. What one address did not take
    is a trouble of its own and tried again the next time. A dry run sends and keeps nothing and returns what would go out.

    Raises:
        BusyError: other runs are at work on all these districts.
        NightFailedError: no district could be looked at.
        ParameterTypeError: an unknown district or zone, or an `as_of` that is no date.
    """
    plan = make_plan(districts, as_of, zone)
    plan.is_rehearsal = dry_run
    with ExitStack() as stack:
        if dry_run:
            stack.callback(plan.close)
            return _round("", plan, as_of)[0]
        asked = occasion.asked(districts=districts, zone=zone, as_of=as_of)
        book = stack.enter_context(ledger.run("remind", plan, who=occasion.asker(who), reason="", parameters=asked))
        done, book.night = _round(book.run_id, plan, as_of)
        # What was told has to outlive the database: nobody is told twice after it was made again.
        keep_records(plan.warehouse, plan.places.archive)
    if book.night.status is NightStatus.FAILED:
        raise NightFailedError(book.night)
    name = "Completed" if book.night.status is NightStatus.COMPLETE else "Partial"
    return Completed(data=done, name=name, message="; ".join(told(book.night))[:2000] or None)  # type: ignore[return-value]


def _round(run_id: str, plan: Plan, as_of: AsOf) -> tuple[Round, Night]:
    """Remind district by district; return what came of it, and the same as the ledger keeps it."""
    parts: list[Reminded] = [remind_district(code, plan, run_id, has_hour(as_of, code)) for code in plan.districts]
    troubles = (*plan.troubles, *(it for part in parts for it in part.troubles))
    silent = {code: reason for part in parts for code, reason in part.silent.items()}
    lines: tuple[DistrictLine, ...] = tuple(it for part in parts for it in part.lines)
    sent = tuple(it for part in parts for it in part.sent)
    return Round(run_id, plan.is_rehearsal, sent, silent, troubles), Night(
        run_id, plan.is_rehearsal, lines, troubles, ""
    )


def has_hour(as_of: AsOf, code: str) -> bool:
    """Whether the moment meant for a district was given with its hour; nothing means now, which has one.

    >>> has_hour("2024-05-03", "17.04"), has_hour("2024-05-03T19:00", "17.04"), has_hour(None, "17.04")
    (False, True, True)
    """
    if isinstance(as_of, Mapping):
        as_of = as_of.get(code)
    return as_of is None or isinstance(as_of, datetime) or (isinstance(as_of, str) and len(as_of) > 10)
