"""Counts where every non-blank cell of a workbook went, so that nothing is lost silently."""

from __future__ import annotations

from collections import Counter

from kla.parsing.grid import Grid
from kla.submission import Ledger


class Tally:
    """A ledger being written: a sheet's cells are opened, some are used or ignored, the rest gets one rule's name."""

    def __init__(self) -> None:
        self._read = 0
        self._used = 0
        self._ignored: Counter[str] = Counter()
        self._open = 0

    def open(self, grid: Grid) -> int:
        """Count a sheet's non-blank cells and return their number."""
        self._open = sum(grid.filled_counts)
        self._read += self._open
        return self._open

    def use(self, cells: int) -> None:
        """Note cells of rows that are handed on."""
        self._used += cells
        self._open -= cells

    def ignore(self, rule: str, cells: int) -> None:
        """Note cells that a named rule leaves aside."""
        if cells:
            self._ignored[rule] += cells
            self._open -= cells

    def rest(self, rule: str) -> None:
        """Close the sheet: what is neither used nor ignored so far is left aside by this rule.

        Raises:
            ValueError: a cell was counted twice, which is our own mistake.
        """
        if self._open < 0:
            raise ValueError(f"{-self._open} cells were counted twice")
        self.ignore(rule, self._open)

    def ledger(self) -> Ledger:
        """Return the ledger: cells read = used + all ignored."""
        return Ledger(self._read, self._used, dict(sorted(self._ignored.items())))
