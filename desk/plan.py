"""`kla path` and `kla whatif`: the cheapest way to a target, and what some other answers would change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from desk.forms import DistrictArgument
from desk.frame import USAGE, out, stop, table
from desk.ground import day_for, day_of, ground_for, head, predikat_for
from desk.plan_json import by_office, route_json, whatif_json
from kla.io.desk_words import items, say
from kla.wording import change_text, date_text, number_text, points_text

if TYPE_CHECKING:
    from kla.instrument import Instrument
    from kla.io.outlook import Ground, Wish
    from kla.route import Route, Task
    from kla.whatif import WhatIf

Json = Annotated[bool, typer.Option("--json", help=say("option.json"))]
Cycle = Annotated[int | None, typer.Option("--cycle", metavar="SIKLUS", help=say("option.cycle"), show_default=False)]
Target = Annotated[
    str | None, typer.Option("--target", metavar="PREDIKAT", help=say("option.target"), show_default=False)
]
FIGURES = frozenset({3, 4, 5})


def path(
    district_code: DistrictArgument,
    target: Target = None,
    by: Annotated[str | None, typer.Option("--by", metavar="HARI", help=say("option.by"), show_default=False)] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="HARI", help=say("option.plan_as_of"), show_default=False)
    ] = None,
    certainty: Annotated[
        str, typer.Option("--certainty", metavar="PERSEN", help=say("option.certainty"), show_default=False)
    ] = "0",
    cycle: Cycle = None,
    is_json: Json = False,
) -> None:
    """Show the cheapest way to the target."""
    from kla.io.outlook import Wish, last_day, route

    ground = ground_for(district_code, cycle)
    day = day_for(ground, as_of)
    until = day_of(by) or last_day(ground, day)
    if until is None:
        stop(say("path.no_deadline", district=ground.district.name, cycle=ground.cycle), USAGE)
    wish = Wish(predikat_for(target, ground), day, until, min_certainty=_percent(certainty, "--certainty") / 100)
    found = route(ground, wish)
    if is_json:
        out(json.dumps(route_json(ground, wish, found, _verdict(wish, found)), ensure_ascii=False))
        return
    for line in _route_lines(ground, wish, found):
        out(line)


def whatif(
    district_code: DistrictArgument,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PERTANYAAN=TINGKAT", help=say("option.set"), show_default=False),
    ] = None,
    discounts: Annotated[
        list[str] | None,
        typer.Option("--discount", metavar="POTONGAN", help=say("option.discount"), show_default=False),
    ] = None,
    target: Target = None,
    cycle: Cycle = None,
    is_json: Json = False,
) -> None:
    """Show what other answers would change."""
    from kla.whatif import TrialError, parse_discount, parse_setting, what_if

    ground = ground_for(district_code, cycle)
    try:
        wanted = [parse_setting(text, ground.instrument) for text in settings or ()]
        cuts = dict(parse_discount(text, ground.instrument) for text in discounts or ())
    except TrialError as error:
        names = {"text": error.text, "question": error.question_id, "choices": error.choices, "cycle": ground.cycle}
        stop(say(f"whatif.bad_{error.problem}", **names), USAGE)
    found = what_if(ground.instrument, ground.current, wanted, cuts, predikat_for(target, ground))
    if is_json:
        out(json.dumps(whatif_json(ground, found), ensure_ascii=False))
        return
    for line in _whatif_lines(ground, found):
        out(line)


def _percent(text: str, option: str) -> Decimal:
    from kla.whatif import percent_of

    percent = percent_of(text)
    if percent is None:
        stop(say("path.bad_percent", option=option, text=text), USAGE)
    return percent


def _route_lines(ground: Ground, wish: Wish, found: Route) -> Iterator[str]:
    left = max((wish.by - wish.as_of).days, 0)
    yield say("path.title", as_of=date_text(wish.as_of), **head(ground))
    target, goal = points_text(found.target), points_text(found.goal)
    score, by = points_text(found.current), date_text(wish.by)
    yield say("path.asked", score=score, predikat=wish.target, target=target, goal=goal)
    yield say("path.days", days=left, working=found.working_days, by=by)
    yield _verdict(wish, found)
    if found.tasks:
        yield say("path.full", score=points_text(found.full_score))
    for opd_code, tasks in by_office(found):
        yield ""
        yield _office_line(ground, opd_code, tasks)
        yield table(items("path.header"), [_task_row(ground.instrument, task) for task in tasks], FIGURES)
    yield ""
    yield say("path.assumed")


def _verdict(wish: Wish, found: Route) -> str:
    fields = {
        "predikat": wish.target,
        "by": date_text(wish.by),
        "count": len(found.tasks),
        "effort": number_text(found.effort_days),
        "score": points_text(found.score),
        "short": points_text(max(found.goal - found.score, Decimal(0))),
    }
    if found.is_reachable:
        return say("path.reachable" if found.tasks else "path.reached", **fields)
    return say("path.without_margin" if found.is_target_reached else "path.unreachable", **fields)


def _office_line(ground: Ground, opd_code: str, tasks: list[Task]) -> str:
    return say(
        "path.office",
        opd=opd_code,
        name=ground.district.office(opd_code).name,
        count=len(tasks),
        effort=number_text(sum((task.option.effort_days for task in tasks), Decimal(0))),
        gain=points_text(sum((task.option.sure_gain for task in tasks), Decimal(0))),
    )


def _task_row(instrument: Instrument, task: Task) -> list[str]:
    from kla.io.planning import load_efforts

    option, words = task.option, load_efforts()
    level = option.level or say("path.as_claimed")
    return [
        f"{option.question_id} {instrument.question(option.question_id).label}",
        ", ".join(words.action_labels[action] for action in option.actions),
        say("path.estimated", level=level) if option.is_estimate else level,
        change_text(option.gain),
        f"{int(option.certainty * 100)}%",
        number_text(option.effort_days),
        date_text(task.starts_on),
        date_text(task.done_on),
    ]


def _whatif_lines(ground: Ground, found: WhatIf) -> Iterator[str]:
    none = say("night.none")
    yield say("whatif.title", **head(ground))
    for one in found.changed:
        label = ground.instrument.question(one.question_id).label
        points = {"before": points_text(one.before), "after": points_text(one.after)}
        yield say("whatif.changed", question=one.question_id, label=label, level=one.level, **points)
    for part, percent in found.discounts.items():
        name = say("whatif.whole") if len(found.discounts) == 1 and not part else _part_name(ground.instrument, part)
        yield say("whatif.discount_of", part=name, percent=number_text(percent))
    if found.discounts:
        yield say("whatif.before_discount", score=points_text(found.sheet.total.points))
    yield say(
        "whatif.result",
        before=points_text(found.before),
        predikat_before=found.predikat_before or none,
        score=points_text(found.score),
        predikat=found.predikat or none,
        change=change_text(found.score - found.before),
    )
    key = "whatif.distance" if found.distance else "whatif.reached"
    yield say(key, target=found.target, distance=points_text(found.distance))


def _part_name(instrument: Instrument, part: str) -> str:
    if not part:
        return say("whatif.all_parts")
    blocks = {block.code: block.sheet for block in instrument.blocks}
    return blocks.get(part) or say("whatif.indicator", number=part)
