"""The guards, each with what stands in its place once it is removed and the goals of which one must then turn red.

A guard is a function of its own in the module named here, so that it can be taken away alone. Nothing of the project is
imported here: this is read before anything else in every process of a goal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """A guard (`module`, `guard` as dotted name inside it), `without(original)` -> its replacement, goals to try."""

    module: str
    guard: str
    without: Callable[[Function], Function]
    goals: tuple[str, ...]
    seconds: float = 40  # what each of its goals is given


def nothing(*_: object, **__: object) -> None:
    """Do nothing where a guard stood."""


MUTANTS: dict[str, Mutant] = {}
