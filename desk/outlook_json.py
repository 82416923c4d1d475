"""What the commands of desk/outlook.py print with --json: one object each; points are numbers, days ISO dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kla.back_test import BackTest
    from kla.comparison import CycleScore, Waterfall, YearComparison
    from kla.coordination import Coordination
    from kla.io.outlook import Ground
    from kla.needs import Need
    from kla.picture import Picture
    from kla.safe_score import SafeScore


def _about(ground: Ground) -> dict[str, Any]:
    return {"district": ground.district.code, "name": ground.district.name, "cycle": ground.cycle}


def _sums(sums: Iterable[tuple[str, Decimal]]) -> list[dict[str, Any]]:
    return [{"key": key, "points": float(points)} for key, points in sums]


def fall_json(ground: Ground, fall: Waterfall) -> dict[str, Any]:
    """Return the way from one stage to a later one, summed five ways, and each question's step with its reason."""
    return {
        **_about(ground),
        "from_stage": fall.from_stage,
        "to_stage": fall.to_stage,
        "before": float(fall.before),
        "after": float(fall.after),
        "difference": float(fall.difference),
        "residual": float(fall.residual),
        "by_block": _sums(fall.by_block()),
        "by_indicator": _sums(fall.by_indicator()),
        "by_office": _sums(fall.by_office()),
        "by_cause": _sums(fall.by_cause()),
        "questions": [
            {
                "question": step.question_id,
                "indicator": step.indicator_number,
                "block": step.block_code,
                "opd": step.opd_code,
                "cause": step.change.value,
                "points": float(step.points),
                "reason": step.reason,
            }
            for step in fall.steps
        ],
    }


def years_json(ground: Ground, stage: str, found: Sequence[YearComparison]) -> dict[str, Any]:
    """Return each pair of cycles, the parts of their difference and what they sum to."""
    return {**_about(ground), "stage": stage, "years": [_year(one) for one in found]}


def _year(one: YearComparison) -> dict[str, Any]:
    def side(score: CycleScore) -> dict[str, Any]:
        return {"cycle": score.cycle, "score": float(score.total), "is_total_only": not score.questions}

    return {
        "earlier": side(one.earlier),
        "later": side(one.later),
        "difference": float(one.difference),
        "residual": float(one.residual),
        "is_resolved": one.is_resolved,
        "by_change": {change.value: float(points) for change, points in one.by_change()},
        "parts": [
            {
                "change": part.change.value,
                "question": part.question_id,
                "block": part.block_code,
                "points": float(part.points),
            }
            for part in one.parts
        ],
    }


def safe_json(ground: Ground, found: SafeScore, tests: Sequence[BackTest]) -> dict[str, Any]:
    """Return what is expected to stand, what that rests on, and how the public pairs would have been foretold."""
    from kla.io.planning import basis_text

    expected = found.expectation
    return {
        **_about(ground),
        "stage": found.stage,
        "claimed": float(found.claimed),
        "supported": float(found.supported),
        "at_risk": float(found.at_risk),
        "safe": float(found.safe),
        "expected": None
        if expected is None
        else {
            "low": float(expected.low),
            "likely": float(expected.likely),
            "high": float(expected.high),
            "nominal": float(expected.nominal),
            "own_pairs": expected.own_pairs,
            "public_pairs": expected.public_pairs,
            "summary_pairs": expected.summary_pairs,
        },
        "basis": basis_text(expected),
        "back_tests": [_back_test(test) for test in tests],
        "questions": [
            {
                "question": answer.question_id,
                "block": answer.block_code,
                "opd": answer.opd_code,
                "claimed": float(answer.claimed),
                "supported": float(answer.supported),
                "at_risk": float(answer.at_risk),
            }
            for answer in found.answers
        ],
    }


def _back_test(test: BackTest) -> dict[str, Any]:
    mean = test.mean_error
    return {
        "is_strict": test.is_strict,
        "tested": test.tested,
        "covered": test.covered,
        "mean_error": None if mean is None else float(mean),
    }


def gaps_json(ground: Ground, day: date, found: Sequence[Need]) -> dict[str, Any]:
    """Return every loss with what wins it back; they sum to `lost`."""
    return {
        **_about(ground),
        "stage": ground.current.stage,
        "as_of": day.isoformat(),
        "score": float(ground.current.total.points),
        "max_points": float(ground.current.total.max_points),
        "lost": float(sum((need.gap.lost_points for need in found), Decimal(0))),
        "gaps": [
            {
                "question": need.gap.question_id,
                "indicator": need.gap.indicator_number,
                "block": need.gap.block_code,
                "opd": need.gap.opd_code,
                "cause": need.cause,
                "is_verifiers": need.is_verifiers,
                "lost": float(need.gap.lost_points),
                "action": need.action.value,
                "effort_days": float(need.effort_days),
                "effort_class": need.effort_class.value,
                "wait_days": need.wait_days,
                "certainty": float(need.certainty),
                "deadline_on": need.deadline_on.isoformat() if need.deadline_on else None,
                "is_possible": need.is_possible,
            }
            for need in found
        ],
    }


def coordination_json(picture: Picture, found: Coordination) -> dict[str, Any]:
    """Return the matrix as a list of its cells, and the lists beside it."""
    return {
        "district": picture.district.code,
        "name": picture.district.name,
        "cycle": picture.cycle,
        "as_of": picture.as_of.isoformat(),
        "offices": list(found.opd_codes),
        "parts": [asdict(part) for part in found.parts],
        "unowned": [_plain(asdict(it)) for it in found.unowned],
        "disputes": [_plain(asdict(it)) for it in found.disputes],
        "alone": [_plain(asdict(it)) for it in found.alone],
        "alone_questions": [_plain(asdict(it)) for it in found.alone_questions],
        "moved": [_plain(asdict(it)) for it in found.moved],
        "silent_leads": [_plain(asdict(it)) for it in found.silent_leads],
        "shared_indicators": found.shared_indicators,
        "shared_questions": found.shared_questions,
    }


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in fields.items()}
