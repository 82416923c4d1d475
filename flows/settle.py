"""What every run ends with: score and publish each district; then, over all of them, the overview and the checks."""

from __future__ import annotations

from collections.abc import Sequence

from flows.damage import confined
from kla.night import Night, Trouble
from tasks.batch import MOST_GROUPS, Group, groups
from tasks.checks import check_warehouse
from tasks.load import Arrived
from tasks.plan import Plan
from tasks.publish import publish, publish_overview
from tasks.remember import remember
from tasks.rest import Rest
from tasks.score import Scored, score
from tasks.served import Served, by_news
from tasks.sweep import swept

# Of a part, whose districts have no task each.
DRAWN_TOGETHER = 8
REDATED_TOGETHER = 32


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
    for group in _published_together(codes, rest, is_part=plan.is_part):
        with confined("publish", group.codes, served.troubles):
            served.add(publish(group, plan, scored))
    return served.counted(arrived.counts)


def _published_together(codes: Sequence[str], rest: Rest, *, is_part: bool) -> list[Group]:
    """Cut districts into groups whose pages are put in place together: their pictures are in memory together too.

    Of those redated it is a small part of the picture, so that more of them go together.
    """
    if not is_part:
        return groups(codes)
    drawn = [code for code in codes if code not in rest.redated]
    redated = [code for code in codes if code in rest.redated]
    several = ((drawn, DRAWN_TOGETHER), (redated, REDATED_TOGETHER))
    return [it for some, size in several for it in groups(some, most=-(-len(some) // size))]


def conclude(plan: Plan, served: Served, run_id: str) -> Night:
    """Publish the overview, look at the whole warehouse, and return the run."""
    troubles = list(served.troubles)
    with swept(plan):
        with confined("publish", (), troubles):
            troubles += publish_overview(plan)
            troubles += remember(plan, run_id)
        with confined("checks", (), troubles):
            troubles += check_warehouse(plan)
    lines = tuple(served.lines[code] for code in plan.districts if code in served.lines)
    page = plan.places.public / "index.html"
    shown = str(page) if page.exists() else ""
    deltas = tuple(by_news(served.deltas))
    return Night(run_id, False, lines, tuple(troubles), shown, deltas=deltas, notices=plan.notices)
