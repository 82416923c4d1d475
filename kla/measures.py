"""What it costs to win points back: effort, waiting time and certainty per action and kind of question. Pure.

The figures are configuration (instrument/planning/efforts.yaml), each with the assumption behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kla.district import District


class Action(StrEnum):
    """What an office has to do to win points back."""

    ASSIGN = "assign"  # somebody must own the question first
    SUBMIT = "submit"  # hand the answer in, with its evidence
    MEND = "mend"  # correct what was sent back
    UPLOAD = "upload"  # add the evidence
    SIGN = "sign"  # give it legal form
    UPDATE = "update"  # bring figures or evidence up to date
    DO = "do"  # carry something out


class EffortClass(StrEnum):
    """How heavy an action is, by its days of work."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class Effort:
    """One action's cost: `effort_days` of one person's work, then `wait_days` calendar days on others.

    `certainty` (0 to 1) is the chance that the points are given; `assumption` says in Indonesian what that rests on.
    """

    action: Action
    effort_days: Decimal
    wait_days: int
    certainty: Decimal
    assumption: str


@dataclass(frozen=True, slots=True)
class Raise:
    """What each level above the claimed one costs for a kind of question, and how many levels at most."""

    effort: Effort
    max_steps: int


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """`question_id` can only be improved once `needs_id` has `share` (0 to 1) of its maximum."""

    question_id: str
    needs_id: str
    share: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class EffortTable:
    """All of instrument/planning/efforts.yaml. `capacity` maps coordinator and kind of office to days of work per
    working day; `classes` hold the most days that are still light and medium; `margin` is in points."""

    actions: Mapping[Action, Effort]
    measures: Mapping[str, Raise]
    capacity: Mapping[str, Decimal]
    classes: Mapping[EffortClass, Decimal]
    margin: Decimal
    prerequisites: tuple[Prerequisite, ...]
    action_labels: Mapping[Action, str]
    class_labels: Mapping[EffortClass, str]

    @property
    def waits(self) -> frozenset[int]:
        """Every number of calendar days that work may have to wait for others."""
        efforts = (*self.actions.values(), *(it.effort for it in self.measures.values()))
        return frozenset(it.wait_days for it in efforts)

    def effort_class(self, effort_days: Decimal) -> EffortClass:
        """Return how heavy so many days of one person's work are."""
        for name in (EffortClass.LIGHT, EffortClass.MEDIUM):
            if effort_days <= self.classes[name]:
                return name
        return EffortClass.HEAVY

    def capacity_of(self, district: District, opd_code: str) -> Decimal:
        """Return the days of work an office can give per working day; KeyError for an unknown office."""
        kind = "coordinator" if opd_code == district.coordinator else district.office(opd_code).kind.value
        return self.capacity[kind]
