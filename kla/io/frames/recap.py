"""Frame `stated`: one row per row of a recap. Frame `rollups`: each header and total beside the sums it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kla.instrument import Block, Indicator, Instrument
from kla.io.frames.context import Handed
from kla.io.frames.files import spoiled_rows
from kla.io.frames.table import Frame, columns_of, hundredths, typed
from kla.predikat import predikat_for
from kla.submission import StatedLevel, StatedRow

LEVEL_NAMES = {
    StatedLevel.QUESTION: "pertanyaan",
    StatedLevel.INDICATOR: "indikator",
    StatedLevel.BLOCK: "bagian",
    StatedLevel.TOTAL: "jumlah keseluruhan",
    StatedLevel.PREDIKAT: "predikat",
}
NO_PREDIKAT = "tanpa predikat"


def _limit(row: StatedRow, instrument: Instrument) -> tuple[bool, str, Decimal | None]:
    """Return whether the instrument knows the row's key, under what name, and its maximum."""
    if row.level is StatedLevel.TOTAL:
        return True, "Jumlah keseluruhan", instrument.max_points
    if row.level is StatedLevel.PREDIKAT:
        return True, "Predikat", None
    try:
        if row.level is StatedLevel.QUESTION:
            question = instrument.question(row.key)
            return True, question.label, question.max_points
        if row.level is StatedLevel.INDICATOR:
            indicator = instrument.indicator(row.key)
            return True, indicator.name, indicator.max_points
        block = instrument.block(row.key)
        return True, block.name, block.max_points
    except KeyError:
        return False, "", None


def _copy_numbers(items: Sequence[tuple[StatedRow, Handed]]) -> list[int]:
    seen: Counter[tuple[int, StatedLevel, str]] = Counter()
    found = []
    for row, one in items:
        seen[id(one), row.level, row.key] += 1
        found.append(seen[id(one), row.level, row.key])
    return found


def _is_predikat(row: StatedRow, instrument: Instrument) -> bool:
    """Whether a given predikat is one of the cycle's, or none by its own words; true of every other row."""
    return row.level is not StatedLevel.PREDIKAT or row.label in ("", *(band.predikat for band in instrument.bands))


def stated_frame(handed: Sequence[Handed]) -> Frame:
    """Return one row per row of a recap; columns as expectations/stated.yaml declares them."""
    items = [(row, one) for one in handed for row in one.reading.stated]
    spoiled = {id(one): spoiled_rows(one) for one in handed}
    limits = [_limit(row, one.setting.instrument) for row, one in items]
    data: dict[str, Sequence[object]] = {
        "question_id": [row.key if row.level is StatedLevel.QUESTION else "" for row, _ in items],
        "key": [row.key for row, _ in items],
        "level_name": [LEVEL_NAMES[row.level] for row, _ in items],
        "is_question": [row.level is StatedLevel.QUESTION for row, _ in items],
        "is_known": [is_known for is_known, _, _ in limits],
        "is_clean": [(row.sheet, row.row) not in spoiled[id(one)] for row, one in items],
        "label": [name for _, name, _ in limits],
        "label_found": [row.label for row, _ in items],
        "max_points": [hundredths(limit) for _, _, limit in limits],
        "stated_max": [hundredths(row.max_points) for row, _ in items],
        "points": [hundredths(row.points) for row, _ in items],
        "points_found": [row.raw.get("points", "") for row, _ in items],
        "has_points": [row.points is not None for row, _ in items],
        "has_max": [row.max_points is not None for row, _ in items],
        "is_whole_hundredths": [row.points is None or row.points * 100 % 1 == 0 for row, _ in items],
        "copy_number": _copy_numbers(items),
        "is_scored": [limit is None or limit > 0 for _, _, limit in limits],
        "is_predikat": [row.level is StatedLevel.PREDIKAT for row, _ in items],
        "is_predikat_known": [_is_predikat(row, one.setting.instrument) for row, one in items],
        "predikat_found": [row.raw.get("predikat", "") for row, _ in items],
        "predikats": [", ".join(band.predikat for band in one.setting.instrument.bands) for _, one in items],
    }
    return Frame(
        "stated",
        typed(columns_of("stated"), data),
        [one.subject for _, one in items],
        [row.sheet for row, _ in items],
        [row.row for row, _ in items],
        [row.cells for row, _ in items],
        ["stated"] * len(items),
    )


@dataclass(frozen=True, slots=True)
class _Node:
    """One header or the total of a recap, with the three ways to add it up (None where there is nothing to add).

    A given predikat is one too: `by_rows` is then the total it belongs to.
    """

    level: StatedLevel
    key: str
    name: str
    max_points: Decimal
    header: StatedRow | None
    by_rows: Decimal | None
    by_indicators: Decimal | None
    by_blocks: Decimal | None


def _sum(
    stated: Mapping[tuple[StatedLevel, str], StatedRow], keys: Iterable[tuple[StatedLevel, str]]
) -> Decimal | None:
    points = [row.points for key in keys if (row := stated.get(key)) is not None and row.points is not None]
    return sum(points, Decimal(0)) if points else None


def _questions(part: Indicator | Block | Instrument) -> list[tuple[StatedLevel, str]]:
    return [(StatedLevel.QUESTION, question.question_id) for question in part.questions]


def _indicators(part: Block | Instrument) -> list[tuple[StatedLevel, str]]:
    return [(StatedLevel.INDICATOR, indicator.number) for indicator in part.indicators]


def _nodes(instrument: Instrument, rows: Sequence[StatedRow]) -> list[_Node]:
    """Return indicators, blocks, the total and the predikat, in the order of the card.

    Of a question the first row counts; headers and totals that stand twice with other points are one node each.
    """
    stated: dict[tuple[StatedLevel, str], StatedRow] = {}
    for row in rows:
        first = stated.setdefault((row.level, row.key), row)
        if first.points is None and row.level is not StatedLevel.QUESTION:
            stated[row.level, row.key] = row
    level, nodes = StatedLevel, []
    for part in instrument.indicators:
        by_rows = _sum(stated, _questions(part))
        nodes += [
            _Node(level.INDICATOR, part.number, part.name, part.max_points, header, by_rows, None, None)
            for header in _headers(rows, level.INDICATOR, part.number)
        ]
    for block in instrument.blocks:
        by_rows, by_parts = _sum(stated, _questions(block)), _sum(stated, _indicators(block))
        nodes += [
            _Node(level.BLOCK, block.code, block.name, block.max_points, header, by_rows, by_parts, None)
            for header in _headers(rows, level.BLOCK, block.code)
        ]
    blocks = [(level.BLOCK, block.code) for block in instrument.blocks]
    sums = _sum(stated, _questions(instrument)), _sum(stated, _indicators(instrument)), _sum(stated, blocks)
    totals = _headers(rows, level.TOTAL, "total")
    nodes += [
        _Node(level.TOTAL, "total", "Jumlah keseluruhan", instrument.max_points, total, *sums) for total in totals
    ]
    return nodes + _predikat_nodes(instrument, rows, totals, sums[0])


def _predikat_nodes(
    instrument: Instrument, rows: Sequence[StatedRow], totals: Sequence[StatedRow | None], by_rows: Decimal | None
) -> list[_Node]:
    """Return the first predikat that is given, beside the stated total, or without one the sum of the questions."""
    given = next((row for row in rows if row.level is StatedLevel.PREDIKAT and _is_predikat(row, instrument)), None)
    if given is None:
        return []
    stated = next((row.points for row in totals if row is not None and row.points is not None), by_rows)
    total = stated if stated is not None and 0 <= stated <= instrument.max_points else None
    return [_Node(StatedLevel.PREDIKAT, "predikat", "Predikat", instrument.max_points, given, total, None, None)]


def _headers(rows: Sequence[StatedRow], level: StatedLevel, key: str) -> list[StatedRow | None]:
    """Return the rows of a header or total: all with points, each points once; else the first, or None without any."""
    own = [row for row in rows if (row.level, row.key) == (level, key)]
    distinct = {row.points: row for row in reversed(own) if row.points is not None}
    return [*reversed(distinct.values())] or [own[0] if own else None]


def _predikats(node: _Node, instrument: Instrument) -> tuple[bool, str, str]:
    """Return whether a given predikat can be held against a total, the predikat, and that of the total's band."""
    if node.level is not StatedLevel.PREDIKAT or node.header is None or node.by_rows is None:
        return False, "", ""
    return True, node.header.label or NO_PREDIKAT, predikat_for(node.by_rows, instrument.bands) or NO_PREDIKAT


def _agree(node: _Node) -> bool:
    return len({points for points in (node.by_rows, node.by_indicators, node.by_blocks) if points is not None}) <= 1


def _difference(node: _Node) -> Decimal | None:
    """Return how far the header's points are from what they should add up to (indicators before rows for a block)."""
    below = node.by_indicators if node.level is StatedLevel.BLOCK and node.by_indicators is not None else node.by_rows
    stated = node.header.points if node.header else None
    return None if stated is None or below is None else abs(stated - below)


def rollups_frame(handed: Sequence[Handed]) -> Frame:
    """Return one row per indicator, block and total of each recap; points of all four sums, maxima beside the law's."""
    items = [
        (node, one)
        for one in handed
        if one.reading.stated
        for node in _nodes(one.setting.instrument, one.reading.stated)
    ]
    headers = [node.header for node, _ in items]
    given = [_predikats(node, one.setting.instrument) for node, one in items]
    data: dict[str, Sequence[object]] = {
        "level": [node.level.value for node, _ in items],
        "key": [node.key for node, _ in items],
        "name": [node.name for node, _ in items],
        "max_points": [hundredths(node.max_points) for node, _ in items],
        "stated_max": [hundredths(header.max_points if header else None) for header in headers],
        "points": [hundredths(header.points if header else None) for header in headers],
        "by_rows": [hundredths(node.by_rows) for node, _ in items],
        "by_indicators": [hundredths(node.by_indicators) for node, _ in items],
        "by_blocks": [hundredths(node.by_blocks) for node, _ in items],
        "has_indicators": [node.by_indicators is not None for node, _ in items],
        "difference": [hundredths(_difference(node)) for node, _ in items],
        "do_totals_agree": [_agree(node) for node, _ in items],
        "total": [hundredths(node.by_rows if node.level is StatedLevel.PREDIKAT else None) for node, _ in items],
        "has_predikat": [has_one for has_one, _, _ in given],
        "predikat_given": [predikat for _, predikat, _ in given],
        "predikat_by_band": [predikat for _, _, predikat in given],
    }
    return Frame(
        "rollups",
        typed(columns_of("rollups"), data),
        [one.subject for _, one in items],
        [
            header.sheet if header else one.reading.stated[0].sheet
            for header, (_, one) in zip(headers, items, strict=True)
        ],
        [header.row if header else 0 for header in headers],
        [header.cells if header else {} for header in headers],
        ["stated"] * len(items),
    )
