"""Workbooks of lists, to be sorted and sent on: a frozen heading, a filter, numbers as numbers, text always text.

They are written straight as XML: a night makes several per office, and a cell object each would cost ten times the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from kla.io.steady_zip import zipped
from kla.parsing.grid import column_letters

Value = str | int | Decimal
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT = 32767
_HIDDEN = ' hidden="1"'
_FROZEN = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>'
_MARGINS = '<pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" footer="0.5"/>'
_PAPER = '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
_TEXT, _POINTS, _COUNT, _HEADING = 1, 2, 3, 4  # numbers of the cell formats in _STYLES
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FF14505A"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    + "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyNumberFormat="1" '
        f'applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top"{wrapped}/></xf>'
        for number, font, fill, wrapped in (
            (49, 0, 0, ' wrapText="1"'),
            (4, 0, 0, ""),
            (1, 0, 0, ""),
            (49, 1, 2, ' wrapText="1"'),
        )
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_ROOT = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Entries that some rows (from 1) of a column (from 0) offer; `entries` is the range they stand in."""

    column: int
    rows: Sequence[int]
    entries: str
    title: str
    prompt: str
    error: str


@dataclass(frozen=True, slots=True)
class ListSheet:
    """One sheet: `columns` are heading and width in characters (0: hidden). One that only explains has no headings."""

    title: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Value]]
    choice: Choice | None = None
    has_headings: bool = True

    @property
    def last_cell(self) -> tuple[str, int]:
        """Column and row of the last cell below the headings."""
        return column_letters(len(self.columns) - 1), len(self.rows) + 1


def list_workbook(sheets: Sequence[ListSheet], made_on: date) -> bytes:
    """Return the workbook; the same content and day give the same bytes."""
    parts = {
        "[Content_Types].xml": _types(len(sheets)),
        "_rels/.rels": _ROOT,
        "docProps/core.xml": _properties(made_on),
        "xl/workbook.xml": _workbook(sheets),
        "xl/_rels/workbook.xml.rels": _relations(len(sheets)),
        "xl/styles.xml": _STYLES,
        **{_sheet_part(number): _sheet(sheet, is_first=not number) for number, sheet in enumerate(sheets)},
    }
    return zipped({name: content.encode() for name, content in parts.items()})


def _sheet_part(number: int) -> str:
    return f"xl/worksheets/sheet{number + 1}.xml"


def _sheet(sheet: ListSheet, *, is_first: bool) -> str:
    letters = [column_letters(place) for place in range(len(sheet.columns))]
    rows = [_row(letters, number, line) for number, line in enumerate(sheet.rows, 1 + sheet.has_headings)]
    view, below = "/>", _MARGINS
    if sheet.has_headings:
        rows.insert(0, _row(letters, 1, [heading for heading, _ in sheet.columns], _HEADING))
        column, row = sheet.last_cell
        offered = _offered(sheet.choice) if sheet.choice else ""
        view = f">{_FROZEN}</sheetView>"
        below = f'<autoFilter ref="A1:{column}{row}"/>{offered}{_MARGINS}{_PAPER}'
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{width or 1:g}" customWidth="1"{"" if width else _HIDDEN}/>'
        for place, (_, width) in enumerate(sheet.columns, 1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="{int(sheet.has_headings)}"/></sheetPr>'
        f'<sheetViews><sheetView tabSelected="{int(is_first)}" workbookViewId="0"{view}</sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols><sheetData>{"".join(rows)}</sheetData>{below}</worksheet>'
    )


def _row(letters: Sequence[str], number: int, line: Sequence[Value], text_format: int = _TEXT) -> str:
    cells = [
        f'<c r="{column}{number}" s="{text_format}"{_text(value)}'
        if isinstance(value, str)
        else f'<c r="{column}{number}" s="{_POINTS}"><v>{value:f}</v></c>'
        if isinstance(value, Decimal)
        else f'<c r="{column}{number}" s="{_COUNT}"><v>{value}</v></c>'
        for column, value in zip(letters, line, strict=False)
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _text(value: str) -> str:
    """Return the rest of a cell that is typed as text, so that "=1+1" is never a formula, also after an edit."""
    return f' t="inlineStr"><is><t xml:space="preserve">{_safe(value)}</t></is></c>' if value else "/>"


def _safe(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text)[:_LONGEST_TEXT], {"\r": "&#13;"})


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;", "\n": "&#10;"})


def _offered(choice: Choice) -> str:
    column = column_letters(choice.column)
    places = " ".join(f"{column}{first}:{column}{last}" for first, last in _runs(choice.rows))
    return (
        '<dataValidations count="1"><dataValidation type="list" allowBlank="1" showInputMessage="1" '
        f'showErrorMessage="1" errorTitle="{_quoted(choice.title)}" error="{_quoted(choice.error)}" '
        f'promptTitle="{_quoted(choice.title)}" prompt="{_quoted(choice.prompt)}" sqref="{places}">'
        f"<formula1>{escape(choice.entries)}</formula1></dataValidation></dataValidations>"
    )


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each unbroken run of numbers."""
    first = last = rows[0]
    for row in rows[1:]:
        if row != last + 1:
            yield first, last
            first = row
        last = row
    yield first, last


def _workbook(sheets: Sequence[ListSheet]) -> str:
    listed, names = "", ""
    for place, sheet in enumerate(sheets):
        listed += f'<sheet name="{_quoted(sheet.title)}" sheetId="{place + 1}" r:id="rId{place + 1}"/>'
        if sheet.has_headings:
            owner = escape("'" + sheet.title.replace("'", "''") + "'")
            column, row = sheet.last_cell
            names += f'<definedName name="_xlnm._FilterDatabase" localSheetId="{place}" hidden="1">{owner}!$A$1:${column}${row}'
            names += f'</definedName><definedName name="_xlnm.Print_Titles" localSheetId="{place}">{owner}!$1:$1</definedName>'
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{listed}</sheets>{f'<definedNames>{names}</definedNames>' if names else ''}</workbook>"
    )


def _types(sheets: int) -> str:
    named = [("xl/workbook.xml", "sheet.main"), ("xl/styles.xml", "styles")]
    named += [(_sheet_part(number), "worksheet") for number in range(sheets)]
    parts = "".join(f'<Override PartName="/{part}" ContentType="{_KIND}.{kind}+xml"/>' for part, kind in named)
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        f'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{parts}</Types>'
    )


def _relations(sheets: int) -> str:
    targets = [("worksheet", f"/{_sheet_part(number)}") for number in range(sheets)] + [("styles", "/xl/styles.xml")]
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _properties(made_on: date) -> str:
    moment = "".join(
        f'<dcterms:{what} xsi:type="dcterms:W3CDTF">{made_on.isoformat()}T00:00:00Z</dcterms:{what}>'
        for what in ("created", "modified")
    )
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:creator>KLA</dc:creator>{moment}</cp:coreProperties>"
    )
