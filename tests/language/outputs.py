"""Every text a person meets in what the project hands out: of a page, a workbook, a letter."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.sax.saxutils import unescape
from zipfile import ZipFile

from docx import Document

SHOWN_ATTRIBUTES = ("aria-label", "alt", "title", "data-label", "placeholder")
SILENT = {"style", "script"}
BREAKS = {"p", "li", "td", "th", "tr", "h1", "h2", "h3", "div", "section", "br", "span", "text", "title", "desc", "a"}


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = [""]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.found += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]
        if tag in BREAKS:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        if tag in BREAKS:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found[-1] += data


def of_page(content: str) -> list[str]:
    """The texts of a page, piece by piece: what stands between its elements, and the names given to them."""
    reader = _Texts()
    reader.feed(content)
    reader.close()
    return [" ".join(text.split()) for text in reader.found if text.strip()]


_TEXT = re.compile(r"<t(?:\s[^>]*)?>([^<]*)</t>")
_PROMPTS = re.compile(r'\s(?:prompt|promptTitle|error|errorTitle)="([^"]*)"')
_NAMES = re.compile(r'<sheet [^>]*?name="([^"]*)"')


def of_workbook(content: bytes) -> Iterator[str]:
    """Every text anywhere in a workbook: cells, notes, sheet names, and what a list of choices says."""
    with ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/") and name.endswith(".xml"):
                xml = parts.read(name).decode("utf-8")
                for pattern in (_TEXT, _PROMPTS, _NAMES):
                    yield from (unescape(text) for text in pattern.findall(xml))


def of_letter(content: bytes) -> Iterator[str]:
    """The paragraphs and table cells of a letter."""
    letter = Document(io.BytesIO(content))
    yield from (paragraph.text for paragraph in letter.paragraphs)
    for table in letter.tables:
        for row in table.rows:
            yield from (cell.text for cell in row.cells)


def of_file(path: Path) -> list[str]:
    """The texts of one file that is handed out."""
    return of_content(path.name, path.read_bytes())


def of_content(name: str, content: bytes) -> list[str]:
    """The texts of one file by its name; of a package those of each file in it. JSON is for programs."""
    kind = Path(name).suffix
    if kind == ".html":
        return of_page(content.decode("utf-8"))
    if kind == ".xlsx":
        return list(of_workbook(content))
    if kind == ".docx":
        return list(of_letter(content))
    if kind in (".txt", ".md", ".csv"):
        return content.decode("utf-8-sig").splitlines()
    if kind == ".zip":
        with ZipFile(io.BytesIO(content)) as package:
            inner = [text for one in package.namelist() for text in of_content(one, package.read(one))]
            return [*package.namelist(), *inner]
    return []


def of_markdown(text: str) -> list[str]:
    """The cells of an artifact, their escapes undone."""
    plain = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), text)
    return [cell.strip() for line in plain.splitlines() for cell in line.split("|") if cell.strip(" -")]
