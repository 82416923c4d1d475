"""What is put to a solver: choices of 0 or 1 under conditions, in whole numbers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Row:
    """A condition low <= sum(coefficient x choice) <= high on the choices; None leaves that side open."""

    coefficients: Mapping[int, int]
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class IntegerProgram:
    """Choose 0 or 1 for each of len(cost) choices so that all rows hold and the cost is least."""

    cost: tuple[int, ...]
    rows: tuple[Row, ...]


Solver = Callable[[IntegerProgram], tuple[int, ...] | None]
"""Returns one best choice (0 or 1 each), None when no choice satisfies the rows."""


@dataclass(frozen=True)
class Choice:
    """Choose at most one place of each group so that all rows hold and the gains reach `need`, which is above 0.

    Wanted is the least effort; among equals the most gain, then the earliest places. Where nothing reaches the need,
    wanted is the most gain, of that the least effort.
    """

    groups: tuple[tuple[int, ...], ...]
    efforts: tuple[int, ...]
    gains: tuple[int, ...]
    need: int
    rows: tuple[Row, ...]

    @cached_property
    def _weight(self) -> int:
        return len(self.gains) * (len(self.gains) + 1) // 2 + 1

    def worth(self, place: int) -> int:
        """Return one number for both: a hundredth of a point outweighs all places in the card together."""
        return self.gains[place] * self._weight - place - 1

    @property
    def enough(self) -> int:
        """What a choice is worth at least when its gains reach the need."""
        return (self.need - 1) * self._weight + 1

    def least_like(self, worth: int) -> int:
        """Return what a choice is worth at least that gains as much as one of this worth."""
        return (worth - 1) // self._weight * self._weight + 1


Shortcut = Callable[[Choice], tuple[int, ...] | None]
"""Returns the wanted choice, None when it cannot tell."""


def satisfies(chosen: Sequence[int], rows: Sequence[Row]) -> bool:
    """Return whether a choice holds every row, in exact integers."""
    sums = ((row, sum(factor * chosen[place] for place, factor in row.coefficients.items())) for row in rows)
    return all((row.low is None or row.low <= it) and (row.high is None or it <= row.high) for row, it in sums)
