"""Answers most questions of kla.route from one table over the effort, without an integer program. numpy only. Exact.

Of all rows the table knows only that a question is improved once. What it chooses is the answer when it satisfies every
other row too, for nothing better is left when rows are added. A row that it breaks is then kept inside a table of the
questions that row is about; what that does not settle is left to the solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, prod
from typing import TYPE_CHECKING

from kla.choice import Choice, Row, satisfies

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_WORK, MOST_BUNDLES = 4_000_000, 3  # cells to fill, rows to keep: beyond that the solver is quicker
_NEVER = -(1 << 62)


@dataclass(frozen=True, slots=True)
class _Item:
    """What can be taken of a group: what it spends of each limit, what it is worth, the places it stands for."""

    spends: tuple[int, ...]
    worth: int
    places: tuple[int, ...]


_Group = Sequence[_Item]


def cheapest(choice: Choice) -> tuple[int, ...] | None:
    """Return the choice of least effort that gains enough, then of most points, then earliest in the card.

    None where a table cannot tell: what is asked is impossible, or too many rows stand in the way.
    """
    free = dict(enumerate(_groups(choice)))
    bundles: list[_Group] = []
    while True:
        chosen = _least([*free.values(), *bundles], choice)
        broken = [row for row in choice.rows if not satisfies(chosen, [row])] if chosen else []
        if not broken:
            return chosen
        row = max(broken, key=lambda row: _spent(row, chosen or ()) - (row.high or 0))
        held = [it for it, places in enumerate(choice.groups) if not row.coefficients.keys().isdisjoint(places)]
        if len(bundles) == MOST_BUNDLES or any(row.low is not None for row in broken) or not free.keys() >= set(held):
            return None
        bundle = _bundle([free.pop(it) for it in held], row)
        if bundle is None:
            return None
        bundles.append(bundle)


def _groups(choice: Choice) -> list[_Group]:
    """Return the options of each question that could be taken by themselves."""
    never = {
        place
        for row in choice.rows
        if row.low is None and row.high is not None
        for place, factor in row.coefficients.items()
        if factor > row.high
    }
    return [
        [_Item((choice.efforts[place],), choice.worth(place), (place,)) for place in places if place not in never]
        for places in choice.groups
    ]


def _spent(row: Row, chosen: Sequence[int]) -> int:
    return sum(factor * chosen[place] for place, factor in row.coefficients.items())


def _bundle(groups: Sequence[_Group], row: Row) -> _Group | None:
    """Return several groups as one that keeps a row: for each effort the most that can be had. None: too much work."""
    both = [
        [_Item((*it.spends, row.coefficients.get(it.places[0], 0)), it.worth, it.places) for it in group]
        for group in groups
    ]
    effort = sum(max((it.spends[0] for it in group), default=0) for group in groups)
    table = _Table.of(both, (effort, row.high or 0))
    if table is None:
        return None
    best = table.best.max(axis=1)
    found: list[_Item] = []
    for spent, worth in enumerate(best.tolist()):
        if worth > (found[-1].worth if found else 0):
            cell = (spent, int(table.best[spent].argmax()))
            found.append(_Item((spent * table.units[0],), worth, table.taken(cell)))
    return found


def _least(groups: Sequence[_Group], choice: Choice) -> tuple[int, ...] | None:
    """Return the cheapest choice that is worth enough; None when none is, or when it would be too much work."""
    bound = _bound(groups, choice)
    table = None if bound is None else _Table.of(groups, (bound,))
    if table is None:
        return None
    enough = (table.best >= choice.enough).argmax()
    taken = set(table.taken((int(enough),)))
    return tuple(int(place in taken) for place in range(len(choice.efforts)))


def _bound(groups: Sequence[_Group], choice: Choice) -> int | None:
    """Return an effort that is enough: of each group the best, those worth most per day first; None when none is."""
    best = [max(group, key=lambda it: it.worth) for group in groups if group]
    worth = effort = 0
    for item in sorted(best, key=lambda it: it.spends[0] / max(it.worth, 1)):
        if worth >= choice.enough:
            break
        worth, effort = worth + item.worth, effort + item.spends[0]
    return effort if worth >= choice.enough else None


@dataclass(frozen=True, slots=True)
class _Table:
    """The most that can be had for exactly so much spent of each limit, in units, and how."""

    groups: Sequence[_Group]
    units: tuple[int, ...]
    best: NDArray[np.int64]
    picks: Sequence[NDArray[np.int16]]  # of each group the item taken, -1 for none

    @classmethod
    def of(cls, groups: Sequence[_Group], limits: tuple[int, ...]) -> _Table | None:
        """Return the table of some groups up to the limits; None when it would be too much work."""
        import numpy as np

        items = [item for group in groups for item in group]
        units = tuple(gcd(*(item.spends[axis] for item in items)) or 1 for axis in range(len(limits)))
        shape = tuple(limit // unit + 1 for limit, unit in zip(limits, units, strict=True))
        if prod(shape) * len(items) > MOST_WORK:
            return None
        best = np.full(shape, _NEVER, dtype=np.int64)
        best[(0,) * len(limits)] = 0
        picks = []
        for group in groups:
            before, best = best, best.copy()
            pick = np.full(shape, -1, dtype=np.int16)
            for index, item in enumerate(group):
                steps = [spent // unit for spent, unit in zip(item.spends, units, strict=True)]
                to = tuple(slice(step, None) for step in steps)
                reached = before[tuple(slice(max(size - step, 0)) for step, size in zip(steps, shape, strict=True))]
                better = reached + item.worth > best[to]
                np.copyto(best[to], reached + item.worth, where=better)
                pick[to][better] = index
            picks.append(pick)
        return cls(groups, units, best, picks)

    def taken(self, cell: tuple[int, ...]) -> tuple[int, ...]:
        """Return the places taken on the way to a cell."""
        found: list[int] = []
        for group, pick in zip(reversed(self.groups), reversed(self.picks), strict=True):
            index = int(pick[cell])
            if index >= 0:
                found += group[index].places
                spends = zip(cell, group[index].spends, self.units, strict=True)
                cell = tuple(at - spent // unit for at, spent, unit in spends)
        return tuple(found)
