"""A frame: the pandas table rules run over, and beside it, row by row, where each row came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, cast

import numpy as np
import pandas as pd

from kla.errors import RuleError
from kla.io.rules import Column, load_suites


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose file a row stands in; one object per file (or per standing question), shared by its rows."""

    sha256: str
    district_code: str
    district_name: str
    opd_code: str
    opd_name: str
    cycle: int | None
    stage: str
    file_name: str


@dataclass(frozen=True)
class Frame:
    """A table with a plain RangeIndex and side lists of the same length.

    `rows` are Excel rows (0: the row is about the whole sheet or file), `cells` map fields to A1 addresses, `homes` name
    the frame the row belongs to when it is sent back (a problem seen in an answer belongs to `answers`).
    """

    name: str
    table: pd.DataFrame
    subjects: Sequence[Subject]
    sheets: Sequence[str]
    rows: Sequence[int]
    cells: Sequence[Mapping[str, str]]
    homes: Sequence[str]
    keys: Sequence[str] | None = None  # row keys that are not sheet!row (standing questions)

    def row_key(self, index: int) -> str:
        """Return what names the row in its home frame: "Klaster III!12"; "Klaster III!" for a whole sheet."""
        if self.keys is not None:
            return self.keys[index]
        return f"{self.sheets[index]}!{self.rows[index] or ''}"


@cache
def columns_of(frame: str) -> Mapping[str, Column]:
    """Return the columns expectations/<frame>.yaml declares."""
    return next(suite.columns for suite in load_suites() if suite.name == frame)


def hundredths(points: Decimal | None) -> float:
    """Return points as a whole number of hundredths (what lies beyond is kept as a fraction); NaN for None."""
    return float("nan") if points is None else float(points * 100)


def _series(column: Column, values: Sequence[object]) -> pd.Series[Any]:
    if column.kind in ("text", "quoted"):
        return pd.Series(np.array(values, dtype=object), dtype="str")
    if column.kind == "flag":
        return pd.Series(np.array(values, dtype=bool))
    if column.kind == "date":
        return cast("pd.Series[Any]", pd.to_datetime(pd.Series(cast(list[date], list(values)), dtype="object")))
    return pd.Series(np.array(values, dtype=float))  # None becomes NaN


def typed(columns: Mapping[str, Column], data: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Return the table with exactly the declared columns, each in the dtype of its kind.

    text and quoted: str; flag: bool; date: datetime64; number, year, points (hundredths): float64 with NaN for None.

    Raises:
        RuleError: the data lacks a declared column or brings an undeclared one.
    """
    if set(columns) != set(data):
        odd = ", ".join(sorted(set(columns) ^ set(data)))
        raise RuleError("expectations/", f"frame and suite disagree on columns: {odd}", "Declare what the frame has.")
    return pd.DataFrame({name: _series(column, data[name]) for name, column in columns.items()})


def from_examples(columns: Mapping[str, Column], examples: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return a table of example rows (points given as points); what an example leaves out has its sound value."""

    def value(column: Column, example: Mapping[str, object]) -> object:
        given = example.get(column.name, column.sound)
        return float(Decimal(str(given)) * 100) if column.kind == "points" and given is not None else given

    return typed(columns, {name: [value(column, row) for row in examples] for name, column in columns.items()})
