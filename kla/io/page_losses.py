"""Lost points with what wins them back, summed by cause, office and block. No sentences here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kla.comparison import Step
from kla.io.page_lines import NOTHING
from kla.measures import Action, EffortClass
from kla.needs import Need


@dataclass(frozen=True, slots=True)
class LossSum:
    """The losses of one cause (and, where set, office): points by block and in all, what they need, how heavy it is.

    `classes` counts the losses of each effort class; of all losses `lost_causes` can no longer be won back in time.
    """

    cause: str
    is_verifiers: bool
    opd_code: str
    actions: tuple[Action, ...]
    classes: tuple[tuple[EffortClass, int], ...]
    question_ids: tuple[str, ...]
    lost_causes: int
    by_block: Mapping[str, Decimal]
    lost_points: Decimal


def by_cause(needs: Iterable[Need]) -> tuple[LossSum, ...]:
    """Return the losses of each cause, dearest first; they sum to all that is lost."""
    return _summed(needs, lambda need: (need.is_verifiers, need.cause, ""))


def by_cause_and_office(needs: Iterable[Need]) -> tuple[LossSum, ...]:
    """Return the losses of each cause and office, dearest first; they sum to all that is lost."""
    return _summed(needs, lambda need: (need.is_verifiers, need.cause, need.gap.opd_code))


def block_sums(needs: Iterable[Need]) -> Mapping[str, Decimal]:
    """Return the points lost in each block; blocks that lose nothing are left out."""
    return _sums((need.gap.block_code, need.gap.lost_points) for need in needs)


def _summed(needs: Iterable[Need], key: Callable[[Need], tuple[bool, str, str]]) -> tuple[LossSum, ...]:
    groups: dict[tuple[bool, str, str], list[Need]] = {}
    for need in needs:
        groups.setdefault(key(need), []).append(need)
    found = [_sum(group, rows) for group, rows in groups.items()]
    return tuple(sorted(found, key=lambda it: (-it.lost_points, it.cause, it.opd_code)))


def _sum(group: tuple[bool, str, str], rows: Sequence[Need]) -> LossSum:
    classes = Counter(need.effort_class for need in rows)
    is_verifiers, cause, opd_code = group
    return LossSum(
        cause=cause,
        is_verifiers=is_verifiers,
        opd_code=opd_code,
        actions=tuple(action for action in Action if any(need.action is action for need in rows)),
        classes=tuple((it, classes[it]) for it in EffortClass if classes[it]),
        question_ids=tuple(dict.fromkeys(need.gap.question_id for need in rows)),
        lost_causes=sum(not need.is_possible for need in rows),
        by_block=block_sums(rows),
        lost_points=sum((need.gap.lost_points for need in rows), NOTHING),
    )


@dataclass(frozen=True, slots=True)
class FallSum:
    """What one block, office or cause gained (+) or lost (-) from a stage to the next, in how many questions."""

    key: str
    points: Decimal
    question_count: int


def fall_sums(steps: Iterable[Step], key: Callable[[Step], str]) -> tuple[FallSum, ...]:
    """Return the changes summed by a key, the largest loss first."""
    groups: dict[str, list[Step]] = {}
    for step in steps:
        groups.setdefault(key(step), []).append(step)
    found = [FallSum(name, sum((it.points for it in rows), NOTHING), len(rows)) for name, rows in groups.items()]
    return tuple(sorted(found, key=lambda it: (it.points, it.key)))


def _sums(pairs: Iterable[tuple[Hashable, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for key, points in pairs:
        sums[str(key)] = sums.get(str(key), NOTHING) + points
    return sums
