"""`kla decisions`, `kla repairs`, `kla aliases`: what was decided, what the reader mended, which names wait for a choice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from desk.forms import DistrictArgument
from desk.frame import USAGE, me, meant_districts, out, stop, table
from desk.steward import AsOf, Cycle, Json, Later, Seat, Stage, Who, decision_json, keep, offices_of, sit, subject_of
from kla.io.desk_words import items, say
from kla.wording import date_text, moment_text

if TYPE_CHECKING:
    from kla.decisions import Decision
    from kla.io.warehouse import Warehouse
    from kla.picture import PendingAlias, RepairLine

Reason = Annotated[str, typer.Option("--reason", metavar="ALASAN", help=say("option.decision_reason"))]
SHOWN_DIGITS = 8


def decisions(
    districts: Annotated[
        list[str] | None,
        typer.Option("--district", metavar="KABKOTA", help=say("option.districts"), show_default=False),
    ] = None,
    opd: Annotated[str, typer.Option("--opd", metavar="OPD", help=say("option.only_opd"))] = "",
    kind: Annotated[str, typer.Option("--kind", metavar="JENIS", help=say("option.kind"))] = "",
    is_all: Annotated[bool, typer.Option("--all", help=say("option.all_decisions"))] = False,
    withdraw: Annotated[str, typer.Option("--withdraw", metavar="NOMOR", help=say("option.withdraw"))] = "",
    reason: Reason = "",
    who: Who = "",
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """List decisions, or withdraw one."""
    from kla.decisions import DecisionKind
    from kla.io.warehouse import open_reader

    if kind and kind not in {it.value for it in DecisionKind}:
        stop(say("decisions.unknown_kind", kind=kind, known=", ".join(it.value for it in DecisionKind)), USAGE)
    meant, end = meant_districts(districts)
    seats = [sit(code, None, None, as_of) for code in meant]
    with open_reader() as warehouse:
        taken = [(seat, one) for seat in seats for one in warehouse.decisions(seat.district)]
    if withdraw:
        _withdraw(taken, withdraw, who or me(), reason, is_later, is_json)
        return
    shown = [
        (seat, one, _state_of(seat, one, taken))
        for seat, one in taken
        if opd.casefold() in ("", one.opd_code.casefold()) and kind in ("", one.kind)
    ]
    shown = [it for it in shown if is_all or kind or (it[2] == "holds" and it[1].kind is not DecisionKind.WITHDRAWAL)]
    for line in _listed(shown, is_json):
        out(line)
    raise typer.Exit(end)


def _listed(shown: Sequence[tuple[Seat, Decision, str]], is_json: bool) -> list[str]:
    if is_json:
        return [json.dumps({**decision_json(one), "state": state}, ensure_ascii=False) for _, one, state in shown]
    return [table(items("decisions.header"), [_row(*it) for it in shown]) if shown else say("decisions.none")]


def _state_of(seat: Seat, one: Decision, taken: Sequence[tuple[Seat, Decision]]) -> str:
    """Return holds, withdrawn, over or coming: where a decision stands on the day."""
    if any(other.withdraws == one.decision_id and other.at <= seat.at for _, other in taken):
        return "withdrawn"
    end = _end(seat, one)
    is_over = end < seat.at if isinstance(end, datetime) else end is not None and end < seat.day
    if is_over:
        return "over"
    is_coming = one.at.date() > seat.day or (one.from_on is not None and one.from_on > seat.day)
    return "coming" if is_coming else "holds"


def _row(seat: Seat, one: Decision, state: str) -> list[str]:
    return [
        one.decision_id[:SHOWN_DIGITS],
        seat.words.kinds[one.kind],
        one.district_code,
        one.opd_code or say("night.none"),
        subject_of(one),
        one.who,
        moment_text(one.at),
        _until(_end(seat, one)),
        say(f"decisions.state.{state}"),
        seat.words.reason_of(one),
    ]


def _end(seat: Seat, one: Decision) -> date | datetime | None:
    """Return when a decision ends by itself: the last day of a waiver, the last moment of a late slot or repair window."""
    from kla.decisions import openings

    opened = openings([one])
    return opened[0].until_at.astimezone(seat.district.zone) if opened else one.until_on


def _until(end: date | datetime | None) -> str:
    if isinstance(end, datetime):
        return moment_text(end)
    return date_text(end) if end else say("night.none")


def _withdraw(
    taken: Sequence[tuple[Seat, Decision]], number: str, who: str, reason: str, is_later: bool, is_json: bool
) -> None:
    """Withdraw the one decision whose number begins so."""
    from kla.decisions import DecisionError
    from kla.decisions import withdraw as decided

    meant = [(seat, one) for seat, one in taken if one.decision_id.startswith(number.casefold())]
    if len(meant) != 1:
        stop(say("decisions.not_one" if meant else "decisions.unknown", number=number), USAGE)
    seat, one = meant[0]
    try:
        ended = decided(one, seat.words, who=who, at=seat.at, reason=reason)
    except DecisionError as refused:
        stop(str(refused), USAGE)
    offices = [one.opd_code] if one.opd_code else []
    keep(seat, [ended], offices=offices, is_later=is_later, is_json=is_json)


def repairs(
    district_code: DistrictArgument,
    opd: Annotated[str, typer.Option("--opd", metavar="OPD", help=say("option.only_opd"))] = "",
    reject: Annotated[str, typer.Option("--reject", metavar="LEMBAR!SEL", help=say("option.reject"))] = "",
    reason: Reason = "",
    who: Who = "",
    stage: Stage = None,
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """List what the reader changed by itself, or reject one of the changes."""
    from kla.io.warehouse import open_reader

    seat = sit(district_code, cycle, stage, as_of)
    opd_code = seat.office(opd) if opd else ""
    with open_reader() as warehouse:
        found = warehouse.repairs(seat.district.code, seat.cycle, seat.stage)
    shown = [it for it in found if opd_code in ("", it.opd_code)]
    if reject:
        _reject(seat, shown, reject, who or me(), reason, is_later, is_json)
    elif is_json:
        for it in shown:
            out(json.dumps(_repair_json(it), ensure_ascii=False))
    elif not shown:
        out(say("repairs.none"))
    else:
        out(table(items("repairs.header"), [_repair_row(it) for it in shown]))


def _repair_row(it: RepairLine) -> list[str]:
    from kla.io.page_loop import read_as, rule_of

    one = it.repair
    place = f"{one.sheet}!{one.cell}" if one.cell else say("night.none")
    return [it.opd_code, place, one.question_id or say("night.none"), one.original, read_as(one), rule_of(one)]


def _repair_json(it: RepairLine) -> dict[str, str]:
    one = it.repair
    names = ("sheet", "cell", "frame", "field", "question_id", "original", "result", "rule")
    return {"opd": it.opd_code, "file": it.file_name, **{name: getattr(one, name) for name in names}}


def _reject(
    seat: Seat, shown: Sequence[RepairLine], place: str, who: str, reason: str, is_later: bool, is_json: bool
) -> None:
    from kla.decisions import DecisionError, reject_repair

    wanted = place.replace("'", "").replace("$", "").casefold()
    meant = [it for it in shown if f"{it.repair.sheet}!{it.repair.cell}".casefold() == wanted]
    if len(meant) != 1:
        offices = ", ".join(it.opd_code for it in meant)
        stop(say("repairs.several" if meant else "repairs.not_found", place=place, offices=offices), USAGE)
    it = meant[0]
    try:
        one = reject_repair(
            seat.about(it.opd_code), it.repair, seat.words, who=who, at=seat.at, reason=reason, sha256=it.sha256
        )
    except DecisionError as refused:
        stop(str(refused), USAGE)
    keep(seat, [one], offices=offices_of(it.opd_code), is_later=is_later, is_json=is_json)


def aliases(
    district_code: DistrictArgument,
    choose: Annotated[
        list[str] | None, typer.Option("--choose", metavar="TEKS=ARTI", help=say("option.choose"), show_default=False)
    ] = None,
    kind: Annotated[str, typer.Option("--kind", metavar="JENIS", help=say("option.alias_kind"))] = "",
    reason: Reason = "",
    who: Who = "",
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """List the names that wait for a choice, or choose what they mean."""
    from kla.io.warehouse import open_reader

    seat = sit(district_code, None, None, as_of)
    with open_reader() as warehouse:
        waiting = warehouse.pending_aliases(seat.district, seat.day)
        known = _learned(warehouse, seat)
    if choose:
        taken = [_chosen(seat, waiting, text, kind, who or me(), reason) for text in choose]
        keep(seat, taken, offices=[], is_later=is_later, is_json=is_json)
        return
    if is_json:
        for it in waiting:
            facts = {"kind": it.near.kind, "text": it.near.text, "candidate": it.near.candidate}
            place = {"file": it.file_name, "sheet": it.near.sheet, "cell": it.near.cell}
            out(json.dumps({**facts, "score": it.near.score, **place}, ensure_ascii=False))
        return
    rows = [_waiting_row(it) for it in waiting]
    out(table(items("aliases.header"), rows, frozenset({3})) if rows else say("aliases.none"))
    for line in known:
        out(line)


def _learned(warehouse: Warehouse, seat: Seat) -> list[str]:
    learned = warehouse.learned_aliases(seat.district, seat.day)
    return [
        say("aliases.learned", kind=say(f"aliases.kind.{kind}"), text=text, meaning=meaning or say("night.none"))
        for kind, names in sorted(learned.items())
        for text, meaning in sorted(names.items())
    ]


def _waiting_row(it: PendingAlias) -> list[str]:
    near = it.near
    place = f"{it.file_name} {near.sheet}!{near.cell}" if near.cell else it.file_name
    return [say(f"aliases.kind.{near.kind}"), near.text, near.candidate or say("night.none"), str(near.score), place]


def _chosen(seat: Seat, waiting: Sequence[PendingAlias], text: str, kind: str, who: str, reason: str) -> Decision:
    from kla.decisions import DecisionError, learn_alias

    written, equals, meaning = text.rpartition("=")
    if not equals or not written.strip():
        stop(say("aliases.bad_choice", text=text), USAGE)
    written, meaning = written.strip(), meaning.strip()
    kinds = {it.near.kind for it in waiting if it.near.text == written}
    meant = kind or (kinds.pop() if len(kinds) == 1 else "office")
    if meant not in ("office", "header", "level", "kind"):
        stop(say("aliases.unknown_kind", kind=meant), USAGE)
    if meant == "office" and meaning:
        meaning = seat.office(meaning)
    try:
        return learn_alias(
            seat.district.code,
            seat.cycle,
            seat.words,
            kind=meant,
            text=written,
            meaning=meaning,
            who=who,
            at=seat.at,
            reason=reason or say("aliases.reason"),
        )
    except DecisionError as refused:
        stop(str(refused), USAGE)
