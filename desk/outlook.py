"""`kla compare`, `years`, `safe`, `gaps`, `coordination`: what was lost and why, what will stand, who works with whom."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from desk import outlook_json
from desk.forms import DistrictArgument
from desk.frame import USAGE, out, stop
from desk.ground import day_for, ground_for, picture_for
from desk.outlook_lines import coordination_lines, fall_lines, gap_lines, matrix_lines, safe_lines, year_lines
from kla.io.desk_words import say

Json = Annotated[bool, typer.Option("--json", help=say("option.json"))]
Cycle = Annotated[int | None, typer.Option("--cycle", metavar="SIKLUS", help=say("option.cycle"), show_default=False)]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="HARI", help=say("option.plan_as_of"), show_default=False)]
All = Annotated[bool, typer.Option("--all", help=say("option.all_lines"))]


def _print(lines: Iterator[str], document: object, *, is_json: bool) -> None:
    if is_json:
        out(json.dumps(document, ensure_ascii=False))
        return
    for line in lines:
        out(line)


def compare(
    district_code: DistrictArgument,
    from_stage: Annotated[
        str | None, typer.Option("--from", metavar="TAHAP", help=say("option.from_stage"), show_default=False)
    ] = None,
    to_stage: Annotated[
        str | None, typer.Option("--to", metavar="TAHAP", help=say("option.to_stage"), show_default=False)
    ] = None,
    cycle: Cycle = None,
    is_all: All = False,
    is_json: Json = False,
) -> None:
    """Show where points went from one stage to a later one."""
    from kla.io.outlook import fall_between

    ground = ground_for(district_code, cycle)
    stages = [sheet.stage for sheet in ground.sheets]
    if len(stages) < 2:
        stop(say("compare.one_stage", district=ground.district.name, cycle=ground.cycle), USAGE)
    later = _stage(to_stage, stages[1:], stages[-1])
    before = stages[: stages.index(later)]
    fall = fall_between(ground, _stage(from_stage, before, before[-1]), later)
    _print(fall_lines(ground, fall, is_all=is_all), outlook_json.fall_json(ground, fall), is_json=is_json)


def _stage(text: str | None, known: Sequence[str], default: str) -> str:
    if text is None:
        return default
    if text.strip().casefold() not in known:
        stop(say("compare.bad_stage", text=text, known=", ".join(known)), USAGE)
    return text.strip().casefold()


def years(
    district_code: DistrictArgument,
    stage: Annotated[
        str | None, typer.Option("--stage", metavar="TAHAP", help=say("option.years_stage"), show_default=False)
    ] = None,
    cycle: Cycle = None,
    is_all: All = False,
    is_json: Json = False,
) -> None:
    """Show how the score came from cycle to cycle."""
    from kla.io.outlook import years as compared

    ground = ground_for(district_code, cycle)
    wanted = _stage(stage, ground.instrument.stages, ground.instrument.stages[0])
    found = compared(ground, wanted)
    if not found:
        stop(say("years.none", district=ground.district.name, stage=say(f"stage.{wanted}")), USAGE)
    document = outlook_json.years_json(ground, wanted, found)
    _print(year_lines(ground, wanted, found, is_all=is_all), document, is_json=is_json)


def safe(district_code: DistrictArgument, cycle: Cycle = None, is_all: All = False, is_json: Json = False) -> None:
    """Show which points are expected to stand at the next stage."""
    from kla.io.outlook import back_tests, safety

    ground = ground_for(district_code, cycle)
    found, tests = safety(ground), back_tests(ground)
    lines = safe_lines(ground, found, tests, is_all=is_all)
    _print(lines, outlook_json.safe_json(ground, found, tests), is_json=is_json)


def gaps(
    district_code: DistrictArgument, cycle: Cycle = None, as_of: AsOf = None, is_all: All = False, is_json: Json = False
) -> None:
    """Show what is lost against the maximum, and what wins it back."""
    from kla.io.outlook import needs

    ground = ground_for(district_code, cycle)
    day = day_for(ground, as_of)
    found = needs(ground, day)
    document = outlook_json.gaps_json(ground, day, found)
    _print(gap_lines(ground, day, found, is_all=is_all), document, is_json=is_json)


def coordination(
    district_code: DistrictArgument,
    is_matrix: Annotated[bool, typer.Option("--matrix", help=say("option.matrix"))] = False,
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_all: All = False,
    is_json: Json = False,
) -> None:
    """Show who leads, supports, delivered and disagrees, and who works alone."""
    from kla.coordination import coordination_of

    picture = picture_for(district_code, cycle, as_of)
    found = coordination_of(picture)
    lines = matrix_lines(picture, found) if is_matrix else coordination_lines(picture, found, is_all=is_all)
    _print(lines, outlook_json.coordination_json(picture, found), is_json=is_json)
