"""Read: opens files in child processes and hands back flat rows, each with sheet and cell."""

from __future__ import annotations

from kla.io.desk_words import say
from tasks.batch import Batch
from tasks.effect import effect
from tasks.plan import Plan
from tasks.terminal import progress


@effect("baca", "baca {batch.number}", seconds=3600)
def read(batch: Batch, plan: Plan) -> Batch:
    """Return the batch with a reading for every receipt; a file that cannot be read has one that says so."""
    from kla.io.attachments import with_attachments
    from kla.io.reading import read_files
    from kla.io.warehouse.attached import seen_by

    learned = {code: names for code in batch.codes if (names := plan.names(code))}
    with progress(say("night.reading"), len(batch.receipts)) as step:
        readings = read_files(
            batch.receipts, plan.workers, on_progress=step, rejected=plan.rejected_repairs, learned=learned
        )
    inbox = plan.places.inbox
    readings = with_attachments(
        batch.receipts,
        readings,
        lambda it: inbox / it.district_code / it.folder_opd,
        seen=seen_by(plan.seen_in or plan.warehouse, batch.receipts),
        archive=plan.places.archive,
    )
    return Batch(batch.receipts, readings, number=batch.number)
