"""Reads one batch ahead: child processes read the next files while this process judges and loads the ones before."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

from prefect.futures import PrefectFuture

from tasks.batch import Batch
from tasks.plan import Plan
from tasks.read import read


def read_ahead(cut: Sequence[Batch], plan: Plan) -> Iterator[tuple[Batch, PrefectFuture[Batch]]]:
    """Yield each batch with its reading; while one is worked on, the next is being read, and never more than one."""
    if not cut:
        return
    threading.Thread(target=_prepare, daemon=True).start()
    coming = read.submit(cut[0], plan)
    for place, batch in enumerate(cut, 1):
        read_now = coming
        read_now.wait()
        if place < len(cut):
            coming = read.submit(cut[place], plan)
        yield batch, read_now


def _prepare() -> None:
    """Import what judging needs while the first files are still being read; a fault shows when it is needed."""
    with contextlib.suppress(Exception):
        from kla.io.suites import prepare

        prepare()
