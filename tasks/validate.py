"""Validate: runs the suites once over all new rows of a batch, never per file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kla.findings import CheckedFile, Finding, PreviousAnswers
from kla.io import data_docs, judging
from kla.io.data_docs import Witness
from kla.io.desk_words import items, say
from kla.io.fault_marks import said_of
from kla.io.judging import judge
from kla.io.page_words import word
from kla.night import Trouble
from tasks import artifacts
from tasks.batch import MOST_GROUPS, Batch, Group, groups
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
        part = f"{min(batch.codes)}-{batch.number:04d}-{batch.cycle}"
        troubles = [*troubles, *docs_kept(lambda: data_docs.keep(docs_of(plan), run_id, part, witness))]
    # Prefect keeps one artifact at a time: many districts share one.
    for group in groups(batch.codes, most=1 if plan.is_part else MOST_GROUPS):
        _keep_findings(group, checked)
    return Batch(batch.receipts, (), checked, troubles, batch.number, batch.cycle)


def docs_of(plan: Plan) -> Path:
    """Return the folder of what the suites said, run by run, beside what is published."""
    return plan.places.public.with_name("docs")


def docs_kept(work: Callable[[], None]) -> list[Trouble]:
    """Keep what the suites said: where it cannot be written, that is told, and costs a page of counts and no fact."""
    try:
        work()
    except OSError as error:
        return [Trouble("docs", "", "", said_of(error))]
    return []


def history(plan: Plan, batch: Batch) -> PreviousAnswers:
    """Return what the offices of a batch answered in the latest cycle before the batch's own, as it counts now."""
    return judging.history(plan.warehouse, [plan.districts[code] for code in batch.codes], batch.cycle)


def _keep_findings(group: Group, checked: Sequence[CheckedFile]) -> None:
    found: dict[str, list[Finding]] = {code: [] for code in group.codes}
    for file in checked:
        if file.receipt.district_code in found:
            found[file.receipt.district_code] += file.findings
    shown = [(f"## {code}\n\n" if len(found) > 1 else "") + _shown(findings) for code, findings in found.items()]
    artifacts.keep(
        artifacts.key("temuan", group.label), "\n\n".join(shown), say("artifact.findings", district=group.label)
    )


def _shown(findings: Sequence[Finding]) -> str:
    """Return the findings of one district as a table, the first ones where they are many."""
    if not findings:
        return say("artifact.no_findings")
    ordered = sorted(
        findings,
        key=lambda found: (found.opd_code, found.file_name, found.sheet, found.row_key, found.cell, found.code),
    )
    table = artifacts.table(items("artifact.finding_header"), [_row(finding) for finding in ordered[:SHOWN_FINDINGS]])
    more = len(ordered) - SHOWN_FINDINGS
    return table + "\n\n" + say("artifact.more", count=more) if more > 0 else table


def _row(finding: Finding) -> tuple[str, ...]:
    severity = word(f"severity.{finding.severity}.name")
    place = finding.opd_code, finding.file_name, finding.sheet, finding.cell
    return (*place, finding.code, severity, finding.tell, finding.fix)
