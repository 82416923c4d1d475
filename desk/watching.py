"""`kla alarm` and `kla backfill`: what is wrong with the nights, and old files under today's rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from desk.frame import FAILED, known_district, known_moment, out
from desk.leasing import opened
from desk.running import AsOf, DryRun, finish, run_flow
from kla.io.run_words import say

if TYPE_CHECKING:
    from kla.night import Night


def alarm(
    hours: Annotated[int | None, typer.Option("--hours", metavar="JAM", min=1, help=say("form.hours.told"))] = None,
    is_sent: Annotated[bool, typer.Option("--send", help=say("alarm.send"))] = False,
) -> None:
    """Say what is wrong with the nights; end with 1 where something is, so that any scheduler can watch."""
    from kla.io import alarms
    from kla.io.warehouse import open_warehouse

    now = datetime.now(UTC)
    with open_warehouse() as warehouse:
        found = alarms.current(warehouse, now, hours)
    if is_sent:
        alarms.raise_new(found, now)
    for one in found:
        out(alarms.told(one))
    if found:
        raise typer.Exit(FAILED)
    out(say("alarm.none"))


def backfill(
    reason: Annotated[
        str, typer.Option("--reason", metavar="ALASAN", help=say("form.reason.told"), show_default=False)
    ],
    who: Annotated[str, typer.Option("--who", metavar="NAMA", help=say("form.who.told"), show_default=False)],
    districts: Annotated[
        list[str] | None, typer.Option("--district", metavar="KABKOTA", help=say("form.districts.told"))
    ] = None,
    cycles: Annotated[list[int] | None, typer.Option("--cycle", metavar="SIKLUS", help=say("form.cycles.told"))] = None,
    rule_sets: Annotated[
        list[str] | None, typer.Option("--rules", metavar="ATURAN", help=say("form.rule_sets.told"))
    ] = None,
    as_of: AsOf = None,
    is_dry_run: DryRun = False,
) -> None:
    """Judge again, district by district, what older rules judged; started again it goes on where it was."""
    for code in districts or ():
        known_district(code)
    known_moment(as_of)
    told = {"who": who, "reason": reason}
    asked = {"districts": districts or None, "cycles": cycles or None, "rule_sets": rule_sets or None}

    def start(run_id: str) -> Night:
        from flows.backfill import backfill as flow

        return flow(**asked, **told, as_of=as_of, dry_run=is_dry_run, run_id=run_id)

    with opened("backfill", asked["districts"], as_of, is_dry_run=is_dry_run, parameters=asked, **told) as run_id:
        night = run_flow(start, run_id)
    finish(night, is_rerun=True)
