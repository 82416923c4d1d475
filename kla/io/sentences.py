"""Findings as offices read them: a rule's sentences filled with a row's values, written the Indonesian way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import cast

import pandas as pd

from kla.findings import Finding
from kla.io.frames.table import Frame, columns_of
from kla.io.rules import Column, Rule
from kla.wording import date_text, number_text, points_text

QUOTED_AT_MOST = 60
RANGES_AT_MOST = 20
_ADDRESS = re.compile(r"([A-Z]+)(\d+)")
# Sixteen digits in a row are somebody's NIK or KK; a finding never repeats them.
_PERSONAL = re.compile(r"\d{16}")


def quoted(text: str) -> str:
    """Return text from a workbook fit to stand in a sentence: one line, no control characters, 60 characters at most.

    >>> quoted("belum\\nada")
    'belum ada'
    """
    shown = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in text)
    shown = _PERSONAL.sub("(16 angka disamarkan)", " ".join(shown.split()))
    return shown if len(shown) <= QUOTED_AT_MOST else f"{shown[: QUOTED_AT_MOST - 1].rstrip()}…"


def value_text(column: Column, value: object) -> str:
    """Return one value of a frame as people read it; "" for a missing one.

    Points are hundredths in the frame and shown without needless decimals: 6, but 800,38.
    """
    if column.kind == "text":
        return str(value)
    if column.kind == "quoted":
        return quoted(str(value))
    if value is None or pd.isna(cast(float, value)):
        return ""
    if column.kind == "date":
        return date_text(cast(date, value))
    if column.kind == "year":
        return str(int(cast(float, value)))
    if column.kind == "points":
        points = Decimal(str(value)) / 100
        return number_text(points) if points % 1 == 0 else points_text(points)
    return number_text(Decimal(str(value)))


def ranged(addresses: Iterable[str]) -> str:
    """Return A1 addresses in short, runs down a column as one range.

    >>> ranged(["F12", "F13", "F14", "F20"])
    'F12:F14, F20'
    """
    runs: list[list[tuple[str, int]]] = []
    found = (_ADDRESS.fullmatch(address) for address in addresses)
    for letters, row in sorted((m[1], int(m[2])) for m in found if m):
        if runs and runs[-1][-1] == (letters, row - 1):
            runs[-1].append((letters, row))
        else:
            runs.append([(letters, row)])
    shown = [
        f"{run[0][0]}{run[0][1]}" + (f":{run[-1][0]}{run[-1][1]}" if len(run) > 1 else "")
        for run in runs[:RANGES_AT_MOST]
    ]
    left = sum(len(run) for run in runs[RANGES_AT_MOST:])
    return ", ".join(shown) + (f", dan {left} sel lainnya" if left else "")


def address_of(rule: Rule, row: Mapping[str, object], cells: Mapping[str, str]) -> str:
    """Return the A1 address the rule reports for a row; "" when the row has none for that field."""
    name = str(row[rule.cell.strip("{}")]) if rule.cell.startswith("{") else rule.cell
    return cells.get(name, "")


def _row_key(rule: Rule, frame: Frame, index: int) -> str:
    if rule.scope == "file":
        return ""
    return f"{frame.sheets[index]}!" if rule.together else frame.row_key(index)


def _finding(rule: Rule, frame: Frame, rows: Sequence[tuple[int, Mapping[str, object]]]) -> Finding:
    """Return one finding about the first row; further rows are only counted and listed (`together`)."""
    index, row = rows[0]
    columns, subject = columns_of(frame.name), frame.subjects[index]
    addresses = [address for i, one in rows if (address := address_of(rule, one, frame.cells[i]))]
    words = {name: value_text(columns[name], row[name]) for name in rule.fields() if name in columns}
    words |= {
        "sheet": quoted(frame.sheets[index]),
        "cell": addresses[0] if addresses else "",
        "file_name": quoted(subject.file_name),
        "opd_name": quoted(subject.opd_name),
        "district_name": subject.district_name,
        "count": number_text(len(rows)),
        "cells": ranged(addresses),
    }
    at_stake = [one["max_points"] for _, one in rows] if "max_points" in columns else []
    return Finding(
        code=rule.code,
        severity=rule.severity,
        sha256=subject.sha256,
        district_code=subject.district_code,
        opd_code=subject.opd_code,
        cycle=subject.cycle,
        stage=subject.stage,
        file_name=subject.file_name,
        sheet=frame.sheets[index],
        cell=words["cell"],
        question_id=quoted(str(row.get("question_id", ""))) if len(rows) == 1 and not rule.together else "",
        value=value_text(columns[rule.value], row[rule.value]) if rule.value else "",
        tell=rule.tell.format(**words),
        fix=rule.fix.format(**words),
        frame="files" if rule.scope == "file" else frame.homes[index],
        row_key=_row_key(rule, frame, index),
        points_at_stake=sum((Decimal(str(p)) / 100 for p in at_stake if not pd.isna(cast(float, p))), Decimal(0)),
        cells=tuple(addresses) if rule.together else (),
    )


def _records(frame: Frame, indexes: Sequence[int]) -> list[tuple[int, Mapping[str, object]]]:
    found = frame.table.loc[list(indexes)].to_dict("records")
    return list(zip(indexes, cast(list[Mapping[str, object]], found), strict=True))


def findings_of(rule: Rule, frame: Frame, indexes: Iterable[int]) -> Iterator[tuple[int, Finding]]:
    """Yield the findings of one rule over the rows that failed it, each with the row it begins at.

    Rows of one file that share the rule's `together` column give one finding.
    """
    rows = _records(frame, sorted(indexes))
    if not rule.together:
        for row in rows:
            yield row[0], _finding(rule, frame, [row])
        return

    def place(row: tuple[int, Mapping[str, object]]) -> tuple[int, str]:
        index, values = row
        shared = frame.sheets[index] if rule.together == "sheet" else str(values[rule.together])
        return first_row[id(frame.subjects[index])], shared

    first_row: dict[int, int] = {}
    for index, _ in rows:
        first_row.setdefault(id(frame.subjects[index]), index)
    for _, group in groupby(sorted(rows, key=place), key=place):
        found = list(group)
        yield found[0][0], _finding(rule, frame, found)
