"""Rows become tables whose columns, dtypes and places rules can trust."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.errors import RuleError
from kla.io.frames import file_frames
from kla.io.frames.files import listed
from kla.io.frames.table import columns_of, from_examples, hundredths, typed
from kla.io.rules import FRAMES, Column, load_suites

SPEC = {kind: Column(kind, kind, None, "") for kind in ("text", "quoted", "number", "points", "year", "date", "flag")}
ROW = {"text": "a", "quoted": "", "number": None, "points": 1, "year": 2023, "date": None, "flag": True}


def test_every_kind_has_the_dtype_rules_expect_even_with_gaps():
    table = typed(SPEC, {name: [value, value] for name, value in ROW.items()})
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "text": "str",
        "quoted": "str",
        "number": "float64",
        "points": "float64",
        "year": "float64",
        "date": table["date"].dtype.name,
        "flag": "bool",
    }
    assert table["date"].dtype.kind == "M"
    assert isinstance(table.index, pd.RangeIndex)


def test_an_empty_table_keeps_its_dtypes():
    table = typed(SPEC, {name: [] for name in SPEC})
    assert len(table) == 0
    assert str(table["flag"].dtype) == "bool"
    assert str(table["text"].dtype) == "str"


def test_a_column_the_suite_does_not_declare_is_refused():
    with pytest.raises(RuleError, match="disagree on columns: odd"):
        typed(SPEC, {**{name: [] for name in SPEC}, "odd": []})


def test_a_declared_column_that_is_missing_is_refused():
    with pytest.raises(RuleError, match="disagree on columns: flag"):
        typed(SPEC, {name: [] for name in SPEC if name != "flag"})


def test_without_files_every_frame_is_empty_and_has_its_declared_columns():
    frames = file_frames([])
    assert tuple(frame.name for frame in frames) == FRAMES[:-2]
    assert all(list(frame.table.columns) == list(columns_of(frame.name)) for frame in frames)


def test_sound_values_have_the_kind_their_column_declares():
    for suite in load_suites():
        table = from_examples(suite.columns, [{}])
        flags = [name for name, column in suite.columns.items() if column.kind == "flag"]
        assert all(isinstance(suite.columns[name].sound, bool) for name in flags), suite.name
        assert len(table) == 1


@given(st.decimals(min_value=0, max_value=1000, places=2), st.decimals(min_value=0, max_value=1000, places=2))
def test_points_compare_as_exactly_as_decimals(left, right):
    assert (hundredths(left) < hundredths(right)) == (left < right)
    assert (hundredths(left) == hundredths(right)) == (left == right)


def test_no_points_are_not_nought_points():
    assert hundredths(None) != hundredths(None)
    assert hundredths(Decimal(0)) == 0


def test_a_long_list_of_questions_is_counted_not_printed():
    assert listed([str(n) for n in range(20)]).endswith("11, dan 8 lainnya")


def test_an_example_gives_points_as_points_and_the_frame_holds_hundredths():
    table = from_examples({"points": SPEC["points"]}, [{"points": 0.66}, {"points": None}])
    assert table["points"].iloc[0] == 66
    assert pd.isna(table["points"].iloc[1])


def test_a_day_survives_as_a_day():
    table = typed({"date": SPEC["date"]}, {"date": [date(2024, 6, 15), None]})
    assert table["date"].iloc[0] == pd.Timestamp("2024-06-15")
    assert pd.isna(table["date"].iloc[1])
