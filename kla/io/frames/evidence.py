"""Frame `evidence`: one row per row of data dukung, with what its question asks and the years that count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from datetime import date

from kla.io.frames.context import Facts, Handed
from kla.io.frames.files import listed, spoiled_rows
from kla.io.frames.table import Frame, columns_of, typed
from kla.io.rule_data import load_limits
from kla.links import is_link, link_parts
from kla.submission import EvidenceRow
from kla.values import clean
from kla.wording import date_text

Item = tuple[EvidenceRow, Facts, Handed]
PHOTO = "foto"
# A name that ends like a file, or a link to one stored file: two rows with it mean the same thing.
_KINDS = "jpg jpeg png heic webp pdf doc docx xls xlsx ppt pptx mp4 zip rar"
_FILE_ENDS = tuple(f".{kind}" for kind in _KINDS.split())
_STORED_FILE = "/file/d/"


def _same_document(row: EvidenceRow) -> list[Hashable]:
    """Return what two rows of the same document or photo share: a stored file, or title and number; [] if nothing says."""
    link, title, number = clean(row.link), clean(row.title), clean(row.number)
    found: list[Hashable] = [("file", link)] if link.endswith(_FILE_ENDS) or _STORED_FILE in link else []
    if title and number:
        found.append(("number", title, number))
    return found or ([("title", title, link)] if title else [])


def _shared(items: Sequence[Item], keys: Sequence[Sequence[Hashable]]) -> tuple[list[int], list[str], list[bool]]:
    """Return, per row: how many questions its document serves in the file, which, and whether it is named here first.

    Rows belong together when they share any key, directly or through a third row.
    """
    first_with: dict[tuple[int, Hashable], int] = {}
    leads_to = list(range(len(items)))  # each row to an earlier one it belongs with, the first to itself

    def first_of(index: int) -> int:
        while leads_to[index] != index:
            leads_to[index] = index = leads_to[leads_to[index]]
        return index

    for index, (_, _, one) in enumerate(items):
        for key in keys[index]:
            earlier = first_with.setdefault((id(one), key), index)
            if earlier != index:
                one_of, other = sorted((first_of(index), first_of(earlier)))
                leads_to[other] = one_of
    together: dict[int, list[int]] = defaultdict(list)
    for index in range(len(items)):
        together[first_of(index)].append(index)
    count, names, is_first = [1] * len(items), [""] * len(items), [True] * len(items)
    for rows in together.values():
        if len(rows) == 1:
            continue
        questions = list(dict.fromkeys(items[index][0].question_id for index in rows))
        for index in rows:
            count[index], is_first[index] = len(questions), index == rows[0]
            names[index] = listed(questions) if len(questions) > 1 else ""
    return count, names, is_first


def _repeats(items: Sequence[Item]) -> list[int]:
    """Return, per row, which row with exactly this content in its file it is: 1, 2 ..."""
    seen: dict[tuple[object, ...], int] = defaultdict(int)
    found = []
    for row, _, one in items:
        key = (id(one), row.question_id, row.kind, row.title, row.number, row.dated_on, row.year, row.link)
        seen[key] += 1
        found.append(seen[key])
    return found


def _dates(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return the day or year of each row beside the years that count and the day it is looked at."""
    texts = {day: date_text(day) for day in {row.dated_on for row, _, _ in items} if day}
    first_days = [row.dated_on or (date(row.year, 1, 1) if row.year else None) for row, _, _ in items]
    return {
        "has_date": [bool(day) or "dated_on" in row.raw for day, (row, _, _) in zip(first_days, items, strict=True)],
        "dated_text": [texts[row.dated_on] if row.dated_on else str(row.year or "") for row, _, _ in items],
        "dated_year": [day.year if day else None for day in first_days],
        "days_ahead": [
            (day - one.as_of).days if day else None for day, (_, _, one) in zip(first_days, items, strict=True)
        ],
        "as_of": [one.as_of for _, _, one in items],
        "year_from": [one.setting.instrument.evidence_years[0] for _, _, one in items],
        "year_to": [one.setting.instrument.evidence_years[1] for _, _, one in items],
    }


def _kinds(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    kinds = [one.setting.instrument.evidence_kinds.get(row.kind) for row, _, one in items]
    return {
        "has_kind": [bool(row.kind) or "kind" in row.raw for row, _, _ in items],
        "kind_label": [kind.label if kind else "" for kind in kinds],
        "is_dated_kind": [bool(kind and kind.is_dated) for kind in kinds],
        "is_photo": [row.kind == PHOTO for row, _, _ in items],
        "is_kind_asked": [
            not kind or not facts.asked_evidence or kind.key in facts.asked_evidence
            for kind, (_, facts, _) in zip(kinds, items, strict=True)
        ],
        "asked_evidence": [facts.asked_labels for _, facts, _ in items],
    }


def _twins(items: Sequence[Item]) -> dict[str, Sequence[object]]:
    """Return, per row, the first file of another name with the same bytes in its office's parcel, and its question."""
    first: dict[tuple[int, str], tuple[str, str]] = {}
    names, ids = [""] * len(items), [""] * len(items)
    for index, (row, _, one) in enumerate(items):
        if not one.reading.attachments:
            continue
        for name in map(clean, link_parts(row.link)):
            if digest := one.reading.attachments.get(name):
                twin = first.setdefault((id(one), digest), (name, row.question_id))
                if twin[0] != name:
                    names[index], ids[index] = twin
    return {"twin_name": names, "twin_id": ids}


def _is_lasting(row: EvidenceRow, facts: Facts) -> bool:
    """Whether a document like this one may still be in force long after its date."""
    limits = load_limits()
    question = facts.question
    return question is not None and question.measure in limits.lasting_measures and row.kind in limits.lasting_kinds


def evidence_frame(handed: Sequence[Handed]) -> Frame:
    """Return one row per row of data dukung; columns as expectations/evidence.yaml declares them."""
    items = [(row, one.setting.of(row.question_id), one) for one in handed for row in one.reading.evidence]
    spoiled = {id(one): spoiled_rows(one) for one in handed}
    leads_somewhere = {link: is_link(link) for link in {row.link for row, _, _ in items}}
    shared_questions, shared_ids, is_first_use = _shared(items, [_same_document(row) for row, _, _ in items])
    data: dict[str, Sequence[object]] = {
        "question_id": [row.question_id for row, _, _ in items],
        "label": [facts.label for _, facts, _ in items],
        "max_points": [facts.max_points for _, facts, _ in items],
        "is_known": [facts.question is not None for _, facts, _ in items],
        "is_owned": [one.subject.opd_code in facts.owners for _, facts, one in items],
        "is_clean": [(row.sheet, row.row) not in spoiled[id(one)] for row, _, one in items],
        "title": [row.title for row, _, _ in items],
        "has_title": [bool(row.title.strip()) for row, _, _ in items],
        "has_whereabouts": [bool(row.link.strip() or row.number.strip()) for row, _, _ in items],
        "shared_questions": shared_questions,
        "shared_ids": shared_ids,
        "is_first_use": is_first_use,
        "copy_number": _repeats(items),
        "link": [row.link for row, _, _ in items],
        "is_link": [leads_somewhere[row.link] for row, _, _ in items],
        "has_note": [bool(row.note.strip()) for row, _, _ in items],
        "is_lasting": [_is_lasting(row, facts) for row, facts, _ in items],
    }
    return Frame(
        "evidence",
        typed(columns_of("evidence"), data | _kinds(items) | _dates(items) | _twins(items)),
        [one.subject for _, _, one in items],
        [row.sheet for row, _, _ in items],
        [row.row for row, _, _ in items],
        [row.cells for row, _, _ in items],
        ["evidence"] * len(items),
    )
