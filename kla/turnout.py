"""How many of those expected at a stage have sent, sent something valid, and sent it in time: never more than all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from kla.findings import Outcome


class Version(Protocol):
    """One version handed in; `kla.picture.SubmissionLine` is one."""

    @property
    def opd_code(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def is_on_time(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Turnout:
    """Counts of senders at one stage, each once, only those expected: offices at a form stage, one verifier at others.

    `received`: something came, whatever became of it. `valid`: the newest version was accepted and an answer stands; an
    empty file is never valid. `on_time`: a version that was not refused came before the stage closed, and an answer stands;
    None where the stage has no closing. `valid` and `on_time` are parts of `received`, that of `expected`.
    """

    stage: str
    expected: int
    received: int
    valid: int
    on_time: int | None

    def share(self, count: int | None) -> Fraction | None:
        """Return a count as a share of those expected, 0 to 1; None without a count or where nobody is expected."""
        return Fraction(count, self.expected) if count is not None and self.expected else None

    @property
    def is_complete(self) -> bool:
        """Whether everybody who is expected has sent something valid."""
        return self.expected > 0 and self.valid == self.expected


def turnout(
    stage: str, expected: Iterable[str], versions: Iterable[Version], answered: Mapping[str, int], *, has_deadline: bool
) -> Turnout:
    """Return the counts of a stage.

    Args:
        stage: only versions of it count.
        expected: codes of the offices that owe it ("" for the verifier's recap); each counts once.
        versions: all that was handed in, of any stage and sender, in any order.
        answered: sender -> how many answers stand now; who is not there has none.
        has_deadline: whether the stage has a closing; without one nobody is in time or late.
    """
    owing = frozenset(expected)
    newest: dict[str, Version] = {}
    in_time: set[str] = set()
    for line in versions:
        if line.stage != stage or line.opd_code not in owing:
            continue
        before = newest.get(line.opd_code)
        newest[line.opd_code] = line if before is None or line.version > before.version else before
        if line.is_on_time and line.outcome is not Outcome.REFUSED:
            in_time.add(line.opd_code)
    answering = {code for code in newest if answered.get(code, 0) > 0}
    valid = {code for code in answering if newest[code].outcome is Outcome.ACCEPTED}
    on_time = len(in_time & answering) if has_deadline else None
    return Turnout(stage, len(owing), len(newest), len(valid), on_time)
