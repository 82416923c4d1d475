"""What every run ends with: score and publish each district; then, over all of them, the overview and the checks."""

from __future__ import annotations

from collections.abc import Sequence

from flows.damage import confined
from kla.io.sweeping import begin_sweeping, sweep
from kla.night import Night, Trouble
from tasks.batch import MOST_GROUPS, groups
from tasks.checks import check_warehouse
from tasks.load import Arrived
from tasks.plan import Plan
from tasks.publish import publish, publish_overview
from tasks.remember import remember
from tasks.rest import Rest
from tasks.score import Scored, score
from tasks.served import Served, by_news

DRAWN_TOGETHER = 8


def settle(plan: Plan, arrived: Arrived, troubles: Sequence[Trouble], run_id: str, rest: Rest | None = None) -> Served:
    """Score and publish every district of the plan but those at `rest`, and return what came of it."""
    rest = rest or Rest()
    served, scored = Served(rest.lines, troubles, arrived.deltas), Scored(rest.scored, [], rest.redated)
    # A few districts have a task each; many share some, for a task run costs more than a district.
    codes = tuple(code for code in plan.districts if code not in rest.lines)
    unscored = tuple(code for code in codes if code not in rest.scored)
    for group in groups(unscored, most=1 if plan.is_part else MOST_GROUPS):
        with confined("score", group.codes, served.troubles):
            scored.add(score(group, plan, run_id))
    served.troubles += scored.troubles
    # The pictures of a group are in memory together.
    for group in groups(codes, most=-(-len(codes) // DRAWN_TOGETHER) if plan.is_part else MOST_GROUPS):
        with confined("publish", group.codes, served.troubles):
            served.add(publish(group, plan, scored))
    return served.counted(arrived.counts)


def conclude(plan: Plan, served: Served, run_id: str) -> Night:
    """Publish the overview, look at the whole warehouse, and return the run."""
    troubles = list(served.troubles)
    begin_sweeping(plan.places.public)
    with confined("publish", (), troubles):
        troubles += publish_overview(plan)
        troubles += remember(plan, run_id)
    with confined("checks", (), troubles):
        troubles += check_warehouse(plan)
    lines = tuple(served.lines[code] for code in plan.districts if code in served.lines)
    page = plan.places.public / "index.html"
    shown = str(page) if page.exists() else ""
    deltas = tuple(by_news(served.deltas))
    sweep(plan.places.public)
    return Night(run_id, False, lines, tuple(troubles), shown, deltas=deltas, notices=plan.notices)
