"""A part of a night: some districts, served from their inbox to their pages, here or in a child process of their own."""

from __future__ import annotations

from flows.damage import confined
from flows.settle import settle
from kla.io.reading import prepare_for_reading
from tasks import artifacts
from tasks.batch import MOST_GROUPS, Batch, batches, by_cycle, groups
from tasks.compare import compare
from tasks.effect import Seconds, plainly
from tasks.load import Arrived, load
from tasks.plan import Plan
from tasks.read import read
from tasks.receive import receive
from tasks.rejudge import recall
from tasks.rest import Rest, resting
from tasks.served import Served
from tasks.validate import validate


def serve(plan: Plan, run_id: str, given: Batch | None = None) -> Served:
    """Receive, read and validate what arrived or was decided anew; load, compare, score and publish.

    A district whose pages would come out the same is left at rest. With `given` files the inbox is not looked at.
    """
    arrived = take_in(plan, run_id, given)
    troubles = list(arrived.troubles)
    # Also what a run loaded that was killed before it compared.
    touched = arrived.touched | plan.warehouse.unsettled(tuple(plan.districts))
    if touched:
        with confined("validate", sorted({code for code, _ in touched}), troubles):
            compared = compare(plan, touched, run_id)
            troubles += compared.troubles
            arrived.deltas = compared.deltas
    rest = Rest()
    # Where it cannot be told what may rest, all is drawn.
    with confined("rest", (), troubles):
        rest = resting(plan)
    return settle(plan, arrived, troubles, run_id, rest)


def take_in(plan: Plan, run_id: str, given: Batch | None) -> Arrived:
    """Receive, read, validate and load; what the files held in memory is free again when this is through."""
    files = recall(plan, receive(plan) if given is None else given)
    arrived = Arrived()
    arrived.troubles += files.troubles
    for batch in batches(files.receipts):
        with confined("read", batch.codes, arrived.troubles):
            readings = read(batch, plan)
            arrived.troubles += readings.troubles
            # A cycle is the history of the next one, so it is loaded before that one is judged.
            for part in by_cycle(readings, plan.cycles):
                judged = validate(part, plan, run_id)
                arrived.troubles += judged.troubles
                for group in groups(judged.codes, most=1 if plan.is_part else MOST_GROUPS):
                    arrived.add(load(judged, group, plan, run_id))
    return arrived


def serve_apart(plan: Plan, run_id: str) -> tuple[Served, list[artifacts.Kept], Seconds]:
    """Do the same in a child process that Prefect does not see.

    Return the artifacts too, for its parent to keep, and how long each verb took.
    """
    if any(plan.news.get(code) for code in plan.districts):
        prepare_for_reading()
    try:
        with plainly() as seconds, artifacts.gathered() as kept:
            return serve(plan, run_id), kept, seconds
    finally:
        plan.close()
