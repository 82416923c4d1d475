"""Numbers and dates as offices write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kla.dates import Day, date_of
from kla.number_words import words_of
from kla.values import Number, State, number_of, text_of

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "values.yaml").read_text(encoding="utf-8"))
STATES = {state.value for state in State} - {"value"}


def expected_number(written: object) -> Number:
    if isinstance(written, str) and written in STATES:
        return Number(State(written))
    if isinstance(written, str):
        return Number(State.VALUE, Decimal(written.removesuffix(" %")), is_percent=True)
    return Number(State.VALUE, Decimal(str(written)))


def expected_day(written: object) -> Day:
    if isinstance(written, date):
        return Day(State.VALUE, written, written.year, written.month)
    if isinstance(written, int):
        return Day(State.VALUE, None, written)
    if isinstance(written, str) and written not in STATES:
        year, month = written.split("-")
        return Day(State.VALUE, None, int(year), int(month))
    return Day(State(str(written)))


def test_the_table_holds_at_least_150_literals() -> None:
    assert sum(len({str(literal) for literal, _ in rows}) for rows in CASES.values()) >= 150


@pytest.mark.parametrize(("cell", "expected"), CASES["numbers"])
def test_a_number_is_read_as_the_table_says(cell: object, expected: object) -> None:
    found = number_of(cell)
    assert Number(found.state, found.value, found.is_percent) == expected_number(expected)


@pytest.mark.parametrize(("cell", "expected"), CASES["dates"])
def test_a_date_is_read_as_the_table_says(cell: object, expected: object) -> None:
    assert date_of(cell) == expected_day(expected)


@pytest.mark.parametrize(("cell", "expected"), CASES["dates_1904"])
def test_a_date_of_a_1904_workbook_counts_from_its_own_epoch(cell: object, expected: object) -> None:
    assert date_of(cell, uses_1904=True) == expected_day(expected)


def test_what_a_program_adds_beyond_15_digits_is_no_part_of_a_number() -> None:
    assert number_of(0.1 + 0.2).value == Decimal("0.3")


def test_a_nil_may_carry_its_own_reason() -> None:
    assert number_of("Nihil (tidak ada kasus)").reason == "tidak ada kasus"
    assert number_of("nihil").reason == ""


@given(st.integers(0, 10**12 - 1))
def test_a_figure_agrees_with_itself_in_words_and_with_no_other(number: int) -> None:
    assert number_of(f"{number} ({words_of(number)})").value == number
    assert number_of(f"{number + 1} ({words_of(number)})").state is State.AMBIGUOUS


def test_points_of_a_recap_are_never_thousands() -> None:
    assert number_of(2.664, asks_back=False).value == Decimal("2.664")


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
