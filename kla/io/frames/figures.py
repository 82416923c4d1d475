"""Frame `figures`: one row per figure that two offices state, with how far they lie apart and how far they may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from operator import attrgetter

from kla.findings import StandingRow
from kla.io.frames.context import Setting, Settings
from kla.io.frames.table import Frame, Subject, columns_of, typed
from kla.io.rule_data import SharedFigure, Tolerance, load_shared_figures
from kla.layout import ANSWER_HEADERS, NUMBER_KEYS, header_texts

Group = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two offices' figures: the one to go by first."""

    setting: Setting
    group: Group
    name: str
    row: StandingRow
    other: StandingRow
    figure: Decimal
    other_figure: Decimal
    allowed: Decimal

    @property
    def excess(self) -> Decimal:
        """How far beyond what is allowed the two lie apart."""
        return abs(self.figure - self.other_figure) - self.allowed


# What a row states under NUMBER_KEYS, in their order.
_figures: Callable[[StandingRow], tuple[Decimal | None, ...]] = attrgetter(*NUMBER_KEYS)
_NO_FIGURES = (None,) * len(NUMBER_KEYS)


@cache
def _headers(years: tuple[int, int]) -> Mapping[str, str]:
    return header_texts(ANSWER_HEADERS, years)


def _figure(row: StandingRow, key: str) -> Decimal | None:
    found: Decimal | None = getattr(row, key)
    return found


def _worst(pairs: Sequence[_Pair]) -> Iterator[_Pair]:
    """Yield the pair that lies furthest apart: one difference is told per pair of offices."""
    if pairs:
        yield max(pairs, key=lambda pair: pair.excess)


def _same_question(
    setting: Setting, group: Group, rows: Sequence[StandingRow], tolerance: Tolerance
) -> Iterator[_Pair]:
    """Yield the offices whose figures for one question are held against the lead's (or the first that answered)."""
    owners = setting.of(rows[0].question_id).owners
    by_office = {row.opd_code: row for row in rows if not row.is_blank}
    answering = [by_office[code] for code in owners if code in by_office]
    if len(answering) < 2:
        return
    row = answering[0]
    figures = _figures(row)
    if figures == _NO_FIGURES:
        return
    for other in answering[1:]:
        pairs = []
        for key, figure, other_figure in zip(NUMBER_KEYS, figures, _figures(other), strict=True):
            if figure is not None and other_figure is not None:
                allowed = tolerance.allowed(figure, other_figure)
                name = _headers(setting.instrument.evidence_years)[key]
                pairs.append(_Pair(setting, group, name, row, other, figure, other_figure, allowed))
        yield from _worst(pairs)


def _shared(setting: Setting, group: Group, leads: Mapping[str, StandingRow], figure: SharedFigure) -> Iterator[_Pair]:
    """Yield the leads of other questions, and other offices, whose figure should be that of the first place."""
    years = dict(zip(("t2", "t1"), setting.instrument.evidence_years, strict=True))
    places = [(leads[question_id], part) for question_id, part in figure.places if question_id in leads]
    for other, other_part in places[1:]:
        row, part = places[0]
        if other.opd_code == row.opd_code:
            continue
        pairs = []
        for suffix, year in years.items():
            first, second = _figure(row, f"{part}_{suffix}"), _figure(other, f"{other_part}_{suffix}")
            if first is not None and second is not None:
                allowed = figure.tolerance.allowed(first, second)
                pairs.append(_Pair(setting, group, f"{figure.name} {year}", row, other, first, second, allowed))
        yield from _worst(pairs)


def _pairs(rows: Sequence[StandingRow], settings: Settings) -> Iterator[_Pair]:
    tolerance, shared = load_shared_figures()
    grouped: dict[Group, dict[str, list[StandingRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        grouped[row.district_code, row.cycle, row.stage][row.question_id].append(row)
    for group in sorted(grouped):
        setting = settings.of(group[0], group[1])
        of_questions = grouped[group]
        for question_id in setting.facts:
            if question_id in of_questions:
                yield from _same_question(setting, group, of_questions[question_id], tolerance)
        leads = {row.question_id: row for found in of_questions.values() for row in found if row.is_lead}
        filled = {question_id: row for question_id, row in leads.items() if not row.is_blank}
        for figure in shared:
            yield from _shared(setting, group, filled, figure)


def _subject(pair: _Pair) -> Subject:
    district = pair.setting.district
    return Subject(
        sha256="",
        district_code=district.code,
        district_name=district.name,
        opd_code=pair.row.opd_code,
        opd_name=district.office(pair.row.opd_code).name,
        cycle=pair.group[1],
        stage=pair.group[2],
        file_name=pair.row.file_name,
    )


def figures_frame(rows: Sequence[StandingRow], settings: Settings) -> Frame:
    """Return one row per two offices that state the same figure, as expectations/figures.yaml declares the columns.

    Of the figures two offices state for one question only the one that lies furthest apart is a row.
    """
    pairs = list(_pairs(rows, settings))
    data: dict[str, Sequence[object]] = {
        "question_id": [pair.row.question_id for pair in pairs],
        "other_question_id": [pair.other.question_id for pair in pairs],
        "is_same_question": [pair.row.question_id == pair.other.question_id for pair in pairs],
        "max_points": [pair.setting.of(pair.row.question_id).max_points for pair in pairs],
        "figure": [pair.name for pair in pairs],
        "office_name": [pair.setting.district.office(pair.row.opd_code).name for pair in pairs],
        "other_name": [pair.setting.district.office(pair.other.opd_code).name for pair in pairs],
        "value": [pair.figure for pair in pairs],
        "other_value": [pair.other_figure for pair in pairs],
        "difference": [abs(pair.figure - pair.other_figure) for pair in pairs],
        "allowed": [pair.allowed for pair in pairs],
    }
    return Frame(
        "figures",
        typed(columns_of("figures"), data),
        [_subject(pair) for pair in pairs],
        [pair.row.sheet for pair in pairs],
        [0] * len(pairs),
        [{"answer": pair.row.cell} for pair in pairs],
        ["questions"] * len(pairs),
        [pair.row.question_id for pair in pairs],
    )
