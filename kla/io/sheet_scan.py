"""What a reader hides: error cells, formulas without a result, hidden rows, far cells, false dimensions.

Compiled regular expressions over a sheet's XML find them in about 1 ms per workbook; the cell-by-cell pass runs only
where a quick look says there is something to find. Most begin with a literal, which the search for them jumps to.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from kla.io.sheet_notes import long_numbers
from kla.parsing.grid import CellFault, address, column_number

MOST_CELLS = 2_000_000

_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\b[^>]*?\bref=["']([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?["']""")
_ROW = re.compile(rb"""<row\b(?: r="(\d+)")?([^>]*)>""")
_ANY_ROW = re.compile(rb"""<(?:\w+:)?row\b(?: r="(\d+)")?([^>]*)>""")
_ROW_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_NUMBERED_ROW = re.compile(rb"""<row(?: r="(\d{1,8})"[^>]*>)?""")
_HIDDEN_MARK = re.compile(rb"""hidden=["'](?:1|true)["']""")
_IS_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_EXTENT = re.compile(rb""" r=["']([A-Z]{1,4}(?:\d{5,})?)""")  # a column, and the row where that may be a far one
_CELL = re.compile(rb"""<(?:\w+:)?(?:(row)\b([^>]*)>|c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>))""", re.DOTALL)
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_TYPE = re.compile(rb"""\bt=["'](\w+)["']""")
_CONTENT = re.compile(rb"""<(?:\w+:)?v\b[^>]*?>([^<]*)<|<(?:\w+:)?t\b[^>]*?>([^<]+)<""")
_FORMULA = re.compile(rb"""<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)""")
_VALUE = re.compile(rb"""<(?:\w+:)?v\b[^>]*?>([^<]+)<""")
_TEXT = re.compile(rb"""<(?:\w+:)?t\b[^>]*?>([^<]+)<""")
_STRING = re.compile(rb"""<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)""", re.DOTALL)
_PREFIXED_END = re.compile(rb"""</\w+:(?:v|is)>""")
_STYLE = re.compile(rb"""\bs=["'](\d+)["']""")
_CELL_FORMATS = re.compile(rb"""<(?:\w+:)?cellXfs\b[^>]*>(.*?)</(?:\w+:)?cellXfs>""", re.DOTALL)
_FORMAT = re.compile(rb"""<(?:\w+:)?xf\b[^>]*>""")
_FORMAT_ID = re.compile(rb"""\bnumFmtId=["'](\d+)["']""")
_NUMBER_FORMAT = re.compile(rb"""<(?:\w+:)?numFmt\b[^>]*>""")
_FORMAT_CODE = re.compile(rb"""\bformatCode=(?:"([^"]*)"|'([^']*)')""")
_LITERAL = re.compile(rb"""&quot;.*?&quot;|"[^"]*"|\\.""")  # a sign that is only printed, not counted with
_ERROR_MARK = re.compile(rb"""t=["']e["']""")
_FORMULA_START = re.compile(rb"<f[ >/]")
_PREFIXED = re.compile(rb":(?:row\b|f[ >/])")
_VALUE_MARKS = (b"<v", b":v>", b"<is", b":is>")


@dataclass(frozen=True, slots=True)
class SheetScan:
    """What the XML of one sheet says. Places are (row, column) from 0; `area` is "" unless it is too wide to read."""

    faults: Mapping[tuple[int, int], CellFault] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    declared: str = ""  # the dimension as declared, only where the sheet is in fact larger
    real: str = ""
    area: str = ""
    percents: frozenset[tuple[int, int]] = frozenset()  # numbers that Excel shows as percentages
    values: int = 0  # how many cells seem to hold a value, by a quick count
    notes: tuple[str, ...] = ()  # headers, footers, prompts and tips that hold a long number


def scan_sheet(xml: bytes, percent_styles: frozenset[bytes] = frozenset()) -> SheetScan:
    """Return what hides in a sheet's XML; never fails, a sheet that is no XML just shows nothing.

    `percent_styles` are the numbers of the cell formats that show percentages, as percent_styles() gives them.
    """
    is_prefixed = _PREFIXED.search(xml) is not None
    last_row, hidden = _rows(xml, is_prefixed)
    declared, real, area = ("", "", "") if _is_as_declared(xml, last_row) else _extent(xml, last_row)
    faults = dict(_faults(xml)) if is_prefixed or _may_hold_faults(xml) else {}
    percents = (
        _percents(xml, percent_styles) if any(b'"%s"' % style in xml for style in percent_styles) else frozenset()
    )
    return SheetScan(faults, hidden, declared, real, area, percents, _quick_count(xml), long_numbers(xml))


def percent_styles(styles: bytes) -> frozenset[bytes]:
    """Return the numbers of the cell formats in a workbook's styles that show a number as a percentage."""
    return _remembered_styles(styles) if len(styles) <= _USUAL_STYLES else _percent_styles(styles)


def _percent_styles(styles: bytes) -> frozenset[bytes]:
    block = _CELL_FORMATS.search(styles)
    if not block:
        return frozenset()
    formats = {b"9", b"10"} | {_format_id(tag[0]) for tag in _NUMBER_FORMAT.finditer(styles) if _is_percent(tag[0])}
    chosen = [_format_id(tag[0]) for tag in _FORMAT.finditer(block[1])]
    return frozenset(b"%d" % number for number, found in enumerate(chosen) if found in formats)


# Forms of one template share their styles to the letter.
_USUAL_STYLES = 100_000
_remembered_styles = lru_cache(maxsize=16)(_percent_styles)


def _format_id(tag: bytes) -> bytes:
    found = _FORMAT_ID.search(tag)
    return found[1] if found else b"0"


def _is_percent(tag: bytes) -> bool:
    code = _FORMAT_CODE.search(tag)
    return code is not None and b"%" in _LITERAL.sub(b"", code[1] or code[2] or b"")


def filled_places(xml: bytes, strings: Sequence[bool]) -> set[tuple[int, int]]:
    """Return the places that hold something other than white space, read from the XML alone.

    `strings` says of each shared string whether it does. A formula without a result is no value.
    """
    return {(row, column) for row, column, attributes, body in _cells(xml) if _is_filled(attributes, body, strings)}


def filled_strings(xml: bytes) -> list[bool]:
    """Return of each shared string whether it holds something other than white space."""
    return [_has_text(found[1] or b"") for found in _STRING.finditer(xml)]


def _is_filled(attributes: bytes, body: bytes, strings: Sequence[bool]) -> bool:
    kind = _TYPE.search(attributes)
    if kind and kind[1] == b"inlineStr":
        return _has_text(body)
    found = _VALUE.search(body)
    content = html.unescape(found[1].decode("utf-8", "replace")).strip() if found else ""
    if content and kind and kind[1] == b"s":
        return content.isdecimal() and int(content) < len(strings) and strings[int(content)]
    return bool(content)


def _has_text(xml: bytes) -> bool:
    return any(html.unescape(text.decode("utf-8", "replace")).strip() for text in _TEXT.findall(xml))


def _percents(xml: bytes, styles: frozenset[bytes]) -> frozenset[tuple[int, int]]:
    found = set()
    for row, column, attributes, body in _cells(xml):
        style, kind = _STYLE.search(attributes), _TYPE.search(attributes)
        if style and style[1] in styles and not (kind and kind[1] != b"n") and _VALUE.search(body):
            found.add((row, column))
    return frozenset(found)


def _quick_count(xml: bytes) -> int:
    plain = xml.count(b"</v>") + xml.count(b"</is>")
    return plain or sum(1 for _ in _PREFIXED_END.finditer(xml))


def _rows(xml: bytes, is_prefixed: bool) -> tuple[int, frozenset[int]]:
    """Return the last row's number and the hidden rows that hold a value."""
    numbers = [] if is_prefixed else _NUMBERED_ROW.findall(xml)
    if numbers and b"" not in numbers:
        places = set(map(int, numbers))
        if len(places) == len(numbers) and 0 not in places:
            return max(places) - 1, frozenset(_hidden_rows(xml))
    return _counted_rows(xml, is_prefixed)


def _hidden_rows(xml: bytes) -> Iterator[int]:
    """Yield the hidden rows that hold a value, of a sheet in which every row says its number."""
    before = 0
    for mark in _HIDDEN_MARK.finditer(xml):
        found = _ROW.match(xml, xml.rfind(b"<row", before, mark.start()))
        if found and found.end() > mark.start() and _is_hidden_with_value(xml, found):
            yield int(found[1]) - 1
        before = mark.end()


def _is_hidden_with_value(xml: bytes, row: re.Match[bytes]) -> bool:
    is_hidden = b"hidden=" in row[2] and not row[2].endswith(b"/") and _IS_HIDDEN.search(row[2])
    return bool(is_hidden) and _holds_value(xml, row.end())


def _counted_rows(xml: bytes, is_prefixed: bool) -> tuple[int, frozenset[int]]:
    """Return what _rows() does, of a sheet in which some row says no number or one that another says too."""
    number, last, count, numbered, hidden = -1, -1, 0, 0, set()
    for found in (_ANY_ROW if is_prefixed else _ROW).finditer(xml):
        count += 1
        given, attributes = found.groups()
        if given is None and (elsewhere := _ROW_NUMBER.search(attributes)):
            given = elsewhere[1]
        if given is None:
            number += 1
        else:
            number = int(given[:8]) - 1
            numbered += 1
            last = max(last, number)
        if _is_hidden_with_value(xml, found):
            hidden.add(number)
    ends = xml.count(b"</row>") + (xml.count(b":row>") if is_prefixed else 0)
    # Rows may stand there without a number.
    return last if numbered == ends else max(last, count - 1), frozenset(hidden)


def _holds_value(xml: bytes, start: int) -> bool:
    """Whether the row whose content begins at a place holds a value."""
    end = xml.find(b"row>", start)
    body = xml[start : end if end >= 0 else None]
    return any(mark in body for mark in _VALUE_MARKS)


def _is_as_declared(xml: bytes, last_row: int) -> bool:
    """Whether every row and cell lies within the dimension a sheet declares, of columns A to Z and not too large.

    One search for a cell beyond it, which most sheets have none of, is half the work of looking for the farthest.
    """
    found = _DIMENSION.search(xml[:20_000])
    if not found or not found[4] or len(found[3]) > 1 or last_row >= int(found[4][:8]):
        return False
    columns = column_number(found[3].decode()) + 1
    return (last_row + 1) * columns <= MOST_CELLS and not _beyond(found[3]).search(xml)


@cache
def _beyond(letter: bytes) -> re.Pattern[bytes]:
    """Return what finds a reference right of a column from A to Z, or so far down that it may be beyond all rows."""
    return re.compile(rb""" r=["'](?![A-%b]?\d{1,4}["'])""" % letter)


def _extent(xml: bytes, last_row: int) -> tuple[str, str, str]:
    """Return (declared, real, area) as SheetScan has them, of a sheet that is not as it declares."""
    far_row, last_column = _far_cells(xml)
    last_row, area = max(last_row, far_row), ""
    if (last_row + 1) * (last_column + 1) > MOST_CELLS:
        last_row, last_column, area = _valued_extent(xml)
    return *_false_dimension(xml, last_row, last_column), area


def _far_cells(xml: bytes) -> tuple[int, int]:
    """Return the last row and column of the cells; rows only of those that may stand elsewhere than their row says."""
    row, column = -1, 0
    for place in set(_EXTENT.findall(xml)):
        letters = place.rstrip(b"0123456789")
        if len(letters) < 4:
            column = max(column, column_number(letters.decode()))
            row = max(row, int(place[len(letters) :][:8] or 0) - 1)
    return row, column


def _may_hold_faults(xml: bytes) -> bool:
    """Whether a sheet may hold an error or a formula."""
    return _ERROR_MARK.search(xml) is not None or _FORMULA_START.search(xml) is not None


def _cells(xml: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield (row, column, attributes, body) of every cell; a cell without a reference stands right of the one before."""
    row, column = -1, -1
    for found in _CELL.finditer(xml):
        if found[1]:
            given = _ROW_NUMBER.search(found[2])
            row, column = (int(given[1][:8]) - 1 if given else row + 1), -1
            continue
        if place := _REFERENCE.search(found[3]):
            row, column = int(place[2]) - 1, column_number(place[1].decode())
        else:
            column += 1
        yield row, column, found[3], found[4] or b""


def _valued_extent(xml: bytes) -> tuple[int, int, str]:
    """Return the last row and column that hold a value, and the area they span where that is too much."""
    rows, columns = [], []
    for row, column, _, body in _cells(xml):
        if _CONTENT.search(body) or _FORMULA.search(body):
            rows.append(row)
            columns.append(column)
    if not rows:
        return 0, 0, ""
    # A reader lays out the rectangle between the first and the last of them.
    size = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
    area = f"{address(min(rows), min(columns))}:{address(max(rows), max(columns))}"
    return max(rows), max(columns), area if size > MOST_CELLS else ""


def _false_dimension(xml: bytes, last_row: int, last_column: int) -> tuple[str, str]:
    found = _DIMENSION.search(xml[:20_000])
    if not found or last_row < 0:
        return "", ""
    end_letters, end_row = found[3] or found[1], found[4] or found[2]
    declared = f"{found[1].decode()}{found[2].decode()}:{end_letters.decode()}{end_row.decode()}"
    is_false = int(end_row[:8]) - 1 < last_row or column_number(end_letters.decode()) < last_column
    # One cell as dimension is what writers put that never computed it.
    return (declared, f"A1:{address(last_row, last_column)}") if is_false and found[3] else ("", "")


def _faults(xml: bytes) -> Iterator[tuple[tuple[int, int], CellFault]]:
    for row, column, attributes, body in _cells(xml):
        kind = _TYPE.search(attributes)
        content = _CONTENT.search(body)
        text = html.unescape((content[1] or content[2] or b"").decode("utf-8", "replace")) if content else ""
        if kind and kind[1] == b"e":
            yield (row, column), CellFault("error_cell", text or "#ERROR!")
        elif not text and (formula := _FORMULA.search(body)) and not (kind and kind[1] in (b"str", b"s")):
            written = html.unescape((formula[1] or b"").decode("utf-8", "replace"))
            yield (row, column), CellFault("formula_uncached", f"={written}")
