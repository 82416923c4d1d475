"""Counts the cells of a workbook a second time, from its XML alone, where the reader's number looks wrong."""

from __future__ import annotations

from pathlib import Path

from kla.io.detect import FileFacts, read_parts
from kla.io.sheet_scan import filled_places, filled_strings
from kla.parsing.grid import CellFault, Grid, Sheets, address
from kla.submission import Problem


def disagreements(path: Path, facts: FileFacts, sheets: Sheets, cells_read: int) -> tuple[Problem, ...]:
    """Return a problem for each sheet of an .xlsx in which the reader saw other cells than the file holds.

    A quick count of values decides whether to look closer, so an ordinary file costs next to nothing.
    """
    if not facts.scans or sum(scan.values for scan in facts.scans.values()) == cells_read:
        return ()
    contents = read_parts(path, facts.parts.values())
    strings = filled_strings(contents[facts.parts[""]])
    problems = []
    for grid in sheets.grids:
        seen = _seen(grid)
        there = filled_places(contents[facts.parts[grid.name]], strings) if grid.name in facts.scans else set()
        if seen != there:
            first = min(seen ^ there)
            counts = str(len(seen)), str(len(there))
            problems.append(Problem("readers_disagree", grid.name, address(*first), *counts))
    return tuple(problems)


def _seen(grid: Grid) -> set[tuple[int, int]]:
    return {
        (row, column)
        for row, column, content in grid.filled()
        if not (isinstance(content, str) and not content.strip())
        and not (isinstance(content, CellFault) and content.kind == "formula_uncached")
    }
