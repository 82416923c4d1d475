"""The losses of a stage sum to maximum - score, always."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given

from kla.gaps import find_gaps
from kla.scoring import Cause, Standing, StatedPoints, score, score_stated
from tests.kla.test_scoring import HALF, SMALL, standing, standings, stated


@given(standings())
def test_the_losses_of_a_form_stage_sum_to_maximum_minus_score(given_standings: dict[str, Standing]) -> None:
    sheet = score(SMALL, given_standings, "mandiri")
    found = find_gaps(sheet)
    assert sum(gap.lost_points for gap in found) == sheet.total.max_points - sheet.total.points
    assert all(gap.lost_points > 0 and gap.cause is not Cause.FULL for gap in found)


@given(standings(), stated())
def test_the_losses_of_a_verified_stage_sum_to_maximum_minus_score(
    given_standings: dict[str, Standing], given_points: dict[str, StatedPoints]
) -> None:
    before = score(SMALL, given_standings, "mandiri")
    sheet = score_stated(SMALL, given_points, "administrasi", before)
    found = find_gaps(sheet, before)
    assert sum(gap.lost_points for gap in found) == sheet.total.max_points - sheet.total.points
    assert all(gap.lost_points > 0 and gap.cause is not Cause.FULL for gap in found)
    assert len({(gap.question_id, gap.cause) for gap in found}) == len(found)


def test_what_the_verifier_took_is_told_apart_from_what_was_missing_before() -> None:
    before = score(
        SMALL, {q.question_id: standing(HALF if q.question_id == "1.P1" else None) for q in SMALL.questions}, "m"
    )
    sheet = score_stated(SMALL, {"1.P1": StatedPoints("1.P1", 1, Decimal(2))}, "administrasi", before)
    own = [(gap.cause, gap.lost_points) for gap in find_gaps(sheet, before) if gap.question_id == "1.P1"]
    assert own == [(Cause.BELOW_FULL, Decimal(6)), (Cause.CUT_BY_VERIFIER, Decimal(4))]


def test_the_dearest_loss_comes_first() -> None:
    lost = [
        gap.lost_points
        for gap in find_gaps(score(SMALL, {q.question_id: standing(None) for q in SMALL.questions}, "m"))
    ]
    assert lost == sorted(lost, reverse=True)
