"""`kla days`, `kla slot`, `kla window`: how long there is still, and a closed stage opened again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from desk.answering import OfficeArgument
from desk.forms import DistrictArgument
from desk.frame import USAGE, me, out, stop, table
from desk.steward import AsOf, Cycle, Json, Later, Reason, Seat, Stage, Who, keep, sit
from kla.io.desk_words import items, say
from kla.wording import date_text

if TYPE_CHECKING:
    from kla.deadlines import Countdown
    from kla.district import StageWindow

FIGURES = frozenset({3, 4})
StageArgument = Annotated[str, typer.Argument(metavar="TAHAP", help=say("option.stage"), show_default=False)]


def slot(
    district_code: DistrictArgument,
    opd: OfficeArgument,
    until: Annotated[str, typer.Option("--until", metavar="SAAT", help=say("option.slot_until"), show_default=False)],
    reason: Reason,
    who: Who = "",
    stage: Stage = None,
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """Let one office send after its stage has closed."""
    from kla.decisions import DecisionError, late_slot

    seat = sit(district_code, cycle, stage, as_of)
    opd_code, end = seat.office(opd), _moment(until, seat, "--until")
    try:
        one = late_slot(
            seat.about(opd_code),
            _window(seat),
            seat.district,
            seat.words,
            until=end,
            who=who or me(),
            at=seat.at,
            reason=reason,
        )
    except DecisionError as refused:
        stop(str(refused), USAGE)
    keep(seat, [one], offices=[opd_code], is_later=is_later, is_json=is_json)


def window(
    district_code: DistrictArgument,
    stage: StageArgument,
    reason: Reason,
    from_at: Annotated[
        str | None, typer.Option("--from", metavar="SAAT", help=say("option.window_from"), show_default=False)
    ] = None,
    who: Who = "",
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """Open a closed stage for 2 x 24 hours to every office."""
    from kla.decisions import DecisionError, repair_window

    seat = sit(district_code, cycle, stage, as_of)
    begin = _moment(from_at, seat, "--from") if from_at else seat.at
    try:
        one = repair_window(
            seat.about(""),
            _window(seat),
            seat.district,
            seat.words,
            from_at=begin,
            who=who or me(),
            at=seat.at,
            reason=reason,
        )
    except DecisionError as refused:
        stop(str(refused), USAGE)
    keep(seat, [one], offices=[], is_later=is_later, is_json=is_json)


def days(
    district_code: DistrictArgument,
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_json: Json = False,
) -> None:
    """Count down to every milestone of a district's stages."""
    from kla.deadlines import countdown
    from kla.io.holidays import load_holidays

    seat = sit(district_code, cycle, None, as_of)
    found = countdown(seat.district.windows(seat.cycle), seat.at, seat.district.zone, load_holidays())
    if is_json:
        for one in found:
            out(json.dumps(_as_json(seat, one), ensure_ascii=False))
        return
    if not found:
        stop(say("path.no_deadline", district=seat.district.name, cycle=seat.cycle), USAGE)
    out(
        say(
            "countdown.title",
            name=seat.district.name,
            code=seat.district.code,
            cycle=seat.cycle,
            day=date_text(seat.day),
        )
    )
    out(table(items("countdown.header"), [_row(one) for one in found], FIGURES))
    if not all(one.are_holidays_known for one in found if not one.is_over):
        out(say("countdown.unknown_holidays"))


def _row(one: Countdown) -> list[str]:
    none = say("night.none")
    return [
        say(f"stage.{one.stage}"),
        say(f"countdown.milestone.{one.milestone}"),
        date_text(one.on),
        none if one.is_over else str(one.days_left),
        none if one.is_over else str(one.working_days_left),
        say("countdown.over") if one.is_over else none if one.mark is None else f"H-{one.mark}",
    ]


def _as_json(seat: Seat, one: Countdown) -> dict[str, object]:
    return {
        "district": seat.district.code,
        "cycle": seat.cycle,
        "stage": one.stage,
        "milestone": one.milestone.value,
        "on": one.on.isoformat(),
        "at": one.at.isoformat(),
        "days_left": one.days_left,
        "working_days_left": one.working_days_left,
        "are_holidays_known": one.are_holidays_known,
        "mark": one.mark,
        "is_over": one.is_over,
    }


def _window(seat: Seat) -> StageWindow | None:
    return next((it for it in seat.district.windows(seat.cycle) if it.stage == seat.stage), None)


def _moment(text: str, seat: Seat, name: str) -> datetime:
    """Return the moment a text means in the district's zone: a date means its last second."""
    from kla.errors import SettingsError
    from tasks.plan import moment_of

    try:
        return moment_of(text, seat.district.zone)
    except SettingsError:
        stop(f"{name}: " + say("status.bad_day", text=text), USAGE)
