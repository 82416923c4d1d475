"""Rejudge: keeps the new verdict on files that were judged before."""

from __future__ import annotations

from prefect import task

from kla.findings import CheckedFile
from kla.io.desk_words import say
from kla.night import Trouble
from kla.submission import Receipt
from tasks.batch import Batch
from tasks.load import who
from tasks.plan import Plan
from tasks.policy import EFFECT, said_of


class Rejudged:
    """What changed, a sentence each, and what went wrong. A plain class like `Batch`."""

    def __init__(self, changes: list[str], troubles: list[Trouble]) -> None:
        self.changes = changes
        self.troubles = troubles


@task(name="ambil dari arsip", task_run_name="ambil dari arsip", timeout_seconds=600, **EFFECT)
def fetch(plan: Plan, offices: tuple[str, ...], stage: str, archive: str) -> Batch:
    """Return what the archive holds of the plan's districts; a file that is gone from it is a trouble."""
    from pathlib import Path

    from kla.io.warehouse.rejudging import archived

    receipts: list[Receipt] = []
    troubles: list[Trouble] = []
    for district in plan.districts.values():
        for receipt in archived(plan.warehouse, district, Path(archive), offices=offices, stage=stage):
            if Path(receipt.path).is_file():
                receipts.append(receipt)
            else:
                name = f"{receipt.opd_code} {receipt.file_name}".strip()
                troubles.append(Trouble("receive", district.code, name, say("night.not_in_archive")))
    return Batch(receipts, troubles=troubles)


@task(name="ganti putusan", task_run_name="ganti putusan {batch.number}", timeout_seconds=1800, **EFFECT)
def rejudge(batch: Batch, plan: Plan, blocks: tuple[str, ...], run_id: str) -> Rejudged:
    """Keep each file's new verdict; findings of other blocks than the named ones change too, but are not told."""
    from kla.io.warehouse.rejudging import replace_verdict, verdict_of

    changes: list[str] = []
    troubles: list[Trouble] = []
    cycles = {code: district.cycle for code, district in plan.districts.items()}
    for file in batch.checked:
        try:
            before = verdict_of(plan.warehouse, file)
            replace_verdict(plan.warehouse, file, run_id, cycles)
        except Exception as error:  # noqa: BLE001 - one file never stops the others
            troubles.append(Trouble("load", file.receipt.district_code, who(file), said_of(error)))
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
