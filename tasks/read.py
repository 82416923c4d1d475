"""Read: opens files in child processes and hands back flat rows, each with sheet and cell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from kla.io.desk_words import say
from kla.io.fault_marks import said_of
from kla.night import Trouble
from kla.submission import Reading, Receipt
from tasks.batch import Batch
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import may_pass
from tasks.terminal import progress


@effect("baca", "baca {batch.number}", seconds=3600)
def read(batch: Batch, plan: Plan) -> Batch:
    """Return the batch with a reading for every receipt; a file that cannot be read has one that says so.

    A fault of ours is a trouble of the offices it hits alone: their files are read again by the next night.
    """
    try:
        return Batch(batch.receipts, _read(batch.receipts, plan), number=batch.number)
    except Exception as error:  # looked for office by office, where it is told
        if may_pass(error):
            raise
        return _by_office(batch, plan)


def _by_office(batch: Batch, plan: Plan) -> Batch:
    receipts: list[Receipt] = []
    readings: list[Reading] = []
    troubles: list[Trouble] = []
    offices = sorted(batch.receipts, key=_office)
    for (code, opd), group in groupby(offices, key=_office):
        files = list(group)
        try:
            readings += _read(files, plan)
            receipts += files
        except Exception as error:  # noqa: BLE001 - one office never stops the others
            troubles.append(Trouble("read", code, opd, said_of(error)))
    found = dict(zip(map(id, receipts), readings, strict=True))
    kept = [it for it in batch.receipts if id(it) in found]  # in the order in which they came
    return Batch(kept, [found[id(it)] for it in kept], troubles=troubles, number=batch.number)


def _office(receipt: Receipt) -> tuple[str, str]:
    return receipt.district_code, receipt.folder_opd or receipt.opd_code


def _read(receipts: Sequence[Receipt], plan: Plan) -> tuple[Reading, ...]:
    from kla.io.attachments import with_attachments
    from kla.io.reading import read_files
    from kla.io.warehouse.attached import seen_by

    codes = dict.fromkeys(receipt.district_code for receipt in receipts)
    learned = {code: names for code in codes if (names := plan.names(code))}
    with progress(say("night.reading"), len(receipts)) as step:
        readings = read_files(receipts, plan.workers, on_progress=step, rejected=plan.rejected_repairs, learned=learned)
    inbox = plan.places.inbox
    return with_attachments(
        receipts,
        readings,
        lambda it: inbox / it.district_code / it.folder_opd,
        seen=seen_by(plan.seen_in or plan.warehouse, receipts),
        archive=plan.places.archive,
    )
