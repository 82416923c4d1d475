"""What every command of a steward needs: the district, the moment, an office by any name, and decisions kept and acted on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.frame import USAGE, known_cycle, known_district, known_offices, known_stage, out, stop
from kla.io import settings
from kla.io.desk_words import say

if TYPE_CHECKING:
    from kla.decisions import Decision, DecisionWords, OfficeStage
    from kla.district import District
    from kla.findings import Finding
    from kla.instrument import Instrument

Who = Annotated[str, typer.Option("--who", metavar="NAMA", help=say("option.decider"))]
Reason = Annotated[str, typer.Option("--reason", metavar="ALASAN", help=say("option.decision_reason"))]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="HARI", help=say("option.decided_at"), show_default=False)]
Cycle = Annotated[int | None, typer.Option("--cycle", metavar="SIKLUS", help=say("option.cycle"), show_default=False)]
Stage = Annotated[
    str | None, typer.Option("--stage", metavar="TAHAP", help=say("option.decision_stage"), show_default=False)
]
Opd = Annotated[str, typer.Option("--opd", metavar="OPD", help=say("option.one_opd"))]
Later = Annotated[bool, typer.Option("--later", help=say("option.later"))]
Json = Annotated[bool, typer.Option("--json", help=say("option.json"))]


@dataclass(frozen=True)
class Seat:
    """Where a steward sits: one district and cycle, one stage, one moment."""

    district: District
    instrument: Instrument
    cycle: int
    stage: str
    at: datetime
    words: DecisionWords

    @property
    def day(self) -> date:
        """The local day."""
        return self.at.date()

    def about(self, opd_code: str, stage: str | None = None) -> OfficeStage:
        """Return an office at the seat's stage, or at another one ("": all)."""
        from kla.decisions import OfficeStage

        return OfficeStage(self.district.code, self.cycle, self.stage if stage is None else stage, opd_code)

    def sender(self, text: str) -> str:
        """Return the code of the office a text means, "" for the district's recaps; else end as a usage error."""
        return "" if text.strip().casefold() == say("decide.recap") else self.office(text)

    def office(self, text: str) -> str:
        """Return the code of the office a text means; else end as a usage error that says which there are."""
        return known_offices(self.district.code, [text])[0]

    def question(self, question_id: str) -> str:
        """Return a question's id as the card writes it; else end as a usage error."""
        meant = question_id.strip().upper()
        if not self.instrument.has_question(meant):
            stop(say("trace.unknown", question=question_id, cycle=self.cycle), USAGE)
        return meant


def sit(code: str, cycle: int | None, stage: str | None, as_of: str | None) -> Seat:
    """Return the seat for a district; what does not exist ends as a usage error."""
    from kla.errors import SettingsError
    from kla.io.decision_words import decision_words
    from kla.io.districts import load_district
    from kla.io.instruments import load_instrument
    from tasks.plan import moment_of

    district = load_district(known_district(code))
    cycle = district.cycle if cycle is None else known_cycle(cycle)
    instrument = load_instrument(cycle)
    stage = instrument.stages[0] if stage is None else known_stage(stage, instrument.stages)
    try:
        at = moment_of(as_of, district.zone)
    except SettingsError:
        stop(say("status.bad_day", text=as_of), USAGE)
    return Seat(district, instrument, cycle, stage, at, decision_words())


def day_of(text: str | None, name: str) -> date | None:
    """Return a day written 2025-05-20; None for none; else end as a usage error."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        stop(f"{name}: " + say("status.bad_day", text=text), USAGE)


def offices_of(opd_code: str) -> list[str]:
    """Return the offices to judge again: one, or all where a recap is meant."""
    return [opd_code] if opd_code else []


def keep(seat: Seat, taken: Sequence[Decision], *, offices: Sequence[str], is_later: bool, is_json: bool) -> None:
    """Keep decisions and, unless put off to the next night, judge the offices' files again and end with the run's code."""
    from kla.io import project
    from kla.io.warehouse import open_for_decisions
    from kla.io.warehouse.recorded import keep_records

    with open_for_decisions() as warehouse:
        for one in taken:
            warehouse.add_decision(one)
        if not settings.may_only_decide():  # who has no archive at hand leaves that to the next night
            keep_records(warehouse, project.archive())
    for one in taken:
        out(json.dumps(decision_json(one), ensure_ascii=False) if is_json else kept_text(seat, one))
    if is_later or settings.may_only_decide():
        if not is_json:
            out(say("decide.later"))
        return
    from desk.running import again

    night = again(seat.district.code, offices, seat.at.isoformat(), taken[0].who, _why(seat, taken))
    reached = _reached(seat, {one.decision_id for one in taken})
    if is_json:
        facts = {"run": night.run_id, "status": night.status.value, "changes": list(night.changes)}
        out(json.dumps({**facts, "findings": [place_of(it) for it in reached]}, ensure_ascii=False))
    else:
        if reached:
            out(say("decide.reached", count=len(reached), places="; ".join(place_of(it) for it in reached[:10])))
        out(say("night.changed") if night.changes else say("night.not_changed"))
        for change in night.changes:
            out("  " + change)
        for trouble in night.troubles:
            out("  " + trouble.what)
    from desk.running import EXIT

    raise typer.Exit(EXIT[night.status])


def _why(seat: Seat, taken: Sequence[Decision]) -> str:
    kinds = dict.fromkeys(seat.words.kinds[one.kind] for one in taken)
    return f"{', '.join(kinds)} {', '.join(one.decision_id[:8] for one in taken[:5])}"


def _reached(seat: Seat, ids: set[str]) -> list[Finding]:
    """Return the findings that decisions settled."""
    from kla.io.warehouse import open_reader

    with open_reader() as warehouse:
        return [it for it in warehouse.findings(seat.district.code, seat.cycle) if it.decision_id in ids]


def place_of(finding: Finding) -> str:
    """Return code and place of a finding, as people name it."""
    place = f"{finding.sheet}!{finding.cell}" if finding.cell else finding.sheet or finding.question_id
    return " ".join(part for part in (finding.opd_code, finding.code, place) if part)


def kept_text(seat: Seat, one: Decision) -> str:
    """Return the sentence that says a decision was kept."""
    kind, about = seat.words.kinds[one.kind], subject_of(one)
    return say("decide.kept", id=one.decision_id[:8], kind=kind, opd=one.opd_code or seat.district.name, about=about)


def subject_of(one: Decision) -> str:
    """Return what a decision speaks of beside the office: rule, question, cell, text."""
    named = f"{one.value} = {one.result or say('night.none')}" if one.kind == "alias" else ""
    place = f"{one.sheet}!{one.cell}" if one.cell else ""
    code = "" if one.kind in ("alias", "rejected_repair") else one.code
    parts = (code, one.question_id, place, named, one.withdraws[:8])
    return " ".join(part for part in parts if part) or say("decide.everything")


def decision_json(one: Decision) -> dict[str, Any]:
    """Return a decision as JSON holds it."""
    from dataclasses import asdict

    facts = asdict(one) | {"kind": one.kind.value, "at": one.at.isoformat()}
    days = {name: facts[name] and facts[name].isoformat() for name in ("from_on", "until_on")}
    return {"decision": one.decision_id, **facts, **days}


def usage_of(errors: Iterable[str]) -> None:
    """End as a usage error when there are any, each on its own line."""
    if found := list(errors):
        stop("\n  ".join(found), USAGE)


def exists(path: Path) -> Path:
    """Return a file that is there; else end as a usage error."""
    if not path.is_file():
        stop(say("check.missing", file=path), USAGE)
    return path
