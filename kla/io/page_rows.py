"""Charts of labelled rows, drawn by the templates from plain rectangles: falls, intervals, trends. No words of its own.

A plotting library would cost each of these more than all the rest of its page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, ROW, BAR = 380, 36, 11
LABEL, TOP = 13, 19  # from the top of a row: where its text stands, where its bar begins
THIN = Decimal("2.5")  # what has no length of its own is still seen


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of points on a row; `kind` is a class of the stylesheet."""

    kind: str
    start: Decimal
    end: Decimal


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One row: its label, the text of its value, what is drawn on its rail."""

    label: str
    value: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """One rectangle in units of the drawing."""

    kind: str
    left: str
    top: int
    width: str
    height: int


@dataclass(frozen=True, slots=True)
class RowText:
    """The two texts of a row and the line they stand on."""

    label: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class RowChart:
    """Everything to draw. `title` and `description` are read aloud; `key` begins its ids."""

    key: str
    title: str
    description: str
    width: int
    height: int
    texts: tuple[RowText, ...]
    pieces: tuple[Piece, ...]


def rows_chart(
    key: str,
    title: str,
    rows: Sequence[ChartRow],
    bounds: tuple[Decimal, Decimal],
    marks: Sequence[Span] = (),
) -> RowChart:
    """Return rows over one another, each on a rail from the lower to the upper bound; marks cross every rail.

    What lies outside the bounds is cut off.
    """
    pieces: list[Piece] = []
    texts = []
    for place, row in enumerate(rows):
        top = ROW * place + TOP
        texts.append(RowText(row.label, row.value, ROW * place + LABEL))
        pieces.append(Piece("rail", "0", top, str(WIDTH), BAR))
        pieces += [_piece(span, bounds, top, BAR) for span in row.spans]
        pieces += [_piece(mark, bounds, top - 2, BAR + 4) for mark in marks]
    description = "; ".join(f"{row.label}: {row.value}" for row in rows)
    return RowChart(key, title, description, WIDTH, ROW * len(rows), tuple(texts), tuple(pieces))


def _piece(span: Span, bounds: tuple[Decimal, Decimal], top: int, height: int) -> Piece:
    start, end = sorted((_place(span.start, bounds), _place(span.end, bounds)))
    width = max(end - start, THIN)
    left = min(start, WIDTH - width)
    return Piece(span.kind, f"{left:.1f}", top, f"{width:.1f}", height)


def _place(points: Decimal, bounds: tuple[Decimal, Decimal]) -> Decimal:
    low, high = bounds
    share = (points - low) / (high - low) if high > low else Decimal(0)
    return min(max(share, Decimal(0)), Decimal(1)) * WIDTH
