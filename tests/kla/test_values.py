"""Numbers and dates as offices write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.values import Day, Number, State, date_of, number_of, text_of

NUMBERS = [
    ("961,86", "961.86"),
    ("1.234,5", "1234.5"),
    ("1.234.567", "1234567"),
    ("1,234.5", "1234.5"),
    ("1,234,567", "1234567"),
    ("1 234 567", "1234567"),
    ("1\u00a0234,5", "1234.5"),
    ("12 %", "12"),
    ("12,5%", "12.5"),
    ("12 persen", "12"),
    ("0,12", "0.12"),
    ("0.123", "0.123"),
    ("12.5", "12.5"),
    ("1234.567", "1234.567"),
    ("1 (satu)", "1"),
    ("12 (dua belas)", "12"),
    ("satu", "1"),
    ("15 orang", "15"),
    ("Rp 1.500.000,-", "1500000"),
    ("Rp1.500.000,00", "1500000"),
    ("-5", "-5"),
    ("\uff11\uff12", "12"),  # full-width digits
    ("007", "7"),
    (12.0, "12"),
    (12, "12"),
    (0.1 + 0.2, "0.3"),
    (961.86, "961.86"),
    (7601012003.0, "7601012003"),
    (1234.567, "1234.567"),
]


@pytest.mark.parametrize(("cell", "expected"), NUMBERS)
def test_a_clear_number_is_read_exactly(cell: object, expected: str) -> None:
    number = number_of(cell)
    assert number.state is State.VALUE
    assert number.value == Decimal(expected)


@pytest.mark.parametrize(
    "cell", ["1.234", "1,234", "12.345", 1.234, "± 120", "NA", "2 (satu)", "tidak ada data", "12.345 %"]
)
def test_what_has_two_readings_is_asked_back(cell: object) -> None:
    assert number_of(cell) == Number(State.AMBIGUOUS)


@pytest.mark.parametrize("cell", ["nihil", "-", " – ", "Tidak Ada Kasus", "NIHIL.", "tidak ada"])
def test_nil_is_neither_blank_nor_a_number(cell: object) -> None:
    assert number_of(cell).state is State.NIL


@pytest.mark.parametrize("cell", ["", None, "  ", "\u00a0"])
def test_white_space_is_blank(cell: object) -> None:
    assert number_of(cell).state is State.BLANK
    assert date_of(cell).state is State.BLANK


@pytest.mark.parametrize(
    "cell", ["abc", "1.2.3", "12/34", "1,23,4", True, float("nan"), float("inf"), datetime(2024, 1, 2), "٣"]
)
def test_what_is_no_number_is_not_understood(cell: object) -> None:
    assert number_of(cell).state is State.NOT_UNDERSTOOD


def test_a_percent_keeps_its_sign_beside_the_figure() -> None:
    assert number_of("12 %") == Number(State.VALUE, Decimal(12), is_percent=True)


def test_points_of_a_recap_are_never_thousands() -> None:
    assert number_of(2.664, asks_back=False).value == Decimal("2.664")


DATES = [
    ("5 Juni 2025", date(2025, 6, 5)),
    ("Kamis, 5 Juni 2025", date(2025, 6, 5)),
    ("Batulicin, 5 Juni 2025", date(2025, 6, 5)),
    ("05-Agt-2024", date(2024, 8, 5)),
    ("5 Nopember 2023", date(2023, 11, 5)),
    ("05/06/2025", date(2025, 6, 5)),
    ("5.6.2025", date(2025, 6, 5)),
    ("06/25/2025", date(2025, 6, 25)),
    ("2025-06-05", date(2025, 6, 5)),
    ("2025-06-05 00:00:00", date(2025, 6, 5)),
    (45813, date(2025, 6, 5)),
    ("45813", date(2025, 6, 5)),
    (datetime(2025, 6, 5, 10), date(2025, 6, 5)),
    (date(2025, 6, 5), date(2025, 6, 5)),
]


@pytest.mark.parametrize(("cell", "expected"), DATES)
def test_a_date_is_read_day_before_month(cell: object, expected: date) -> None:
    assert date_of(cell).day == expected


def test_a_serial_of_a_1904_workbook_counts_from_its_own_epoch() -> None:
    assert date_of(45813 - 1462, uses_1904=True).day == date(2025, 6, 5)


@pytest.mark.parametrize("cell", ["2024", "Tahun 2024", 2024, 2024.0])
def test_a_year_alone_is_a_year_and_no_serial(cell: object) -> None:
    assert date_of(cell) == Day(State.VALUE, None, 2024)


def test_a_month_alone_keeps_its_year() -> None:
    assert date_of("Agt 2024") == Day(State.VALUE, None, 2024, 8)


@pytest.mark.parametrize("cell", ["05/06/25", "2022-2023", "2022 dan 2023", "5 Jun 25"])
def test_a_date_with_two_readings_is_asked_back(cell: object) -> None:
    assert date_of(cell).state is State.AMBIGUOUS


@pytest.mark.parametrize("cell", ["31 Februari 2024", "besok", 12, 1e300, float("nan"), True, "0000", "32/13/2024"])
def test_what_is_no_date_is_not_understood(cell: object) -> None:
    assert date_of(cell).state is State.NOT_UNDERSTOOD


@given(
    st.one_of(
        st.text(), st.floats(), st.integers(), st.booleans(), st.none(), st.dates(), st.datetimes(), st.timedeltas()
    )
)
def test_no_cell_makes_the_reader_fail(cell: object) -> None:
    assert (number_of(cell).value is not None) == (number_of(cell).state is State.VALUE)
    assert (date_of(cell).year is not None) == (date_of(cell).state is State.VALUE)
    assert isinstance(text_of(cell), str)


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_a_number_written_the_indonesian_way_comes_back_unchanged(number: Decimal) -> None:
    written = f"{number:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    assert number_of(written).value == number
