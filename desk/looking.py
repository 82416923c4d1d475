"""`kla status`, `kla trace`: what the warehouse knows. Neither Prefect nor pandas here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.forms import DistrictArgument
from desk.frame import FAILED, USAGE, known_cycle, known_district, meant_districts, out, stop, table, time_left
from kla.io.desk_words import items, say
from kla.wording import moment_text, points_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kla.district import District
    from kla.io.warehouse.status import Status
    from kla.io.warehouse.trace import TraceRow, TraceStage
    from kla.picture import GivenPredikat

FIGURES = frozenset({1, 2, 3, 4, 5, 7, 10})
Json = Annotated[bool, typer.Option("--json", help=say("option.json"))]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="HARI", help=say("option.as_of"), show_default=False)]


def status(
    codes: Annotated[
        list[str] | None,
        typer.Option("--district", metavar="KABKOTA", help=say("option.districts"), show_default=False),
    ] = None,
    opd: Annotated[str, typer.Option("--opd", metavar="OPD", help=say("option.state_opd"))] = "",
    as_of: AsOf = None,
    is_json: Json = False,
) -> None:
    """Show where each district stands, or each question of one office."""
    if opd:
        from desk.states import show_states

        show_states(codes or [], opd, as_of, is_json)
        return
    from kla.io.districts import load_district
    from kla.io.instruments import load_instrument
    from kla.io.warehouse import open_reader

    shown = []
    meant, end = meant_districts(codes)
    with open_reader() as warehouse:
        for code in meant:
            district = load_district(code)
            cycles = sorted({*warehouse.cycles(code), district.cycle})
            shown += [
                warehouse.status(district, load_instrument(cycle), cycle, _day(as_of, district)) for cycle in cycles
            ]
    if is_json:
        for one in shown:
            out(json.dumps(_status_json(one), ensure_ascii=False))
        raise typer.Exit(end)
    if not any(one.stages or one.received for one in shown):
        stop(say("status.empty"), FAILED)
    out(table(items("status.header"), [_status_row(one) for one in shown], FIGURES))
    if codes and any(one.stages for one in shown):
        out()
        out(_stage_table(shown))
    for one in shown:
        if one.decided is not None:
            out(_decided_line(one, one.decided))
    raise typer.Exit(end)


def _stage_table(shown: Sequence[Status]) -> str:
    """Return a line for each stage that has a score, with the points of each block; blocks are named by their codes."""
    blocks = list(dict.fromkeys(block.key for one in shown for stage in one.stages for block in stage.blocks))
    rows = []
    for one in shown:
        for stage in one.stages:
            points = {block.key: points_text(block.points) for block in stage.blocks}
            head = [one.district_code, str(one.cycle), say(f"stage.{stage.stage}"), points_text(stage.points)]
            none = say("night.none")
            rows.append([*head, stage.predikat or none, *(points.get(block, none) for block in blocks)])
    header = [*items("status.stages_header"), *blocks]
    return table(header, rows, frozenset({1, 3, *range(5, len(header))}))


def _decided_line(one: Status, given: GivenPredikat) -> str:
    predikat = given.predikat or say("status.no_predikat")
    place = {"file": given.file_name, "sheet": given.sheet, "cell": given.cell}
    return say("status.decided", code=one.district_code, cycle=one.cycle, predikat=predikat, **place)


def _day(as_of: str | None, district: District) -> date:
    if as_of is None:
        return datetime.now(district.zone).date()
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError:
        raise typer.BadParameter(say("status.bad_day", text=as_of)) from None
    return moment.astimezone(district.zone).date() if moment.tzinfo else moment.date()


def _number(value: Decimal | None) -> float | None:
    """Return points as a JSON number with two decimals; exact points are in scores.json, as text."""
    return None if value is None else float(value)


def _status_json(one: Status) -> dict[str, Any]:
    last = one.stages[-1] if one.stages else None
    return {
        "district": one.district_code,
        "name": one.district_name,
        "cycle": one.cycle,
        "as_of": one.as_of.isoformat(),
        "expected": one.expected,
        "received": one.received,
        "accepted": one.accepted,
        "returned": one.returned,
        "refused": one.refused,
        "on_time": one.on_time,
        "turnout": {
            it.stage: {"expected": it.expected, "received": it.received, "valid": it.valid, "on_time": it.on_time}
            for it in one.turnouts
        },
        "stages": [
            {
                "stage": it.stage,
                "score": _number(it.points),
                "max_points": _number(it.max_points),
                "predikat": it.predikat,
                "blocks": {block.key: _number(block.points) for block in it.blocks},
            }
            for it in one.stages
        ],
        "stage": last.stage if last else None,
        "score": _number(last.points) if last else None,
        "predikat": last.predikat if last else None,
        "predikat_final": _decided_json(one.decided),
        "target": one.target_predikat,
        "points_to_target": _number(one.points_to_target),
        "deadline_stage": one.deadline_stage or None,
        "deadline_on": one.deadline_on.isoformat() if one.deadline_on else None,
        "days_left": one.days_left,
    }


def _decided_json(given: GivenPredikat | None) -> dict[str, str | None] | None:
    if given is None:
        return None
    return {"predikat": given.predikat or None, "file": given.file_name, "sheet": given.sheet, "cell": given.cell}


def _status_row(one: Status) -> list[str]:
    none = say("night.none")
    last = one.stages[-1] if one.stages else None
    counts = (one.cycle, one.expected, one.received, one.accepted, none if one.on_time is None else one.on_time)
    to_target = none if one.points_to_target is None else points_text(one.points_to_target)
    return [
        f"{one.district_code} {one.district_name}",
        *(str(count) for count in counts),
        say(f"stage.{last.stage}") if last else none,
        points_text(last.points) if last else none,
        (last.predikat if last else None) or none,
        one.target_predikat,
        say("night.reached") if one.points_to_target == 0 else to_target,
        time_left(one.days_left),
    ]


def trace(
    district_code: DistrictArgument,
    question_id: Annotated[str, typer.Argument(metavar="PERTANYAAN", help=say("option.question"), show_default=False)],
    cycle: Annotated[
        int | None, typer.Option("--cycle", metavar="SIKLUS", help=say("option.cycle"), show_default=False)
    ] = None,
    is_json: Json = False,
) -> None:
    """Follow a number back to its cell."""
    from kla.io.districts import load_district
    from kla.io.instruments import load_instrument
    from kla.io.warehouse import open_reader

    district = load_district(known_district(district_code))
    cycle = district.cycle if cycle is None else known_cycle(cycle)
    instrument = load_instrument(cycle)
    question_id = question_id.strip().upper()
    if not instrument.has_question(question_id):
        stop(say("trace.unknown", question=question_id, cycle=cycle), USAGE)
    with open_reader() as warehouse:
        stages = warehouse.trace(district, instrument, cycle, question_id)
    if is_json:
        for one in stages:
            out(json.dumps(_trace_json(district, cycle, one), ensure_ascii=False))
        return
    if not stages:
        stop(say("trace.nothing", question=question_id, district=district.name), FAILED)
    out(say("trace.title", question=question_id, label=instrument.question(question_id).label))
    out(say("trace.district", name=district.name, code=district.code, cycle=cycle))
    for one in stages:
        out()
        for line in _trace_lines(one, district.zone):
            out(line)


def _trace_lines(one: TraceStage, zone: ZoneInfo) -> Iterable[str]:
    stage, cause = say(f"stage.{one.stage}"), say(f"cause.{one.score.cause}")
    points, most = points_text(one.score.points), points_text(one.score.max_points)
    yield say("trace.stage", stage=stage, points=points, max_points=most, cause=cause)
    versions = {"instrument": one.instrument_version[:12], "code": one.code_version, "suite": one.suite_version}
    who = one.run.who or say("night.none")
    yield say("trace.run", run=one.run.run_id, who=who, at=moment_text(one.run.started_at, zone), **versions)
    if not one.rows:
        yield say("trace.no_rows")
    for row in one.rows:
        yield say(
            "trace.row", kind=say(f"row_kind.{row.kind}"), opd=row.opd_code or say("trace.whole"), marks=_marks(row)
        )
        yield say("trace.value", value=row.value or say("night.none"))
        yield say("trace.place", file=row.file_name, sheet=row.sheet, cell=row.cell, run=row.run_id)
    for finding in one.findings:
        yield say("trace.finding", code=finding.code, tell=finding.tell, fix=finding.fix).rstrip()


def _marks(row: TraceRow) -> str:
    marks = {
        "lead": row.is_lead and row.kind != "stated",
        "counted": row.is_counted,
        "quarantined": row.is_quarantined,
        "replaced": not row.is_current and not row.is_quarantined,
    }
    said = ", ".join(say(f"trace.{name}") for name, holds in marks.items() if holds)
    return f" ({said})" if said else ""


def _trace_json(district: District, cycle: int, one: TraceStage) -> dict[str, Any]:
    return {
        "district": district.code,
        "cycle": cycle,
        "stage": one.stage,
        "question": one.score.question_id,
        "points": _number(one.score.points),
        "max_points": _number(one.score.max_points),
        "cause": one.score.cause.value,
        "run": one.run.run_id,
        "rows": [
            {
                "kind": row.kind,
                "opd": row.opd_code,
                "file": row.file_name,
                "sheet": row.sheet,
                "cell": row.cell,
                "value": row.value,
                "is_lead": row.is_lead,
                "is_counted": row.is_counted,
                "is_current": row.is_current,
                "is_quarantined": row.is_quarantined,
                "received_at": row.received_at.isoformat(),
                "run": row.run_id,
            }
            for row in one.rows
        ],
        "findings": [
            {
                "code": it.code,
                "severity": it.severity.value,
                "sheet": it.sheet,
                "cell": it.cell,
                "tell": it.tell,
                "fix": it.fix,
            }
            for it in one.findings
        ],
    }
