"""Validate: runs the suites once over all new rows of a batch, never per file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prefect import task

from kla.findings import CheckedFile, Finding
from kla.instrument import Instrument
from kla.io.desk_words import items, say
from kla.night import Trouble
from kla.submission import Reading, Receipt
from tasks import artifacts
from tasks.batch import Batch
from tasks.plan import Plan
from tasks.policy import EFFECT, may_pass, one_by_one, said_of

Pair = tuple[Receipt, Reading]
# Looking for the one file on which a rule breaks costs two suite runs per halving; a rule that breaks on every file must
# not cost two runs per file.
SEARCH_RUNS = 60
SHOWN_FINDINGS = 200


@task(name="periksa", task_run_name="periksa {batch.number}", timeout_seconds=3600, **EFFECT)
def validate(batch: Batch, plan: Plan) -> Batch:
    """Return the batch with every file judged; a file on which the rules break is a trouble and stops no other."""
    done = judged(batch, plan)
    for code in done.codes:
        _keep_findings(code, [file for file in done.checked if file.receipt.district_code == code])
    return done


def judged(batch: Batch, plan: Plan) -> Batch:
    """Return the batch with every file judged; what went wrong is in its troubles."""
    search = _Search(plan)
    checked = search.judge(tuple(zip(batch.receipts, batch.readings, strict=True)))
    return Batch(batch.receipts, (), checked, search.troubles, batch.number)


class _Search:
    """Judges files together, and halves the pile when a rule breaks on it, until only the file that breaks it is left out."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.troubles: list[Trouble] = []
        self.runs_left = SEARCH_RUNS

    def judge(self, pairs: Sequence[Pair]) -> tuple[CheckedFile, ...]:
        from kla.io.suites import validate as judge_files

        self.runs_left -= 1
        try:
            return judge_files(pairs, self.plan.districts, instruments(), self.plan.days)
        except Exception as error:
            if may_pass(error):
                raise
            if len(pairs) == 1 or self.runs_left <= 0:
                self.troubles += [
                    Trouble("validate", receipt.district_code, _who(receipt), said_of(error)) for receipt, _ in pairs
                ]
                return ()
            half = len(pairs) // 2
            return self.judge(pairs[:half]) + self.judge(pairs[half:])


def instruments() -> Mapping[int, Instrument]:
    """Return the instrument of every cycle there is."""
    from kla.io.instruments import available_cycles, load_instrument

    return {cycle: load_instrument(cycle) for cycle in available_cycles()}


def _who(receipt: Receipt) -> str:
    return f"{receipt.opd_code or receipt.folder_opd} {receipt.file_name}".strip()


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
    severity = say(f"severity.{finding.severity}")
    place = finding.opd_code, finding.file_name, finding.sheet, finding.cell
    return (*place, finding.code, severity, finding.tell, finding.fix)


@task(name="banding", task_run_name="banding antar-OPD", timeout_seconds=1800, **EFFECT)
def compare(plan: Plan, touched: frozenset[tuple[str, int]], run_id: str) -> list[Trouble]:
    """Hold the current answers of all offices against each other, wherever something new came; return what failed."""
    from kla.io.suites import validate_standing

    cycles = {place for place in touched if place[0] in plan.districts}
    known = instruments()
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
