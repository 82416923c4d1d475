"""Marks the cells of one sheet: only their style changes, or a blank cell gets one; earlier marks of ours are taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from kla.io.return_styles import Styles
from kla.io.return_xml import Edit, Element, around_rows, bare, begins, begun, edited, retagged, within
from kla.parsing.grid import address, column_number

_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d+)""")
_LETTERS = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+)""")
Place = tuple[int, int]  # row, column, from 0


@dataclass(slots=True)
class MarkedSheet:
    """A sheet with its marks: `was` maps the A1 address of each marked cell to the fill it had (see Styles.fill_of)."""

    xml: bytes
    was: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row by the number of its place; `element` knows its end, `cells` are column and start tag of each."""

    number: int
    element: Element
    cells: Sequence[tuple[int, re.Match[bytes]]]

    @property
    def style(self) -> int:
        given = self.element.attributes
        return int(given.get("s", "0")) if given.get("customFormat") in ("1", "true") else 0


def mark_cells(xml: bytes, tones: Mapping[Place, str], recorded: Mapping[str, str], styles: Styles) -> MarkedSheet:
    """Return the sheet with its cells in their tones, and without tones of ours from an earlier return.

    Only rows in which something changes are looked into: a mark, or a style of ours from before.

    Args:
        tones: what to mark.
        recorded: A1 address -> fill before an earlier return.
        styles: the workbook's; new ones are added.
    """
    plain = bare(xml)
    found = around_rows(plain)
    data = next((element for element in found if element.name == "sheetData"), None)
    if data is None:
        return MarkedSheet(xml)
    tags = _begun(plain, data)
    ours = styles.uses_of_ours()
    rows = _rows(plain, data, tags, {row for row, _ in tones}, ours)
    marked = MarkedSheet(xml)
    edits = [
        edit
        for row in rows.values()
        for column, tag in row.cells
        if ours or (row.number, column) in tones
        for edit in _restyled(xml, (row.number, column), begun(tag), tones, recorded, styles, marked)
    ]
    present = {(row.number, column) for row in rows.values() for column, _ in row.cells}
    missing = [(place, tones[place]) for place in sorted(tones.keys() - present)]
    edits += _added(xml, data, tags, rows, missing, _column_styles(found), styles, marked)
    marked.xml = edited(xml, edits)
    return marked


def _begun(plain: bytes, data: Element) -> list[tuple[int, re.Match[bytes]]]:
    """Return number and start tag of each row; one without a number stands below the one before."""
    found: list[tuple[int, re.Match[bytes]]] = []
    for tag in begins(plain, data.prefix + b"row", data.inside, data.inside_end):
        given = _NUMBER.search(tag[1])
        found.append((int(given[1]) - 1 if given else (found[-1][0] + 1 if found else 0), tag))
    return found


def _rows(
    plain: bytes,
    data: Element,
    tags: Sequence[tuple[int, re.Match[bytes]]],
    wanted: Set[int],
    ours: re.Pattern[bytes] | None,
) -> dict[int, _Row]:
    """Return the rows to look into, by number: the wanted ones and those with a style of ours."""
    rows = {}
    limits = [*(tag.start() for _, tag in tags[1:]), data.inside_end]
    for (number, tag), limit in zip(tags, limits, strict=False):
        if number not in wanted and not (ours and ours.search(plain, tag.start(), limit)):
            continue
        element = begun(tag)
        if tag[0].endswith(b"/>"):
            element.inside_end = element.end = element.inside
        else:
            element.inside_end = plain.rindex(b"</", element.inside, limit)
            element.end = plain.index(b">", element.inside_end) + 1
        rows[number] = _Row(number, element, _cells(plain, element))
    return rows


def _cells(plain: bytes, row: Element) -> list[tuple[int, re.Match[bytes]]]:
    """Return column and start tag of each cell; one without a reference stands right of the one before."""
    cells: list[tuple[int, re.Match[bytes]]] = []
    for tag in begins(plain, row.prefix + b"c", row.inside, row.inside_end):
        letters = _LETTERS.search(tag[1])
        cells.append((column_number(letters[1].decode()) if letters else (cells[-1][0] + 1 if cells else 0), tag))
    return cells


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


def _column_styles(found: Sequence[Element]) -> dict[int, int]:
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
    tags: Sequence[tuple[int, re.Match[bytes]]],
    rows: Mapping[int, _Row],
    missing: Sequence[tuple[Place, str]],
    columns: Mapping[int, int],
    styles: Styles,
    marked: MarkedSheet,
) -> list[Edit]:
    """Return the edits that add cells where the sheet has none: in their row, between their neighbours."""
    edits: list[Edit] = []
    fresh: dict[int, bytes] = {}
    for (number, column), tone in missing:
        row = rows.get(number)
        style = (row.style if row else 0) or columns.get(column, 0)
        where = address(number, column)
        marked.was[where] = styles.fill_of(style)
        cell = b'<%sc r="%s" s="%d"/>' % (data.prefix, where.encode(), styles.toned(style, tone))
        if row is None or row.element.is_closed:
            fresh[number] = fresh.get(number, b"") + cell
        elif after := next((tag for at, tag in row.cells if at > column), None):
            edits.append((after.start(), after.start(), cell))
        else:
            edits.append(within(xml, row.element, cell))
    below = b""
    for number, cells in fresh.items():
        line = b'<%srow r="%d">%s</%srow>' % (data.prefix, number + 1, cells, data.prefix)
        if row := rows.get(number):
            edits.append(within(xml, row.element, cells))
        elif later := next((tag.start() for at, tag in tags if at > number), 0):
            edits.append((later, later, line))
        else:
            below += line
    return [*edits, within(xml, data, below)] if below else edits
