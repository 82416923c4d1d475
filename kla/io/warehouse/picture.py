"""The picture of one district and cycle, put together from what the warehouse holds. Same warehouse, same picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, text

from kla.deadlines import days_left, deadline_of, watched_window
from kla.decisions import aliases
from kla.decisions import in_force as holding_on
from kla.district import District, StageWindow
from kla.errors import WarehouseError
from kla.instrument import AnswerKind, Instrument
from kla.io.warehouse import attempts, decisions, deltas, filed, findings, offices, scores, stated, states
from kla.io.warehouse.attempts import Told
from kla.io.warehouse.exact import decimal
from kla.io.warehouse.offices import Ownership
from kla.io.warehouse.standing import (
    AnswerInForce,
    AnswerRow,
    Place,
    answer_rows,
    evidence_counts,
    in_force,
    owners,
    stage_layouts,
)
from kla.io.warehouse.stated import Recaps, Row, of_questions
from kla.io.warehouse.states import Forms
from kla.picture import (
    NOT_READ,
    AnswerLine,
    GivenPredikat,
    OfficeLine,
    OtherCycle,
    Picture,
    StageReason,
    SubmissionLine,
)
from kla.predikat import points_to
from kla.scoring import ScoreSheet
from kla.submission import Layout
from kla.wording import number_text, percent_text, points_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def build(connection: Connection, district: District, instrument: Instrument, cycle: int, as_of: date) -> Picture:
    """Return everything the pages of a district and cycle show.

    Raises:
        WarehouseError: nothing was scored yet for this district and cycle.
    """
    told = attempts.told(connection, district, cycle)
    recaps = stated.in_force(connection, district.code, cycle)
    layouts = stage_layouts(connection, district.code, cycle, instrument)
    part = _day_part(connection, district, instrument, cycle, as_of, _reasons(recaps, layouts))
    place = Place(district.code, cycle, instrument.stages[0])
    forms = Forms(place, told.files, told.findings, answer_rows(connection, place))
    held = in_force(told.files, forms.rows)
    lines, given = offices.submissions(connection, district, cycle, told.files), offices.answered(held)
    owned_by = owners(district, instrument)
    ownership = offices.ownership_of(instrument, owned_by)
    picture = replace(
        part,
        turnouts=offices.turnouts(district, instrument, cycle, lines, given),
        offices=offices.lines(district, ownership, place, as_of, part.current, lines, given),
        submissions=lines,
        answers=_answers(connection, instrument, part.stages, layouts, forms, held, recaps, owned_by),
        findings=findings.now(connection, district.code, cycle, told.files, told.findings),
        gaps=scores.read_gaps(connection, Place(district.code, cycle, part.current_stage)),
        last_run_id=last_run(connection, district.code, cycle),
        given_predikats=given_predikats(recaps, instrument),
    )
    return _with_stewards_part(connection, picture, told, forms, ownership)


def day_part(connection: Connection, district: District, instrument: Instrument, cycle: int, as_of: date) -> Picture:
    """Return of a picture what the passing of a day changes, and what that follows from: time, scores, what lies ahead.

    Of the offices only their codes are there, of the submissions only when the last one came; all else is NOT_READ.

    Raises:
        WarehouseError: nothing was scored yet for this district and cycle.
    """
    told = reasons(connection, district.code, instrument, cycle)
    part = _day_part(connection, district, instrument, cycle, as_of, told)
    last = offices.last_moment(filed.read(connection, district.code, cycle), district)
    return replace(
        part,
        offices=tuple(_unread(OfficeLine, opd_code=it.code) for it in district.expected_offices(instrument)),
        submissions=(_unread(SubmissionLine, received_at=last),) if last else (),
    )


def _day_part(
    connection: Connection,
    district: District,
    instrument: Instrument,
    cycle: int,
    as_of: date,
    told: tuple[StageReason, ...],
) -> Picture:
    sheets = scores.read(connection, district.code, cycle, instrument.stages)
    if not sheets:
        raise WarehouseError(f"district {district.code}, cycle {cycle}", "nothing is scored yet", "Score it first.")
    current = sheets[-1]
    window = deadline(district, cycle, as_of)
    made_with = versions(connection, district.code, cycle)
    return _unread(
        Picture,
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
        suite_version=made_with.suite,
        code_version=made_with.code,
        notices=(),
        reasons=told,
        other_cycles=other_cycles(connection, district.code, instrument, cycle),
    )


def _unread(kind: type[T], **known: object) -> T:
    """Return a value of which only some fields are read."""
    return kind(**{**dict.fromkeys(kind.__dataclass_fields__, NOT_READ), **known})


def _with_stewards_part(
    connection: Connection, picture: Picture, told: Told, forms: Forms, ownership: Ownership
) -> Picture:
    """Return the picture with what was decided, and with how the forms came to stand as they do."""
    district, cycle, as_of = picture.district, picture.cycle, picture.as_of
    taken = decisions.read(connection, district)
    holding = holding_on((one for one in taken if one.cycle == cycle), as_of)
    return replace(
        picture,
        decisions=holding,
        states=states.of_forms(forms, district, ownership, holding, as_of),
        attempts=attempts.of_forms(connection, told, forms.place.stage) + attempts.of_recaps(connection, told),
        deltas=deltas.of_offices(connection, district, cycle),
        repairs=attempts.repairs(told.files, told.repairs, forms.place.stage),
        pending_aliases=decisions.pending(connection, district, aliases(taken, as_of)),
    )


def deadline(district: District, cycle: int, as_of: date) -> StageWindow | None:
    """Return the window whose closing people look at: the open or next one, else the last; None without a calendar."""
    return watched_window(district.windows(cycle), as_of)


def reasons(connection: Connection, district_code: str, instrument: Instrument, cycle: int) -> tuple[StageReason, ...]:
    """Return what the recaps of a cycle say beside questions' points, in the order of stages, then as read."""
    layouts = stage_layouts(connection, district_code, cycle, instrument)
    return _reasons(stated.in_force(connection, district_code, cycle), layouts)


def _reasons(recaps: Recaps, layouts: Mapping[str, Layout]) -> tuple[StageReason, ...]:
    return tuple(
        StageReason(stage, row["key"], row["reason"])
        for stage, layout in layouts.items()
        if layout is Layout.RECAP
        for row in of_questions(recaps.get(stage, ()))
        if row["reason"]
    )


def given_predikats(recaps: Recaps, instrument: Instrument) -> tuple[GivenPredikat, ...]:
    """Return the predikat that each stage's recaps give, in the order of stages; stages without one are left out."""
    found = []
    for stage in instrument.stages:
        if given := stated.predikat(recaps.get(stage, ())):
            one, row = given
            found.append(GivenPredikat(stage, one.predikat, row["file_name"], row["sheet"], row["cell"]))
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


def _answers(
    connection: Connection,
    instrument: Instrument,
    sheets: Sequence[ScoreSheet],
    layouts: Mapping[str, Layout],
    forms: Forms,
    held: Sequence[AnswerInForce],
    recaps: Recaps,
    owned_by: Mapping[str, tuple[str, ...]],
) -> tuple[AnswerLine, ...]:
    """Return each office's current answer of the last form stage, then what the current stage's recap states.

    In the order of the card; within a question the lead first, then the supporters as the instrument names them.
    `held` are the answers in force of the stage of `forms`.
    """
    current = sheets[-1]
    lines: list[AnswerLine] = []
    last_form = next((stage for stage in reversed([*layouts]) if layouts[stage] is Layout.FORM), "")
    for sheet in (it for it in sheets if it.stage == last_form):
        place = replace(forms.place, stage=last_form)
        own = held if place == forms.place else in_force(forms.files, answer_rows(connection, place))
        lines += _given(own, evidence_counts(connection, place), instrument, owned_by, sheet)
    if layouts.get(current.stage) is Layout.RECAP:
        lines += _stated(recaps.get(current.stage, ()), instrument, current)
    order = {question.question_id: place for place, question in enumerate(instrument.questions)}
    return tuple(sorted(lines, key=lambda line: order[line.question_id]))


def _given(
    held: Iterable[AnswerInForce],
    evidence: Mapping[tuple[str, str], tuple[int, int]],
    instrument: Instrument,
    owned_by: Mapping[str, tuple[str, ...]],
    sheet: ScoreSheet,
) -> Iterator[AnswerLine]:
    counted = {question.answer_id for question in sheet.questions}
    by_question: dict[str, dict[str, AnswerInForce]] = {}
    for it in held:
        by_question.setdefault(it.row.question_id, {})[it.file.opd_code] = it
    for question_id, owning in owned_by.items():
        own = by_question.get(question_id, {})
        for opd_code in dict.fromkeys([*filter(own.__contains__, owning), *own]):
            file, row = own[opd_code]
            accepted, rejected = evidence.get((question_id, opd_code), (0, 0))
            yield AnswerLine(
                question_id=question_id,
                opd_code=opd_code,
                is_lead=owning[:1] == (opd_code,),
                answer=answer_text(row, instrument),
                file_name=file.file_name,
                sheet=row.sheet,
                cell=row.cell,
                is_counted=row.answer_id in counted,
                run_id=file.run_id,
                evidence_accepted=accepted,
                evidence_rejected=rejected,
            )


def _stated(current: Iterable[Row], instrument: Instrument, sheet: ScoreSheet) -> list[AnswerLine]:
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
        for row in of_questions(current)
        if instrument.has_question(row["key"])
    ]


def answer_text(row: AnswerRow, instrument: Instrument) -> str:
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
