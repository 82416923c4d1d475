"""The look of the workbooks we write, and their texts: named styles, once per workbook."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import cast

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kla.io import project
from kla.io.yaml_text import plain

_NAVY, _BLUE, _PALE, _YELLOW, _GREY, _LINE, _MUTED = (
    "1F3864",
    "DCE6F2",
    "F4F7FB",
    "FFF8DC",
    "E4E4E4",
    "B7BFCB",
    "5A6472",
)


@cache
def form_texts() -> Mapping[str, object]:
    """Return the texts of reports/form.id.yaml."""
    path = project.data("reports") / "form.id.yaml"
    return cast(Mapping[str, object], plain(path))


def text(key: str, **fields: object) -> str:
    """Return one text of the form by its dotted key, with its fields filled in."""
    return str(_at(key)).format(**fields)


def texts(key: str) -> list[str]:
    """Return a list of texts by its dotted key."""
    return [str(item) for item in cast(list[object], _at(key))]


def _at(key: str) -> object:
    found: object = form_texts()
    for part in key.split("."):
        found = cast(Mapping[str, object], found)[part]
    return found


def _style(
    name: str,
    *,
    fill: str = "",
    color: str = "000000",
    size: int = 10,
    bold: bool = False,
    horizontal: str = "left",
    vertical: str = "center",
    lined: bool = True,
    open_cell: bool = False,
    number_format: str = "General",
) -> NamedStyle:
    side = Side(style="thin", color=_LINE)
    return NamedStyle(
        name=f"kla_{name}",
        font=Font(name="Calibri", size=size, bold=bold, color=color),
        fill=PatternFill("solid", fgColor=fill) if fill else PatternFill(),
        border=Border(left=side, right=side, top=side, bottom=side) if lined else Border(),
        alignment=Alignment(horizontal=horizontal, vertical=vertical, wrap_text=True),
        protection=Protection(locked=not open_cell),
        number_format=number_format,
    )


def add_styles(workbook: Workbook) -> None:
    """Register the styles of our workbooks; cells then take them by name, e.g. "kla_input"."""
    for style in (
        _style("title", size=16, bold=True, color=_NAVY, lined=False),
        _style("subtitle", color=_MUTED, lined=False),
        _style("plain", lined=False),
        _style("heading", size=12, bold=True, color=_NAVY, lined=False),
        _style("header", fill=_NAVY, color="FFFFFF", bold=True, horizontal="center"),
        _style("group", fill=_BLUE, color=_NAVY, bold=True),
        _style("label"),
        _style("label_bold", fill=_PALE, bold=True),
        _style("center", horizontal="center"),
        _style("points", horizontal="center", number_format="General"),
        _style("points_exact", horizontal="right", number_format="#,##0.00"),
        _style("input", fill=_YELLOW, open_cell=True),
        _style("input_number", fill=_YELLOW, horizontal="right", open_cell=True),
        _style("input_date", fill=_YELLOW, horizontal="center", open_cell=True, number_format="DD/MM/YYYY"),
        _style("locked", fill=_GREY),
        _style("warning", color="B00020", bold=True, lined=False),
    ):
        workbook.add_named_style(style)


def set_up_page(sheet: Worksheet, footer: str, header_row: int | None) -> None:
    """Set a sheet up for paper: landscape A4, one page wide, the header row repeated, page numbers below."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    sheet.print_options.horizontalCentered = True
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart(text=footer.replace("&", "&&"), size=8),
        right=_HeaderFooterPart(text=text("footer_page"), size=8),
    )
    if header_row is not None:
        sheet.print_title_rows = f"{header_row}:{header_row}"


def protect(sheet: Worksheet) -> None:
    """Lock what is not for filling in, without a password; columns and rows may still be resized."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.protection.autoFilter = False
