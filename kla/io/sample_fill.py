"""Fills an office form as an office would: levels, figures that give these levels, evidence of the kinds asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from kla import layout
from kla.district import District, Office
from kla.instrument import AnswerKind, Instrument, Question
from kla.io import project
from kla.io.form_sheets import column_of
from kla.io.forms import BuiltForm
from kla.io.sample_profile import Answers
from kla.io.steady_xlsx import write_text
from kla.io.yaml_text import plain

_SUPPORTERS_ANSWER_ONE_IN = 3


@dataclass(frozen=True)
class Sender:
    """Who fills in: one office of one district, for one cycle's instrument."""

    district: District
    instrument: Instrument
    office: Office


@cache
def sample_texts() -> Mapping[str, Any]:
    """Return samples/evidence.yaml."""
    found: Mapping[str, Any] = plain(project.data("samples") / "evidence.yaml")
    return found


def pick(below: int, *parts: object) -> int:
    """Return a number from 0 to below - 1 that depends on `parts` only."""
    digest = hashlib.sha256("|".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:8]) % below


def fill(built: BuiltForm, sender: Sender, answers: Answers, other_levels: Mapping[str, str]) -> None:
    """Write answers and evidence into a form; `other_levels` are answers in which this office differs from the profile.

    The lead answers everything the profile answers; a supporter every third question (all, where it leads none), with
    one piece of evidence.
    """
    evidence: list[dict[str, object]] = []
    owned = sender.district.questions_for(sender.office.code, sender.instrument)
    leads_none = not any(is_lead for _, is_lead in owned)
    for question, is_lead in owned:
        key = question.question_id
        level = other_levels.get(key) or answers.level(key)
        if not level or not (is_lead or leads_none or key in other_levels or _supports(sender, question)):
            continue
        _write_answer(built, sender, question, level)
        if question.scale.level(level).share > 0 and key not in answers.without_evidence:
            rows = [evidence_row(sender, question, kind) for kind in question.evidence_kinds]
            evidence += rows if is_lead else rows[:1]
    write_evidence_rows(built, evidence)


def _supports(sender: Sender, question: Question) -> bool:
    return pick(_SUPPORTERS_ANSWER_ONE_IN, sender.office.code, question.question_id) == 0


def _write_answer(built: BuiltForm, sender: Sender, question: Question, level: str) -> None:
    sheet_name, row = built.places.answer_rows[question.question_id]
    sheet = built.workbook[sheet_name]
    asked = layout.asked_inputs(question)
    keys = layout.ANSWER_KEYS
    if "answer" in asked:
        write_text(sheet.cell(row, column_of("answer", keys)), question.scale.level(level).label)
    figures = figures_for(sender, question, level)
    for key, figure in figures.items():
        if key in asked:
            sheet.cell(row, column_of(key, keys)).value = figure
    if figures.get("value_t1") == 0 and question.scale.answer is not AnswerKind.RATIO:
        t2, t1 = sender.instrument.evidence_years
        note = str(sample_texts()["nil_note"]).format(t2=t2, t1=t1)
        write_text(sheet.cell(row, column_of("note", keys)), note)


def figures_for(sender: Sender, question: Question, level: str) -> dict[str, int]:
    """Return the figures of both years that give this level; empty where a choice needs none.

    Raises:
        ValueError: no whole numerator gives this level with the district's denominator (few kecamatan).
    """
    seed = (sender.district.code, sender.instrument.cycle, question.question_id)
    if question.scale.answer is AnswerKind.RATIO:
        return _ratio_figures(sender, question, level, seed)
    if question.scale.answer is AnswerKind.COUNT:
        earlier = 8 + pick(40, *seed)
        return {"value_t2": earlier, "value_t1": earlier + {"naik": 4, "tetap": 0, "turun": -4}[level]}
    if question.scale.has_amount:
        amount = (20 + pick(180, *seed)) * 1_000_000
        years = {"tahun_lama_saja": ("t2",), "salah_satu_tahun": ("t1",), "dua_tahun_ttd_bappeda": ("t2", "t1")}
        return {f"value_{year}": amount for year in years.get(level, ())}
    if question.measure == "count" or question.periods > 1:
        figure = 0 if question.scale.level(level).share == 0 else 3 + pick(60, *seed)
        return {"value_t2": max(0, figure - pick(3, *seed)), "value_t1": figure}
    return {}


def _ratio_figures(sender: Sender, question: Question, level: str, seed: tuple[object, ...]) -> dict[str, int]:
    wholes = {"25": sender.district.kecamatan_count, "26": sender.district.desa_count}
    whole = wholes.get(question.indicator_number) or 240 + pick(6000, *seed)
    limits = sorted(step.at_least for step in question.scale.levels if step.at_least is not None)
    lowest = question.scale.level(level).at_least or Decimal(0)
    above = [limit for limit in limits if limit > lowest]
    highest = above[0] if above else Decimal(100)
    fitting = [part for part in range(whole + 1) if lowest * whole <= part * 100 < highest * whole]
    if not above:
        fitting.append(whole)
    if not fitting:
        raise ValueError(f"no numerator of {whole} gives {level} for {question.question_id}")
    value = fitting[len(fitting) // 2 + pick(3, *seed) - 1] if len(fitting) > 8 else fitting[len(fitting) // 2]
    return {"value_t2": max(0, value - 1), "denominator_t2": whole, "value_t1": value, "denominator_t1": whole}


def evidence_row(sender: Sender, question: Question, kind: str) -> dict[str, object]:
    """Return one row of data dukung for a question, dated inside the evidence years."""
    texts = sample_texts()
    seed = (sender.district.code, sender.office.code, question.question_id, kind)
    year = sender.instrument.evidence_years[pick(2, *seed)]
    fields = {
        "label": question.label,
        "office": sender.office.code,
        "question": question.question_id,
        "kind": kind,
        "n": 1 + pick(900, *seed),
        "year": year,
    }
    links: Mapping[str, str] = texts["links"]
    return {
        "question_id": question.question_id,
        "kind": sender.instrument.evidence_kinds[kind].label,
        "title": texts["titles"][kind].format(**fields),
        "number": texts["numbers"].get(kind, "").format(**fields),
        "dated_on": date(year, 1, 3) + timedelta(days=pick(360, *seed, "day")),
        "link": links.get(kind, links["other"]).format(**fields),
    }


def write_evidence_rows(built: BuiltForm, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows of data dukung into the first free rows of the form.

    Raises:
        ValueError: the form has fewer rows than evidence.
    """
    sheet = built.workbook[layout.EVIDENCE_SHEET]
    keys = layout.EVIDENCE_KEYS
    id_column = column_of("question_id", keys)
    free = [row for row in built.places.evidence_rows if sheet.cell(row, id_column).value is None]
    for row, values in zip(free[: len(rows)], rows, strict=True):
        for key, value in values.items():
            cell = sheet.cell(row, column_of(key, keys))
            if isinstance(value, str):
                write_text(cell, value)
            else:
                cell.value = value  # type: ignore[assignment]
