"""Numbers, dates and moments as Indonesian readers write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.wording import change_text, date_text, limit_text, moment_text, number_text, percent_text, points_text

HUNDREDTHS = st.integers(-100_000, 100_000).map(lambda cents: Decimal(cents) / 100)


@given(HUNDREDTHS)
def test_points_can_be_read_back_exactly(points: Decimal) -> None:
    text = points_text(points).replace("−", "-").replace(".", "").replace(",", ".")
    assert Decimal(text) == points


def test_points_beyond_hundredths_are_cut_not_rounded() -> None:
    assert points_text(Decimal("0.999")) == "0,99"


@pytest.mark.parametrize(("points", "text"), [("0", "0,00"), ("-0.62", "−0,62"), ("12.5", "+12,50")])
def test_a_change_shows_its_sign(points: str, text: str) -> None:
    assert change_text(Decimal(points)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(Decimal("14.00"), "14"), (Decimal("3.50"), "3,5"), (Decimal(100), "100"), (1234567, "1.234.567")],
)
def test_a_number_drops_needless_decimals_only(number: Decimal | int, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize(("points", "text"), [("801.00", "801"), ("143.5", "143,50"), ("1000", "1.000")])
def test_a_limit_is_a_whole_number_or_told_to_the_hundredth(points: str, text: str) -> None:
    assert limit_text(Decimal(points)) == text


def test_a_share_of_nothing_is_a_dash() -> None:
    assert percent_text(Decimal(3), Decimal(0)) == "–"
    assert percent_text(Decimal(2), Decimal(3)) == "66,6%"


@pytest.mark.parametrize(("month", "name"), [(1, "Januari"), (2, "Februari"), (8, "Agustus"), (12, "Desember")])
def test_a_month_has_its_indonesian_name(month: int, name: str) -> None:
    assert date_text(date(2025, month, 1)) == f"1 {name} 2025"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Jakarta", "28 Mei 2025, 22.59 WIB"),
        ("Asia/Makassar", "28 Mei 2025, 23.59 WITA"),
        ("Asia/Jayapura", "29 Mei 2025, 00.59 WIT"),
    ],
)
def test_a_moment_is_told_in_the_districts_own_zone(zone: str, text: str) -> None:
    moment = datetime(2025, 5, 28, 15, 59, 59, tzinfo=UTC)
    assert moment_text(moment, ZoneInfo(zone)) == text
    assert moment_text(moment.astimezone(ZoneInfo(zone))) == text


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        moment_text(datetime(2025, 5, 28), ZoneInfo("Asia/Jakarta"))
