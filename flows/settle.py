"""What every run ends with: score and publish each district, then the overview, then the checks."""

from __future__ import annotations

from collections.abc import Sequence

from kla.night import Night, Trouble
from tasks.batch import groups
from tasks.checks import check_warehouse
from tasks.load import Arrived
from tasks.plan import Plan
from tasks.publish import Published, publish, publish_overview
from tasks.score import score


def settle(plan: Plan, arrived: Arrived, troubles: Sequence[Trouble], run_id: str) -> Night:
    """Score and publish every district of the plan, look at the whole, and return what came of it."""
    published = Published()
    for group in groups(tuple(plan.districts)):
        scored = score(group, plan, run_id)
        published.add(publish(group, plan, scored))
        published.troubles += scored.troubles
    published.troubles += publish_overview(plan)
    published.troubles += check_warehouse(plan)
    return published.night(run_id, plan, arrived, [*troubles, *published.troubles])
