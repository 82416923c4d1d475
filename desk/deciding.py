"""`kla waive`, `kla acknowledge`: what stewards decide about rules and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.forms import DistrictArgument
from desk.frame import PARTIAL, USAGE, err, me, stop
from desk.steward import (
    AsOf,
    Cycle,
    Json,
    Later,
    Opd,
    Reason,
    Seat,
    Stage,
    Who,
    day_of,
    exists,
    keep,
    offices_of,
    place_of,
    sit,
)
from kla.io.desk_words import say

if TYPE_CHECKING:
    from kla.decisions import Decision
    from kla.findings import Finding

Code = Annotated[str, typer.Argument(metavar="KODE", help=say("option.code"), show_default=False)]


Question = Annotated[str, typer.Option("--question", metavar="PERTANYAAN", help=say("option.question"))]
WaiverStage = Annotated[
    str | None, typer.Option("--stage", metavar="TAHAP", help=say("option.waiver_stage"), show_default=False)
]
From = Annotated[str | None, typer.Option("--from", metavar="HARI", help=say("option.from_on"), show_default=False)]


def waive(
    district_code: DistrictArgument,
    code: Code,
    opd: Opd,
    until: Annotated[str, typer.Option("--until", metavar="HARI", help=say("option.until"))],
    requested_by: Annotated[str, typer.Option("--requested-by", metavar="NAMA", help=say("option.requested_by"))],
    reason: Reason,
    approved_by: Annotated[str, typer.Option("--approved-by", metavar="NAMA", help=say("option.approved_by"))] = "",
    from_on: From = None,
    question: Question = "",
    stage: WaiverStage = None,
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """Let a rule not hold for an office for a while."""
    from kla.decisions import DecisionError
    from kla.decisions import waive as decided

    seat = sit(district_code, cycle, stage, as_of)
    opd_code = seat.sender(opd)
    try:
        one = decided(
            seat.about(opd_code, stage or ""),
            seat.words,
            code=_rule(code),
            who=approved_by or me(),
            requested_by=requested_by,
            at=seat.at,
            reason=reason,
            from_on=day_of(from_on, "--from") or seat.day,
            until_on=day_of(until, "--until"),
            question_id=seat.question(question) if question else "",
        )
    except DecisionError as refused:
        stop(str(refused), USAGE)
    keep(seat, [one], offices=offices_of(opd_code), is_later=is_later, is_json=is_json)


def _rule(code: str) -> str:
    from kla.io.rules import load_rules

    known = sorted(rule.code for rule in load_rules())
    if code.strip().upper() not in known:
        stop(say("explain.unknown", code=code, codes=" ".join(known)), USAGE)
    return code.strip().upper()


def acknowledge(
    district_code: DistrictArgument,
    opd: Annotated[str, typer.Option("--opd", metavar="OPD", help=say("option.one_opd"))] = "",
    code: Annotated[str, typer.Option("--code", metavar="KODE", help=say("option.code"))] = "",
    question: Question = "",
    cell: Annotated[str, typer.Option("--cell", metavar="LEMBAR!SEL", help=say("option.place"))] = "",
    reason_code: Annotated[str, typer.Option("--reason-code", metavar="KODE", help=say("option.reason_code"))] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="ALASAN", help=say("option.remark"))] = "",
    from_file: Annotated[
        Path | None, typer.Option("--from-file", metavar="BERKAS", help=say("option.from_file"), show_default=False)
    ] = None,
    who: Who = "",
    stage: Stage = None,
    cycle: Cycle = None,
    as_of: AsOf = None,
    is_later: Later = False,
    is_json: Json = False,
) -> None:
    """Confirm a warning, or all those of a findings.xlsx that came back with reasons."""
    from kla.decisions import DecisionError

    seat = sit(district_code, cycle, stage, as_of)
    found = _findings(seat)
    refused: list[str] = []
    try:
        if from_file is not None:
            taken, refused = _by_file(seat, exists(from_file), found, who or me())
        else:
            if not opd or not code:
                stop(say("acknowledge.which"), USAGE)
            wanted = (seat.sender(opd), _rule(code), seat.question(question) if question else "", cell)
            taken = [_seen(seat, _one(found, *wanted), who or me(), reason_code.strip().upper(), reason)]
    except DecisionError as error:
        stop(str(error), USAGE)
    _keep_all(seat, taken, refused, is_later, is_json)


def _keep_all(seat: Seat, taken: Sequence[Decision], refused: Sequence[str], is_later: bool, is_json: bool) -> None:
    """Keep what can be kept; rows that cannot be used are told, and make the end a partial one."""
    for line in refused:
        err(line)
    if not taken:
        stop(say("acknowledge.none"), USAGE)
    try:
        keep(seat, taken, offices=_offices(taken), is_later=is_later, is_json=is_json)
    except typer.Exit as end:
        raise typer.Exit(end.exit_code or (PARTIAL if refused else 0)) from None
    if refused:
        raise typer.Exit(PARTIAL)


def _offices(taken: Sequence[Decision]) -> list[str]:
    """Return the offices to judge again; all of them where a recap is among what was decided."""
    codes = {it.opd_code for it in taken}
    return [] if "" in codes else sorted(codes)


def _findings(seat: Seat) -> tuple[Finding, ...]:
    from kla.io.warehouse import open_reader

    with open_reader() as warehouse:
        return warehouse.findings(seat.district.code, seat.cycle)


def _one(found: Sequence[Finding], opd_code: str, code: str, question_id: str, cell: str) -> Finding:
    """Return the one open finding that is meant; else end as a usage error that names those there are."""
    place = cell.replace("'", "").replace("$", "")
    meant = [
        it
        for it in found
        if (it.opd_code, it.code) == (opd_code, code)
        and question_id in ("", it.question_id)
        and place in ("", f"{it.sheet}!{it.cell}", it.cell)
        and it.status == "open"
    ]
    if len(meant) != 1:
        key = "acknowledge.several" if meant else "acknowledge.not_found"
        places = "; ".join(f"{place_of(it)} {it.question_id}".strip() for it in meant[:20])
        stop(say(key, code=code, opd=opd_code, places=places), USAGE)
    return meant[0]


def _seen(seat: Seat, finding: Finding, who: str, reason_code: str, reason: str) -> Decision:
    from kla.decisions import acknowledge as decided
    from kla.io.rules import rule_digests

    digest = rule_digests()[finding.code]
    return decided(
        finding,
        seat.cycle,
        seat.words,
        who=who,
        at=seat.at,
        reason_code=reason_code,
        rule_digest=digest,
        reason=reason,
    )


def _by_file(seat: Seat, path: Path, found: Sequence[Finding], who: str) -> tuple[list[Decision], list[str]]:
    """Return a decision per reason given in a findings.xlsx, and a sentence per row that cannot be used."""
    from kla.decisions import DecisionError
    from kla.io.acknowledging import NoReasonsError, identity, read_reasons

    known = {identity(it): it for it in found}
    taken, refused = [], []
    try:
        given = read_reasons(path)
    except NoReasonsError as error:
        stop(str(error), USAGE)
    for row in given:
        finding = known.get(row.key)
        if finding is not None and finding.status != "open":
            continue
        try:
            if finding is None:
                raise DecisionError(say("acknowledge.gone", code=row.code, place=f"{row.sheet}!{row.cell}"))
            reason_code = row.reason_code or row.written
            taken.append(_seen(seat, finding, who, reason_code, row.note))
        except DecisionError as error:
            refused.append(say("acknowledge.row", row=row.sheet_row, file=path.name, message=error))
    return taken, refused
