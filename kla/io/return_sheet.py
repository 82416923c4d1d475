"""The sheet "Perbaikan": whose file it is, until when, how to go about it, and one line per finding with a way to its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from kla import layout
from kla.io.return_styles import TONES, Look, Styles
from kla.io.return_xml import escaped
from kla.parsing.grid import column_letters

_NAVY, _PALE, _MUTED, _LINK = "FF1F3864", "FFF4F7FB", "FF5A6472", "FF0B4FA8"
_WIDTHS = (2, 5, 20, 18, 10, 12, 58, 58, 14, 9)
_FIRST, _LAST = 1, 9  # columns B to J
_VALUE = 3  # column D: where the values of the head begin
RECORD_COLUMN = 11  # columns L to N, hidden: sheet, cell, fill before it was marked
_TELL, _FIX, _POINTS, _CELL = 6, 7, 8, 4
_LINE_HEIGHT, _PADDING, _WIDE = 13.5, 6, 165
_TEXT, _POINTS_FORMAT, _WHOLE = 49, 4, 1
_OPEN = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheetPr><tabColor rgb="FF9B1C2E"/><pageSetUpPr fitToPage="1"/></sheetPr>'
    '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"/></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15"/>'
)
_PAPER = (
    '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
    '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
    "<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter>"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One finding as it is listed; `tone` is a key of TONES, `points` None where none are at stake.

    `cell` is where its link goes, `shown_cell` what is printed there.
    """

    tone: str
    severity: str
    sheet: str
    cell: str
    shown_cell: str
    question: str
    tell: str
    fix: str
    points: Decimal | None
    code: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that stands on the sheet, in finished sentences; `facts` are label and value, `legend` tone and meaning."""

    title: str
    facts: Sequence[tuple[str, str]]
    steps_heading: str
    steps: Sequence[str]
    legend_heading: str
    legend: Sequence[tuple[str, str]]
    headings: Sequence[str]  # ten columns less the margin: nine
    lines: Sequence[Line]
    nothing: str  # said where there is no line


class _Sheet:
    """Rows of XML being written."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._rows: dict[int, tuple[str, dict[int, str]]] = {}
        self.merged: list[str] = []
        self.links: list[str] = []

    def row(self, row: int, attributes: str) -> None:
        """Set a row's height or hide it."""
        self._rows[row] = (attributes, self._rows.get(row, ("", {}))[1])

    def put(self, row: int, column: int, value: str | int | Decimal, look: Look) -> str:
        """Put a value into a cell, text always as text, and return the cell's address."""
        where = f"{column_letters(column)}{row}"
        style = self._styles.look(look)
        if isinstance(value, str):
            text = escaped(value).decode()
            body = f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' if text else "/>"
        else:
            body = f"><v>{value}</v></c>"
        self._rows.setdefault(row, ("", {}))[1][column] = f'<c r="{where}" s="{style}"{body}'
        return where

    def merge(self, row: int, first: int, last: int) -> None:
        """Merge cells of a row."""
        self.merged.append(f"{column_letters(first)}{row}:{column_letters(last)}{row}")

    def to_xml(self) -> str:
        """Return the rows."""
        return "".join(
            f'<row r="{row}"{attributes}>{"".join(cells[column] for column in sorted(cells))}</row>'
            for row, (attributes, cells) in sorted(self._rows.items())
        )


def return_sheet(
    page: Page, links: Mapping[int, str], was: Sequence[tuple[str, str, str]], styles: Styles
) -> tuple[bytes, int]:
    """Return the sheet's XML, and the row of its headings, which is printed on every page (0: it has none).

    Args:
        links: number of the line (from 0) -> place to jump to, made of a validated address and a quoted sheet name.
        was: sheet, cell, fill before marking; kept in hidden columns so that a later return can put it back.
        styles: the workbook's; the sheet's looks are added.
    """
    sheet = _Sheet(styles)
    sheet.row(1, ' hidden="1"')
    sheet.put(1, 0, f"{layout.RETURN_MARK} 1", Look(lined=False, number_format=_TEXT))
    headings = _head(sheet, page)
    _table(sheet, page, links, headings)
    for number, record in enumerate(was, 2):
        for column, value in enumerate(record, RECORD_COLUMN):
            sheet.put(number, column, value, Look(lined=False, number_format=_TEXT))
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(_WIDTHS, 1)
    )
    columns += f'<col min="{RECORD_COLUMN + 1}" max="{RECORD_COLUMN + 3}" width="9" hidden="1" customWidth="1"/>'
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in sheet.merged)
    xml = f"{_OPEN}<cols>{columns}</cols><sheetData>{sheet.to_xml()}</sheetData>"
    xml += f'<mergeCells count="{len(sheet.merged)}">{merged}</mergeCells>'
    xml += f"<hyperlinks>{''.join(sheet.links)}</hyperlinks>" if sheet.links else ""
    return f"{xml}{_PAPER}</worksheet>".encode("ascii"), headings if page.lines else 0


def _head(sheet: _Sheet, page: Page) -> int:
    """Write title, facts, steps and legend; return the next free row."""
    plain, bold = Look(lined=False, number_format=_TEXT), Look(lined=False, bold=True, number_format=_TEXT)
    heading = Look(lined=False, bold=True, size=12, color=_NAVY, number_format=_TEXT)
    _wide(sheet, 2, page.title, Look(lined=False, bold=True, size=16, color=_NAVY, number_format=_TEXT), 26)
    row = 3
    for label, value in page.facts:
        sheet.put(row, _FIRST, label, Look(lined=False, color=_MUTED, number_format=_TEXT))
        sheet.merge(row, _FIRST, _VALUE - 1)
        sheet.put(row, _VALUE, value, bold)
        sheet.merge(row, _VALUE, _LAST)
        sheet.row(row, ' ht="16" customHeight="1"')
        row += 1
    _wide(sheet, row + 1, page.steps_heading, heading, 20)
    row += 2
    for number, step in enumerate(page.steps, 1):
        line = f"{number}. {step}"
        _wide(sheet, row, line, plain, _LINE_HEIGHT * ceil(len(line) / _WIDE) + 3)
        row += 1
    if page.legend:
        _wide(sheet, row + 1, page.legend_heading, heading, 20)
        row += 2
    for tone, meaning in page.legend:
        sheet.put(row, _FIRST, "", Look(fill=TONES[tone][0]))
        sheet.put(row, _FIRST + 1, meaning, plain)
        sheet.merge(row, _FIRST + 1, _LAST)
        sheet.row(row, ' ht="16" customHeight="1"')
        row += 1
    return row + 1


def _wide(sheet: _Sheet, row: int, text: str, look: Look, height: float) -> None:
    sheet.put(row, _FIRST, text, look)
    sheet.merge(row, _FIRST, _LAST)
    sheet.row(row, f' ht="{height:g}" customHeight="1"')


def _table(sheet: _Sheet, page: Page, links: Mapping[int, str], row: int) -> None:
    """Write the headings and one row per finding."""
    if not page.lines:
        _wide(sheet, row, page.nothing, Look(lined=False, number_format=_TEXT), 18)
        return
    look = Look(fill=_NAVY, color="FFFFFFFF", bold=True, horizontal="center", vertical="center", number_format=_TEXT)
    for column, heading in enumerate(page.headings, _FIRST):
        sheet.put(row, column, heading, look)
    sheet.row(row, ' ht="32" customHeight="1"')
    for number, line in enumerate(page.lines):
        row += 1
        _line(sheet, row, number, line, links.get(number, ""))


def _line(sheet: _Sheet, row: int, number: int, line: Line, link: str) -> None:
    text, center = Look(number_format=_TEXT), Look(horizontal="center", number_format=_TEXT)
    sheet.put(row, _FIRST, number + 1, Look(horizontal="center", number_format=_WHOLE))
    sheet.put(row, _FIRST + 1, line.severity, Look(fill=TONES[line.tone][0], bold=True, number_format=_TEXT))
    sheet.put(row, _FIRST + 2, line.sheet, text)
    linked = Look(color=_LINK, underlined=True, horizontal="center", number_format=_TEXT)
    where = sheet.put(row, _CELL, line.shown_cell, linked if link else center)
    if link:
        sheet.links.append(f'<hyperlink ref="{where}" location="{escaped(link).decode()}"/>')
    sheet.put(row, _CELL + 1, line.question, center)
    sheet.put(row, _TELL, line.tell, text)
    sheet.put(row, _FIX, line.fix, text)
    points = Look(horizontal="right", number_format=_POINTS_FORMAT)
    sheet.put(row, _POINTS, line.points if line.points is not None else "", points)
    sheet.put(row, _LAST, line.code, Look(horizontal="center", color=_MUTED, number_format=_TEXT))
    lines = max(
        ceil(1.02 * len(text) / _WIDTHS[at]) for at, text in ((_TELL, line.tell), (_FIX, line.fix), (3, line.sheet))
    )
    sheet.row(row, f' ht="{_LINE_HEIGHT * max(1, lines) + _PADDING:g}" customHeight="1"')
