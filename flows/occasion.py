"""On what occasion a run takes place: when it was due, who asked for it, what people call it, whom its failure reaches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from prefect import runtime
from prefect.context import FlowRunContext
from prefect.states import Completed, State

from kla.io.notices import Notice, send
from kla.io.run_words import say, zone_name
from kla.io.warehouse.watching import ENGINE_RUN, runs_since
from kla.night import Night
from kla.watching import Run, superseding
from kla.wording import moment_text
from tasks.plan import Plan

LOCAL = ZoneInfo("Asia/Jakarta")  # of what concerns the whole nation


def _flow_run() -> Any:
    context = FlowRunContext.get()
    return context.flow_run if context else None


def due_at() -> datetime | None:
    """Return the moment a schedule had set for the current run; None for one that somebody started."""
    run = _flow_run()
    return run.expected_start_time if run is not None and run.auto_scheduled else None


def asker(who: str) -> str:
    """Return who asked for the run: the name given, else that of the schedule."""
    return who or (say("name.scheduled") if due_at() else "")


def asked(**parameters: object) -> dict[str, object]:
    """Return what a run was asked to do, as the ledger keeps it: parameters that say something, and the engine's run."""
    run = _flow_run()
    found = {name: value for name, value in parameters.items() if value is not None and value not in ("", False)}
    return {**found, **({ENGINE_RUN: str(run.id)} if run is not None and run.deployment_id else {})}


def needless(plan: Plan, kind: str, zone: str | None) -> Run | None:
    """Return the run that makes this scheduled one needless: a good one that began after this one was due.

    So an outage of three nights gives one run when the server is back, not three.
    """
    due = due_at()
    if due is None:
        return None
    return superseding(runs_since(plan.warehouse, due), kind, zone, due.astimezone(UTC))


def ended_needless(plan: Plan, other: Run) -> State[Night]:
    """Return the state of a run that had nothing to do."""
    plan.close()
    told = say("superseded", run_id=other.run_id, at=moment_text(other.started_at, LOCAL))
    return Completed(data=Night("", False, (), (), "", notices=(told,)), name="Superseded", message=told)


def name() -> str:
    """Return what the current flow run is called: what it does, for whom, as of which day."""
    return named(runtime.flow_run.flow_name or "", runtime.flow_run.parameters or {}, datetime.now(UTC))


def named(flow: str, parameters: Mapping[str, Any], now: datetime) -> str:
    """Return a run's name from what it was asked.

    >>> named("nightly", {"zone": "Asia/Makassar"}, datetime(2025, 5, 19, 17, 0, tzinfo=UTC))
    'malam · WITA · 2025-05-20'
    >>> named("rerun", {"district": "63.10", "offices": ["DINKES"], "as_of": "2025-05-20", "dry_run": True}, datetime.now(UTC))
    'ulang · 63.10 DINKES · 2025-05-20 · uji coba'
    """
    zone = parameters.get("zone")
    whom = _several([parameters["district"]] if parameters.get("district") else parameters.get("districts") or ())
    whom = whom or (zone_name(zone) if zone else say("name.everybody"))
    for key in ("offices", "klaster", "stage", "cycles"):
        part = parameters.get(key)
        if part:
            whom = say("name.part", whom=whom, part=_several([part] if isinstance(part, str) else part))
    as_of = parameters.get("as_of")
    day = now.astimezone(ZoneInfo(zone) if zone else LOCAL).date().isoformat()
    if as_of is not None and not isinstance(as_of, Mapping):
        day = str(as_of)[:10]
    found = say(f"name.{flow}", whom=whom, day=day)
    return say("name.dry_run", name=found) if parameters.get("dry_run") else found


def _several(names: Any) -> str:
    first, *rest = [str(it) for it in names] or [""]
    return say("name.more", first=first, count=len(rest)) if rest else first


def tell_failed(_flow: Any, flow_run: Any, state: State[Any]) -> None:
    """Tell people that a run failed."""
    _tell("failed", flow_run, state)


def tell_crashed(_flow: Any, flow_run: Any, state: State[Any]) -> None:
    """Tell people that a run was ended from outside."""
    _tell("crashed", flow_run, state)


def _tell(kind: str, flow_run: Any, state: State[Any]) -> None:
    lines = (state.message or "").strip().splitlines()
    body = say("notice.body", message=lines[0] if lines else state.name)
    parameters = flow_run.parameters or {}
    to = str(parameters.get("district") or parameters.get("zone") or "")
    send(Notice(kind, say(f"notice.{kind}", name=flow_run.name), body, to))


# What every flow of ours shares; the name is made when the run begins.
RUN: dict[str, Any] = {
    "flow_run_name": name,
    "persist_result": False,
    "validate_parameters": True,
    "on_failure": [tell_failed],
    "on_crashed": [tell_crashed],
}
