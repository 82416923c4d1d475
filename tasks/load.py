"""Load: stores judged files, each in one transaction; the same file twice changes nothing."""

from __future__ import annotations

from collections import Counter

from kla.findings import CheckedFile, Outcome, Severity
from kla.io.desk_words import say
from kla.night import OfficeChange, Trouble
from tasks.batch import Batch, Group
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import one_by_one


class Arrived:
    """How many files of each district came to what, and what went wrong. A plain class like `Batch`."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[Outcome]] = {}
        self.touched: frozenset[tuple[str, int]] = frozenset()  # (district, cycle) with something new
        self.troubles: list[Trouble] = []
        self.deltas: tuple[OfficeChange, ...] = ()  # known once findings were compared

    def add(self, other: Arrived) -> None:
        """Take another's counts and troubles in."""
        self.troubles += other.troubles
        self.touched |= other.touched
        for code, counts in other.counts.items():
            self.counts.setdefault(code, Counter()).update(counts)


@effect("muat", "muat {group.label}")
def load(batch: Batch, group: Group, plan: Plan, run_id: str) -> Arrived:
    """Store the batch's files of some districts; a file that cannot be stored or read is a trouble of its office.

    A file that is here already came from the archive: its verdict is replaced where it differs.
    """
    from kla.io.archive_journal import remember_judged
    from kla.io.warehouse.rejudging import replace_verdict

    arrived = Arrived()
    cycles = {code: plan.districts[code].cycle for code in group.codes}

    def work(code: str) -> Counter[Outcome]:
        files = [file for file in batch.checked if file.receipt.district_code == code]
        if not plan.is_rehearsal:
            remember_judged(plan.places.archive, code, files, plan.moments[code])
        loaded = plan.warehouse.load_many(files, run_id, cycles)
        failed = [Trouble("load", code, who(it.checked), it.message) for it in loaded.failed]
        refused = [_refusal(file) for file in loaded.stored if file.outcome is Outcome.REFUSED]
        arrived.troubles += failed + refused
        arrived.touched |= loaded.touched
        for again in loaded.known:
            replace_verdict(plan.warehouse, again, run_id, cycles)
            arrived.touched |= {(code, again.reading.cycle or again.receipt.cycle or cycles[code])}
        return Counter(file.outcome for file in loaded.stored)

    done, troubles = one_by_one("load", group.codes, work)
    arrived.counts.update(done)
    arrived.troubles += troubles
    return arrived


def who(file: CheckedFile) -> str:
    """Return office and file name, as people name a file."""
    return f"{file.receipt.opd_code or file.receipt.folder_opd} {file.receipt.file_name}".strip()


def _refusal(file: CheckedFile) -> Trouble:
    first = next(finding for finding in file.findings if finding.effective is Severity.BLOCKING)
    return Trouble(
        "read", file.receipt.district_code, who(file), say("night.refused", code=first.code, tell=first.tell)
    )
