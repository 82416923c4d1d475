"""Writes a workbook so that the same content gives the same bytes, and text never becomes a live formula."""

from __future__ import annotations

import io
import os
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_STORED, ZipFile

from kla.io.steady_zip import zipped

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook

_PROPERTIES = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_TEXT = 32767


def write_text(cell: Cell | MergedCell, text: str) -> None:
    """Put text into a cell as text: `=1+1` and `#REF!` stay what somebody wrote; characters XML cannot hold are dropped.

    Raises:
        TypeError: the cell is covered by a merged range; text there would be lost.
    """
    from openpyxl.cell.cell import MergedCell

    if isinstance(cell, MergedCell):
        raise TypeError(f"{cell.coordinate} is inside a merged range")
    cell.value = _NOT_IN_XML.sub("", text)[:_LONGEST_TEXT]
    cell.data_type = "s"


def workbook_bytes(workbook: Workbook, made_at: datetime) -> bytes:
    """Return the workbook as .xlsx bytes that depend on its content and `made_at` only, never on the clock."""
    from openpyxl.writer.excel import ExcelWriter

    workbook.properties.created = made_at
    raw = io.BytesIO()
    with ZipFile(raw, "w", ZIP_STORED) as archive:
        ExcelWriter(workbook, archive).save()
    with ZipFile(raw) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    stamp = rb"\g<1>" + made_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>"
    return zipped(parts | {_PROPERTIES: _MODIFIED.sub(stamp, parts[_PROPERTIES])})


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file in one move (a reader never sees half of it) and return its path."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        staged.write_bytes(content)
    except FileNotFoundError:  # its folder is there, nearly always
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(content)
    staged.replace(path)
    return path
