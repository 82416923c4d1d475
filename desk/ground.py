"""What the commands about the way ahead stand on: a district's ground, a day, a predikat; and how their titles begin."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import typer

from desk.frame import FAILED, USAGE, known_cycle, known_district, stop
from kla.io.desk_words import say

if TYPE_CHECKING:
    from kla.io.outlook import Ground
    from kla.picture import Picture


def ground_for(district_code: str, cycle: int | None) -> Ground:
    """Return what is known of a district and cycle (its current one by default); without any score the command ends."""
    from kla.io.districts import load_district
    from kla.io.instruments import load_instrument
    from kla.io.outlook import ground_of
    from kla.io.warehouse import open_reader

    district = load_district(known_district(district_code))
    cycle = district.cycle if cycle is None else known_cycle(cycle)
    with open_reader() as warehouse:
        ground = ground_of(warehouse, district, load_instrument(cycle), cycle)
    if ground is None:
        stop(say("path.empty", district=district.name, cycle=cycle), FAILED)
    return ground


def picture_for(district_code: str, cycle: int | None, as_of: str | None) -> Picture:
    """Return everything its pages show as of a day (see `day_for`); without any score the command ends."""
    from kla.io.warehouse import open_reader

    ground = ground_for(district_code, cycle)
    with open_reader() as warehouse:
        return warehouse.picture(ground.district, ground.instrument, ground.cycle, day_for(ground, as_of))


def day_for(ground: Ground, as_of: str | None) -> date:
    """Return the day taken for today: as typed, else that of the last report, else today in the district's zone."""
    from kla.io.outlook import report_day

    return day_of(as_of) or report_day(ground.district.code, ground.cycle) or datetime.now(ground.district.zone).date()


def day_of(text: str | None) -> date | None:
    """Return a day as typed on the command line, None where none was; any other text is a usage error."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(say("status.bad_day", text=text)) from None


def predikat_for(text: str | None, ground: Ground) -> str:
    """Return the predikat meant, the district's target where none was typed; any other text is a usage error."""
    known = {band.predikat.casefold(): band.predikat for band in ground.instrument.bands}
    wanted = (ground.district.target_predikat if text is None else text).strip()
    if wanted.casefold() not in known:
        stop(say("path.bad_target", text=wanted, known=", ".join(known.values())), USAGE)
    return known[wanted.casefold()]


def head(ground: Ground) -> dict[str, object]:
    """Return what a title names: district, code, cycle, the current stage."""
    return {
        "name": ground.district.name,
        "code": ground.district.code,
        "cycle": ground.cycle,
        "stage": say(f"stage.{ground.current.stage}"),
    }
