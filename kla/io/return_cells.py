"""Marks the cells of one sheet: only their style changes, or a blank cell gets one; earlier marks of ours are taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kla.io.return_styles import Styles
from kla.io.return_xml import Edit, Element, edited, elements, retagged, within
from kla.parsing.grid import address, column_number

Place = tuple[int, int]  # row, column, from 0


@dataclass(slots=True)
class MarkedSheet:
    """A sheet with its marks: `was` maps the A1 address of each marked cell to the fill it had (see Styles.fill_of)."""

    xml: bytes
    was: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Row:
    number: int
    element: Element
    cells: list[tuple[int, Element]] = field(default_factory=list)

    @property
    def style(self) -> int:
        given = self.element.attributes
        return int(given.get("s", "0")) if given.get("customFormat") in ("1", "true") else 0


def mark_cells(xml: bytes, tones: Mapping[Place, str], recorded: Mapping[str, str], styles: Styles) -> MarkedSheet:
    """Return the sheet with its cells in their tones, and without tones of ours from an earlier return.

    Args:
        tones: what to mark.
        recorded: A1 address -> fill before an earlier return.
        styles: the workbook's; new ones are added.
    """
    found = elements(xml, "sheetData", "row", "c", "col")
    data = next((element for element in found if element.name == "sheetData"), None)
    if data is None:
        return MarkedSheet(xml)
    rows = _rows(found)
    marked = MarkedSheet(xml)
    edits = [
        edit
        for row in rows
        for column, cell in row.cells
        for edit in _restyled(xml, (row.number, column), cell, tones, recorded, styles, marked)
    ]
    present = {(row.number, column) for row in rows for column, _ in row.cells}
    columns = _column_styles(found)
    missing = sorted(place for place in tones if place not in present)
    edits += _added(xml, data, rows, [(place, tones[place]) for place in missing], columns, styles, marked)
    marked.xml = edited(xml, edits)
    return marked


def _rows(found: list[Element]) -> list[_Row]:
    """Return the rows with their cells; what has no reference stands after the one before."""
    rows: list[_Row] = []
    for element in found:
        given = element.attributes.get("r", "")
        if element.name == "row":
            number = int(given) - 1 if given else (rows[-1].number + 1 if rows else 0)
            rows.append(_Row(number, element))
        elif element.name == "c" and element.parent == "row":
            cells = rows[-1].cells
            letters = given.rstrip("0123456789")
            column = column_number(letters) if letters else (cells[-1][0] + 1 if cells else 0)
            cells.append((column, element))
    return rows


def _restyled(
    xml: bytes,
    place: Place,
    cell: Element,
    tones: Mapping[Place, str],
    recorded: Mapping[str, str],
    styles: Styles,
    marked: MarkedSheet,
) -> list[Edit]:
    before = style = int(cell.attributes.get("s", "0"))
    where = address(*place)
    if styles.is_ours(style):
        style = styles.restored(style, recorded.get(where, ""))
    if place in tones:
        marked.was[where] = styles.fill_of(style)
        style = styles.toned(style, tones[place])
    return [] if style == before else [retagged(xml, cell, s=str(style))]


def _column_styles(found: list[Element]) -> dict[int, int]:
    styles: dict[int, int] = {}
    for element in found:
        given = element.attributes
        if element.name == "col" and given.get("style"):
            first, last = int(given.get("min", "1")), int(given.get("max", "1"))
            styles |= dict.fromkeys(range(first - 1, min(last, first + 255)), int(given["style"]))
    return styles


def _added(
    xml: bytes,
    data: Element,
    rows: list[_Row],
    missing: list[tuple[Place, str]],
    columns: Mapping[int, int],
    styles: Styles,
    marked: MarkedSheet,
) -> list[Edit]:
    """Return the edits that add cells where the sheet has none: in their row, between their neighbours."""
    by_number = {row.number: row for row in rows}
    edits: list[Edit] = []
    fresh: dict[int, bytes] = {}
    for (number, column), tone in missing:
        row = by_number.get(number)
        style = (row.style if row else 0) or columns.get(column, 0)
        where = address(number, column)
        marked.was[where] = styles.fill_of(style)
        cell = b'<%sc r="%s" s="%d"/>' % (data.prefix, where.encode(), styles.toned(style, tone))
        if row is None or row.element.is_closed:
            fresh[number] = fresh.get(number, b"") + cell
        elif after := next((element for at, element in row.cells if at > column), None):
            edits.append((after.start, after.start, cell))
        else:
            edits.append(within(xml, row.element, cell))
    below = b""
    for number, cells in fresh.items():
        line = b'<%srow r="%d">%s</%srow>' % (data.prefix, number + 1, cells, data.prefix)
        if row := by_number.get(number):
            edits.append(within(xml, row.element, cells))
        elif later := next((row.element for row in rows if row.number > number), None):
            edits.append((later.start, later.start, line))
        else:
            below += line
    return [*edits, within(xml, data, below)] if below else edits
