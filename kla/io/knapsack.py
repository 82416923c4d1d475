"""Answers the questions of kla.route from tables over the effort, without an integer program. numpy only. Exact.

The first table knows of all rows only that a question is improved once. What it chooses is the answer when it satisfies
every other row too, for nothing better is left when rows are added. A row that it breaks is then kept inside a table of
the questions that row is about, and so on; what that does not settle is left to the solver.

Only what may be in a wanted choice comes into the first table, all of it: so it tells equals apart as a table of
everything would. Where the need is out of reach, there is nothing to weigh against each other, and no table is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd, prod
from operator import floordiv, sub
from typing import TYPE_CHECKING

from kla.choice import Choice, Row, satisfies
from kla.record import record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_WORK = 24_000_000  # cells to fill: beyond that the solver is quicker
_NEVER = -(1 << 62)


@record(frozen=True, slots=True)
class _Item:
    """What can be taken of a group: its effort, what it is worth, and the places it stands for: one, or a table's cell."""

    effort: int
    worth: int
    place: int
    table: _Table | None = None
    cell: tuple[int, ...] = ()

    def places(self) -> tuple[int, ...]:
        """Return the places it stands for."""
        if self.table:
            return self.table.taken(self.cell)
        return () if self is _NOTHING else (self.place,)


_NOTHING = _Item(0, 0, -1)
_Group = Sequence[_Item]


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Several groups as one that keeps rows among them: for each effort the most that can be had."""

    members: frozenset[int]
    rows: tuple[Row, ...]
    group: _Group


def cheapest(choice: Choice) -> tuple[int, ...] | None:
    """Return the wanted choice; None where a table cannot tell: too much work, or a row that asks for something."""
    groups = _groups(choice)
    bundles: Sequence[_Bundle] | None = ()
    while bundles is not None:
        bundled = {place for bundle in bundles for place in bundle.members}
        free = [group for place, group in enumerate(groups) if place not in bundled]
        chosen = _wanted([*free, *(bundle.group for bundle in bundles)], choice)
        broken = [row for row in choice.rows if not satisfies(chosen, [row])] if chosen else []
        if not broken:
            return chosen
        bundles = _bundles(bundles, [row for row in broken if row.low is None], groups, choice, chosen or ())
    return None


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
        [_Item(choice.efforts[place], choice.worth(place), place) for place in places if place not in never]
        for places in choice.groups
    ]


def _bundles(
    kept: Sequence[_Bundle], broken: Sequence[Row], groups: Sequence[_Group], choice: Choice, chosen: Sequence[int]
) -> Sequence[_Bundle] | None:
    """Return the bundles with one more broken row kept in each; None when no table can keep them."""
    made: list[_Bundle] = []
    asker = {place: it for it, places in enumerate(choice.groups) for place in places}
    for row in sorted(broken, key=lambda row: (row.high or 0) - _spent(row, chosen)):
        members = {asker[place] for place in row.coefficients}
        if any(members & bundle.members for bundle in made):
            continue  # the row kept there may settle this one too
        touched = [bundle for bundle in kept if members & bundle.members]
        rows = (*(old for bundle in touched for old in bundle.rows), row)
        bundle = _bundle(frozenset(members.union(*(it.members for it in touched))), rows, groups, choice)
        if bundle is None:
            return None
        made.append(bundle)
    untouched = [it for it in kept if not any(it.members & bundle.members for bundle in made)]
    return [*untouched, *made] if made else None


def _spent(row: Row, chosen: Sequence[int]) -> int:
    return sum(factor * chosen[place] for place, factor in row.coefficients.items())


def _bundle(members: frozenset[int], rows: tuple[Row, ...], groups: Sequence[_Group], choice: Choice) -> _Bundle | None:
    """Return some groups as one that keeps these rows; None when it would be too much work."""
    held = [groups[place] for place in sorted(members) if groups[place]]
    items = [item for group in held for item in group]
    # A row on all effort of these groups, broken or not, needs no axis of its own: no more than it allows is looked at.
    caps = [
        row
        for row in choice.rows
        if len(row.coefficients) >= len(items)
        and all(row.coefficients.get(item.place) == item.effort for item in items)
    ]
    most = sum(max(item.effort for item in group) for group in held)
    limit = min([most, *(row.high for row in caps if row.high is not None)])
    others = [row for row in rows if row not in caps]
    table = _Table.of(held, limit, others)
    if table is None:
        return None
    best, positions = table.within_rows()
    found: list[_Item] = []
    for spent, (worth, position) in enumerate(zip(best, positions, strict=True)):
        if worth > (found[-1].worth if found else 0):
            cell = (spent, *table.cell_of(position))
            found.append(_Item(spent * table.units[0], worth, -1, table, cell))
    return _Bundle(members, rows, found)


def _wanted(groups: Sequence[_Group], choice: Choice) -> tuple[int, ...] | None:
    """Return the wanted choice of some groups, as if nothing else were asked; None when it would be too much work."""
    items = [item for group in groups for item in group]
    if _cells(_bound(groups, choice), (), items) * len(items) > MOST_WORK:
        return None
    options = [(_NOTHING, *group) for group in groups]
    way = _way(options, choice.enough)
    if way is None:
        items = [max(group, key=lambda it: (choice.least_like(it.worth), -it.effort, it.worth)) for group in options]
        taken = {place for item in items for place in item.places()}
    else:
        fixed, core = _core(options, way, choice.enough)
        table = _Table.of(core, way.effort - sum(item.effort for item in fixed))
        if table is None:
            return None
        missing = choice.enough - sum(item.worth for item in fixed)
        taken = {place for item in fixed for place in item.places()}
        taken.update(table.taken((int((table.best >= missing).argmax()),)))
    return tuple(int(place in taken) for place in range(len(choice.efforts)))


def _cells(limit: int, rows: Sequence[Row], items: Sequence[_Item]) -> int:
    """Return how many different sums of effort, and of what is spent of each row, some items could come to."""
    effort = limit // (gcd(*(item.effort for item in items)) or 1) + 1
    spends = [(row.high or 0, [row.coefficients.get(item.place, 0) for item in items]) for row in rows]
    return prod((high // (gcd(*spent) or 1) + 1 for high, spent in spends), start=effort)


def _bound(groups: Sequence[_Group], choice: Choice) -> int:
    """Return an effort that is enough, or gains the most: of each group the best, those worth most per day first."""
    best = [max(group, key=lambda it: it.worth) for group in groups if group]
    worth = effort = 0
    for item in sorted(best, key=lambda it: it.effort / max(it.worth, 1)):
        if worth >= choice.enough:
            break
        worth, effort = worth + item.worth, effort + item.effort
    return effort


@dataclass(frozen=True, slots=True)
class _Way:
    """An effort that is known to be enough, and the last step that a good way to it takes: what it costs and is worth."""

    effort: int
    cost: int
    worth: int


def _way(groups: Sequence[_Group], enough: int) -> _Way | None:
    """Return a good way to what is enough, the steps worth most per day first; None when all steps are not enough."""
    steps = [(place, old, new) for place, group in enumerate(groups) for old, new in pairwise(_stairs(group))]
    # Quotients of whole numbers are rounded alike, equal ones stay in order: no group's second step comes before its first.
    steps.sort(key=lambda step: (step[2].effort - step[1].effort) / (step[2].worth - step[1].worth))
    held = [_NOTHING] * len(groups)
    worth = 0
    for place, old, new in steps:
        held[place] = new
        worth += new.worth - old.worth
        if worth >= enough:
            after = _with_one_change(groups, held, enough)
            held[place] = old
            effort = min(after, _with_one_change(groups, held, enough))
            return _Way(effort, new.effort - old.effort, new.worth - old.worth)
    return None


def _stairs(group: _Group) -> Sequence[_Item]:
    """Return some of a group, from nothing to what is worth most, whose steps are worth less and less per day."""
    found = [_NOTHING]
    for item in group:
        if item.worth > found[-1].worth:
            while len(found) > 1 and _is_no_dearer(found[-2], found[-1], item):
                found.pop()
            found.append(item)
    return found


def _is_no_dearer(low: _Item, middle: _Item, high: _Item) -> bool:
    """Return whether worth costs no more from the middle one to the high one than from the low one to the middle one."""
    first, second = middle.worth - low.worth, high.worth - middle.worth
    return (high.effort - middle.effort) * first <= (middle.effort - low.effort) * second


def _with_one_change(groups: Sequence[_Group], held: Sequence[_Item], enough: int) -> int:
    """Return the least effort that is enough when one group takes something else than it holds."""
    missing = enough - sum(item.worth for item in held)
    return sum(item.effort for item in held) + min(
        new.effort - old.effort
        for group, old in zip(groups, held, strict=True)
        for new in group
        if new.worth - old.worth >= missing
    )


def _core(groups: Sequence[_Group], way: _Way, enough: int) -> tuple[Sequence[_Item], Sequence[_Group]]:
    """Return what every wanted choice takes, and of each other group what one may take.

    When worth has a price, the last step's, something of each group costs least after what it is worth is paid. What
    another one costs more is its regret. The regrets of a choice that is enough within the known effort sum to no more
    than that effort leaves above all the least costs: what alone regrets more is in no wanted choice.
    """
    scale, price = way.worth, way.cost
    spare = scale * way.effort - price * enough
    priced: list[tuple[_Group, list[int], int]] = []
    for group in groups:
        costs = [scale * item.effort - price * item.worth for item in group]
        least = min(costs)
        spare -= least
        priced.append((group, costs, least))
    fixed: list[_Item] = []
    core: list[_Group] = []
    for group, costs, least in priced:
        kept = [item for item, cost in zip(group, costs, strict=True) if cost - least <= spare]
        if len(kept) == 1:
            fixed += kept
        else:
            core.append([item for item in kept if item is not _NOTHING])
    return fixed, core


@dataclass(frozen=True, slots=True)
class _Axis:
    """What a table counts of a row: what is spent of it, or (`is_rest`) the effort that is not; never more than `most`."""

    row: Row
    is_rest: bool
    most: int

    def spent(self, item: _Item) -> int:
        """Return what an item adds to it."""
        spent = self.row.coefficients.get(item.place, 0)
        return item.effort - spent if self.is_rest else spent


def _axis(row: Row, groups: Sequence[_Group], limit: int) -> _Axis:
    """Return the shorter way to count a row: what is to wait long is most of an office's effort, or little of it."""
    high = row.high or 0
    rests = [[item.effort - row.coefficients.get(item.place, 0) for item in group] for group in groups]
    most = min(limit, sum(max(several) for several in rests))
    is_rest = most < high and min(map(min, rests)) >= 0
    return _Axis(row, is_rest, most if is_rest else high)


@dataclass(frozen=True, slots=True)
class _Table:
    """The most that can be had for exactly so much effort and so much along each axis, in units, and how."""

    groups: Sequence[_Group]
    axes: Sequence[_Axis]
    units: tuple[int, ...]
    best: NDArray[np.int64]
    is_better: Sequence[NDArray[np.bool_]]  # of each group: is an item better than none and those before it

    @classmethod
    def of(cls, groups: Sequence[_Group], limit: int, rows: Sequence[Row] = ()) -> _Table | None:
        """Return the table of some groups up to an effort and what rows allow; None when it would be too much work.

        Every group has an item.
        """
        import numpy as np

        items = [item for group in groups for item in group]
        if _cells(limit, rows, items) * len(items) > MOST_WORK:
            return None
        axes = [_axis(row, groups, limit) for row in rows]
        spends = [[_spends(item, axes) for item in group] for group in groups]
        limits = (limit, *(axis.most for axis in axes))
        units = tuple(gcd(*(one[axis] for several in spends for one in several)) or 1 for axis in range(len(limits)))
        shape = tuple(limit // unit + 1 for limit, unit in zip(limits, units, strict=True))
        best = np.full(shape, _NEVER, dtype=np.int64)
        best[(0,) * len(limits)] = 0
        is_better = [np.zeros((len(group), *shape), dtype=np.bool_) for group in groups]
        ends = (None,) * len(shape)
        for group, several, flags in zip(groups, spends, is_better, strict=True):
            added = []  # all to what the groups before reached: one item of a group is never added to another
            for item, spent in zip(group, several, strict=True):
                steps = tuple(map(floordiv, spent, units))
                to = tuple(map(slice, steps, ends))
                source = tuple(map(slice, map(sub, shape, map(min, steps, shape))))
                added.append((to, best[source] + item.worth))
            for (to, reached), flag in zip(added, flags, strict=True):
                goal = best[to]
                np.greater(reached, goal, out=flag[to])
                np.maximum(reached, goal, out=goal)
        return cls(groups, axes, units, best, is_better)

    def within_rows(self) -> tuple[list[int], list[int]]:
        """Return for each effort the most that keeps the rows, and where: of equals where least is spent of the first."""
        import numpy as np

        best = self.best
        for place, axis in enumerate(self.axes, 1):
            if axis.is_rest:
                effort, rest = (np.arange(self.best.shape[at]) * self.units[at] for at in (0, place))
                sizes = [size if at in (0, place) else 1 for at, size in enumerate(self.best.shape)]
                is_over = np.subtract.outer(effort, rest) > (axis.row.high or 0)
                best = np.where(is_over.reshape(sizes), _NEVER, best)
        turned = np.flip(best, tuple(place for place, axis in enumerate(self.axes, 1) if axis.is_rest))
        flat = turned.reshape(len(best), -1)
        return flat.max(axis=1).tolist(), flat.argmax(axis=1).tolist()

    def cell_of(self, position: int) -> tuple[int, ...]:
        """Return where a position of `within_rows` lies on each axis."""
        found: list[int] = []
        for axis, size in zip(reversed(self.axes), reversed(self.best.shape), strict=False):
            position, at = divmod(position, size)
            found.append(size - 1 - at if axis.is_rest else at)
        return tuple(reversed(found))

    def taken(self, cell: tuple[int, ...]) -> tuple[int, ...]:
        """Return the places taken on the way to a cell."""
        found: list[int] = []
        for group, flags in zip(reversed(self.groups), reversed(self.is_better), strict=True):
            better = [item for item, flag in zip(group, flags, strict=True) if flag[cell]]
            if better:
                found += better[-1].places()
                cell = tuple(map(sub, cell, map(floordiv, _spends(better[-1], self.axes), self.units)))
        return tuple(found)


def _spends(item: _Item, axes: Sequence[_Axis]) -> tuple[int, ...]:
    return (item.effort, *(axis.spent(item) for axis in axes))
