"""What could be improved, and what each loss needs: every cause leads to its own action."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given

from kla.gaps import find_gaps
from kla.improvements import options_for, usual_shares
from kla.instrument import Instrument
from kla.measures import Action, Effort, EffortClass, EffortTable, Raise
from kla.needs import needs_of
from kla.scoring import Cause, Standing, StatedPoints, score, score_stated
from tests.kla.test_scoring import HALF, SMALL, answer, standing, standings, stated

NONE = standing(None, has_submitted=False)
CERTAIN = {Action.SUBMIT: "0.7", Action.MEND: "0.9", Action.UPLOAD: "0.8", Action.SIGN: "0.6", Action.UPDATE: "0.5"}
TABLE = EffortTable(
    actions={
        action: Effort(action, Decimal("0.25"), 1, Decimal(CERTAIN.get(action, "0.4")), "diandaikan")
        for action in Action
        if action is not Action.ASSIGN
    },
    measures={"m": Raise(Effort(Action.SIGN, Decimal(2), 10, Decimal("0.5"), "diandaikan"), 2)},
    capacity={"coordinator": Decimal(1)},
    classes={EffortClass.LIGHT: Decimal("0.5"), EffortClass.MEDIUM: Decimal(3)},
    margin=Decimal(5),
    prerequisites=(),
    action_labels={},
    class_labels={},
)
ACTIONS = {Cause.NO_EVIDENCE: Action.UPLOAD, Cause.NOT_SUBMITTED: Action.SUBMIT, Cause.UNOWNED: Action.ASSIGN}


def only(question_id: str, given: Standing, instrument: Instrument = SMALL) -> dict[str, Standing]:
    full = {"1.P1": "ada_sah"}
    rest = {q.question_id: standing(answer(q.question_id, full.get(q.question_id, ""))) for q in instrument.questions}
    return {**rest, question_id: given}


def of(question_id: str, given: Standing) -> list[tuple[tuple[Action, ...], str, Decimal, Decimal, Decimal]]:
    sheet = score(SMALL, only(question_id, given), "mandiri")
    return [
        (it.actions, it.level, it.points, it.sure_gain, it.effort_days)
        for it in options_for(SMALL, sheet, None, {}, TABLE)
        if it.question_id == question_id
    ]


def test_a_claim_without_evidence_is_uploaded_then_raised() -> None:
    assert of("1.P1", standing(HALF, evidence_accepted=0)) == [
        ((Action.UPLOAD,), "", Decimal("6.00"), Decimal("4.80"), Decimal("0.25")),
        ((Action.UPLOAD, Action.SIGN), "Ada, sah", Decimal("12.00"), Decimal("7.20"), Decimal("2.25")),
    ]


def test_a_counted_answer_is_only_raised_and_no_further_than_allowed() -> None:
    found = of("1.P2", standing(answer("1.P2", "tidak_ada")))
    assert [it[1] for it in found] == ["Satu", "Dua"]  # max_steps 2 of the three above
    assert [it[4] for it in found] == [Decimal(2), Decimal(4)]


def test_what_was_never_sent_is_expected_at_the_districts_own_level() -> None:
    sheet = score(SMALL, {**only("1.P1", standing(HALF)), "1.P2": NONE}, "mandiri")
    assert usual_shares(SMALL, sheet)["m"] == Decimal("0.5")
    found = [it for it in options_for(SMALL, sheet, None, {}, TABLE) if it.question_id == "1.P2"]
    assert [(it.points, it.is_raise) for it in found] == [
        (Decimal("0.66"), False),
        (Decimal("1.32"), True),
        (Decimal("2.00"), True),
    ]
    assert [it.actions for it in found] == [(Action.SUBMIT,), *[(Action.SUBMIT, Action.SIGN)] * 2]
    assert all(it.is_estimate for it in found)


def test_an_unowned_or_full_question_has_no_option() -> None:
    assert of("1.P1", standing(None, lead_opd="")) == []
    assert of("1.P1", standing(answer("1.P1", "ada_sah"))) == []


def test_what_a_verifier_cut_is_won_back_by_what_the_reason_asks_for() -> None:
    before = score(SMALL, only("1.P1", standing(HALF)), "mandiri")
    sheet = score_stated(SMALL, {"1.P1": StatedPoints("1.P1", 1, Decimal(2))}, "administrasi", before)
    found = [it for it in options_for(SMALL, sheet, before, {"1.P1": Action.UPDATE}, TABLE) if it.question_id == "1.P1"]
    assert [(it.actions, it.points, it.gain, it.sure_gain) for it in found] == [
        ((Action.UPDATE,), Decimal("6.00"), Decimal("4.00"), Decimal("2.00")),
        ((Action.UPDATE, Action.SIGN), Decimal("12.00"), Decimal("10.00"), Decimal("3.50")),
    ]


@given(standings(), stated())
def test_no_option_promises_more_than_the_question_can_give(
    given_standings: dict[str, Standing], given_points: dict[str, StatedPoints]
) -> None:
    before = score(SMALL, given_standings, "mandiri")
    sheet = score_stated(SMALL, given_points, "administrasi", before)
    for current, previous in ((before, None), (sheet, before)):
        points = {question.question_id: question for question in current.questions}
        for it in options_for(SMALL, current, previous, {}, TABLE):
            now = points[it.question_id]
            assert now.points < it.points <= now.max_points
            assert it.gain == it.points - now.points
            assert 0 <= it.sure_gain <= it.gain
            assert it.opd_code


@given(standings(), stated())
def test_the_needs_carry_every_lost_point(
    given_standings: dict[str, Standing], given_points: dict[str, StatedPoints]
) -> None:
    before = score(SMALL, given_standings, "mandiri")
    sheet = score_stated(SMALL, given_points, "administrasi", before)
    found = needs_of(find_gaps(sheet, before), SMALL, {}, ACTIONS, TABLE, date(2024, 5, 3), date(2024, 5, 31))
    assert sum((it.gap.lost_points for it in found), Decimal(0)) == sheet.total.max_points - sheet.total.points


def test_a_need_says_what_how_heavy_and_whether_there_is_time() -> None:
    given_standings = {
        **only("1.P1", standing(HALF, evidence_accepted=0)),
        "1.P2": standing(answer("1.P2", "dua")),
        "2.P2": standing(None, lead_opd=""),
    }
    gaps = find_gaps(score(SMALL, given_standings, "mandiri"))
    found = {
        it.gap.question_id: it for it in needs_of(gaps, SMALL, {}, ACTIONS, TABLE, date(2024, 5, 3), date(2024, 5, 8))
    }
    upload, sign, assign = found["1.P1"], found["1.P2"], found["2.P2"]
    assert (upload.action, upload.effort_class, upload.is_possible) == (Action.UPLOAD, EffortClass.LIGHT, True)
    assert (sign.action, sign.effort_class, sign.is_possible) == (Action.SIGN, EffortClass.MEDIUM, False)
    assert (assign.action, assign.cause) == (Action.ASSIGN, "unowned")


def test_a_cut_takes_its_cause_and_action_from_the_verifiers_reason() -> None:
    before = score(SMALL, only("1.P1", standing(HALF)), "mandiri")
    sheet = score_stated(SMALL, {"1.P1": StatedPoints("1.P1", 1, Decimal(2))}, "administrasi", before)
    gaps = [gap for gap in find_gaps(sheet, before) if gap.question_id == "1.P1"]
    told = {"1.P1": ("outdated", Action.UPDATE)}
    found = needs_of(gaps, SMALL, told, ACTIONS, TABLE, date(2024, 5, 3), None)
    assert [(it.cause, it.is_verifiers, it.action) for it in found] == [
        ("below_full", False, Action.SIGN),
        ("outdated", True, Action.UPDATE),
    ]
    facts = replace(TABLE, measures={"m": replace(TABLE.measures["m"], max_steps=0)})
    found = needs_of(gaps, SMALL, told, ACTIONS, facts, date(2024, 5, 3), None)
    assert [it.is_possible for it in found] == [False, True]
