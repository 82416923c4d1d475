"""The ledger of cells, summed: what was read is what was loaded, sent back and left aside by a named rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kla.picture import SubmissionLine


@dataclass(frozen=True, slots=True)
class LedgerSum:
    """Cells of several files; `rules` are the rules by which cells were left aside, with how many, the most first."""

    files: int
    read: int
    loaded: int
    quarantined: int
    ignored: int
    rules: tuple[tuple[str, int], ...]

    @property
    def missing(self) -> int:
        """Return how many cells nobody accounts for; 0 in a ledger that adds up."""
        return self.read - self.loaded - self.quarantined - self.ignored


def ledger_sum(files: Sequence[SubmissionLine]) -> LedgerSum:
    """Return the ledger over all versions that were handed in."""
    rules: Counter[str] = Counter()
    for file in files:
        rules.update(dict(file.ignored))
    return LedgerSum(
        files=len(files),
        read=sum(file.cells_read for file in files),
        loaded=sum(file.cells_loaded for file in files),
        quarantined=sum(file.cells_quarantined for file in files),
        ignored=sum(file.cells_ignored for file in files),
        rules=tuple(sorted(rules.items(), key=lambda it: (-it[1], it[0]))),
    )
