"""What runs in a child process: marks up one workbook. Whatever is wrong with the file, only this process meets it."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from kla import layout
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

    sheets: frozenset[str] = frozenset()
    fills: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class CannotMark(Exception):  # noqa: N818 - a verdict about a file, not an error of ours
    """The file is of a kind that cannot be marked up, or marking would have changed what it holds."""


def marked_up(work: Work) -> bytes:
    """Return the office's own workbook with its wrong cells marked and our sheet in front.

    Raises:
        Exception: of any kind; the file is then not marked up (see kla.io.returning).
    """
    path = Path(work.path)
    package = Package.read(path)
    without_macros(package)
    earlier = _earlier(path.read_bytes()) if package.speaks_of(layout.RETURN_MARK.encode()) else _Earlier()
    drop_sheets(package, earlier.sheets)
    parts = sheet_parts(package)
    if not parts:
        raise CannotMark("sheets")
    where = styles_part(package)
    styles = Styles(package.xml(where) if package.has(where) else None, package.dialect)
    was, touched = _mark_sheets(package, parts, work.marks, earlier, styles)
    sheet, headings = return_sheet(work.page, _links(work.page, parts), was, styles)
    title = _free_title(parts)
    put_first(package, title, sheet, headings)
    package.put(where, styles.to_bytes())
    package.check()
    content = package.to_bytes()
    _compare(path.read_bytes(), content, touched, earlier.sheets, title)
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
) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Mark all sheets; return sheet, cell and former fill of each marked cell, and the sheets that were touched."""
    was: list[tuple[str, str, str]] = []
    touched = []
    is_fresh = not earlier.sheets and not styles.have_ours()
    for name, part in parts.items():
        mine = {place: mark for mark in marks if mark.sheet == name and (place := place_of(mark.cell))}
        if not part or (is_fresh and not mine):  # nothing to mark, and nothing of ours to take away
            continue
        touched.append(name)
        tones = {place: mark.tone for place, mark in mine.items()}
        marked = mark_cells(package.xml(part), tones, earlier.fills.get(name, {}), styles)
        package.put(part, marked.xml)
        was += [(name, cell, fill) for cell, fill in sorted(marked.was.items())]
        put_notes(package, part, {place: mark.note for place, mark in mine.items() if mark.note})
    return was, touched


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


def _grids(content: bytes, wanted: Collection[str] | None = None) -> dict[str, Grid | None]:
    """Return each sheet of cells by its name, in the order of the tabs; None for one that is not wanted."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    grids: dict[str, Grid | None] = {}
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ is not SheetTypeEnum.WorkSheet:
                continue
            grids[sheet.name] = None
            if wanted is None or sheet.name in wanted:
                found = workbook.get_sheet_by_name(sheet.name)
                rows = cast(list[list[Cell]], found.to_python())
                grids[sheet.name] = Grid(sheet.name, rows, *(found.start or (0, 0)))
    return grids


def _earlier(content: bytes) -> _Earlier:
    grids = _grids(content)
    ours = [grid for grid in grids.values() if grid and is_return_sheet(grid)]
    fills: dict[str, dict[str, str]] = {}
    for grid in ours:
        for row in range(grid.first_row, grid.first_row + len(grid.rows)):
            sheet, cell, fill = (grid.text(row, RECORD_COLUMN + column) for column in range(3))
            if sheet in grids and place_of(cell) and fill:
                fills.setdefault(sheet, {})[cell] = fill
    return _Earlier(frozenset(grid.name for grid in ours), fills)


def _compare(before: bytes, after: bytes, touched: Collection[str], dropped: Collection[str], added: str) -> None:
    """Refuse a result that lists other sheets than it should, or in which one that was touched holds anything else.

    The rows of all others are the same bytes.
    """
    theirs, now = _grids(before, touched), _grids(after, touched)
    if [added, *(name for name in theirs if name not in dropped)] != list(now):
        raise CannotMark("sheets")
    for name in touched:
        was, grid = theirs.get(name), now.get(name)
        if was is None or grid is None or (was != grid and list(was.filled()) != list(grid.filled())):
            raise CannotMark("contents")
