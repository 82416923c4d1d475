"""What `kla path` and `kla whatif` print with --json: one object each."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kla.instrument import Instrument
    from kla.io.outlook import Ground, Wish
    from kla.route import Route, Task
    from kla.whatif import WhatIf


def route_json(ground: Ground, wish: Wish, found: Route, verdict: str) -> dict[str, Any]:
    """Return the way to the target: points as numbers, days as ISO dates, tasks by office."""
    return {
        "district": ground.district.code,
        "name": ground.district.name,
        "cycle": ground.cycle,
        "stage": ground.current.stage,
        "as_of": wish.as_of.isoformat(),
        "by": wish.by.isoformat(),
        "days_left": (wish.by - wish.as_of).days,
        "working_days": found.working_days,
        "target": wish.target,
        "target_score": float(found.target),
        "margin": float(found.goal - found.target),
        "goal": float(found.goal),
        "score": float(found.current),
        "reachable": found.is_reachable,
        "target_reached": found.is_target_reached,
        "expected_score": float(found.expected_score),
        "full_score": float(found.full_score),
        "effort_days": float(found.effort_days),
        "verdict": verdict,
        "offices": [
            {
                "opd": opd_code,
                "name": ground.district.office(opd_code).name,
                "effort_days": float(sum((task.option.effort_days for task in tasks), Decimal(0))),
                "expected_points": float(sum((task.option.sure_gain for task in tasks), Decimal(0))),
                "tasks": [_task_json(ground.instrument, task) for task in tasks],
            }
            for opd_code, tasks in by_office(found)
        ],
    }


def by_office(found: Route) -> list[tuple[str, list[Task]]]:
    """Return the tasks of each office, in the route's order."""
    groups = groupby(found.tasks, key=lambda task: task.option.opd_code)
    return [(opd_code, list(tasks)) for opd_code, tasks in groups]


def _task_json(instrument: Instrument, task: Task) -> dict[str, Any]:
    from kla.io.planning import load_efforts

    option = task.option
    return {
        "question": option.question_id,
        "label": instrument.question(option.question_id).label,
        "block": option.block_code,
        "actions": [action.value for action in option.actions],
        "level": option.level or None,
        "points": float(option.points),
        "gain": float(option.gain),
        "expected_gain": float(option.sure_gain),
        "certainty": float(option.certainty),
        "effort_days": float(option.effort_days),
        "effort_class": load_efforts().effort_class(option.effort_days).value,
        "wait_days": option.wait_days,
        "is_estimate": option.is_estimate,
        "starts_on": task.starts_on.isoformat(),
        "done_on": task.done_on.isoformat(),
    }


def whatif_json(ground: Ground, found: WhatIf) -> dict[str, Any]:
    """Return the trial: the score before and after, and each question that was set."""
    return {
        "district": ground.district.code,
        "cycle": ground.cycle,
        "stage": found.stage,
        "score_before": float(found.before),
        "predikat_before": found.predikat_before,
        "score": float(found.score),
        "predikat": found.predikat,
        "target": found.target,
        "points_to_target": float(found.distance),
        "discounts_percent": {part or "all": float(percent) for part, percent in found.discounts.items()},
        "changed": [
            {"question": it.question_id, "level": it.level, "before": float(it.before), "after": float(it.after)}
            for it in found.changed
        ],
    }
