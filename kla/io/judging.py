"""Judging files together, once for all, without letting the one on which a rule breaks cost the others their verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from kla.district import District
from kla.findings import CheckedFile
from kla.instrument import Instrument
from kla.night import Trouble
from kla.submission import Reading, Receipt

Pair = tuple[Receipt, Reading]
# Looking for the one file on which a rule breaks costs two suite runs per halving; a rule that breaks on every file must
# not cost two runs per file.
SEARCH_RUNS = 60


def every_instrument() -> Mapping[int, Instrument]:
    """Return the instrument of every cycle there is."""
    from kla.io.instruments import available_cycles, load_instrument

    return {cycle: load_instrument(cycle) for cycle in available_cycles()}


def judge(
    pairs: Sequence[Pair], districts: Mapping[str, District], days: Mapping[str, date]
) -> tuple[tuple[CheckedFile, ...], tuple[Trouble, ...]]:
    """Return every file with its verdict, in order, and a trouble for each file that no rule could judge.

    `days` maps district code to the local day on which its files are looked at.
    """
    search = _Search(districts, days)
    return search.judge(tuple(pairs)) if pairs else (), tuple(search.troubles)


class _Search:
    """Judges a pile at once, and halves it where a rule breaks, until only the file that breaks it is left out."""

    def __init__(self, districts: Mapping[str, District], days: Mapping[str, date]) -> None:
        self.troubles: list[Trouble] = []
        self._known = districts, every_instrument(), days
        self._runs_left = SEARCH_RUNS

    def judge(self, pairs: tuple[Pair, ...]) -> tuple[CheckedFile, ...]:
        """Return the verdicts of a pile; what cannot be judged becomes a trouble."""
        from kla.io.suites import validate

        self._runs_left -= 1
        try:
            return validate(pairs, *self._known)
        except Exception as error:  # noqa: BLE001 - one file never stops the others, and the trouble says what was raised
            if len(pairs) == 1 or self._runs_left <= 0:
                self.troubles += [_trouble(receipt, error) for receipt, _ in pairs]
                return ()
            half = len(pairs) // 2
            return self.judge(pairs[:half]) + self.judge(pairs[half:])


def _trouble(receipt: Receipt, error: Exception) -> Trouble:
    who = f"{receipt.opd_code or receipt.folder_opd} {receipt.file_name}".strip()
    first = (str(error).strip().splitlines() or [""])[0]
    return Trouble("validate", receipt.district_code, who, f"{type(error).__name__}: {first}")
