"""The warehouse made again from the archive and its journal alone: each original judged as it was judged last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from flows import ledger
from kla.district import District
from kla.errors import WarehouseError
from kla.io import archive_journal
from kla.io.archive_journal import Arrival
from kla.io.desk_words import say
from kla.io.districts import district_codes, load_district
from kla.io.intake import folder_of
from kla.io.warehouse.recorded import restore_records
from kla.night import Night, Trouble
from kla.submission import Receipt
from tasks.batch import Batch, batches, by_cycle, groups
from tasks.checks import check_warehouse
from tasks.compare import compare
from tasks.effect import plainly
from tasks.load import Arrived, load
from tasks.plan import Places, Plan
from tasks.score import score
from tasks.validate import validate

Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made: files, records of stewards, and what could not be made again."""

    files: int
    records: int
    troubles: tuple[Trouble, ...]


def rebuild(url: str, archive: Path, public: Path, step: Step = lambda _done: None) -> Rebuilt:
    """Make an empty warehouse hold what the archive and its journal tell; the inbox is not looked at.

    `public` is where the pages lie; nothing is published. `step` is told the number of files done.

    Raises:
        WarehouseError: there is no journal, or the warehouse holds files already.
    """
    histories = {code: archive_journal.arrivals(archive, code) for code in archive_journal.districts_of(archive)}
    if not histories:
        raise WarehouseError(str(archive), say("rebuild.no_journal"), say("rebuild.no_journal_then"))
    known = [code for code in histories if code in district_codes()]
    troubles = [Trouble("receive", code, "", say("rebuild.no_folder")) for code in histories if code not in known]
    districts = {code: load_district(code) for code in known}
    places = Places(url, archive / "_none", archive, public)
    plan = Plan(districts, {code: _latest(histories[code], districts[code]) for code in known}, (), places)
    plan.is_rehearsal = True  # nothing is published, and nothing kept beside what is
    try:
        if any(plan.warehouse.known(code) for code in known):
            raise WarehouseError(plan.places.public.name, say("rebuild.not_empty"), say("rebuild.not_empty_then"))
        records = restore_records(plan.warehouse, archive)
        with plainly(), ledger.run("rebuild", plan, who="", reason="", parameters={}) as book:
            troubles += _Work(plan, histories, book.run_id, step).done()
            book.night = Night(book.run_id, False, (), tuple(troubles), "")
        return Rebuilt(sum(map(len, histories.values())), records, tuple(troubles))
    finally:
        plan.close()


def _in_zone(moment: datetime, district: District) -> datetime:
    return moment.astimezone(district.zone)


def _latest(history: Sequence[Arrival], district: District) -> datetime:
    return _in_zone(max(it.as_of for it in history), district)


class _Work:
    """Judges and loads every original, in the order in which they came, as of the moment each was judged last."""

    def __init__(self, plan: Plan, histories: Mapping[str, Sequence[Arrival]], run_id: str, step: Step) -> None:
        self._plan = plan
        self._histories = {code: histories[code] for code in plan.districts}
        self._run_id = run_id
        self._step = step
        self._seen = {
            (it.receipt.district_code, folder_of(it.receipt), it.receipt.sha256): it.looks
            for history in histories.values()
            for it in history
        }
        self._arrived = Arrived()
        self._files = 0

    def done(self) -> list[Trouble]:
        """Do all of it and return what could not be done."""
        troubles: list[Trouble] = []
        for part in self._rounds():
            plan = self._plan.only(tuple(part))
            plan.moments = {code: _in_zone(it[0].as_of, plan.districts[code]) for code, it in part.items()}
            receipts = [self._receipt(it, troubles) for several in part.values() for it in several]
            for batch in batches([it for it in receipts if it is not None]):
                troubles += self._load(batch, plan)
            plan.close()
        troubles += self._arrived.troubles
        codes = tuple(self._plan.districts)
        touched = frozenset((code, cycle) for code in codes for cycle in self._plan.warehouse.cycles(code))
        troubles += compare(self._plan, touched, self._run_id).troubles
        for group in groups(codes):
            troubles += score(group, self._plan, self._run_id).troubles
        return [*troubles, *check_warehouse(self._plan)]

    def _rounds(self) -> Iterator[dict[str, list[Arrival]]]:
        """Yield what can be judged together: of each district files that were judged as of the same moment."""
        cut = {
            code: [list(part) for _, part in groupby(history, key=lambda it: it.as_of)]
            for code, history in self._histories.items()
        }
        for number in range(max(map(len, cut.values()), default=0)):
            yield {code: parts[number] for code, parts in cut.items() if number < len(parts)}

    def _receipt(self, arrival: Arrival, troubles: list[Trouble]) -> Receipt | None:
        receipt = arrival.receipt
        if not receipt.path or Path(receipt.path).is_file():
            district = self._plan.districts[receipt.district_code]
            return replace(receipt, received_at=_in_zone(receipt.received_at, district))
        name = f"{receipt.opd_code} {receipt.file_name}".strip()
        troubles.append(Trouble("receive", receipt.district_code, name, say("night.not_in_archive")))
        return None

    def _load(self, batch: Batch, plan: Plan) -> list[Trouble]:
        troubles: list[Trouble] = []
        for part in by_cycle(self._read(batch, plan), plan.cycles):
            judged = validate(part, plan)
            troubles += judged.troubles
            for group in groups(judged.codes):
                self._arrived.add(load(judged, group, plan, self._run_id))
        self._files += len(batch.receipts)
        self._step(self._files)
        return troubles

    def _read(self, batch: Batch, plan: Plan) -> Batch:
        from kla.io.attachments import with_attachments
        from kla.io.reading import read_files

        learned = {code: names for code in batch.codes if (names := plan.names(code))}
        readings = read_files(batch.receipts, rejected=plan.rejected_repairs, learned=learned)
        readings = with_attachments(
            batch.receipts,
            readings,
            lambda _: None,
            seen=lambda it: self._seen.get((it.district_code, folder_of(it), it.sha256)),
        )
        return Batch(batch.receipts, readings, number=batch.number)
