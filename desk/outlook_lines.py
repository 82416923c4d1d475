"""The lines that the commands of desk/outlook.py print; the longest lists are cut short unless all is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from desk.frame import table
from desk.ground import head
from kla.io.desk_words import items, say
from kla.wording import change_text, date_text, number_text, points_text

if TYPE_CHECKING:
    from datetime import date

    from kla.back_test import BackTest
    from kla.comparison import Waterfall, YearComparison
    from kla.coordination import Coordination, Unowned
    from kla.instrument import Instrument
    from kla.io.outlook import Ground
    from kla.needs import Need
    from kla.picture import Picture
    from kla.safe_score import SafeScore

SHOWN = 15
NOTHING = Decimal("0.00")
Row = TypeVar("Row")


def _shown(rows: Sequence[Row], *, is_all: bool) -> Sequence[Row]:
    return rows if is_all else rows[:SHOWN]


def _rest(count: int, *, is_all: bool) -> Iterator[str]:
    if not is_all and count > SHOWN:
        yield say("outlook.rest", count=count - SHOWN)


def _block_name(instrument: Instrument, code: str) -> str:
    return instrument.block(code).sheet if code else say("night.none")


def _question_name(instrument: Instrument, question_id: str) -> str:
    return f"{question_id} {instrument.question(question_id).label}"


def _sums(title: str, sums: Iterable[tuple[str, Decimal]]) -> Iterator[str]:
    rows = [[name, change_text(points)] for name, points in sums]
    if rows:
        yield ""
        yield table([title, say("outlook.points")], rows, frozenset({1}))


def fall_lines(ground: Ground, fall: Waterfall, *, is_all: bool) -> Iterator[str]:
    """Yield a stage comparison: its sums by block, cause, office and indicator, then the questions, dearest first."""
    from kla.io.planning import load_causes

    instrument, causes = ground.instrument, load_causes().changes
    labels = {cause.value: words.label for cause, words in causes.items()}
    stages = {"before_stage": say(f"stage.{fall.from_stage}"), "after_stage": say(f"stage.{fall.to_stage}")}
    yield say("compare.title", **{**head(ground), **stages})
    points = {"before": points_text(fall.before), "after": points_text(fall.after)}
    yield say("compare.total", **points, change=change_text(fall.difference), residual=points_text(fall.residual))
    yield from _sums(say("compare.by_block"), [(_block_name(instrument, key), it) for key, it in fall.by_block()])
    yield from _sums(say("compare.by_cause"), [(labels[key], it) for key, it in fall.by_cause()])
    yield from _sums(say("compare.by_office"), [(key or say("outlook.no_office"), it) for key, it in fall.by_office()])
    indicators = [(f"{key} {instrument.indicator(key).name}", it) for key, it in fall.by_indicator()]
    yield from _sums(say("compare.by_indicator"), _shown(indicators, is_all=is_all))
    yield from _rest(len(indicators), is_all=is_all)
    steps = sorted(fall.steps, key=lambda step: step.points)
    rows = [
        [
            _question_name(instrument, step.question_id),
            step.opd_code or say("outlook.no_office"),
            labels[step.change.value],
            change_text(step.points),
            step.reason,
        ]
        for step in _shown(steps, is_all=is_all)
    ]
    yield ""
    yield table(items("compare.header"), rows, frozenset({3}))
    yield from _rest(len(steps), is_all=is_all)


def year_lines(ground: Ground, stage: str, found: Sequence[YearComparison], *, is_all: bool) -> Iterator[str]:
    """Yield each pair of cycles: its difference by what changed, then the questions where they are known."""
    yield say("years.title", **{**head(ground), "stage": say(f"stage.{stage}")})
    for one in found:
        cycles = {"earlier": one.earlier.cycle, "later": one.later.cycle}
        points = {"before": points_text(one.earlier.total), "after": points_text(one.later.total)}
        yield ""
        yield say("years.pair", **cycles, **points, change=change_text(one.difference))
        for change, part in one.by_change():
            yield say(f"years.change.{change.value}", points=change_text(part))
        parts = sorted((part for part in one.parts if part.question_id), key=lambda part: -abs(part.points))
        rows = [
            [
                part.question_id,
                _block_name(ground.instrument, part.block_code),
                say(f"years.word.{part.change.value}"),
                change_text(part.points),
            ]
            for part in _shown(parts, is_all=is_all)
        ]
        if rows:
            yield table(items("years.header"), rows, frozenset({3}))
            yield from _rest(len(parts), is_all=is_all)


def safe_lines(ground: Ground, found: SafeScore, tests: Sequence[BackTest], *, is_all: bool) -> Iterator[str]:
    """Yield the skor aman: the sums, the interval and its basis, per block, the dearest answers at risk, the back-test."""
    from kla.io.planning import basis_text

    yield say("safe.title", **head(ground))
    sums = {"claimed": found.claimed, "supported": found.supported, "at_risk": found.at_risk, "safe": found.safe}
    yield say("safe.sums", **{name: points_text(points) for name, points in sums.items()})
    if found.expectation is not None:
        ends = {"low": found.expectation.low, "likely": found.expectation.likely, "high": found.expectation.high}
        yield say("safe.expected", **{name: points_text(points) for name, points in ends.items()})
    yield basis_text(found.expectation)
    for test in tests:
        if test.mean_error is not None:
            key = "safe.back_test" if test.is_strict else "safe.back_test_kind"
            counts = {"tested": test.tested, "covered": test.covered}
            yield say(key, **counts, error=points_text(test.mean_error))
    yield ""
    blocks = []
    for block in ground.instrument.blocks:
        own = [answer for answer in found.answers if answer.block_code == block.code]
        figures = [
            sum((getattr(it, name) for it in own), NOTHING) for name in ("claimed", "supported", "at_risk", "safe")
        ]
        blocks.append([block.sheet, *map(points_text, figures)])
    yield table(items("safe.block_header"), blocks, frozenset({1, 2, 3, 4}))
    risky = sorted((answer for answer in found.answers if answer.at_risk), key=lambda answer: -answer.at_risk)
    if risky:
        rows = [
            [
                _question_name(ground.instrument, it.question_id),
                it.opd_code or say("outlook.no_office"),
                points_text(it.supported),
                points_text(it.at_risk),
            ]
            for it in _shown(risky, is_all=is_all)
        ]
        yield ""
        yield table(items("safe.header"), rows, frozenset({2, 3}))
        yield from _rest(len(risky), is_all=is_all)


def gap_lines(ground: Ground, day: date, found: Sequence[Need], *, is_all: bool) -> Iterator[str]:
    """Yield the losses by cause, office and block, then each with what wins it back; they sum to maximum - score."""
    from kla.io.letter_words import action_word, cause_words
    from kla.io.planning import load_efforts

    total = ground.current.total
    lost = sum((need.gap.lost_points for need in found), NOTHING)
    yield say("gaps.title", **head(ground), as_of=date_text(day))
    figures = {"score": total.points, "most": total.max_points, "lost": lost}
    yield say("gaps.total", **{name: points_text(points) for name, points in figures.items()})
    labels = [cause_words(need.cause, need.is_verifiers).label for need in found]
    blocks = [_block_name(ground.instrument, need.gap.block_code) for need in found]
    offices = [need.gap.opd_code or say("outlook.no_office") for need in found]
    for key, names in (("by_cause", labels), ("by_office", offices), ("by_block", blocks)):
        yield from _sums(say(f"gaps.{key}"), _losses(zip(names, found, strict=True)))
    efforts = load_efforts().class_labels
    rows = [
        [
            _question_name(ground.instrument, need.gap.question_id),
            office,
            label,
            points_text(need.gap.lost_points),
            action_word(need.action),
            efforts[need.effort_class],
            _until(need),
        ]
        for need, label, office in _shown(list(zip(found, labels, offices, strict=True)), is_all=is_all)
    ]
    yield ""
    yield table(items("gaps.header"), rows, frozenset({3}))
    yield from _rest(len(found), is_all=is_all)


def _until(need: Need) -> str:
    if not need.is_possible:
        return say("gaps.too_late")
    return date_text(need.deadline_on) if need.deadline_on else say("night.none")


def _losses(named: Iterable[tuple[str, Need]]) -> list[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = {}
    for name, need in named:
        sums[name] = sums.get(name, NOTHING) - need.gap.lost_points
    return sorted(sums.items(), key=lambda item: item[1])


def coordination_lines(picture: Picture, found: Coordination, *, is_all: bool) -> Iterator[str]:
    """Yield who works alone and who is waited for, indicators carried by one office, disputes, unowned questions."""
    names = {office.code: office.name for office in picture.district.offices}
    about = {"name": picture.district.name, "code": picture.district.code, "cycle": picture.cycle}
    yield say("coordination.title", **about, as_of=date_text(picture.as_of))
    yield say(
        "coordination.questions", alone=len(found.alone_questions), shared=found.shared_questions, offices=len(names)
    )
    yield say("coordination.indicators", alone=len(found.alone), shared=found.shared_indicators)
    for key, counted in (("alone", found.alone_by_office()), ("silent", found.silent_by_office())):
        rows = [[code, names[code], str(count)] for code, count in _shown(counted, is_all=is_all)]
        if rows:
            yield ""
            yield table(items(f"coordination.{key}_header"), rows, frozenset({2}))
            yield from _rest(len(counted), is_all=is_all)
    for key, rows in _listed(picture, found).items():
        yield ""
        header = items(f"coordination.{key}_header")
        if rows:
            yield table(header, _shown(rows, is_all=is_all), frozenset({len(header) - 1}))
            yield from _rest(len(rows), is_all=is_all)
        else:
            yield say(f"coordination.no_{key}")


def _listed(picture: Picture, found: Coordination) -> dict[str, list[list[str]]]:
    """Return the rows of each list beside the counts, by the key of its header."""
    return {
        "indicator": [
            [_indicator(picture, it.indicator_number), it.opd_code, ", ".join(it.silent), points_text(it.max_points)]
            for it in found.alone
        ],
        "dispute": [
            [_name(picture, it.question_id), ", ".join(it.codes), ", ".join(it.opd_codes), points_text(it.max_points)]
            for it in found.disputes
        ],
        "moved": [
            [
                _name(picture, it.question_id),
                it.from_opd or say("outlook.no_office"),
                it.to_opd,
                points_text(it.max_points),
            ]
            for it in found.moved
        ],
        "silent_lead": [
            [_name(picture, it.question_id), it.opd_code, ", ".join(it.answered), points_text(it.max_points)]
            for it in found.silent_leads
        ],
        "unowned": [[_name(picture, it.question_id), _why(it), points_text(it.max_points)] for it in found.unowned],
    }


def _name(picture: Picture, question_id: str) -> str:
    return _question_name(picture.instrument, question_id)


def _why(it: Unowned) -> str:
    return say("coordination.meant" if it.is_meant else "coordination.not_meant")


def _indicator(picture: Picture, number: str) -> str:
    return f"{number} {picture.instrument.indicator(number).name}"


def matrix_lines(picture: Picture, found: Coordination) -> Iterator[str]:
    """Yield offices against indicators: leads or supports, how many questions of how many were delivered, disputes."""
    about = {"name": picture.district.name, "code": picture.district.code, "cycle": picture.cycle}
    yield say("coordination.title", **about, as_of=date_text(picture.as_of))
    yield say("coordination.legend")
    numbers = [indicator.number for indicator in picture.instrument.indicators]
    parts = {(part.opd_code, part.indicator_number): part for part in found.parts}
    rows = []
    for code in found.opd_codes:
        cells = []
        for number in numbers:
            part = parts.get((code, number))
            if part is None:
                cells.append("")
                continue
            role = say("coordination.leads" if part.led else "coordination.supports")
            mark = say("coordination.disputed") if part.disputed else ""
            cells.append(f"{role}{number_text(part.delivered)}/{number_text(part.owned)}{mark}")
        rows.append([code, *cells])
    yield table([say("coordination.office"), *numbers], rows)
