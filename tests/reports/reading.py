"""Reads a published page as a browser does: its elements with their attributes, and the text people see."""

from __future__ import annotations

import re
from html.parser import HTMLParser

SILENT = {"style", "title", "svg"}
LINES = {"p", "li", "tr", "h1", "h2", "h3", "section", "table", "caption"}
CELLS = {"td", "th"}
PIECES = {"span", "div", "br"}


class Page(HTMLParser):
    """A parsed page: `elements` in order as (tag, attributes), `raw` and `text` without stylesheet and charts."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._data: list[str] = []
        self._shown: list[str] = []
        self._silent = 0
        self.feed(content.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._silent += tag in SILENT
        self._shown.append("\n" if tag in LINES else " | " if tag in CELLS else " " if tag in PIECES else "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._shown.append(" " if tag in PIECES else "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._data.append(data)
            self._shown.append(re.sub(r"\s+", " ", data))

    @property
    def raw(self) -> str:
        """All text outside stylesheet and charts, exactly as written."""
        return "".join(self._data)

    @property
    def text(self) -> str:
        """What people read: one line per paragraph, item or row, cells parted by a stroke."""
        lines = (re.sub(r" +", " ", line).strip(" |") for line in "".join(self._shown).split("\n"))
        return "\n".join(line for line in lines if line) + "\n"

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of one tag."""
        return [attributes for name, attributes in self.elements if name == tag]
