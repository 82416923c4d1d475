"""Judging files together, once for all, without letting the one on which a rule breaks cost the others their verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from kla.decisions import Decision
from kla.district import District
from kla.findings import CheckedFile, PreviousAnswer, PreviousAnswers
from kla.instrument import Instrument
from kla.io.data_docs import Witness
from kla.io.fault_marks import said_of
from kla.night import Trouble
from kla.submission import Reading, Receipt

if TYPE_CHECKING:
    from kla.io.warehouse import Warehouse

Pair = tuple[Receipt, Reading]
# Looking for the one file on which a rule breaks costs two suite runs per halving. A rule that breaks on everything must
# not cost two runs per file: it shows on files taken here and there, and the search is bounded.
PROBES = 3
SEARCH_RUNS = 60


def every_instrument() -> Mapping[int, Instrument]:
    """Return the instrument of every cycle there is."""
    from kla.io.instruments import available_cycles, load_instrument

    return {cycle: load_instrument(cycle) for cycle in available_cycles()}


def by_cycle(pairs: Iterable[Pair], current: Mapping[str, int]) -> Mapping[int, tuple[Pair, ...]]:
    """Return files by the cycle they belong to, the oldest first; `current` maps district code to its current one."""
    found: dict[int, list[Pair]] = {}
    for receipt, reading in pairs:
        cycle = reading.cycle or receipt.cycle or current[receipt.district_code]
        found.setdefault(cycle, []).append((receipt, reading))
    return {cycle: tuple(found[cycle]) for cycle in sorted(found)}


def history(warehouse: Warehouse, districts: Iterable[District], cycle: int) -> PreviousAnswers:
    """Return what offices answered in the latest cycle before this one, as it counts now."""
    known = every_instrument()
    found: dict[tuple[str, str, str], PreviousAnswer] = {}
    for district in districts:
        earlier = [it for it in warehouse.cycles(district.code) if it < cycle and it in known]
        if earlier:
            found.update(warehouse.previous_answers(district, known[max(earlier)]))
    return found


def judge(
    pairs: Sequence[Pair],
    districts: Mapping[str, District],
    days: Mapping[str, date],
    previous: PreviousAnswers | None = None,
    decisions: Mapping[str, Sequence[Decision]] | None = None,
    witness: Witness | None = None,
) -> tuple[tuple[CheckedFile, ...], tuple[Trouble, ...]]:
    """Return every file with its verdict, in order, and a trouble for each file that no rule could judge.

    `days` maps district code to the local day on which its files are looked at, `decisions` to all
    that its stewards decided; `previous` is what offices answered the cycle before; `witness` is told what the suites said.
    """
    if not pairs:
        return (), ()
    search = _Search(districts, days, previous, decisions, witness)
    return search.judge(tuple(pairs)), tuple(search.troubles)


class _Search:
    """Judges a pile at once, and halves it where a rule breaks, until only the file that breaks it is left out."""

    def __init__(
        self,
        districts: Mapping[str, District],
        days: Mapping[str, date],
        previous: PreviousAnswers | None,
        decisions: Mapping[str, Sequence[Decision]] | None,
        witness: Witness | None,
    ) -> None:
        self.troubles: list[Trouble] = []
        self._known = districts, every_instrument(), days, previous, decisions
        self._witness = witness
        self._runs_left = SEARCH_RUNS

    def judge(self, pairs: tuple[Pair, ...]) -> tuple[CheckedFile, ...]:
        """Return the verdicts of a pile; what cannot be judged becomes a trouble."""
        try:
            return self._validated(pairs, self._witness)
        except Exception as error:  # noqa: BLE001 - one file never stops the others, and the trouble says what was raised
            if len(pairs) > 1 and self._is_only_in_some(pairs):
                return self._halved(pairs)
            self.troubles += [_trouble(receipt, error) for receipt, _ in pairs]
            return ()

    def _halved(self, pairs: tuple[Pair, ...]) -> tuple[CheckedFile, ...]:
        half = len(pairs) // 2
        found: tuple[CheckedFile, ...] = ()
        for part in (pairs[:half], pairs[half:]):
            try:
                found += self._validated(part, self._witness)
            except Exception as error:  # noqa: BLE001 - as above
                if len(part) > 1 and self._runs_left > 0:
                    found += self._halved(part)
                else:
                    self.troubles += [_trouble(receipt, error) for receipt, _ in part]
        return found

    def _validated(self, pairs: tuple[Pair, ...], witness: Witness | None = None) -> tuple[CheckedFile, ...]:
        from kla.io.suites import validate

        self._runs_left -= 1
        return validate(pairs, *self._known, witness)

    def _is_only_in_some(self, pairs: tuple[Pair, ...]) -> bool:
        """Whether a file taken here or there can be judged by itself."""
        for place in sorted({0, len(pairs) // 2, len(pairs) - 1})[:PROBES]:
            with contextlib.suppress(Exception):
                self._validated((pairs[place],))
                return True
        return False


def _trouble(receipt: Receipt, error: Exception) -> Trouble:
    who = f"{receipt.opd_code or receipt.folder_opd} {receipt.file_name}".strip()
    return Trouble("validate", receipt.district_code, who, said_of(error))
