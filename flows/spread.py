"""Spreads a night over processes: its districts are cut into parts that are served side by side, with the same result."""

from __future__ import annotations

import logging

from flows.damage import confined
from flows.part import serve, serve_apart
from flows.runners import is_local
from kla.io.foreman import ChildDiedError, foreman_for
from tasks import artifacts
from tasks.effect import effect
from tasks.parts import Part, is_cut, is_much, parts_of
from tasks.plan import Plan
from tasks.served import Served
from tasks.sweep import begin_sweeping

# What a part needs that takes long to import; the foreman does so while this process waits for Prefect's server.
HEAVY = (
    "kla.io.suites:prepare",
    "flows.part",
    "kla.io.warehouse",
    "kla.io.rendering:warm",
    "kla.io.workbooks",
    "kla.io.returning",
    "kla.io.outlook",
    "scipy.optimize",
)


def prepare_many(count: int) -> bool:
    """Have a foreman import what is heavy, where so many districts leave little doubt that one is needed.

    Before there is a plan: to read the folders of a nation takes as long as half of what he imports. Return whether he
    was hired.
    """
    is_needed = is_local() and is_much(count)
    if is_needed:
        foreman_for(HEAVY)
    return is_needed


def prepare(plan: Plan) -> None:
    """Have a foreman import what is heavy, where this process will need one; worth calling before anything else.

    Where others serve the parts, each of them has its own.
    """
    if is_local() and is_cut(plan):
        foreman_for(HEAVY)


# No time-out: it runs in a thread, which Prefect cannot interrupt; what is stuck raises an alarm from the run ledger.
@effect("bagian", "bagian {part.label}", seconds=None)
def serve_in_child(part: Part, plan: Plan, run_id: str) -> Served:
    """Serve a part in a child process; where that dies, each half of its districts in one of its own."""
    try:
        served, kept, seconds = foreman_for(HEAVY).run(serve_apart, plan.only(part.codes), run_id)
    except ChildDiedError:
        if len(part.codes) == 1:
            raise
        served = Served()
        for half in part.halves():
            with confined("read", half.codes, served.troubles):
                served.add(serve_in_child(half, plan, run_id))
        return served
    begin_sweeping(plan)
    for one in kept:
        artifacts.keep(*one)
    took = ", ".join(f"{name} {each:.1f} s" for name, each in seconds.items())
    logging.getLogger("prefect.kla").info("bagian %s: %s", part.label, took)
    return served


def spread(plan: Plan, run_id: str) -> Served:
    """Serve all districts of the plan: in child processes where several can work side by side, else here."""
    parts = parts_of(plan)
    if not parts:
        return serve(plan, run_id)
    served = Served()
    waiting = [(part, serve_in_child.tracked.submit(part, plan, run_id)) for part in parts]
    for part, future in waiting:
        with confined("read", part.codes, served.troubles):
            served.add(future.result())
    return served
