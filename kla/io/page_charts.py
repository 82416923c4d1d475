"""The charts of a district's page, from its view and the reports' texts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kla.io.charts import Bar, Mark, bars_svg
from kla.io.page_outlook_words import outlook_charts
from kla.io.page_rows import RowChart
from kla.io.page_views import PictureView
from kla.io.page_words import word
from kla.scoring import ScoreSheet
from kla.wording import limit_text, points_text


def charts(view: PictureView) -> Mapping[str, str | RowChart]:
    """Return "blocks" and "stages" as SVG elements, and what the templates draw themselves; none before anything is scored."""
    if view.sheet is None:
        return {}
    return {"blocks": _blocks(view, view.sheet), "stages": _stages(view), **outlook_charts(view.outlook)}


def _share(part: Decimal, whole: Decimal) -> float:
    return float(part / whole) if whole else 0.0


def _blocks(view: PictureView, sheet: ScoreSheet) -> str:
    bars, parts = [], []
    for block in view.picture.instrument.blocks:
        points = view.block_points(sheet, block.code)
        written, most = points_text(points), limit_text(block.max_points)
        value = word("chart.value_of", points=written, max=most)
        bars.append(Bar(block.sheet, value, _share(points, block.max_points)))
        parts.append(word("chart.blocks_part", block=block.sheet, points=written, max=most))
    description = word("chart.blocks_desc", stage=word(f"stage.{sheet.stage}"), parts="; ".join(parts))
    return bars_svg("chart-blocks", word("chart.blocks_title"), description, bars)


def _stages(view: PictureView) -> str:
    most = view.picture.instrument.max_points
    bars, parts = [], []
    for sheet in view.picture.stages:
        stage, written = word(f"stage.{sheet.stage}"), points_text(sheet.total.points)
        predikat = sheet.predikat or word("words.no_predikat")
        bars.append(Bar(stage, f"{written} · {predikat}", _share(sheet.total.points, most)))
        parts.append(word("chart.stages_part", stage=stage, points=written))
    at_least = limit_text(view.target.at_least) if view.target else ""
    marks = [Mark("", _share(band.at_least, most)) for band in view.bands if band != view.target]
    if view.target:
        name = word("chart.target", target=view.target.predikat, at_least=at_least)
        marks.append(Mark(name, _share(view.target.at_least, most), is_target=True))
    description = word(
        "chart.stages_desc", target=view.picture.target_predikat, at_least=at_least, parts="; ".join(parts)
    )
    return bars_svg("chart-stages", word("chart.stages_title"), description, bars, marks)
