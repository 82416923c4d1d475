"""Builds the letter template that districts edit in Word: paragraphs and tables with `{{ … }}` in them, from data."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from kla.io.letter_words import mappings, pairs

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FONT = "Arial"
_MADE_ON = date(2024, 1, 1)  # of the template: no clock in it
_SIGN_INDENT = Cm(9)


def template_bytes() -> bytes:
    """Return the default letter as an editable .docx; the same texts give the same bytes.

    Raises:
        SettingsError: reports/letter.id.yaml, template, does not hold together.
    """
    document = Document()
    _page(document)
    for style, text in pairs("template.kop"):
        _paragraph(document, style, text)
    _head(document)
    for style, text in pairs("template.opening"):
        _paragraph(document, style, text)
    for part in mappings("template.tables"):
        _loop_table(document, part)
    for style, text in pairs("template.closing"):
        _paragraph(document, style, text)
    return steady_docx(document, _MADE_ON)


def steady_docx(document: Any, made_on: date) -> bytes:
    """Return a document as bytes that depend on its content and the day only, never on the clock."""
    moment = datetime.combine(made_on, time(0), UTC).replace(tzinfo=None)
    about = document.core_properties
    about.author = about.last_modified_by = "KLA"
    about.created = about.modified = moment
    about.comments, about.revision = "", 1
    raw, out = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with ZipFile(raw) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, source.read(name))
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(11)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    normal.paragraph_format.space_after = Pt(6)


def _paragraph(document: Any, style: str, text: str) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    if style in ("kop", "kop_kecil"):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(0)
        run.bold, run.font.size = style == "kop", Pt(14 if style == "kop" else 9)
    elif style == "garis":
        _line_below(paragraph)
    elif style == "kanan":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    elif style == "judul":
        run.bold, paragraph.paragraph_format.keep_with_next = True, True
        paragraph.paragraph_format.space_before = Pt(8)
    elif style == "tanda":
        paragraph.paragraph_format.left_indent = _SIGN_INDENT
        paragraph.paragraph_format.keep_with_next = True
    elif style == "kecil":
        run.font.size, paragraph.paragraph_format.space_after = Pt(9), Pt(0)


def _line_below(paragraph: Any) -> None:
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "thickThinSmallGap"), ("sz", "18"), ("space", "1"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    # Word wants the parts of a paragraph's properties in order: the border before the spacing.
    paragraph._p.get_or_add_pPr().append(borders)
    paragraph.paragraph_format.space_after = Pt(6)


def _head(document: Any) -> None:
    """Write nomor, sifat, lampiran and hal as a table without lines."""
    rows = pairs("template.head")
    table = document.add_table(rows=0, cols=2)
    for name, value in rows:
        cells = table.add_row().cells
        _fill(cells, [name, f": {value}"], [Cm(2.5), Cm(14.5)], 11)
    document.add_paragraph()


def _loop_table(document: Any, part: Any) -> None:
    """Write a table whose middle row is repeated for each entry of its list, and which is left out when there are none."""
    name = str(part["list"])
    header, cells = [str(it) for it in part["header"]], [str(it) for it in part["cells"]]
    widths = [Cm(float(str(it))) for it in part["widths"]]
    _paragraph(document, "isi", f"{{%p if {name} %}}")
    _paragraph(document, "judul", str(part["title"]))
    table = document.add_table(rows=1, cols=len(header))
    table.style, table.autofit = "Table Grid", False
    _fill(table.rows[0].cells, header, widths, 9, is_bold=True)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    blank = [""] * (len(header) - 1)
    for texts in ([f"{{%tr for b in {name} %}}", *blank], cells, ["{%tr endfor %}", *blank]):
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        _fill(row.cells, texts, widths, 9)
    _paragraph(document, "isi", "{%p endif %}")


def _fill(cells: Sequence[Any], texts: Sequence[str], widths: Sequence[Any], size: int, is_bold: bool = False) -> None:
    for cell, text, width in zip(cells, texts, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(size), is_bold
