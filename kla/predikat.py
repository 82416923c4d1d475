"""Which predikat a total earns, and what is missing to the next one. Bounds are data (instrument/<cycle>, bands)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kla.instrument import Band

MAX_SCORE = Decimal(1000)
DECIDED_STAGE = "final"  # its predikat is the ministry's decision: kept as given, never computed


@dataclass(frozen=True, slots=True)
class StatedPredikat:
    """The predikat a recap gives, "" for none by its own words; `stated_id` traces to file and cell."""

    stated_id: int
    predikat: str


def predikat_for(score: Decimal, bands: tuple[Band, ...]) -> str | None:
    """Return the predikat a total score (points) earns, or None below the first band.

    Bands are printed with whole-number edges ("701-800", "801-900") but totals carry
    two decimals: a score between two printed bands keeps the lower one.

    Raises:
        ValueError: the score is outside 0 to 1000 points.

    Source: instrument/2024, bands; 800.38 was published as Nindya (Tanah Bumbu, 2024 cycle).

    >>> bands = (Band("Nindya", Decimal(701)), Band("Utama", Decimal(801)))
    >>> predikat_for(Decimal("800.38"), bands)
    'Nindya'
    >>> predikat_for(Decimal("700.99"), bands) is None
    True
    """
    if not 0 <= score <= MAX_SCORE:
        raise ValueError(f"a score lies between 0 and {MAX_SCORE} points, not {score}")
    reached = [band for band in bands if band.at_least <= score]
    return max(reached, key=lambda band: band.at_least).predikat if reached else None


def next_band(score: Decimal, bands: tuple[Band, ...]) -> Band | None:
    """Return the lowest band the score (points) has not reached yet; None when it is in the highest one.

    >>> next_band(Decimal("800.38"), (Band("Nindya", Decimal(701)), Band("Utama", Decimal(801)))).predikat
    'Utama'
    """
    above = [band for band in bands if band.at_least > score]
    return min(above, key=lambda band: band.at_least, default=None)


def points_to(target: str, score: Decimal, bands: tuple[Band, ...]) -> Decimal:
    """Return the points missing from `score` to the predikat `target`; 0 when it is reached.

    Raises:
        KeyError: no band has this name.

    >>> points_to("Utama", Decimal("800.38"), (Band("Nindya", Decimal(701)), Band("Utama", Decimal(801))))
    Decimal('0.62')
    """
    for band in bands:
        if band.predikat == target:
            return max(Decimal(0), band.at_least - score)
    raise KeyError(target)
