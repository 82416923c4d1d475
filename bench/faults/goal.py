"""What a goal is given, and what it hands back."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

MUTANT = "KLA_FAULTS_MUTANT"  # names the guard that is taken away in a goal's processes


@dataclass(frozen=True)
class Budget:
    """What a goal may spend: seconds by the clock, a folder of its own (empty), a corpus of odd files where there is one.

    `is_long` is true for `make faults-long`. A goal that has spent its seconds stops trying and says how far it came.
    """

    seconds: float
    room: Path
    is_long: bool = False
    corpus: Path | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def is_proof(self) -> bool:
        """Whether a guard was taken away: one red is all that is wanted then."""
        return bool(os.environ.get(MUTANT))

    @property
    def left(self) -> float:
        """Seconds that are left, never below 0."""
        return max(0.0, self.began + self.seconds - time.monotonic())

    def share(self, part: float) -> float:
        """Return the moment (of time.monotonic) when this part of the seconds is spent."""
        return self.began + self.seconds * part


@dataclass(frozen=True)
class Figure:
    """What came of a goal: the figure as printed, whether it held, and why not.

    `held` is None where the goal cannot be tried on this machine: `why` then names what is missing.
    """

    goal: str
    figure: str
    held: bool | None
    why: str = ""


def not_tried(goal: str, why: str) -> Figure:
    """Return the figure of a goal that cannot be tried here; `why` names what is missing."""
    return Figure(goal, "–", None, why)


def judged(goal: str, figure: str, faults: list[str]) -> Figure:
    """Return a figure that held when nothing was faulted; else the first few faults say why not."""
    more = f" (and {len(faults) - 4} more)" if len(faults) > 4 else ""
    return Figure(goal, figure, not faults, "; ".join(faults[:4]) + more)
