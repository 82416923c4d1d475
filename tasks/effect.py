"""What makes a function a task: Prefect tracks it and tries it again where that can help.

In a child process that serves a part of a night (`kla.io.foreman`) the very same function is called plainly: what happens
there Prefect sees as one task run, and nothing of Prefect has to be imported.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from tasks.policy import DELAYS, RETRIES, count_tries, may_pass

if TYPE_CHECKING:
    from prefect import Task

P = ParamSpec("P")
R = TypeVar("R")

Seconds = dict[str, float]  # by the name of an effect, in the order in which they first ended
_plainly: ContextVar[Seconds | None] = ContextVar("plainly", default=None)


@contextmanager
def plainly() -> Iterator[Seconds]:
    """Call every effect inside as the function it is, tried again by ourselves: for a process that Prefect does not see.

    Gives how long each took.
    """
    seconds: Seconds = {}
    token = _plainly.set(seconds)
    try:
        yield seconds
    finally:
        _plainly.reset(token)


class Effect(Generic[P, R]):
    """A function with one effect; calling it runs it as a Prefect task, or as it is where no run is tracked."""

    def __init__(self, work: Callable[P, R], **options: Any) -> None:
        self.fn = work
        self._options = options
        functools.update_wrapper(self, work)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        seconds = _plainly.get()
        if seconds is None:
            return self.tracked(*args, **kwargs)
        began, name = time.perf_counter(), self._options["name"]
        try:
            return _tried(self.fn, *args, **kwargs)
        finally:
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - began

    @functools.cached_property
    def tracked(self) -> Task[P, R]:
        """The Prefect task: `submit` it to run beside others."""
        from prefect import task
        from prefect.cache_policies import NO_CACHE

        return task(
            **self._options,
            cache_policy=NO_CACHE,
            retries=RETRIES,
            retry_delay_seconds=list(DELAYS),
            retry_condition_fn=_is_worth_retrying,
            persist_result=False,
        )(self.fn)


def effect(name: str, run_name: str = "", seconds: float | None = 1800) -> Callable[[Callable[P, R]], Effect[P, R]]:
    """Make a function a task of this name; `run_name` may quote its arguments, `seconds` is its time-out (None: none)."""

    def made(work: Callable[P, R]) -> Effect[P, R]:
        return Effect(work, name=name, task_run_name=run_name or name, timeout_seconds=seconds)

    return made


def _is_worth_retrying(_task: Any, _run: Any, state: Any) -> bool:
    try:
        state.result()
    except Exception as error:  # noqa: BLE001 - whatever the task raised is what is judged
        return may_pass(error)
    return False


def _tried(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    for tries, delay in enumerate(DELAYS, 1):
        try:
            with count_tries(tries):
                return work(*args, **kwargs)
        except Exception as error:
            if not may_pass(error):
                raise
            time.sleep(delay)
    with count_tries(RETRIES + 1):
        return work(*args, **kwargs)
