"""Frame `answers`: one row per question row of an office form, with the question's limits and its data dukung counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import itemgetter

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
Placed = tuple[Decimal | None, str]  # a number and the field it stands in
INPUTS = frozenset({"answer", *NUMBER_KEYS})
_NO_NUMBERS = (None,) * len(NUMBER_KEYS)
_NOWHERE: Placed = (None, "")
_number = itemgetter(0)


def is_blank(row: AnswerRow) -> bool:
    """Whether nothing is filled in but perhaps a note."""
    return not row.answer and INPUTS.isdisjoint(row.raw) and _numbers(row) == _NO_NUMBERS


def _numbers(row: AnswerRow) -> tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]:
    return row.value_t2, row.denominator_t2, row.value_t1, row.denominator_t1


def _has_reason(row: AnswerRow) -> bool:
    """Whether a nought of a row that is not blank is explained: by the note, or in its own cell ("nihil, belum ada laporan")."""
    if Decimal(0) not in _numbers(row):
        return False
    return is_reason(row.note) or any(number_of(row.raw.get(key, "")).reason for key in NUMBER_KEYS)


def _content(row: AnswerRow) -> tuple[object, ...]:
    return row.level or row.answer, *_numbers(row)


def _is_claim(item: Item) -> bool:
    """Whether an answer that is not blank claims more than nothing of the question's points."""
    row, facts, one = item
    question = facts.question
    if question is None or not question.scale.is_scored or not question.max_points:
        return False
    answer = CountedAnswer(row.question_id, one.subject.opd_code, 0, row.level, *_numbers(row), False)
    return share_of(question, answer) > 0


def _told(row: AnswerRow) -> tuple[Placed, Placed, Placed]:
    """Return the lowest, the highest and the first broken number of a row, each with the field it first stands in."""
    numbers = _numbers(row)
    if numbers == _NO_NUMBERS:
        return _NOWHERE, _NOWHERE, _NOWHERE
    given = [(number, key) for number, key in zip(numbers, NUMBER_KEYS, strict=True) if number is not None]
    broken = next((it for it in given if it[0] % 1), _NOWHERE)
    return min(given, key=_number), max(given, key=_number), broken


@cache
def _headers(years: tuple[int, int]) -> Mapping[str, str]:
    return header_texts(ANSWER_HEADERS, years) | {"": ""}


def _copies(items: Sequence[Item], blank: Sequence[bool]) -> tuple[list[int], list[bool]]:
    """Return, per row, which filled row of its question in its file it is (1 ...), and whether all of them agree."""
    filled: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, (row, _, one) in enumerate(items):
        if not blank[index]:
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
        "level_label": [_label(row, facts) if row.level else "" for row, facts, _ in items],
        "numbered_evidence": [numbered[id(one)][row.question_id] for row, _, one in items],
    }


def _label(row: AnswerRow, facts: Facts) -> str:
    levels = facts.question.scale.levels if facts.question else ()
    return next((level.label for level in levels if level.key == row.level), "")


def _limits(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return what the instrument and the district say about each row's question."""
    asked, offices = [facts for _, facts, _ in items], [one.subject.opd_code for _, _, one in items]
    years = [one.setting.instrument.evidence_years for _, _, one in items]
    return {
        "question_id": [row.question_id for row, _, _ in items],
        "label": [facts.label for facts in asked],
        "max_points": [facts.max_points for facts in asked],
        "is_known": [facts.question is not None for facts in asked],
        "is_owned": [code in facts.owners for code, facts in zip(offices, asked, strict=True)],
        "is_lead": [bool(facts.owners) and facts.owners[0] == code for code, facts in zip(offices, asked, strict=True)],
        "lead_name": [facts.lead_name for facts in asked],
        "asked_field": ["value_t1" if facts.answer_kind in ("ratio", "count") else "answer" for facts in asked],
        "answer_kind": [facts.answer_kind for facts in asked],
        "asks_both_years": [facts.asks_both_years for facts in asked],
        "asked_evidence": [facts.asked_labels for facts in asked],
        "year_t2": [earlier for earlier, _ in years],
        "year_t1": [later for _, later in years],
        "gate_id": [facts.gate_id for facts in asked],
        "gate_level": _gate_levels(items),
    }


def _numbers_found(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return the four numbers, and the lowest, the highest and the first broken one with the field each stands in."""
    data: dict[str, Sequence[object]] = {key: [getattr(row, key) for row, _, _ in items] for key in NUMBER_KEYS}
    headers = [_headers(one.setting.instrument.evidence_years) for _, _, one in items]
    told = [_told(row) for row, _, _ in items]
    for place, name in enumerate(("lowest", "highest", "fraction")):
        data[name] = [found[place][0] for found in told]
        data[f"{name}_field"] = [found[place][1] for found in told]
        data[f"{name}_header"] = [words[found[place][1]] for words, found in zip(headers, told, strict=True)]
    return data


def answers_frame(handed: Sequence[Handed]) -> Frame:
    """Return one row per question row of the office forms; columns as expectations/answers.yaml declares them."""
    items = [(row, one.setting.of(row.question_id), one) for one in handed for row in one.reading.answers]
    clean, evidence_rows = _per_file(items, handed)
    blank = [is_blank(row) for row, _, _ in items]
    copy_number, copies_agree = _copies(items, blank)
    data = _limits(items) | _numbers_found(items)
    data |= {
        "is_clean": clean,
        "is_blank": blank,
        "answer": [row.answer for row, _, _ in items],
        "has_level": [bool(row.level) for row, _, _ in items],
        "is_claim": [not empty and _is_claim(item) for empty, item in zip(blank, items, strict=True)],
        "evidence_rows": evidence_rows,
        "copy_number": copy_number,
        "copies_agree": copies_agree,
        "has_note": [bool(row.note.strip()) for row, _, _ in items],
        "has_reason": [not empty and _has_reason(row) for empty, (row, _, _) in zip(blank, items, strict=True)],
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
