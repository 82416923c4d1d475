"""What every run ends with: score and publish each district, then the overview, then the checks."""

from __future__ import annotations

from collections.abc import Sequence

from flows.damage import confined
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
    found = list(troubles)
    for group in groups(tuple(plan.districts)):
        with confined("publish", group.codes, found):
            scored = score(group, plan, run_id)
            found += scored.troubles
            published.add(publish(group, plan, scored))
    with confined("publish", (), found):
        found += publish_overview(plan)
    with confined("checks", (), found):
        found += check_warehouse(plan)
    return published.night(run_id, plan, arrived, [*found, *published.troubles])
