"""`kla remind`: tell the offices what they still owe, or show what would be told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from desk.frame import FAILED, OK, PARTIAL, known_district, known_moment, me, out, table
from desk.running import AsOf, DryRun, run_flow
from desk.steward import Json
from kla.io.desk_words import say

if TYPE_CHECKING:
    from kla.night import Trouble
    from kla.reminders import Round, Sent

BERKAS = "berkas"  # kla.io.contacts.FILE_ADDRESS


def remind(
    districts: Annotated[
        list[str] | None,
        typer.Option("--district", metavar="KABKOTA", help=say("option.districts"), show_default=False),
    ] = None,
    as_of: AsOf = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ZONA", help=say("option.zone"), show_default=False)
    ] = None,
    is_dry_run: DryRun = False,
    who: Annotated[str, typer.Option("--who", metavar="NAMA", help=say("option.who"))] = "",
    is_json: Json = False,
) -> None:
    """Remind whoever still owes something before a deadline."""
    for code in districts or ():
        known_district(code)
    known_moment(as_of)

    def start(_: str) -> Round:
        from flows.remind import remind as flow

        return flow(districts=districts, as_of=as_of, zone=zone, who=who or me(), dry_run=is_dry_run)

    done = run_flow(start, "")
    sent: tuple[Sent, ...] = getattr(done, "sent", ())  # a night that failed has none
    silent: dict[str, str] = getattr(done, "silent", {})
    for line in _as_json(sent, silent, done.troubles) if is_json else _lines(sent, silent, done.troubles, is_dry_run):
        out(line)
    is_lost = bool(done.troubles) and not sent and not silent
    raise typer.Exit(FAILED if is_lost else PARTIAL if done.troubles else OK)


def _lines(
    sent: tuple[Sent, ...], silent: dict[str, str], troubles: tuple[Trouble, ...], is_dry_run: bool
) -> Iterator[str]:
    from kla.io.letter_words import items
    from kla.io.outbox import outbox
    from kla.io.reminder_text import FILE
    from kla.io.reminder_text import say as tell

    if sent:
        yield table(items("header", FILE), [_row(one) for one in sent])
        yield ""
    for code, reason in silent.items():
        yield f"{code}: {tell(f'silent.{reason}')}"
    for it in troubles:
        yield "  " + say(
            "night.trouble", where=f"{it.district_code} {it.who}".strip(), step=say(f"step.{it.step}"), what=it.what
        )
    files = sum(one.address == BERKAS for one in sent)
    if not sent:
        yield tell("none")
    else:
        yield tell("would" if is_dry_run else "done", sent=len(sent), files=files, folder=outbox())


def _row(one: Sent) -> list[str]:
    from kla.io.reminder_text import say as tell

    reminder = one.reminder
    to = reminder.opd_code if reminder.level == "office" else tell(f"level.{reminder.level}")
    return [reminder.district.code, to, f"H-{reminder.mark}", one.address, one.title]


def _as_json(sent: tuple[Sent, ...], silent: dict[str, str], troubles: tuple[Trouble, ...]) -> Iterator[str]:
    for one in sent:
        told = one.reminder
        facts = {"district": told.district.code, "cycle": told.cycle, "level": told.level.value, "opd": told.opd_code}
        more = {"mark": told.mark, "deadline_on": told.deadline_on.isoformat(), "address": one.address}
        yield json.dumps({**facts, **more, "title": one.title, "body": one.body}, ensure_ascii=False)
    for code, reason in silent.items():
        yield json.dumps({"district": code, "silent": reason}, ensure_ascii=False)
    for it in troubles:
        yield json.dumps({"district": it.district_code, "opd": it.who, "trouble": it.what}, ensure_ascii=False)
