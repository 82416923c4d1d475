"""The recaps of the sample districts: a verifier's points per question, and a real published card laid out again."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from kla.district import District
from kla.instrument import Instrument, Question
from kla.io.form_style import text
from kla.io.instruments import load_instrument
from kla.io.recap_form import RecapLine, recap_bytes
from kla.io.sample_profile import Cut, Forms, Recap, Sample
from kla.scoring import points_of
from kla.submission import StatedLevel

Figures = tuple[Decimal, Decimal]  # maximum, points
_NOTHING = Decimal("0.00")


def recap_file(district: District, sample: Sample, recap: Recap) -> tuple[str, bytes, datetime]:
    """Return (path in the district's inbox, content, local moment of arrival) of one recap."""
    instrument = load_instrument(recap.cycle)
    if recap.card is not None and recap.headers is not None:
        lines, note = list(_card_lines(instrument, recap.card, recap.headers)), ""
    else:
        forms = next(forms for forms in sample.forms if forms.cycle == recap.cycle)
        lines, note = list(_verified_lines(district, instrument, forms, recap)), text("synthetic")
    content = recap_bytes(district, recap.cycle, recap.stage, lines, datetime(recap.cycle, 1, 1), recap.source, note)
    return f"{recap.folder}/{recap.file_name}", content, recap.arrived_at


def _verified_lines(district: District, instrument: Instrument, forms: Forms, recap: Recap) -> Iterator[RecapLine]:
    """Points the verifier gives: those of the level claimed, or of the lower level in `cuts`, with its reason."""
    questions = {
        question.question_id: _verified(district, question, forms, recap.cuts) for question in instrument.questions
    }
    reasons = {key: text(f"recap.reasons.{cut.reason}") for key, cut in recap.cuts.items()}
    offices = {
        question.question_id: ", ".join(office.code for office in district.owners_of(question))
        for question in instrument.questions
    }
    sums: dict[str, Figures] = {}
    for question in instrument.questions:
        for key in (question.block_code, question.indicator_number, "total"):
            before = sums.get(key, (_NOTHING, _NOTHING))
            sums[key] = (before[0] + question.max_points, before[1] + questions[question.question_id][1])
    for line in _lines(instrument, questions, sums, reasons, offices):
        yield replace(line, is_typed=line.key in recap.typed)
    yield RecapLine(StatedLevel.TOTAL, "total", text("recap.total"), *sums["total"])


def _verified(district: District, question: Question, forms: Forms, cuts: Mapping[str, Cut]) -> Figures:
    owners = district.owners_of(question)
    key = question.question_id
    level = cuts[key].level if key in cuts else forms.answers.level(key)
    if not level or not owners or owners[0].code in forms.silent:
        return question.max_points, _NOTHING
    return question.max_points, points_of(question.scale.level(level).share, question.max_points)


def _card_lines(instrument: Instrument, card: Path, headers: Path) -> Iterator[RecapLine]:
    """A published card exactly as published, with what is wrong in it; a card has no total row unless it printed one."""
    questions, offices, sums = {}, {}, {}
    for row in _rows(card):
        key = row["question_id"]
        questions[key] = (Decimal(row["max_points_as_published"]), Decimal(row["points_as_published"]))
        offices[key] = row["offices_as_published"].replace("|", ", ")
    for row in _rows(headers):
        sums[row["code"]] = (Decimal(row["max_points_as_published"]), Decimal(row["points_as_published"]))
    yield from _lines(instrument, questions, sums, {}, offices)


def _lines(
    instrument: Instrument,
    questions: Mapping[str, Figures],
    sums: Mapping[str, Figures],
    reasons: Mapping[str, str],
    offices: Mapping[str, str],
) -> Iterator[RecapLine]:
    for block in instrument.blocks:
        yield RecapLine(StatedLevel.BLOCK, block.sheet, block.name, *sums[block.code])
        for indicator in block.indicators:
            number = text("recap.indicator", number=indicator.number)
            yield RecapLine(StatedLevel.INDICATOR, number, indicator.name, *sums[indicator.number])
            for question in indicator.questions:
                key = question.question_id
                words = (reasons.get(key, ""), offices.get(key, ""))
                yield RecapLine(StatedLevel.QUESTION, key, question.label, *questions[key], *words)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
