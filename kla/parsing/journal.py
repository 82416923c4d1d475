"""What a reader notes down beside the rows: problems, automatic changes, near matches; and what stewards chose before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kla.submission import NearMatch, Problem, Repair


@dataclass(frozen=True, slots=True)
class Choices:
    """What stewards chose: `rejected` (sheet, cell) whose automatic change must not be made; `learned` kind -> text -> meaning.

    Kinds are those of NearMatch; texts are compared cleaned.
    """

    rejected: frozenset[tuple[str, str]] = frozenset()
    learned: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


NO_CHOICES = Choices()


class Journal:
    """Collects what reading one workbook gave beside its rows."""

    def __init__(self, choices: Choices = NO_CHOICES) -> None:
        self.problems: list[Problem] = []
        self.repairs: list[Repair] = []
        self.near: list[NearMatch] = []
        self.choices = choices

    def may_stand(self, repair: Repair) -> bool:
        """Note an automatic change and say whether it may stand; where nothing changed there is nothing to note.

        A change that a steward rejected is not made: it is a problem until the office writes the cell anew.
        """
        if repair.original == repair.result:
            return True
        if (repair.sheet, repair.cell) in self.choices.rejected:
            problem = Problem(
                "repair_rejected", repair.sheet, repair.cell, repair.original, repair.field, repair.question_id
            )
            self.problems.append(problem)
            return False
        self.repairs.append(repair)
        return True
