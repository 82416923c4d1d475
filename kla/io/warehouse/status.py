"""Where a district stands, quickly: who has sent what, the score of each stage, what is missing to the target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from kla.deadlines import days_left, deadline_of
from kla.district import District
from kla.instrument import Instrument
from kla.io.warehouse import filed, offices, scores, stated
from kla.io.warehouse.picture import deadline, given_predikats
from kla.io.warehouse.standing import Place, answer_rows, in_force, owners
from kla.picture import GivenPredikat
from kla.predikat import DECIDED_STAGE, points_to
from kla.scoring import SumScore
from kla.turnout import Turnout


@dataclass(frozen=True, slots=True)
class StageStatus:
    """A stage's total, predikat (None below the first band) and points per block."""

    stage: str
    points: Decimal
    max_points: Decimal
    predikat: str | None
    blocks: tuple[SumScore, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """Where a district stands. Offices are counted at the form stage, each once, expected ones only.

    `received`: something came, whatever became of it; `accepted`: its last file was accepted and holds an answer;
    `on_time`: a file that was not refused came by the closing and an answer stands, None when that stage has no closing date.
    `points_to_target` None before anything was scored, 0 when the target is reached.
    """

    district_code: str
    district_name: str
    cycle: int
    as_of: date
    expected: int
    received: int
    accepted: int
    returned: int
    refused: int
    on_time: int | None
    stages: tuple[StageStatus, ...]
    target_predikat: str
    points_to_target: Decimal | None
    deadline_stage: str
    deadline_on: date | None
    days_left: int | None
    turnouts: tuple[Turnout, ...]  # of each stage with a closing or something sent
    decided: GivenPredikat | None  # the final predikat as given, None while none was


def of_district(connection: Connection, district: District, instrument: Instrument, cycle: int, as_of: date) -> Status:
    """Return where a district stands in a cycle on a day."""
    sheets = scores.read(connection, district.code, cycle, instrument.stages)
    files = filed.read(connection, district.code, cycle)
    versions = offices.submissions(connection, district, cycle, files)
    forms = Place(district.code, cycle, instrument.stages[0])
    given = offices.answered(in_force(files, answer_rows(connection, forms)))
    ownership = offices.ownership_of(instrument, owners(district, instrument))
    lines = offices.lines(district, ownership, forms, as_of, None, versions, given)
    turnouts = offices.turnouts(district, instrument, cycle, versions, given)
    sent = next((it for it in turnouts if it.stage == forms.stage), None)
    window = deadline(district, cycle, as_of)
    predikats = given_predikats(stated.in_force(connection, district.code, cycle), instrument)
    target = district.target_predikat
    return Status(
        district_code=district.code,
        district_name=district.name,
        cycle=cycle,
        as_of=as_of,
        expected=len(lines),
        received=sum(1 for line in lines if line.submission is not None),
        accepted=sum(1 for line in lines if line.status in ("accepted", "late")),
        returned=sum(1 for line in lines if line.status == "returned"),
        refused=sum(1 for line in lines if line.status == "refused"),
        on_time=sent.on_time if sent else None,
        turnouts=turnouts,
        stages=tuple(StageStatus(s.stage, s.total.points, s.total.max_points, s.predikat, s.blocks) for s in sheets),
        target_predikat=target,
        points_to_target=points_to(target, sheets[-1].total.points, instrument.bands) if sheets else None,
        deadline_stage=window.stage if window else "",
        deadline_on=deadline_of(window, as_of) if window else None,
        days_left=days_left(deadline_of(window, as_of), as_of) if window else None,
        decided=next((it for it in predikats if it.stage == DECIDED_STAGE), None),
    )
