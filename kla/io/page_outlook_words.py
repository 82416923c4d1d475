"""Names of causes, actions and efforts as the pages' templates ask for them, and the charts of what lies ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from kla.causes import Change
from kla.comparison import Waterfall
from kla.io.letter_words import action_word, cause_words
from kla.io.page_losses import FallSum, LossSum
from kla.io.page_outlook import Outlook
from kla.io.page_rows import ChartRow, RowChart, Span, rows_chart
from kla.io.page_words import word
from kla.io.planning import load_causes, load_efforts
from kla.measures import EffortClass
from kla.needs import Need
from kla.wording import change_text, percent_text, points_text

_ROOM = Decimal("0.08")  # of the fall: how far the axis of a fall begins below its lowest point
_ZERO = Decimal(0)


def change_name(key: str) -> str:
    """Return what people call a verifier's cause."""
    return load_causes().changes[Change(key)].label


def change_remedy(key: str) -> str:
    """Return what to do about a verifier's cause."""
    return load_causes().changes[Change(key)].remedy


def cause_name(loss: LossSum | Need) -> str:
    """Return what people call the cause of a loss."""
    return cause_words(loss.cause, loss.is_verifiers).label


def cause_remedy(loss: LossSum | Need) -> str:
    """Return what to do about the cause of a loss."""
    return cause_words(loss.cause, loss.is_verifiers).remedy


def effort_name(key: str) -> str:
    """Return what a class of effort is called."""
    return load_efforts().class_labels[EffortClass(key)]


def certainty_text(share: Decimal) -> str:
    """Return a certainty (0 to 1) as people read it.

    >>> certainty_text(Decimal("0.85"))
    '85%'
    """
    return percent_text(share, Decimal(1)).replace(",0", "")


FILTERS: Mapping[str, Callable[..., object]] = {
    "action": action_word,
    "effort": effort_name,
    "change_name": change_name,
    "change_remedy": change_remedy,
    "cause_name": cause_name,
    "cause_remedy": cause_remedy,
    "certainty": certainty_text,
    "first_of": lambda rows, most: rows[:most],
}


def outlook_charts(outlook: Outlook) -> Mapping[str, RowChart]:
    """Return the charts "fall_causes", "fall_blocks", "safe" and "trend", those there is something to draw of."""
    charts = {}
    fall = outlook.last_fall
    if fall is not None:
        instrument = outlook.picture.instrument
        causes = [(change_name(it.key), it) for it in outlook.fall_by(fall, "change")]
        blocks = [(instrument.block(it.key).sheet, it) for it in outlook.fall_by(fall, "block_code")]
        charts["fall_causes"] = _fall("fall-causes", word("fall.by_cause"), fall, causes)
        charts["fall_blocks"] = _fall("fall-blocks", word("fall.by_block"), fall, blocks)
    if outlook.safety is not None:
        charts["safe"] = _safe(outlook)
    if outlook.trend:
        charts["trend"] = _trend(outlook)
    return charts


def _fall(key: str, title: str, fall: Waterfall, parts: list[tuple[str, FallSum]]) -> RowChart:
    """Draw both totals and, between them, each part hanging where the one before ended."""
    spans, at = [], fall.before
    for label, part in parts:
        kind = "loss" if part.points < 0 else "gain"
        spans.append((label, change_text(part.points), Span(kind, at, at + part.points)))
        at += part.points
    places = [fall.before, fall.after, *(span.end for _, _, span in spans)]
    high = max(places)
    low = max(min(places) - (high - min(places)) * _ROOM, _ZERO)
    first = ChartRow(word(f"stage.{fall.from_stage}"), points_text(fall.before), (Span("total", low, fall.before),))
    last = ChartRow(word(f"stage.{fall.to_stage}"), points_text(fall.after), (Span("total", low, fall.after),))
    rows = [first, *(ChartRow(label, value, (span,)) for label, value, span in spans), last]
    return rows_chart(key, title, rows, (low, high))


def _safe(outlook: Outlook) -> RowChart:
    found = outlook.safety
    assert found is not None  # noqa: S101 - asked before
    rows = [
        ChartRow(word(f"safe.{name}"), points_text(points), (Span("total", _ZERO, points),))
        for name, points in (("claimed", found.claimed), ("supported", found.supported))
    ]
    ahead = found.expectation
    if ahead is not None:
        value = word(
            "safe.interval", likely=points_text(ahead.likely), low=points_text(ahead.low), high=points_text(ahead.high)
        )
        spans = (Span("range", ahead.low, ahead.high), Span("tick", ahead.likely, ahead.likely))
        rows.append(ChartRow(word("safe.expected"), value, spans))
    return rows_chart(
        "safe", word("safe.heading"), rows, (_ZERO, outlook.picture.instrument.max_points), _marks(outlook)
    )


def _trend(outlook: Outlook) -> RowChart:
    rows = [
        ChartRow(
            f"{line.cycle} {word(f'stage_short.{line.stage}')}",
            points_text(line.points),
            (Span("total" if line.cycle == outlook.picture.cycle else "past", _ZERO, line.points),),
        )
        for line in outlook.trend
    ]
    most = outlook.picture.instrument.max_points
    return rows_chart("trend", word("trend.heading"), rows, (_ZERO, most), _marks(outlook))


def _marks(outlook: Outlook) -> list[Span]:
    shown = outlook.picture
    bounds = [band.at_least for band in shown.instrument.bands if band.predikat == shown.target_predikat]
    return [Span("mark", bound, bound) for bound in bounds]
