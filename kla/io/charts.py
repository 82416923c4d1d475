"""Charts as inline SVG: drawn by matplotlib, then made fit for a page (no style attributes, own ids, real text).

The pages' Content-Security-Policy allows one hashed stylesheet and nothing else, so that no text from a workbook could
ever style the page; matplotlib writes `style="..."`, which is turned into presentation attributes here. Text stays text
(svg.fonttype none): it can be searched, read aloud and copied, and takes the reader's own font.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
UNITS_PER_INCH = 72  # matplotlib writes SVG in points: one unit of the drawing is one of these
WIDTH = 380.0  # as wide as a phone, so that text keeps its size there
ROW, BAR = 44.0, 14.0
SIZE = 13.0

INK, BAR_INK, RAIL, MARK, PAPER = "#16303d", "#1f6f78", "#e3eaed", "#b3541e", "#ffffff"
_FONT_SIZE = re.compile(r"([0-9.]+)px")

ElementTree.register_namespace("", SVG)


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
    top = 34.0 if marks else 6.0
    height = top + ROW * len(bars) + 4
    with rc_context({"svg.hashsalt": "kla", "svg.fonttype": "none"}):
        figure = Figure(figsize=(WIDTH / UNITS_PER_INCH, height / UNITS_PER_INCH), dpi=UNITS_PER_INCH)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        figure.patch.set_visible(False)
        for place, bar in enumerate(bars):
            _draw_bar(axes, bar, top + ROW * place)
            for mark in marks:
                _draw_mark(axes, mark, top + ROW * place, is_named=place == 0)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return _inline(out.getvalue(), key, title, description, height)


def _draw_bar(axes: Axes, bar: Bar, top: float) -> None:
    """Draw the label and value on one line and the bar on its rail below them."""
    _write(axes, 0, top + 13, bar.label, INK)
    _write(axes, WIDTH, top + 13, bar.value, INK, "right")
    for width, colour in ((WIDTH, RAIL), (WIDTH * min(max(bar.share, 0.0), 1.0), BAR_INK)):
        axes.add_patch(Rectangle((0, top + 20), width, BAR, facecolor=colour, linewidth=0, clip_on=False))


def _draw_mark(axes: Axes, mark: Mark, top: float, *, is_named: bool) -> None:
    """Draw a short line over one rail, so that no text is crossed; its name stands once, above the first bar."""
    place = WIDTH * mark.share
    colour, width, over = (MARK, 3.0, 4.0) if mark.is_target else (PAPER, 1.5, 0.0)
    corner = (place - width / 2, top + 20 - over)
    axes.add_patch(Rectangle(corner, width, BAR + 2 * over, facecolor=colour, linewidth=0, clip_on=False))
    if mark.label and is_named:
        side = "right" if mark.share > 0.5 else "left"
        _write(axes, place + (4 if side == "right" else -4), top - 14, mark.label, colour, side)


def _write(axes: Axes, x: float, y: float, text: str, colour: str, side: str = "left") -> None:
    # parse_math: a dollar sign in a name is a dollar sign.
    axes.text(x, y, text, color=colour, fontsize=SIZE, ha=side, va="baseline", parse_math=False, clip_on=False)


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
