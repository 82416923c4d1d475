"""What is lost against the maximum, by cause, office and klaster. The losses of a stage sum to maximum - score, always."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kla.scoring import Cause


@dataclass(frozen=True, slots=True)
class Gap:
    """Points one question loses at one stage. `opd_code` is the lead that can win them back ("" when nobody owns it)."""

    question_id: str
    indicator_number: str
    block_code: str
    opd_code: str
    cause: Cause
    lost_points: Decimal
    max_points: Decimal
