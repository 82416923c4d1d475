"""What every task shares: nothing is cached, only faults that can pass are tried again, no item stops the others."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from kla.errors import LeaseLostError
from kla.io.fault_marks import said_of
from kla.night import Trouble

RETRIES = 2
DELAYS = (1.0, 5.0)  # seconds before each

_tries: ContextVar[int] = ContextVar("tries", default=0)  # 0: Prefect counts, or nobody

# Faults of a share or a network drive that are often gone a moment later; a full or read-only disk is not among them.
PASSING_ERRNOS = frozenset(
    {
        errno.EIO,
        errno.EAGAIN,
        errno.EBUSY,
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.ECONNRESET,
        errno.EHOSTDOWN,
        errno.EINTR,
    }
)
T = TypeVar("T")


def may_pass(error: BaseException | None) -> bool:
    """Whether trying again can help: a locked or lost database, a share that stumbled."""
    if isinstance(error, TimeoutError | ConnectionError):
        return True
    if isinstance(error, OSError):
        return error.errno in PASSING_ERRNOS
    # By name: SQLAlchemy is not imported for a task that has no database.
    return type(error).__name__ in {"OperationalError", "InterfaceError"}


@contextmanager
def count_tries(tries: int) -> Iterator[None]:
    """Say the how-manieth try runs inside, where Prefect does not count."""
    token = _tries.set(tries)
    try:
        yield
    finally:
        _tries.reset(token)


def _is_last_try() -> bool:
    if tries := _tries.get():
        return tries > RETRIES
    from prefect.runtime import task_run

    return (task_run.run_count or RETRIES + 1) > RETRIES


def one_by_one(step: str, codes: Iterable[str], work: Callable[[str], T]) -> tuple[dict[str, T], list[Trouble]]:
    """Do the work for each district and return what came of it and what went wrong; no district stops another.

    A fault that can pass is raised while tries are left, so that the whole task is tried again: every effect here gives
    the same when repeated.
    """
    done: dict[str, T] = {}
    troubles: list[Trouble] = []
    for code in codes:
        try:
            done[code] = work(code)
        except LeaseLostError:
            raise  # another run took over: nothing more is to be done here
        except Exception as error:
            if may_pass(error) and not _is_last_try():
                raise
            troubles.append(Trouble(step, code, "", said_of(error)))
    return done, troubles
