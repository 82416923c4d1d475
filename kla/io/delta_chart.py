"""The small chart of findings over an office's last runs: what stands above the line is owed, what was mended hangs below.

Drawn by the template from plain rectangles: a plotting library would cost each office more than all of its page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kla.picture import OfficeDelta

WIDTH, STEP, BAR = 320, 32, 18
ABOVE, BELOW = 64, 24
ABOVE_KINDS = ("persisting", "returned", "new")  # from the line upwards


@dataclass(frozen=True, slots=True)
class Piece:
    """One rectangle: its kind (a class of the stylesheet), left, top and height; all of one width."""

    kind: str
    left: int
    top: str
    height: str


@dataclass(frozen=True, slots=True)
class Column:
    """One run: the middle of its column, and the run itself."""

    middle: int
    run: OfficeDelta


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything to draw, in units of the drawing. `line` is where nothing is owed."""

    width: int
    height: int
    bar: int
    line: int
    pieces: tuple[Piece, ...]
    columns: tuple[Column, ...]


def chart_of(runs: Sequence[OfficeDelta]) -> Chart:
    """Return the chart of the last runs, oldest on the left; one scale for above and below the line."""
    owed = max(run.new + run.persisting + run.returned for run in runs)
    unit = min(ABOVE / max(owed, 1), BELOW / max(1, *(run.fixed for run in runs)))
    pieces, columns = [], []
    for place, run in enumerate(runs):
        left = STEP * place + (STEP - BAR) // 2
        top = float(ABOVE)
        for kind in ABOVE_KINDS:
            height = getattr(run, kind) * unit
            top -= height
            if height:
                pieces.append(Piece(kind, left, f"{top:.1f}", f"{height:.1f}"))
        if run.fixed:
            pieces.append(Piece("fixed", left, f"{ABOVE:.1f}", f"{run.fixed * unit:.1f}"))
        columns.append(Column(STEP * place + STEP // 2, run))
    return Chart(max(WIDTH, STEP * len(runs)), ABOVE + BELOW + 14, BAR, ABOVE, tuple(pieces), tuple(columns))
