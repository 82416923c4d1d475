"""What was changed in reading a file, one change per cell. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kla.submission import Repair


def merged(repairs: Iterable[Repair]) -> list[Repair]:
    """Return one repair per changed cell, in the given order: what was done to a cell in steps is one change of it.

    What belongs to no cell (an office's name, by the folder) is a change of its own each time.
    """
    found: dict[object, Repair] = {}
    for place, repair in enumerate(repairs):
        key = (repair.sheet, repair.cell) if repair.cell else place
        first = found.get(key)
        rule = f"{first.rule}+{repair.rule}" if first else repair.rule
        found[key] = replace(repair, original=first.original, rule=rule) if first else repair
    return [repair for repair in found.values() if repair.original != repair.result]


def places(repairs: Iterable[Repair]) -> dict[str, list[str]]:
    """Return the cells that were changed by sheet, in the order of the file."""
    found: dict[str, list[str]] = {}
    for repair in merged(repairs):
        if repair.cell:
            found.setdefault(repair.sheet, []).append(repair.cell)
    return found
