"""`kla nightly` and `kla rerun`: start a run and say in a short table what came of it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.frame import (
    BUSY,
    FAILED,
    OK,
    PARTIAL,
    USAGE,
    known_district,
    known_moment,
    known_offices,
    me,
    out,
    stop,
    table,
    time_left,
)
from desk.leasing import opened
from desk.server import TemporaryServer, server_for_the_run
from kla.errors import BusyError, KlaError, LeaseLostError
from kla.io import run_words, settings
from kla.io.desk_words import items, say
from kla.night import DistrictLine, Night, NightStatus, OfficeChange
from kla.wording import points_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

EXIT = {NightStatus.COMPLETE: OK, NightStatus.PARTIAL: PARTIAL, NightStatus.FAILED: FAILED}
FIGURES = frozenset({1, 2, 3, 4, 6, 8})
DELTAS_SHOWN, DELTA_FIGURES = 20, frozenset({3, 4, 5, 6})
# On a terminal the closing table says it all; Prefect's own page keeps every line of the log.
QUIET = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
# What a flow needs as soon as its server answers: imported while that still starts.
MEANWHILE = ("flows.nightly", "prefect.flow_engine", "prefect.task_engine", "prefect.flow_runs", "prefect.artifacts")

AsOf = Annotated[str | None, typer.Option("--as-of", metavar="HARI", help=say("option.as_of"), show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help=say("option.dry_run"))]
Stage = Annotated[str | None, typer.Option("--stage", metavar="TAHAP", help=say("option.stage"), show_default=False)]


def nightly(
    districts: Annotated[
        list[str] | None,
        typer.Option("--district", metavar="KABKOTA", help=say("option.districts"), show_default=False),
    ] = None,
    as_of: AsOf = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ZONA", help=say("option.zone"), show_default=False)
    ] = None,
    is_sample: Annotated[bool, typer.Option("--sample", help=say("option.use_sample"))] = False,
    is_dry_run: DryRun = False,
    who: Annotated[str, typer.Option("--who", metavar="NAMA", help=say("option.who"))] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="ALASAN", help=say("option.reason"))] = "",
) -> None:
    """Run the night and end with its exit code."""
    days: Any = as_of
    for code in districts or ():
        known_district(code)
    known_moment(as_of)
    if is_sample:
        from kla.io.samples import sample_days

        days = as_of or dict(sample_days())
        districts = districts or sorted(sample_days())

    told = {"who": who or me(), "reason": reason}

    def start(run_id: str) -> Night:
        from flows.nightly import nightly as flow

        return flow(districts=districts, as_of=days, zone=zone, dry_run=is_dry_run, run_id=run_id, **told)

    asked = {"districts": districts, "zone": zone}
    _prepare(districts, days, zone)
    server = _server()
    with opened("nightly", districts, days, zone=zone, is_dry_run=is_dry_run, parameters=asked, **told) as run_id:
        night = run_flow(start, run_id, server)
    finish(night)


def rerun(
    district: Annotated[str, typer.Argument(metavar="KABKOTA", help=say("option.district"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", metavar="ALASAN", help=say("option.reason"), show_default=False)],
    who: Annotated[str, typer.Option("--who", metavar="NAMA", help=say("option.who"), show_default=False)],
    offices: Annotated[list[str] | None, typer.Option("--opd", metavar="OPD", help=say("option.opd"))] = None,
    klaster: Annotated[
        list[str] | None, typer.Option("--klaster", metavar="KLASTER", help=say("option.klaster"))
    ] = None,
    stage: Stage = None,
    as_of: AsOf = None,
    is_dry_run: DryRun = False,
) -> None:
    """Check and score again from the archive."""
    known_district(district)
    known_moment(as_of)
    offices = known_offices(district, offices) if offices else None
    asked = {"offices": offices, "klaster": klaster, "stage": stage}
    finish(_once_more(district, asked, as_of, is_dry_run, who=who, reason=reason), is_rerun=True)


def again(district: str, offices: Sequence[str], as_of: str, who: str, reason: str) -> Night:
    """Judge the files of some offices (none named: of all) of a district again, and return what came of it."""

    return _once_more(district, {"offices": list(offices) or None}, as_of, who=who, reason=reason)


def _once_more(
    district: str, asked: Mapping[str, Any], as_of: str | None, is_dry_run: bool = False, **told: str
) -> Night:
    def start(run_id: str) -> Night:
        from flows.rerun import rerun as flow

        return flow(district=district, as_of=as_of, dry_run=is_dry_run, run_id=run_id, **asked, **told)

    parameters = {"district": district, **asked}
    with opened("rerun", [district], as_of, is_dry_run=is_dry_run, parameters=parameters, **told) as run_id:
        return run_flow(start, run_id)


def _prepare(districts: Sequence[str] | None, as_of: Any, zone: str | None) -> None:
    """Let another process import what is heavy while this one opens the run and waits for its server.

    Whether it is needed says the plan. That of many districts takes a second or two and is left until the server starts.
    """
    from flows.spread import prepare, prepare_many
    from kla.io.districts import district_codes
    from tasks.plan import make_plan

    if not prepare_many(len(district_codes() if districts is None else districts)):
        prepare(make_plan(districts, as_of, zone))


def _server() -> TemporaryServer | None:
    """Start a server where none is named, before anything else has to know of Prefect's settings."""
    settings.suggest_to_others(QUIET)
    return server_for_the_run()


def run_flow(start: Callable[[str], Any], run_id: str, server: TemporaryServer | None = None) -> Any:
    """Run a flow of an open run with a server beside it; a failed night is returned like any other.

    `server` is one that was started before; else one is started where none is named.
    """
    server = server or _server()
    for name in MEANWHILE:
        importlib.import_module(name)
    from prefect.exceptions import ParameterTypeError
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows.ending import NightFailedError

    try:
        # Without its heartbeat thread a flow ends a second sooner; nobody watches the pulse of a run at a terminal.
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            if server is not None:
                server.wait()
            return start(run_id)
    except NightFailedError as failed:
        return failed.night
    except ParameterTypeError as error:
        stop(said_of_parameters(str(error)), USAGE)
    except (BusyError, LeaseLostError) as error:
        stop(str(error), BUSY)
    except KlaError as error:
        stop(str(error))


def said_of_parameters(error: str) -> str:
    """Return Prefect's list of parameters that cannot be used as one sentence.

    >>> said_of_parameters("Flow run received invalid parameters:\\n - who: belum diisi")
    'masukan tidak dapat dipakai: who: belum diisi'
    """
    _, *lines = error.splitlines() or [""]
    return run_words.say("wrong.parameters", what="; ".join(line.removeprefix(" - ") for line in lines) or error)


def finish(night: Night, *, is_rerun: bool = False) -> None:
    for notice in night.notices:
        out(notice)
    if night.deltas:
        for line in _delta_lines(night.deltas):
            out(line)
        out()
    if night.lines:
        out(table(items("night.header"), [_row(line) for line in night.lines], FIGURES))
        out()
    out(say(f"night.{night.status}"))
    for trouble in night.troubles:
        where = " ".join(part for part in (trouble.district_code, trouble.who) if part) or say("night.everyone")
        out("  " + say("night.trouble", where=where, step=say(f"step.{trouble.step}"), what=trouble.what))
    if night.is_dry_run:
        out(say("night.dry_run"))
    if night.is_dry_run or is_rerun:
        would = "would_change" if night.is_dry_run else "changed"
        out(say(f"night.{would}") if night.changes else say(f"night.not_{would}"))
        for change in night.changes:
            out("  " + change)
    if night.page:
        out(say("night.page", page=night.page))
    raise typer.Exit(EXIT[night.status])


def _delta_lines(deltas: Sequence[OfficeChange]) -> Iterable[str]:
    """Yield a table of the offices whose findings changed most, and the sum of all others."""
    news = [it for it in deltas if it.is_news]
    yield say("delta.title") if news else say("delta.nothing")
    if not news:
        return
    yield table(items("delta.header"), [_delta_row(it) for it in news[:DELTAS_SHOWN]], DELTA_FIGURES)
    if rest := news[DELTAS_SHOWN:]:
        names = ("returned", "new", "fixed", "persisting")
        yield say("delta.more", offices=len(rest), **{name: sum(getattr(it, name) for it in rest) for name in names})


def _delta_row(it: OfficeChange) -> list[str]:
    office = it.opd_code or say("delta.whole")
    counts = (it.returned, it.new, it.fixed, it.persisting)
    return [it.district_code, office, say(f"stage.{it.stage}"), *map(str, counts)]


def _row(line: DistrictLine) -> list[str]:
    none = say("night.none")
    to_target = none if line.points_to_target is None else points_text(line.points_to_target)
    return [
        f"{line.district_code} {line.name}",
        *(str(count) for count in (line.received, line.loaded, line.returned, line.refused)),
        say(f"stage.{line.stage}") if line.stage else none,
        none if line.score is None else points_text(line.score),
        line.predikat or none,
        say("night.reached") if line.points_to_target == 0 else to_target,
        time_left(line.days_left),
    ]
