"""Validate: runs the suites once over all new rows of a batch, never per file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kla.findings import CheckedFile, Finding, PreviousAnswers
from kla.io import data_docs, judging
from kla.io.data_docs import Witness
from kla.io.desk_words import items, say
from kla.io.judging import judge
from kla.io.page_words import word
from tasks import artifacts
from tasks.batch import Batch
from tasks.effect import effect
from tasks.plan import Plan

SHOWN_FINDINGS = 200


@effect("periksa", "periksa {batch.number}", seconds=3600)
def validate(batch: Batch, plan: Plan, run_id: str = "") -> Batch:
    """Return the batch with every file judged; a file on which the rules break is a trouble and stops no other.

    What the suites said is kept for the page of checks under the run's id, where one is given.
    """
    witness = Witness()
    checked, troubles = judge(
        tuple(zip(batch.receipts, batch.readings, strict=True)),
        plan.districts,
        plan.days,
        history(plan, batch),
        plan.decisions,
        witness,
    )
    if run_id and not plan.is_rehearsal:
        data_docs.keep(docs_of(plan), run_id, f"{min(batch.codes)}-{batch.number:04d}-{batch.cycle}", witness)
    for code in batch.codes:
        _keep_findings(code, [file for file in checked if file.receipt.district_code == code])
    return Batch(batch.receipts, (), checked, troubles, batch.number, batch.cycle)


def docs_of(plan: Plan) -> Path:
    """Return the folder of what the suites said, run by run, beside what is published."""
    return plan.places.public.with_name("docs")


def history(plan: Plan, batch: Batch) -> PreviousAnswers:
    """Return what the offices of a batch answered in the latest cycle before the batch's own, as it counts now."""
    return judging.history(plan.warehouse, [plan.districts[code] for code in batch.codes], batch.cycle)


def _keep_findings(code: str, checked: Sequence[CheckedFile]) -> None:
    findings = [finding for file in checked for finding in file.findings]
    findings.sort(
        key=lambda found: (found.opd_code, found.file_name, found.sheet, found.row_key, found.cell, found.code)
    )
    shown = artifacts.table(items("artifact.finding_header"), [_row(finding) for finding in findings[:SHOWN_FINDINGS]])
    if not findings:
        shown = say("artifact.no_findings")
    elif len(findings) > SHOWN_FINDINGS:
        shown += "\n\n" + say("artifact.more", count=len(findings) - SHOWN_FINDINGS)
    artifacts.keep(artifacts.key("temuan", code), shown, say("artifact.findings", district=code))


def _row(finding: Finding) -> tuple[str, ...]:
    severity = word(f"severity.{finding.severity}.name")
    place = finding.opd_code, finding.file_name, finding.sheet, finding.cell
    return (*place, finding.code, severity, finding.tell, finding.fix)
