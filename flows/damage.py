"""Keeps what goes wrong with some districts from reaching the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kla.errors import LeaseLostError
from kla.io.fault_marks import said_of
from kla.night import Trouble


@contextmanager
def confined(step: str, codes: Sequence[str], troubles: list[Trouble]) -> Iterator[None]:
    """Turn whatever is raised inside into a trouble of these districts; with no codes it costs everybody.

    Only the loss of the run's lease goes through: whoever lost it has to stop.

    Tasks confine what they can themselves; here ends what befalls a task as a whole: a time-out, a lost server.
    """
    try:
        yield
    except LeaseLostError:
        raise
    except Exception as error:  # noqa: BLE001 - told as a trouble, and Prefect keeps the traceback with the task run
        troubles += [Trouble(step, code, "", said_of(error)) for code in codes or ("",)]
