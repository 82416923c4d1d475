"""Receive: copies each new file once into the archive, by sha256; the folder decides whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kla.io.desk_words import items, say
from kla.night import Trouble
from kla.submission import Receipt
from tasks import artifacts
from tasks.batch import Batch
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import one_by_one

if TYPE_CHECKING:
    from kla.io.intake import LeftAside

SHOWN_FILES = 500
# What an office sent and nobody could take in; a file that is still being copied, or not due yet, only waits.
COSTLY = frozenset({"unreadable", "unwritable", "not_regular", "fault"})


@effect("terima")
def receive(plan: Plan) -> Batch:
    """Return every file that is new by its district's moment; what could not be taken in is a trouble."""
    from kla.io.archive import clear_left
    from kla.io.archive_journal import remember
    from kla.io.intake import receive as take_in

    aside: list[LeftAside] = []

    def work(code: str) -> tuple[Receipt, ...]:
        known = plan.warehouse.known(code)
        intake = take_in(
            plan.places.inbox,
            plan.places.archive,
            {code: plan.districts[code]},
            {code: plan.moments[code]},
            lambda _district, folder, sha256: (folder, sha256) in known,
            {code: plan.names(code)},
        )
        aside.extend(it for it in intake.left_aside if it.path.startswith(plan.only_folder))
        wanted = [it for it in intake.receipts if plan.only_folder in ("", it.folder_opd)]
        return remember(plan.places.archive, code, wanted, plan.moments[code])

    clear_left(plan.places.archive)
    done, troubles = one_by_one("receive", plan.districts, work)
    receipts = [receipt for received in done.values() for receipt in received]
    troubles += [
        Trouble("receive", it.district_code, it.path, say(f"left_aside.{it.reason}", fault=it.fault))
        for it in aside
        if it.reason in COSTLY
    ]
    _keep_received(receipts, aside)
    return Batch(receipts, troubles=troubles)


def _keep_received(receipts: list[Receipt], aside: list[LeftAside]) -> None:
    rows = [
        (it.district_code, it.opd_code or it.folder_opd, it.file_name, it.size_bytes) for it in receipts[:SHOWN_FILES]
    ]
    shown = artifacts.table(items("artifact.received_header"), rows)
    if aside:
        left = [
            (it.district_code, it.path, say(f"left_aside.{it.reason}", fault=it.fault)) for it in aside[:SHOWN_FILES]
        ]
        shown += "\n\n" + artifacts.table(items("artifact.aside_header"), left)
    artifacts.keep("berkas", shown, say("artifact.received"))
