"""How well expected scores would have foretold the drops that are public: each pair left out in turn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kla.safe_score import Drop, DropSummary, Expectation, expected_score
from kla.scoring import HUNDREDTH


@dataclass(frozen=True, slots=True)
class BackTestLine:
    """One pair, what the others foretold of it (None: nothing to learn from) and how far that was off, in points."""

    drop: Drop
    foretold: Expectation | None

    @property
    def is_covered(self) -> bool:
        """Whether the later total lies in the interval, both ends included."""
        return self.foretold is not None and self.foretold.low <= self.drop.after_low <= self.foretold.high

    @property
    def error(self) -> Decimal | None:
        """How many points the likely score was too high (+) or too low (-); None where nothing was foretold."""
        return None if self.foretold is None else self.foretold.likely - self.drop.after_low


@dataclass(frozen=True, slots=True)
class BackTest:
    """The test over all exact pairs; `is_strict`: no figure that may hold the left-out pair itself was used."""

    is_strict: bool
    lines: tuple[BackTestLine, ...]

    @property
    def tested(self) -> int:
        """How many pairs something was foretold of."""
        return sum(1 for line in self.lines if line.foretold is not None)

    @property
    def covered(self) -> int:
        """How many of them lie in their interval."""
        return sum(1 for line in self.lines if line.is_covered)

    @property
    def mean_error(self) -> Decimal | None:
        """The mean distance of the likely score from the real one, in points (hundredths); None without any."""
        errors = [abs(line.error) for line in self.lines if line.error is not None]
        if not errors:
            return None
        return (sum(errors, Decimal(0)) / len(errors)).quantize(HUNDREDTH, rounding=ROUND_HALF_UP)


def back_test(drops: Sequence[Drop], summaries: Sequence[DropSummary] = (), prior_pairs: int = 2) -> BackTest:
    """Return the test that leaves each exactly known pair out in turn and foretells it from the others.

    A summary may hold the pair that was left out, so with summaries the test is not strict; its range is wider and
    its result too kind. Pairs whose later total is only a range are used to learn from, never to be foretold.
    """
    lines = []
    for drop in drops:
        if drop.is_exact:
            others = [other for other in drops if other is not drop]
            foretold = expected_score(drop.before, drop.from_stage, drop.district_code, others, summaries, prior_pairs)
            lines.append(BackTestLine(drop, foretold))
    return BackTest(not summaries, tuple(lines))
