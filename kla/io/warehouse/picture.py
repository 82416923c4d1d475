"""The picture of one district and cycle, put together from what the warehouse holds. Same warehouse, same picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, text

from kla.deadlines import current_window, days_left, deadline_of
from kla.district import District, StageWindow
from kla.errors import WarehouseError
from kla.instrument import AnswerKind, Instrument
from kla.io.warehouse import attempts, decisions, deltas, findings, offices, scores, states
from kla.io.warehouse.exact import decimal
from kla.io.warehouse.standing import (
    AnswerInForce,
    Place,
    answers_in_force,
    evidence_counts,
    given_predikat,
    owners,
    rows,
    stage_layouts,
)
from kla.picture import AnswerLine, GivenPredikat, OtherCycle, Picture, StageReason
from kla.predikat import points_to
from kla.scoring import ScoreSheet
from kla.submission import Layout, StatedLevel
from kla.wording import number_text, percent_text, points_text


def build(connection: Connection, district: District, instrument: Instrument, cycle: int, as_of: date) -> Picture:
    """Return everything the pages of a district and cycle show.

    Raises:
        WarehouseError: nothing was scored yet for this district and cycle.
    """
    sheets = scores.read(connection, district.code, cycle, instrument.stages)
    if not sheets:
        raise WarehouseError(f"district {district.code}, cycle {cycle}", "nothing is scored yet", "Score it first.")
    current = sheets[-1]
    window = deadline(district, cycle, as_of)
    made_with = versions(connection, district.code, cycle)
    lines = offices.submissions(connection, district, cycle)
    forms = Place(district.code, cycle, instrument.stages[0])
    held = {forms: answers_in_force(connection, forms)}
    given = offices.answered(held[forms])
    picture = Picture(
        district=district,
        instrument=instrument,
        cycle=cycle,
        as_of=as_of,
        stages=sheets,
        current_stage=current.stage,
        target_predikat=district.target_predikat,
        points_to_target=points_to(district.target_predikat, current.total.points, instrument.bands),
        deadline_stage=window.stage if window else "",
        deadline_on=deadline_of(window, as_of) if window else None,
        days_left=days_left(deadline_of(window, as_of), as_of) if window else None,
        turnouts=offices.turnouts(district, instrument, cycle, lines, given),
        offices=offices.lines(district, instrument, cycle, as_of, current, lines, given),
        submissions=lines,
        answers=answers(connection, district, instrument, cycle, sheets, held),
        findings=findings.current(connection, district.code, cycle),
        gaps=scores.read_gaps(connection, Place(district.code, cycle, current.stage)),
        suite_version=made_with.suite,
        code_version=made_with.code,
        last_run_id=last_run(connection, district.code, cycle),
        reasons=reasons(connection, district.code, instrument, cycle),
        other_cycles=other_cycles(connection, district.code, instrument, cycle),
        given_predikats=given_predikats(connection, district.code, instrument, cycle),
    )
    return _with_stewards_part(connection, picture)


def _with_stewards_part(connection: Connection, picture: Picture) -> Picture:
    """Return the picture with what was decided, and with how the forms came to stand as they do."""
    district, cycle, as_of = picture.district, picture.cycle, picture.as_of
    forms = Place(district.code, cycle, picture.instrument.stages[0])
    return replace(
        picture,
        decisions=decisions.read(connection, district, cycle, as_of),
        states=states.of_place(connection, forms, district, picture.instrument, as_of),
        attempts=attempts.of_place(connection, forms, district) + attempts.of_recaps(connection, district, cycle),
        deltas=deltas.of_offices(connection, district, cycle),
        repairs=attempts.repairs(connection, forms),
        pending_aliases=decisions.pending(connection, district, as_of),
    )


def deadline(district: District, cycle: int, as_of: date) -> StageWindow | None:
    """Return the window whose closing people look at: the open or next one, else the last; None without a calendar."""
    windows = district.windows(cycle)
    return current_window(windows, as_of) or (windows[-1] if windows else None)


def reasons(connection: Connection, district_code: str, instrument: Instrument, cycle: int) -> tuple[StageReason, ...]:
    """Return what the recaps of a cycle say beside questions' points, in the order of stages, then as read."""
    layouts = stage_layouts(connection, district_code, cycle, instrument)
    return tuple(
        StageReason(stage, row["key"], row["reason"])
        for stage, layout in layouts.items()
        if layout is Layout.RECAP
        for row in rows(connection, "current_stated", Place(district_code, cycle, stage), "stated_id")
        if row["level"] == StatedLevel.QUESTION.value and row["reason"]
    )


def given_predikats(
    connection: Connection, district_code: str, instrument: Instrument, cycle: int
) -> tuple[GivenPredikat, ...]:
    """Return the predikat that each stage's recaps give, in the order of stages; stages without one are left out."""
    found = []
    for stage in instrument.stages:
        if given := given_predikat(connection, Place(district_code, cycle, stage)):
            stated, row = given
            found.append(GivenPredikat(stage, stated.predikat, row["file_name"], row["sheet"], row["cell"]))
    return tuple(found)


def other_cycles(
    connection: Connection, district_code: str, instrument: Instrument, cycle: int
) -> tuple[OtherCycle, ...]:
    """Return the sheets of a district's other cycles, oldest first."""
    sql = text("SELECT DISTINCT cycle FROM score WHERE district_code = :code AND cycle <> :cycle ORDER BY cycle")
    found = [row[0] for row in connection.execute(sql, {"code": district_code, "cycle": cycle})]
    return tuple(OtherCycle(it, scores.read(connection, district_code, it, instrument.stages)) for it in found)


def versions(connection: Connection, district_code: str, cycle: int) -> scores.Versions:
    """Return what the stored scores were made with: those of the last stage's total."""
    sql = text(
        "SELECT s.instrument_version, s.code_version, s.suite_version FROM score AS s INNER JOIN run AS r ON r.run_id = s.run_id "
        "WHERE s.district_code = :district_code AND s.cycle = :cycle AND s.level = 'total' "
        "ORDER BY r.started_at DESC, r.run_id DESC, s.stage LIMIT 1"
    )
    row = connection.execute(sql, {"district_code": district_code, "cycle": cycle}).one()
    return scores.Versions(*row)


def last_run(connection: Connection, district_code: str, cycle: int) -> str:
    """Return the run that last changed a fact of a district and cycle."""
    parts = " UNION ".join(
        f"SELECT run_id FROM {table} WHERE district_code = :district_code AND cycle = :cycle"  # noqa: S608 - names of ours
        for table in ("submission", "standing_finding", "score", "gap")
    )
    sql = text(f"SELECT run_id FROM run WHERE run_id IN ({parts}) ORDER BY started_at DESC, run_id DESC LIMIT 1")  # noqa: S608
    return str(connection.execute(sql, {"district_code": district_code, "cycle": cycle}).scalar_one())


def answers(
    connection: Connection,
    district: District,
    instrument: Instrument,
    cycle: int,
    sheets: tuple[ScoreSheet, ...],
    held: Mapping[Place, Sequence[AnswerInForce]],
) -> tuple[AnswerLine, ...]:
    """Return each office's current answer of the last form stage, then what the current stage's recap states.

    In the order of the card; within a question the lead first, then the supporters as the instrument names them.
    `held` are answers in force that were asked for already.
    """
    layouts = stage_layouts(connection, district.code, cycle, instrument)
    lines = []
    for sheet in sheets:
        is_last_form = sheet.stage == max(
            (s for s in layouts if layouts[s] is Layout.FORM), key=instrument.stages.index, default=""
        )
        if is_last_form:
            place = Place(district.code, cycle, sheet.stage)
            own = held[place] if place in held else answers_in_force(connection, place)
            lines += _given(own, evidence_counts(connection, place), district, instrument, sheet)
    if layouts.get(sheets[-1].stage) is Layout.RECAP:
        lines += _stated(connection, Place(district.code, cycle, sheets[-1].stage), instrument, sheets[-1])
    order = {question.question_id: place for place, question in enumerate(instrument.questions)}
    return tuple(sorted(lines, key=lambda line: order[line.question_id]))


def _given(
    held: Iterable[AnswerInForce],
    evidence: Mapping[tuple[str, str], tuple[int, int]],
    district: District,
    instrument: Instrument,
    sheet: ScoreSheet,
) -> list[AnswerLine]:
    counted = {question.answer_id for question in sheet.questions}
    owned_by = owners(district, instrument)
    lines = []
    for row in held:
        if not instrument.has_question(row.question_id):
            continue
        accepted, rejected = evidence.get((row.question_id, row.opd_code), (0, 0))
        lines.append(
            AnswerLine(
                question_id=row.question_id,
                opd_code=row.opd_code,
                is_lead=owned_by[row.question_id][:1] == (row.opd_code,),
                answer=answer_text(row, instrument),
                file_name=row.file_name,
                sheet=row.sheet,
                cell=row.cell,
                is_counted=row.answer_id in counted,
                run_id=row.run_id,
                evidence_accepted=accepted,
                evidence_rejected=rejected,
            )
        )
    rank = {question_id: {code: at for at, code in enumerate(codes)} for question_id, codes in owned_by.items()}
    return sorted(lines, key=lambda line: rank[line.question_id].get(line.opd_code, len(rank[line.question_id])))


def _stated(connection: Connection, place: Place, instrument: Instrument, sheet: ScoreSheet) -> list[AnswerLine]:
    counted = {question.stated_id for question in sheet.questions}
    return [
        AnswerLine(
            question_id=row["key"],
            opd_code="",
            is_lead=False,
            answer="" if row["points"] is None else points_text(Decimal(row["points"])),
            file_name=row["file_name"],
            sheet=row["sheet"],
            cell=row["cell"],
            is_counted=row["stated_id"] in counted,
            run_id=row["run_id"],
            evidence_accepted=0,
            evidence_rejected=0,
        )
        for row in rows(connection, "current_stated", place, "stated_id")
        if row["level"] == StatedLevel.QUESTION.value and instrument.has_question(row["key"])
    ]


def answer_text(row: AnswerInForce, instrument: Instrument) -> str:
    """Return an answer as people read it: the level's label, `12/40 = 30,0 %` of the later year, `5 → 6`; "" for a blank."""
    scale = instrument.question(row.question_id).scale
    if row.is_blank:
        return ""
    if scale.answer is AnswerKind.CHOICE:
        return next((level.label for level in scale.levels if level.key == row.level), row.answer)
    later, whole, earlier = (decimal(it) for it in (row.value_t1, row.denominator_t1, row.value_t2))
    if scale.answer is AnswerKind.RATIO and later is not None and whole is not None:
        return f"{number_text(later)}/{number_text(whole)} = {percent_text(later, whole)}"
    figures = [earlier, later] if scale.answer is AnswerKind.COUNT else [later]
    return " → ".join("–" if figure is None else number_text(figure) for figure in figures)
