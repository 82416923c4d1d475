"""What judging a whole cycle again under today's rules changed: counts before and after, step by step. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Counts:
    """How one district and cycle stands: files by outcome, open findings by weight, points per stage."""

    files: int = 0
    accepted: int = 0
    returned: int = 0
    refused: int = 0
    blocking: int = 0
    warnings: int = 0
    points: Mapping[str, Decimal] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return it as JSON, the same for the same counts."""
        return json.dumps({**asdict(self), "points": {k: str(v) for k, v in self.points.items()}}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Counts:
        """Return the counts that `to_json` wrote; those of nothing for ""."""
        held = json.loads(text) if text else {}
        return cls(**{**held, "points": {k: Decimal(v) for k, v in held.get("points", {}).items()}})


@dataclass(frozen=True, slots=True)
class Step:
    """One district and cycle of a backfill: `rule_sets` are those its files were judged under before.

    `after` is None until the step is done.
    """

    district_code: str
    cycle: int
    run_id: str
    rule_sets: tuple[str, ...]
    judged: int
    before: Counts
    after: Counts | None

    @property
    def is_done(self) -> bool:
        """Whether it need not be done again."""
        return self.after is not None

    @property
    def is_change(self) -> bool:
        """Whether the new verdicts changed any count."""
        return self.after is not None and self.after != self.before


def backfill_id(
    districts: Sequence[str] | None, cycles: Sequence[int] | None, rule_sets: Sequence[str] | None, rules_now: str
) -> str:
    """Return the name of a backfill: the same wish under the same rules is the same one, so that it goes on.

    >>> backfill_id(["63.10", "17.04"], None, None, "abc") == backfill_id(["17.04", "63.10"], None, [], "abc")
    True
    """
    wish = [sorted(districts or ()), sorted(cycles or ()), sorted(rule_sets or ()), rules_now]
    return hashlib.sha256(json.dumps(wish).encode()).hexdigest()[:16]
