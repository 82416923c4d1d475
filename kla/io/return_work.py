"""What runs in a child process: marks up one workbook. Whatever is wrong with the file, only this process meets it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from kla import layout
from kla.io.detect import inspect
from kla.io.return_book import BLANK, drop_sheets, put_first, sheet_parts, styles_part
from kla.io.return_cells import Place, mark_cells
from kla.io.return_notes import put_notes
from kla.io.return_package import Package, without_macros
from kla.io.return_sheet import RECORD_COLUMN, Page, return_sheet
from kla.io.return_styles import Styles
from kla.parsing import is_return_sheet
from kla.parsing.grid import Cell, Grid, column_number

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_LONGEST_NAME = 31


@dataclass(frozen=True, slots=True)
class Mark:
    """What one cell is told: a tone of TONES and the text of its note."""

    sheet: str
    cell: str
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Work:
    """One workbook to mark up."""

    path: str
    page: Page
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What an earlier return left in the file: names of our sheets, and (sheet, cell) -> fill before marking."""

    sheets: frozenset[str]
    fills: Mapping[str, Mapping[str, str]]


class CannotMark(Exception):  # noqa: N818 - a verdict about a file, not an error of ours
    """The file is of a kind that cannot be marked up, or marking would have changed what it holds."""


def marked_up(work: Work) -> bytes:
    """Return the office's own workbook with its wrong cells marked and our sheet in front.

    Raises:
        Exception: of any kind; the file is then not marked up (see kla.io.returning).
    """
    path = Path(work.path)
    facts = inspect(path)
    if facts.format not in ("xlsx", "xlsm"):
        raise CannotMark(facts.format)
    package = Package.read(path)
    if facts.format == "xlsm":
        without_macros(package)
    before = _grids(path.read_bytes())
    earlier = _earlier(before)
    drop_sheets(package, earlier.sheets)
    parts = sheet_parts(package)
    where = styles_part(package)
    styles = Styles(package.xml(where) if package.has(where) else None, package.dialect)
    was = _mark_sheets(package, parts, work.marks, earlier, styles)
    sheet, headings = return_sheet(work.page, _links(work.page, parts), was, styles)
    put_first(package, _free_title(parts), sheet, headings)
    package.put(where, styles.to_bytes())
    package.check()
    content = package.to_bytes()
    _compare(before, _grids(content), earlier)
    return content


def fresh(page: Page) -> bytes:
    """Return a workbook that holds our sheet only."""
    package = Package(dict(BLANK))
    styles = Styles(None)
    sheet, headings = return_sheet(page, {}, (), styles)
    where = styles_part(package)
    package.put(where, styles.to_bytes())
    put_first(package, layout.RETURN_SHEET, sheet, headings)
    return package.to_bytes()


def place_of(cell: str) -> Place | None:
    """Return row and column (from 0) of an A1 address that Excel knows, None for anything else.

    >>> place_of("F12"), place_of("ZZZ1"), place_of("F12:F14")
    ((11, 5), None, None)
    """
    found = _ADDRESS.fullmatch(cell)
    if not found or int(found[2]) > _MOST_ROWS or column_number(found[1]) >= _MOST_COLUMNS:
        return None
    return int(found[2]) - 1, column_number(found[1])


def _mark_sheets(
    package: Package, parts: Mapping[str, str], marks: Sequence[Mark], earlier: _Earlier, styles: Styles
) -> list[tuple[str, str, str]]:
    """Mark all sheets; return sheet, cell and former fill of each marked cell."""
    was: list[tuple[str, str, str]] = []
    is_fresh = not earlier.sheets and not styles.have_ours()
    for name, part in parts.items():
        mine = {place: mark for mark in marks if mark.sheet == name and (place := place_of(mark.cell))}
        if not part or (is_fresh and not mine):  # nothing to mark, and nothing of ours to take away
            continue
        tones = {place: mark.tone for place, mark in mine.items()}
        marked = mark_cells(package.xml(part), tones, earlier.fills.get(name, {}), styles)
        package.put(part, marked.xml)
        was += [(name, cell, fill) for cell, fill in sorted(marked.was.items())]
        put_notes(package, part, {place: mark.note for place, mark in mine.items() if mark.note})
    return was


def _links(page: Page, parts: Mapping[str, str]) -> dict[int, str]:
    return {
        number: f"'{line.sheet.replace(chr(39), chr(39) * 2)}'!{line.cell}"
        for number, line in enumerate(page.lines)
        if parts.get(line.sheet) and place_of(line.cell)
    }


def _free_title(parts: Mapping[str, str]) -> str:
    taken = {name.casefold() for name in parts}
    titles = [layout.RETURN_SHEET, *(f"{layout.RETURN_SHEET} {number}" for number in range(2, len(taken) + 3))]
    return next(title for title in titles if title.casefold() not in taken)[:_LONGEST_NAME]


def _grids(content: bytes) -> dict[str, Grid]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    grids = {}
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ is SheetTypeEnum.WorkSheet:
                found = workbook.get_sheet_by_name(sheet.name)
                start = found.start or (0, 0)
                rows = cast(list[list[Cell]], found.to_python())
                grids[sheet.name] = Grid(sheet.name, rows, start[0], start[1])
    return grids


def _earlier(grids: Mapping[str, Grid]) -> _Earlier:
    ours = [grid for grid in grids.values() if is_return_sheet(grid)]
    fills: dict[str, dict[str, str]] = {}
    for grid in ours:
        for row in range(grid.first_row, grid.first_row + len(grid.rows)):
            sheet, cell, fill = (grid.text(row, RECORD_COLUMN + column) for column in range(3))
            if sheet in grids and place_of(cell) and fill:
                fills.setdefault(sheet, {})[cell] = fill
    return _Earlier(frozenset(grid.name for grid in ours), fills)


def _compare(before: Mapping[str, Grid], after: Mapping[str, Grid], earlier: _Earlier) -> None:
    """Refuse a result in which any sheet of theirs does not hold exactly what it held."""
    theirs = {name: list(grid.filled()) for name, grid in before.items() if name not in earlier.sheets}
    now = {name: list(grid.filled()) for name, grid in after.items() if not is_return_sheet(grid)}
    if theirs != now:
        raise CannotMark("contents")
