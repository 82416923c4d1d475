"""Writing and reading scores and gaps. Points are decided in kla.scoring; here they are only kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from kla.district import District
from kla.gaps import Gap, find_gaps
from kla.instrument import Instrument
from kla.io.warehouse import freshness, stated
from kla.io.warehouse.changes import replace_rows
from kla.io.warehouse.exact import hundredths, points
from kla.io.warehouse.standing import OF_STAGE, Place, leads, stage_layouts, standings
from kla.io.warehouse.tables import gap, score
from kla.scoring import Cause, QuestionScore, ScoreSheet, SumScore, score_stated
from kla.scoring import score as score_forms
from kla.submission import Layout


class _Stored(NamedTuple):
    """A row of `score`, as far as a sheet is made of it."""

    level: str
    key: str
    points_hundredths: int
    max_hundredths: int
    claimed_hundredths: int
    cause: str
    opd_code: str
    indicator_number: str
    block_code: str
    predikat: str
    answer_id: int | None
    stated_id: int | None


_SCORES = text(
    f"SELECT stage, {', '.join(_Stored._fields)} FROM score "  # noqa: S608 - names of ours
    "WHERE district_code = :district_code AND cycle = :cycle ORDER BY stage, level, position"
)
_GAPS = text(
    "SELECT question_id, indicator_number, block_code, opd_code, cause, lost_hundredths, max_hundredths "  # noqa: S608
    f"FROM gap WHERE {OF_STAGE} ORDER BY position"
)


@dataclass(frozen=True, slots=True)
class Versions:
    """What a score was made with: the instrument's digest, the code, the rules."""

    instrument: str
    code: str
    suite: str


@dataclass(frozen=True, slots=True)
class StageScore:
    """A sheet and what it loses."""

    sheet: ScoreSheet
    gaps: tuple[Gap, ...]


def compute(connection: Connection, district: District, instrument: Instrument, cycle: int) -> tuple[StageScore, ...]:
    """Return the sheets of every stage with something to score, in order, from what counts now; nothing is written."""
    found: list[StageScore] = []
    recaps = stated.in_force(connection, district.code, cycle)
    for stage, layout in stage_layouts(connection, district.code, cycle, instrument).items():
        place = Place(district.code, cycle, stage)
        before = found[-1].sheet if found else None
        if layout is Layout.FORM:
            sheet = score_forms(instrument, standings(connection, place, district, instrument), stage)
        else:
            current = recaps.get(stage, ())
            counted, uncounted = stated.points_of(connection, place, current)
            given = stated.predikat(current)
            leading, predikat = leads(district, instrument), given[0] if given else None
            sheet = score_stated(instrument, counted, stage, before, leading, uncounted, predikat)
        found.append(StageScore(sheet, find_gaps(sheet, before)))
    return tuple(found)


def save(
    connection: Connection,
    district_code: str,
    cycle: int,
    stages: Sequence[StageScore],
    versions: Versions,
    run_id: str,
) -> int:
    """Make the warehouse hold exactly these scores and gaps of a district and cycle; return how many rows changed."""
    scope = {"district_code": district_code, "cycle": cycle}
    common = {
        **scope,
        "instrument_version": versions.instrument,
        "code_version": versions.code,
        "suite_version": versions.suite,
        "run_id": run_id,
    }
    score_rows = [{**common, "stage": it.sheet.stage, **row} for it in stages for row in _score_rows(it.sheet)]
    gap_rows = [
        {**scope, "run_id": run_id, "stage": it.sheet.stage, "position": position, **_gap_row(one)}
        for it in stages
        for position, one in enumerate(it.gaps, 1)
    ]
    changed = replace_rows(connection, score, scope, score_rows) + replace_rows(connection, gap, scope, gap_rows)
    if changed:
        freshness.touch(connection, district_code)
    return changed


def _score_rows(sheet: ScoreSheet) -> Iterator[dict[str, Any]]:
    for position, question in enumerate(sheet.questions, 1):
        yield {
            "level": "question",
            "key": question.question_id,
            "position": position,
            "points_hundredths": hundredths(question.points),
            "max_hundredths": hundredths(question.max_points),
            "claimed_hundredths": hundredths(question.claimed_points),
            "cause": question.cause.value,
            "opd_code": question.opd_code,
            "indicator_number": question.indicator_number,
            "block_code": question.block_code,
            "predikat": "",
            "answer_id": question.answer_id,
            "stated_id": question.stated_id,
        }
    for level, sums in (("indicator", sheet.indicators), ("block", sheet.blocks), ("total", (sheet.total,))):
        for position, one in enumerate(sums, 1):
            row = _sum_row(level, position, one)
            yield {**row, "predikat": sheet.predikat or "", "stated_id": sheet.predikat_id} if level == "total" else row


def _sum_row(level: str, position: int, one: SumScore) -> dict[str, Any]:
    return {
        "level": level,
        "key": one.key,
        "position": position,
        "points_hundredths": hundredths(one.points),
        "max_hundredths": hundredths(one.max_points),
        "claimed_hundredths": hundredths(one.points),
        "cause": "",
        "opd_code": "",
        "indicator_number": "",
        "block_code": "",
        "predikat": "",
        "answer_id": None,
        "stated_id": None,
    }


def _gap_row(one: Gap) -> dict[str, Any]:
    return {
        "question_id": one.question_id,
        "cause": one.cause.value,
        "indicator_number": one.indicator_number,
        "block_code": one.block_code,
        "opd_code": one.opd_code,
        "lost_hundredths": hundredths(one.lost_points),
        "max_hundredths": hundredths(one.max_points),
    }


def read(connection: Connection, district_code: str, cycle: int, stages: Sequence[str]) -> tuple[ScoreSheet, ...]:
    """Return the stored sheets of a district and cycle in the order of `stages`; () before anything was scored."""
    by_stage: dict[str, list[_Stored]] = {}
    for stage, *row in connection.execute(_SCORES, {"district_code": district_code, "cycle": cycle}).all():
        by_stage.setdefault(stage, []).append(_Stored._make(row))
    return tuple(_sheet(stage, by_stage[stage]) for stage in stages if stage in by_stage)


def _sheet(stage: str, rows: Sequence[_Stored]) -> ScoreSheet:
    def sums(level: str) -> tuple[SumScore, ...]:
        own = (row for row in rows if row.level == level)
        return tuple(SumScore(row.key, points(row.points_hundredths), points(row.max_hundredths)) for row in own)

    (total,) = sums("total")
    decided = next(row for row in rows if row.level == "total")
    questions = tuple(_question(row) for row in rows if row.level == "question")
    predikat = decided.predikat or None
    return ScoreSheet(stage, questions, sums("indicator"), sums("block"), total, predikat, decided.stated_id)


def _question(row: _Stored) -> QuestionScore:
    return QuestionScore(
        question_id=row.key,
        indicator_number=row.indicator_number,
        block_code=row.block_code,
        max_points=points(row.max_hundredths),
        points=points(row.points_hundredths),
        claimed_points=points(row.claimed_hundredths),
        cause=Cause(row.cause),
        opd_code=row.opd_code,
        answer_id=row.answer_id,
        stated_id=row.stated_id,
    )


def read_gaps(connection: Connection, place: Place) -> tuple[Gap, ...]:
    """Return what a stage loses, dearest first."""
    return tuple(
        Gap(
            question_id=question_id,
            indicator_number=indicator_number,
            block_code=block_code,
            opd_code=opd_code,
            cause=Cause(cause),
            lost_points=points(lost),
            max_points=points(most),
        )
        for question_id, indicator_number, block_code, opd_code, cause, lost, most in connection.execute(
            _GAPS, place.parameters()
        ).all()
    )
