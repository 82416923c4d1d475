"""Once more when the connection broke: every method of the warehouse is a transaction of its own that may be repeated.

Whoever asks need not know that the server was away for a moment. Bounded; what is no broken connection is raised at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError

WAITS = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0)  # seconds; 40 in all
FIRST_WAITS = WAITS[:7]  # who only opens a warehouse is told soon that nobody answers

_COMING_OR_GOING = ("starting up", "shutting down", "recovery", "not yet accepting", "terminating", "too many")

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=type)


def is_broken(error: BaseException) -> bool:
    """Whether an error means that the server is away or the line was cut, not that something is wrong with the work."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    # Nobody listens, or a server that starts or stops refuses: psycopg has no code for the first.
    state = getattr(error.orig, "sqlstate", None)
    names = {kind.__name__ for kind in type(error.orig).__mro__ if kind.__module__.startswith("psycopg")}
    if "OperationalError" not in names or (state is not None and str(state)[:2] not in ("08", "57")):
        return False
    said = str(error.orig)  # a wrong password or name will not become right by waiting
    return "FATAL" not in said or any(sign in said for sign in _COMING_OR_GOING)


def again(work: Callable[[], T], waits: Sequence[float] = WAITS) -> T:
    """Return what the work returns, trying again for 40 s while the connection breaks; then its last error is raised."""
    for wait in waits:
        try:
            return work()
        except DBAPIError as error:
            if not is_broken(error):
                raise
            time.sleep(wait)
    return work()


def lasting(function: Callable[P, T]) -> Callable[P, T]:
    """Make a function that is one transaction outlast a broken connection."""

    @wraps(function)
    def outlasting(*given: P.args, **named: P.kwargs) -> T:
        return again(lambda: function(*given, **named))

    return outlasting


def all_lasting(*but: str) -> Callable[[C], C]:
    """Make every public method of a class lasting, but those named."""

    def made(cls: C) -> C:
        for name, member in list(vars(cls).items()):
            if callable(member) and not name.startswith("_") and name not in but:
                setattr(cls, name, lasting(member))
        return cls

    return made
