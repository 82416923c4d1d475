"""What every run ends with: score and publish each district, then the overview, then the checks."""

from __future__ import annotations

from collections.abc import Sequence

from flows.damage import confined
from kla.night import Night, Trouble
from tasks.batch import MOST_GROUPS, groups
from tasks.checks import check_warehouse
from tasks.load import Arrived
from tasks.plan import Plan
from tasks.publish import Published, publish, publish_overview
from tasks.score import Scored, score

PUBLISHED_TOGETHER = 100


def settle(plan: Plan, arrived: Arrived, troubles: Sequence[Trouble], run_id: str) -> Night:
    """Score and publish every district of the plan, look at the whole, and return what came of it."""
    published = Published()
    found = list(troubles)
    codes = tuple(plan.districts)
    scored = Scored({}, [])
    for group in groups(codes):
        with confined("score", group.codes, found):
            scored.add(score(group, plan, run_id))
    # A few districts have a task each; many share few tasks, for each of these starts processes that render.
    for group in groups(codes, most=len(codes) if len(codes) <= MOST_GROUPS else -(-len(codes) // PUBLISHED_TOGETHER)):
        with confined("publish", group.codes, found):
            published.add(publish(group, plan, scored))
    found += scored.troubles
    with confined("publish", (), found):
        found += publish_overview(plan)
    with confined("checks", (), found):
        found += check_warehouse(plan)
    return published.night(run_id, plan, arrived, [*found, *published.troubles])
