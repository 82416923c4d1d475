"""Findings as offices read them: a rule's sentences filled with a row's values, written the Indonesian way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import cast

import pandas as pd

from kla.findings import Finding
from kla.io.frames.table import Frame, columns_of
from kla.io.rules import Rule
from kla.io.value_words import quoted, ranged, value_text
from kla.wording import number_text

__all__ = ["address_of", "findings_of", "quoted", "ranged", "value_text"]


def address_of(rule: Rule, row: Mapping[str, object], cells: Mapping[str, str]) -> str:
    """Return the A1 address the rule reports for a row; "" when the row has none for that field."""
    name = str(row[rule.cell.strip("{}")]) if rule.cell.startswith("{") else rule.cell
    return cells.get(name, "")


def _row_key(rule: Rule, frame: Frame, index: int) -> str:
    if rule.scope == "file":
        return ""
    return f"{frame.sheets[index]}!" if rule.together else frame.row_key(index)


def _also(rule: Rule, row: Mapping[str, object], cells: Mapping[str, str]) -> list[str]:
    """Return the address of a second field that is as empty as the first, where the rule names one."""
    if not rule.also or not pd.isna(cast(float, row[rule.also])):
        return []
    return [address for address in (cells.get(rule.also, ""),) if address]


def _finding(rule: Rule, frame: Frame, rows: Sequence[tuple[int, Mapping[str, object]]]) -> Finding:
    """Return one finding about the first row; further rows are only counted and listed (`together`)."""
    index, row = rows[0]
    columns, subject = columns_of(frame.name), frame.subjects[index]
    addresses = [address for i, one in rows if (address := address_of(rule, one, frame.cells[i]))]
    addresses += _also(rule, row, frame.cells[index])
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
        cells=tuple(addresses) if rule.together or len(addresses) > 1 else (),
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
