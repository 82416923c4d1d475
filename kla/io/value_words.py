"""Values as they stand in a sentence: quoted text short and clean, numbers the Indonesian way, cells as ranges. No pandas."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from kla.wording import date_text, number_text, points_text

if TYPE_CHECKING:
    from kla.io.rules import Column

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
    """Return one value of a frame as people read it; "" for a missing one (None, NaN, NaT).

    Points are hundredths in the frame and shown without needless decimals: 6, but 800,38.
    """
    if column.kind == "text":
        return str(value)
    if column.kind == "quoted":
        return quoted(str(value))
    if value is None or value != value:
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
