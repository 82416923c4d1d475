"""Bands: lower bounds decide."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.instrument import Band
from kla.predikat import next_band, points_to, predikat_for

BANDS = tuple(
    Band(name, Decimal(at))
    for name, at in (("Pratama", 500), ("Madya", 601), ("Nindya", 701), ("Utama", 801), ("KLA", 901))
)
scores = st.decimals(0, 1000, places=2)


@pytest.mark.parametrize(
    ("score", "predikat"),
    [
        ("0", None),
        ("499.99", None),
        ("500", "Pratama"),
        ("588.40", "Pratama"),
        ("600.50", "Pratama"),
        ("800.38", "Nindya"),
        ("961.86", "KLA"),
        ("1000", "KLA"),
    ],
)
def test_a_score_between_two_printed_bands_keeps_the_lower_predikat(score: str, predikat: str | None) -> None:
    assert predikat_for(Decimal(score), BANDS) == predikat


@pytest.mark.parametrize("score", ["-0.01", "1000.01"])
def test_a_score_outside_0_to_1000_is_refused(score: str) -> None:
    with pytest.raises(ValueError, match="between 0 and 1000"):
        predikat_for(Decimal(score), BANDS)


@given(scores)
def test_the_points_to_a_predikat_are_exactly_those_that_earn_it(score: Decimal) -> None:
    for band in BANDS:
        missing = points_to(band.predikat, score, BANDS)
        reached = predikat_for(score + missing, BANDS)
        assert missing == 0 or reached == band.predikat
        assert missing == 0 or predikat_for(score + missing - Decimal("0.01"), BANDS) != band.predikat


@given(scores)
def test_the_order_of_the_bands_is_irrelevant(score: Decimal) -> None:
    assert predikat_for(score, BANDS[::-1]) == predikat_for(score, BANDS)
    assert next_band(score, BANDS[::-1]) == next_band(score, BANDS)


def test_above_the_highest_band_there_is_no_next_one() -> None:
    assert next_band(Decimal("961.86"), BANDS) is None


def test_an_unknown_target_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        points_to("Juara", Decimal(1), BANDS)
