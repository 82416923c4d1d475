"""How exact values are stored: points as integer hundredths, other decimals as plain text, moments as UTC text."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache


@lru_cache(maxsize=4096)  # the same few points, question after question
def hundredths(points: Decimal) -> int:
    """Return points as whole hundredths.

    Raises:
        ValueError: the points have more than two decimals; nothing is rounded here.

    >>> hundredths(Decimal("800.38"))
    80038
    """
    scaled = points * 100
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{points} points are not whole hundredths")
    return int(scaled)


@lru_cache(maxsize=4096)  # likewise
def points(stored: int) -> Decimal:
    """Return stored hundredths as points with two decimals.

    >>> points(80038)
    Decimal('800.38')
    """
    return Decimal(stored).scaleb(-2)


def decimal_text(value: Decimal | None) -> str | None:
    """Return a decimal as plain text, exactly as many digits as it has; None stays None.

    >>> decimal_text(Decimal("1E+3"))
    '1000'
    """
    return None if value is None else format(value, "f")


def decimal(stored: str | None) -> Decimal | None:
    """Return stored text as a decimal; None stays None."""
    return None if stored is None else Decimal(stored)


def moment_text(moment: datetime) -> str:
    """Return a moment as UTC text of fixed width, so that text order is time order.

    Raises:
        ValueError: the moment has no zone.

    >>> moment_text(datetime.fromisoformat("2025-05-28T23:59:59+08:00"))
    '2025-05-28T15:59:59.000000+00:00'
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
