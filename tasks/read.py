"""Read: opens files in child processes and hands back flat rows, each with sheet and cell."""

from __future__ import annotations

from prefect import task

from kla.io.desk_words import say
from tasks.batch import Batch
from tasks.policy import EFFECT
from tasks.terminal import progress


@task(name="baca", task_run_name="baca {batch.number}", timeout_seconds=3600, **EFFECT)
def read(batch: Batch) -> Batch:
    """Return the batch with a reading for every receipt; a file that cannot be read has one that says so."""
    from kla.io.reading import read_files

    with progress(say("night.reading"), len(batch.receipts)) as step:
        return Batch(batch.receipts, read_files(batch.receipts, on_progress=step), number=batch.number)
