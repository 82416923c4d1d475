"""Sweep: what was put away for new pages is removed beside the rest of a run; a rehearsal puts nothing away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kla.io import sweeping
from tasks.plan import Plan


def begin_sweeping(plan: Plan) -> None:
    """Have removed what was put away so far, without waiting for it."""
    if not plan.is_rehearsal:
        sweeping.begin_sweeping(plan.places.public)


@contextmanager
def swept(plan: Plan) -> Iterator[None]:
    """Begin to remove what was put away, and end when it is gone."""
    begin_sweeping(plan)
    yield
    if not plan.is_rehearsal:
        sweeping.sweep(plan.places.public)
