"""Validate: runs the suites once over all new rows of a batch, never per file."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task

from kla.findings import CheckedFile, Finding
from kla.io.desk_words import items, say
from kla.io.judging import every_instrument, judge
from kla.io.page_words import word
from kla.night import Trouble
from tasks import artifacts
from tasks.batch import Batch
from tasks.plan import Plan
from tasks.policy import EFFECT, one_by_one

SHOWN_FINDINGS = 200


@task(name="periksa", task_run_name="periksa {batch.number}", timeout_seconds=3600, **EFFECT)
def validate(batch: Batch, plan: Plan) -> Batch:
    """Return the batch with every file judged; a file on which the rules break is a trouble and stops no other."""
    checked, troubles = judge(tuple(zip(batch.receipts, batch.readings, strict=True)), plan.districts, plan.days)
    for code in batch.codes:
        _keep_findings(code, [file for file in checked if file.receipt.district_code == code])
    return Batch(batch.receipts, (), checked, troubles, batch.number)


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


@task(name="banding", task_run_name="banding antar-OPD", timeout_seconds=1800, **EFFECT)
def compare(plan: Plan, touched: frozenset[tuple[str, int]], run_id: str) -> list[Trouble]:
    """Hold the current answers of all offices against each other, wherever something new came; return what failed."""
    from kla.io.suites import validate_standing

    cycles = {place for place in touched if place[0] in plan.districts}
    known = every_instrument()
    places, rows = [], []
    for code, cycle in sorted(cycles):
        district, instrument = plan.districts[code], known[cycle]
        for stage in plan.warehouse.stages(code, instrument, cycle):
            places.append((code, cycle, stage))
            rows += plan.warehouse.standing_rows(district, instrument, cycle, stage)
    findings = validate_standing(rows, plan.districts, known)

    def work(code: str) -> None:
        for place in [place for place in places if place[0] == code]:
            own = [it for it in findings if (it.district_code, it.cycle, it.stage) == place]
            plan.warehouse.replace_standing_findings(*place, own, run_id)

    _, troubles = one_by_one("validate", dict.fromkeys(code for code, _, _ in places), work)
    return troubles
