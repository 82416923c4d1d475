"""Frame `answers`: one row per question row of an office form, with the question's limits and its data dukung counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import groupby

from kla.io.frames.context import Facts, Handed
from kla.io.frames.files import spoiled_rows
from kla.io.frames.history import history_of
from kla.io.frames.table import Frame, columns_of, typed
from kla.io.rule_data import load_limits
from kla.layout import ANSWER_HEADERS, NUMBER_KEYS, header_texts
from kla.parsing.rows import is_reason
from kla.scoring import CountedAnswer, share_of
from kla.submission import AnswerRow
from kla.values import number_of

Item = tuple[AnswerRow, Facts, Handed]
INPUTS = frozenset({"answer", *NUMBER_KEYS})


def is_blank(row: AnswerRow) -> bool:
    """Whether nothing is filled in but perhaps a note."""
    return not row.answer and not INPUTS & row.raw.keys() and all(value is None for value in _numbers(row))


def _numbers(row: AnswerRow) -> tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]:
    return row.value_t2, row.denominator_t2, row.value_t1, row.denominator_t1


def _has_reason(row: AnswerRow) -> bool:
    """Whether a nought of the row is explained: by the note, or in its own cell ("nihil, belum ada laporan")."""
    if Decimal(0) not in _numbers(row):
        return False
    return is_reason(row.note) or any(number_of(row.raw.get(key, "")).reason for key in NUMBER_KEYS)


def _content(row: AnswerRow) -> tuple[object, ...]:
    return row.level or row.answer, *_numbers(row)


def _is_claim(item: Item) -> bool:
    """Whether the answer claims more than nothing of the question's points."""
    row, facts, one = item
    question = facts.question
    if question is None or not question.scale.is_scored or not question.max_points:
        return False
    return (
        share_of(
            question, CountedAnswer(row.question_id, one.subject.opd_code, 0, row.level, *_numbers(row), is_blank(row))
        )
        > 0
    )


def _field_of(row: AnswerRow, wanted: Callable[[Decimal], bool]) -> str:
    """Return the first number field whose number is as wanted, "" when none is."""
    for key, number in zip(NUMBER_KEYS, _numbers(row), strict=True):
        if number is not None and wanted(number):
            return key
    return ""


def _header(one: Handed, key: str) -> str:
    return header_texts(ANSWER_HEADERS, one.setting.instrument.evidence_years)[key] if key else ""


def _copies(items: Sequence[Item]) -> tuple[list[int], list[bool]]:
    """Return, per row, which filled row of its question in its file it is (1 ...), and whether all of them agree."""
    filled: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, (row, _, one) in enumerate(items):
        if not is_blank(row):
            filled[id(one), row.question_id].append(index)
    ordinal, agrees = [1] * len(items), [True] * len(items)
    for rows in filled.values():
        if len(rows) > 1:
            is_same = len({_content(items[index][0]) for index in rows}) == 1
            for number, index in enumerate(rows, 1):
                ordinal[index], agrees[index] = number, is_same
    return ordinal, agrees


def _gate_levels(items: Sequence[Item]) -> list[str]:
    """Return, per row, the level its gate question has in the same file; "" when it has no gate or no answer."""
    found: list[str] = []
    for _, rows in groupby(items, key=lambda item: id(item[2])):
        of_file = list(rows)
        levels = {row.question_id: row.level for row, _, _ in of_file}
        found += [levels.get(facts.gate_id, "") for _, facts, _ in of_file]
    return found


def _per_file(items: Sequence[Item], handed: Sequence[Handed]) -> tuple[list[bool], list[int]]:
    """Return, per row, whether no problem took content away from it, and how many rows of data dukung name its question."""
    spoiled = {id(one): spoiled_rows(one) for one in handed}
    rows = {id(one): Counter(row.question_id for row in one.reading.evidence) for one in handed}
    clean = [(row.sheet, row.row) not in spoiled[id(one)] for row, _, one in items]
    return clean, [rows[id(one)][row.question_id] for row, _, one in items]


def _known_wholes(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return the denominators the district itself knows: its kecamatan, its desa and kelurahan."""
    wholes = load_limits().denominators
    names = [wholes.get(facts.question.indicator_number, "") if facts.question else "" for _, facts, _ in items]
    numbers = [
        {"kecamatan": one.setting.district.kecamatan_count, "desa": one.setting.district.desa_count}.get(name)
        for name, (_, _, one) in zip(names, items, strict=True)
    ]
    units = {"kecamatan": "kecamatan", "desa": "desa dan kelurahan", "": ""}
    return {"known_denominator": numbers, "known_unit": [units[name] for name in names]}


def _legal_form(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return whether the answer claims a legal form, and how many numbered documents its file names for it."""
    legal = load_limits().legal_levels
    files = {id(one): one for _, _, one in items}
    numbered = {
        key: Counter(row.question_id for row in one.reading.evidence if row.number.strip())
        for key, one in files.items()
    }
    return {
        "is_legal_claim": [
            facts.question is not None and row.level in legal.get(facts.question.scale.code, ())
            for row, facts, _ in items
        ],
        "level_label": [_label(row, facts) for row, facts, _ in items],
        "numbered_evidence": [numbered[id(one)][row.question_id] for row, _, one in items],
    }


def _label(row: AnswerRow, facts: Facts) -> str:
    levels = facts.question.scale.levels if facts.question and row.level else ()
    return next((level.label for level in levels if level.key == row.level), "")


def _limits(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return what the instrument and the district say about each row's question."""
    return {
        "question_id": [row.question_id for row, _, _ in items],
        "label": [facts.label for _, facts, _ in items],
        "max_points": [facts.max_points for _, facts, _ in items],
        "is_known": [facts.question is not None for _, facts, _ in items],
        "is_owned": [one.subject.opd_code in facts.owners for _, facts, one in items],
        "is_lead": [facts.owners[:1] == (one.subject.opd_code,) for _, facts, one in items],
        "lead_name": [facts.lead_name for _, facts, _ in items],
        "asked_field": ["value_t1" if facts.answer_kind in ("ratio", "count") else "answer" for _, facts, _ in items],
        "answer_kind": [facts.answer_kind for _, facts, _ in items],
        "asks_both_years": [facts.asks_both_years for _, facts, _ in items],
        "asked_evidence": [facts.asked_labels for _, facts, _ in items],
        "year_t2": [one.setting.instrument.evidence_years[0] for _, _, one in items],
        "year_t1": [one.setting.instrument.evidence_years[1] for _, _, one in items],
        "gate_id": [facts.gate_id for _, facts, _ in items],
        "gate_level": _gate_levels(items),
    }


def _numbers_found(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return the four numbers, and the lowest, the highest and the first broken one with the field each stands in."""
    data: dict[str, Sequence[object]] = {key: [getattr(row, key) for row, _, _ in items] for key in NUMBER_KEYS}
    given = [[number for number in _numbers(row) if number is not None] for row, _, _ in items]
    fields = {
        "lowest": [_field_of(row, min(n).__eq__) if n else "" for (row, _, _), n in zip(items, given, strict=True)],
        "highest": [_field_of(row, max(n).__eq__) if n else "" for (row, _, _), n in zip(items, given, strict=True)],
        "fraction": [_field_of(row, lambda number: number % 1 != 0) for row, _, _ in items],
    }
    for name, keys in fields.items():
        data[name] = [getattr(row, key) if key else None for (row, _, _), key in zip(items, keys, strict=True)]
        data[f"{name}_field"] = keys
        data[f"{name}_header"] = [_header(one, key) for (_, _, one), key in zip(items, keys, strict=True)]
    return data


def answers_frame(handed: Sequence[Handed]) -> Frame:
    """Return one row per question row of the office forms; columns as expectations/answers.yaml declares them."""
    items = [(row, one.setting.of(row.question_id), one) for one in handed for row in one.reading.answers]
    clean, evidence_rows = _per_file(items, handed)
    copy_number, copies_agree = _copies(items)
    data = _limits(items) | _numbers_found(items)
    data |= {
        "is_clean": clean,
        "is_blank": [is_blank(row) for row, _, _ in items],
        "answer": [row.answer for row, _, _ in items],
        "has_level": [bool(row.level) for row, _, _ in items],
        "is_claim": [_is_claim(item) for item in items],
        "evidence_rows": evidence_rows,
        "copy_number": copy_number,
        "copies_agree": copies_agree,
        "has_note": [bool(row.note.strip()) for row, _, _ in items],
        "has_reason": [_has_reason(row) for row, _, _ in items],
        "has_amount": [bool(facts.question and facts.question.scale.has_amount) for _, facts, _ in items],
    }
    data |= _known_wholes(items) | _legal_form(items) | history_of(items)
    return Frame(
        "answers",
        typed(columns_of("answers"), data),
        [one.subject for _, _, one in items],
        [row.sheet for row, _, _ in items],
        [row.row for row, _, _ in items],
        [row.cells for row, _, _ in items],
        ["answers"] * len(items),
    )
