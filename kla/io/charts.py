"""Charts as inline SVG: drawn by matplotlib, then made fit for a page (no style attributes, own ids, real text).

Each kind of chart is drawn once; what differs from district to district is put in.

The pages' Content-Security-Policy allows one hashed stylesheet and nothing else, so that no text from a workbook could
ever style the page; matplotlib writes `style="..."`, which is turned into presentation attributes here. Text stays text
(svg.fonttype none): it can be searched, read aloud and copied, and takes the reader's own font.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from matplotlib import rcParams
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
WIDTH = 380.0  # as wide as a phone, so that text keeps its size there
ROW, BAR = 44.0, 14.0
SIZE = 13.0

INK, BAR_INK, RAIL, MARK, PAPER = "#16303d", "#1f6f78", "#e3eaed", "#b3541e", "#ffffff"
_FONT = FontProperties(size=SIZE)
_FONT_SIZE = re.compile(r"([0-9.]+)px")
# What stands in a model for the width of its first bar, and for the braces around the name of a text.
_SOME_WIDTH, _OPEN, _CLOSE = 1_000_000.0, "\ufdd0", "\ufdd1"

ElementTree.register_namespace("", SVG)
# Once for the process: setting it for each chart copies all of matplotlib's settings, a third of what a chart takes.
rcParams["svg.fonttype"] = "none"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, the text of its value, and how much of the rail it fills (0 to 1)."""

    label: str
    value: str
    share: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on every rail (0 to 1) and its name; the target is drawn stronger than the other bounds."""

    label: str
    share: float
    is_target: bool = False


def bars_svg(key: str, title: str, description: str, bars: Sequence[Bar], marks: Sequence[Mark] = ()) -> str:
    """Return horizontal bars as one <svg> element with accessible title and description.

    `key` starts every id inside, so that two charts on one page cannot meet; same arguments, same text.
    """
    model = _model(key, title, tuple(bar.label for bar in bars), tuple(marks))
    widths = [_number(WIDTH * min(max(bar.share, 0.0), 1.0)) for bar in bars]
    return model.format(description=escape(description), values=[escape(bar.value) for bar in bars], widths=widths)


@lru_cache(maxsize=64)
def _model(key: str, title: str, labels: Sequence[str], marks: Sequence[Mark]) -> str:
    """Return the chart of such bars, to be formatted with what differs from district to district.

    Drawing it takes twenty times as long as that.
    """
    top = 34.0 if marks else 6.0
    height = top + ROW * len(labels) + 4
    out = io.StringIO()
    renderer = RendererSVG(WIDTH, height, out, metadata={"Date": None})  # type: ignore[no-untyped-call]
    sheet = _Sheet(renderer, height)
    for place in range(len(labels)):
        _draw_bar(sheet, _SOME_WIDTH + place, top + ROW * place)
        for mark in marks:
            _draw_mark(sheet, mark, top + ROW * place)
    for place, label in enumerate(labels):
        _write_bar(sheet, label, f"{_OPEN}values[{place}]{_CLOSE}", top + ROW * place)
        for mark in marks if place == 0 else ():
            _write_mark(sheet, mark, top)
    renderer.finalize()  # type: ignore[no-untyped-call]
    drawn = _inline(out.getvalue(), key, title, f"{_OPEN}description{_CLOSE}", height)
    drawn = drawn.replace("{", "{{").replace("}", "}}").replace(_OPEN, "{").replace(_CLOSE, "}")
    for place in range(len(labels)):
        drawn = drawn.replace(f"L {_SOME_WIDTH + place:.0f} ", f"L {{widths[{place}]}} ")
    return drawn


def _number(value: float) -> str:
    """Return a number as matplotlib writes it."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is drawn on, in units from the upper left corner: the renderer itself, for nothing here needs axes.

    A figure with axes and its layout costs twenty times as much as the bars on it.
    """

    renderer: RendererBase
    height: float

    def rectangle(self, left: float, top: float, width: float, height: float, colour: str) -> None:
        """Draw a filled rectangle."""
        pen = self.renderer.new_gc()
        pen.set_linewidth(0)
        bottom = self.height - top - height
        corners = [(left, bottom + height), (left + width, bottom + height), (left + width, bottom), (left, bottom)]
        path = Path([*corners, corners[0]], closed=True)
        self.renderer.open_group("patch")
        self.renderer.draw_path(pen, path, IdentityTransform(), to_rgba(colour))
        self.renderer.close_group("patch")

    def text(self, x: float, y: float, text: str, colour: str, side: str = "left") -> None:
        """Write a text from (or with "right" up to) a place on its baseline."""
        pen = self.renderer.new_gc()
        pen.set_foreground(colour)
        anchor = Text(x, self.height - y, text, ha=side)
        self.renderer.open_group("text")
        self.renderer.draw_text(pen, x, y, text, _FONT, 0.0, mtext=anchor)
        self.renderer.close_group("text")


def _draw_bar(sheet: _Sheet, width: float, top: float) -> None:
    """Draw a bar on its rail."""
    for length, colour in ((WIDTH, RAIL), (width, BAR_INK)):
        sheet.rectangle(0, top + 20, length, BAR, colour)


def _write_bar(sheet: _Sheet, label: str, value: str, top: float) -> None:
    """Write the label and value on one line above the bar."""
    sheet.text(0, top + 13, label, INK)
    sheet.text(WIDTH, top + 13, value, INK, "right")


def _draw_mark(sheet: _Sheet, mark: Mark, top: float) -> None:
    """Draw a short line over one rail, so that no text is crossed."""
    colour, width, over = _look(mark)
    sheet.rectangle(WIDTH * mark.share - width / 2, top + 20 - over, width, BAR + 2 * over, colour)


def _look(mark: Mark) -> tuple[str, float, float]:
    """Return its colour, its width and how far it stands out of the rail."""
    return (MARK, 3.0, 4.0) if mark.is_target else (PAPER, 1.5, 0.0)


def _write_mark(sheet: _Sheet, mark: Mark, top: float) -> None:
    """Write a mark's name once, above the first bar."""
    if mark.label:
        side = "right" if mark.share > 0.5 else "left"
        sheet.text(WIDTH * mark.share + (4 if side == "right" else -4), top - 14, mark.label, _look(mark)[0], side)


def _inline(drawn: str, key: str, title: str, description: str, height: float) -> str:
    """Return matplotlib's document as an element for a page: no prolog, no style, only the ids it needs, a name."""
    root = ElementTree.fromstring(drawn)  # noqa: S314 (matplotlib's own output, not a file that arrived)
    root.attrib.clear()
    root.attrib.update(
        {
            "class": "chart",
            "viewBox": f"0 0 {WIDTH:g} {height:g}",
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-desc",
            "stroke-linejoin": "round",
        }
    )
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}defs", f"{{{SVG}}}metadata"):
                parent.remove(child)
    for element in root.iter():
        element.attrib.pop("id", None)
        if element.get("transform", "").startswith("rotate(-0"):
            del element.attrib["transform"]
        _unstyle(element)
    root[:0] = [_named("title", f"{key}-title", title), _named("desc", f"{key}-desc", description)]
    return ElementTree.tostring(root, encoding="unicode")


def _named(tag: str, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": name})
    element.text = text
    return element


def _unstyle(element: ElementTree.Element) -> None:
    """Turn a style attribute into presentation attributes; the font itself is left to the page."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = declaration.strip().partition(": ")
        if name == "font":
            size = _FONT_SIZE.search(value)
            element.set("font-size", size[1] if size else f"{SIZE:g}")
        elif name:
            element.set(name, value)
