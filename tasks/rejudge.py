"""Rejudge: takes files that were judged before out of the archive, and keeps the new verdict on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kla.findings import CheckedFile
from kla.io.desk_words import say
from kla.io.fault_marks import said_of
from kla.night import Trouble
from kla.submission import Layout, Receipt, identify
from tasks.batch import Batch
from tasks.effect import effect
from tasks.load import who
from tasks.plan import Plan
from tasks.policy import one_by_one


class Rejudged:
    """What changed, a sentence each, and what went wrong. A plain class like `Batch`."""

    def __init__(self, changes: list[str], troubles: list[Trouble]) -> None:
        self.changes = changes
        self.troubles = troubles


@effect("ambil dari arsip", seconds=600)
def fetch(plan: Plan, offices: tuple[str, ...], stage: str) -> Batch:
    """Return what the archive holds of the plan's districts; a file that is gone from it is a trouble.

    Arrivals from before the archive kept a journal are written down in it, so that the warehouse can be rebuilt.
    """
    from kla.io.archive_journal import remember
    from kla.io.warehouse.rejudging import archived

    def held(code: str) -> Sequence[Receipt]:
        found = archived(plan.warehouse, plan.districts[code], plan.real_archive, offices=offices, stage=stage)
        moment = plan.moments[code]
        remember(plan.places.archive, code, [it for it in found if it.received_at <= moment], moment)
        return found

    return _held(plan, held)


@effect("panggil lagi", seconds=600)
def recall(plan: Plan, new: Batch) -> Batch:
    """Return the new files and, from the archive, by district, those that have to be judged again.

    A steward's decision, its withdrawal and the end of a waiver all act this way, each once; so does data dukung that
    was missing or at fault and has come since.
    """
    from kla.io.warehouse.rejudging import to_judge_again

    def due(code: str) -> Sequence[Receipt]:
        place = plan.districts[code], plan.real_archive, plan.day(code), plan.places.inbox
        return to_judge_again(plan.warehouse, *place, plan.decisions[code])

    again = _held(plan, due)
    order = {code: place for place, code in enumerate(plan.districts)}
    receipts = sorted([*again.receipts, *new.receipts], key=lambda it: order[it.district_code])
    return Batch(receipts, troubles=[*new.troubles, *again.troubles])


def held(plan: Plan, receipts: Mapping[str, Sequence[Receipt]]) -> Batch:
    """Return those of some districts' receipts whose originals the archive still has; one that is gone is a trouble."""
    return _held(plan.only(tuple(receipts)), lambda code: receipts[code])


def _held(plan: Plan, of_district: Callable[[str], Sequence[Receipt]]) -> Batch:
    """Return the receipts whose originals are there, each of the office that its folder means today."""

    from kla.io.archive import is_too_large

    def work(code: str) -> list[Receipt]:
        return [_placed(receipt, plan) for receipt in of_district(code)]

    done, troubles = one_by_one("receive", plan.districts, work)
    receipts = []
    for receipt in (it for held in done.values() for it in held):
        if Path(receipt.path).is_file() or is_too_large(receipt.size_bytes):  # what is too large was never kept
            receipts.append(receipt)
        else:
            name = f"{receipt.opd_code} {receipt.file_name}".strip()
            troubles.append(Trouble("receive", receipt.district_code, name, say("night.not_in_archive")))
    return Batch(receipts, troubles=troubles)


def _placed(receipt: Receipt, plan: Plan) -> Receipt:
    """Return a form's receipt with the office its folder means by now: a name may have been learned since."""
    from kla.io.layout_words import load_limits

    if receipt.layout is not Layout.FORM or receipt.folder_opd == ".":
        return receipt
    code = receipt.district_code
    names = plan.names(code).get("office", {})
    found = identify((receipt.folder_opd, receipt.file_name), plan.districts[code], names, load_limits()["office"])
    return replace(receipt, opd_code=found.opd_code) if found else receipt


@effect("ganti putusan", "ganti putusan {batch.number}")
def rejudge(batch: Batch, plan: Plan, blocks: tuple[str, ...], run_id: str) -> Rejudged:
    """Keep each file's new verdict; findings of other blocks than the named ones change too, but are not told."""
    from kla.io.archive_journal import remember_judged
    from kla.io.warehouse.rejudging import replace_verdict, verdict_of

    changes: list[str] = []
    troubles: list[Trouble] = []
    cycles = {code: district.cycle for code, district in plan.districts.items()}
    for file in batch.checked:
        code = file.receipt.district_code
        try:
            if not plan.is_rehearsal:
                remember_judged(plan.places.archive, code, [file], plan.moments[code])
            before = verdict_of(plan.warehouse, file)
            replace_verdict(plan.warehouse, file, run_id, cycles)
        except Exception as error:  # noqa: BLE001 - one file never stops the others
            troubles.append(Trouble("load", code, who(file), said_of(error)))
            continue
        changes += _told(file, *before, blocks)
    return Rejudged(changes, troubles)


def _told(
    file: CheckedFile, outcome: str, places: frozenset[tuple[str, str, str]], blocks: tuple[str, ...]
) -> list[str]:
    said = []
    if outcome != file.outcome.value:
        old, new = say(f"outcome.{outcome}"), say(f"outcome.{file.outcome}")
        said.append(say("night.change_file", who=who(file), old=old, new=new))
    now = {(it.code, it.sheet, it.cell) for it in file.findings}
    shown = _sheets_of(blocks)
    for sign, found in (("+", now - places), ("−", places - now)):
        codes = [f"{sign}{code} {sheet}!{cell}" for code, sheet, cell in sorted(found) if not shown or sheet in shown]
        if codes:
            said.append(say("night.change_finding", who=who(file), codes=", ".join(codes)))
    return said


def _sheets_of(blocks: tuple[str, ...]) -> frozenset[str]:
    from kla.io.judging import every_instrument

    return frozenset(
        block.sheet for instrument in every_instrument().values() for block in instrument.blocks if block.code in blocks
    )
