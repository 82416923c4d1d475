"""Writes the pack for the field verification (VLH) of one klaster: answers, evidence, likely questions, contacts, checklist."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kla.causes import CauseWords
from kla.district import District, resolve_office
from kla.instrument import Block, Instrument
from kla.io.contacts import load_contacts
from kla.io.letter_words import PACK, cause_words, items, pairs, say
from kla.io.list_cells import Value
from kla.io.list_sheets import ListSheet, list_workbook
from kla.io.steady_zip import zipped
from kla.io.warehouse.standing import Place, rows
from kla.io.warehouse.store import Warehouse
from kla.io.word_file import filled
from kla.links import link_parts
from kla.needs import Need
from kla.picture import Picture
from kla.scoring import Cause
from kla.values import clean
from kla.wording import date_text

_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
Row = list[Value]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that lies beside an office's form: its sha256 and its size in bytes."""

    sha256: str
    size_bytes: int


Beside = Mapping[tuple[str, str], Delivered]  # (office code, file name cleaned)


def delivered_files(inbox: Path, district: District) -> Beside:
    """Return what offices put beside their forms in the inbox; no link is followed, no workbook taken for evidence.

    Of several files of one name the last by path counts, as the latest folder an office opened.
    """
    found: dict[tuple[str, str], Delivered] = {}
    if not (inbox / district.code).is_dir():
        return found
    for folder in sorted(path for path in (inbox / district.code).iterdir() if path.is_dir()):
        office = None if folder.name.startswith("_") else resolve_office(district, folder.name)
        if office is None or folder.is_symlink():
            continue
        for at, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if Path(name).suffix.lower() not in _WORKBOOKS and not name.startswith((".", "~$", "_")):
                    seen = _digest(Path(at) / name)
                    if seen is not None:
                        found[office.code, clean(name)] = seen
    return found


def _digest(path: Path) -> Delivered | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            return Delivered(hashlib.file_digest(file, "sha256").hexdigest(), status.st_size)
    except OSError:
        return None


def evidence_rows(
    warehouse: Warehouse, district: District, instrument: Instrument, cycle: int
) -> list[Mapping[str, Any]]:
    """Return the data dukung in force at the last stage that was answered by forms, by question, office and row."""
    order = "question_id, opd_code, sheet, sheet_row, sha256"
    with warehouse.reading() as connection:
        for stage in reversed(instrument.stages):
            found = rows(connection, "current_evidence", Place(district.code, cycle, stage), order)
            if found:
                return found
    return []


def pack_bytes(
    picture: Picture, block: Block, needs: Sequence[Need], evidence: Sequence[Mapping[str, Any]], beside: Beside
) -> bytes:
    """Return the ZIP of one block; the same picture gives the same bytes. SHA256SUMS.txt names each file's digest."""
    asked = [need for need in needs if need.gap.block_code == block.code]
    parts = {
        "answers": _answers(picture, block, asked),
        "evidence": _evidence(picture.instrument, block, evidence, beside),
        "questions": _questions(picture, block, asked),
        "contacts": _contacts(picture, block),
        "checklist": _checklist(block, asked),
    }
    names = {key: f"{say(f'files.{key}', PACK)}.xlsx" for key in parts}
    files = {names[key]: _workbook(key, lines, picture.as_of) for key, lines in parts.items()}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return zipped({**files, "SHA256SUMS.txt": sums.encode()})


def _workbook(key: str, lines: Sequence[Row], made_on: date) -> bytes:
    """Write one list; text stays text, also where it begins with an equals sign."""
    columns = [(name, float(width)) for name, width in pairs(f"sheets.{key}.columns", PACK)]
    return list_workbook([ListSheet(say(f"sheets.{key}.title", PACK), columns, lines)], made_on)


def _answers(picture: Picture, block: Block, needs: Sequence[Need]) -> list[Row]:
    """Return each answer of an office; a question nobody answered has one row without an answer."""
    scores = {score.question_id: score for score in picture.current.questions}
    causes = {need.gap.question_id: _words(need).label for need in reversed(needs)}
    given: dict[str, list[Any]] = {}
    for line in picture.answers:
        if line.opd_code:
            given.setdefault(line.question_id, []).append(line)
    found: list[Row] = []
    for question in block.questions:
        about: Row = [question.indicator_number, question.question_id, question.label]
        score = scores.get(question.question_id)
        points: Row = [score.claimed_points, score.points, score.max_points] if score else ["", "", ""]
        cause = causes.get(question.question_id, say("full", PACK) if question.max_points else "")
        for line in given.get(question.question_id, ()):
            role = say("role.lead" if line.is_lead else "role.support", PACK)
            shown: Row = [*points, cause] if line.is_lead else ["", "", "", ""]
            found.append([*about, line.opd_code, role, line.answer, *shown, line.file_name, line.sheet, line.cell])
        if not any(line.is_lead for line in given.get(question.question_id, ())):
            lead = score.opd_code if score else ""
            found.append([*about, lead, say("role.lead", PACK), "", *points, cause, "", "", ""])
    return found


def _evidence(instrument: Instrument, block: Block, evidence: Sequence[Mapping[str, Any]], beside: Beside) -> list[Row]:
    """Return one row per link or file name of the block's data dukung, in the order of the card."""
    order = {question.question_id: place for place, question in enumerate(block.questions)}
    found: list[Row] = []
    for row in sorted((row for row in evidence if row["question_id"] in order), key=lambda r: order[r["question_id"]]):
        kind = instrument.evidence_kinds.get(row["kind"])
        dated = date_text(date.fromisoformat(str(row["dated_on"]))) if row["dated_on"] else str(row["year"] or "")
        state = say("state.returned" if row["is_quarantined"] else "state.accepted", PACK)
        for part in link_parts(row["link"]) or [""]:
            file = beside.get((row["opd_code"], clean(part)))
            about: Row = [row["question_id"], row["opd_code"], kind.label if kind else "", row["title"], row["number"]]
            digest: Row = [file.sha256, file.size_bytes] if file else ["", ""]
            found.append([*about, dated, part, state, *digest, row["file_name"], row["sheet"], row["cell"]])
    return found


def _questions(picture: Picture, block: Block, needs: Sequence[Need]) -> list[Row]:
    """Return what a verifier is likely to ask: losses dearest first, then what earned its points, dearest first."""
    labels = {question.question_id: question.label for question in block.questions}
    found: list[Row] = []
    for need in needs:
        gap, label = need.gap, labels[need.gap.question_id]
        asked = say(f"verifier.{_section(need)}.{need.cause}", PACK, label=label)
        cause = _words(need).label
        found.append([gap.question_id, label, gap.opd_code, cause, gap.lost_points, asked, _words(need).remedy, ""])
    losing = {need.gap.question_id for need in needs}
    earned = [it for it in picture.current.questions if it.question_id in labels and it.points > 0]
    for score in sorted(earned, key=lambda it: -it.points):
        if score.question_id not in losing:
            label = labels[score.question_id]
            asked = say("verifier.full", PACK, label=label)
            found.append([score.question_id, label, score.opd_code, say("full", PACK), score.points, asked, "", ""])
    return found


def _section(need: Need) -> str:
    return "changes" if need.is_verifiers else "losses"


def _words(need: Need) -> CauseWords:
    return cause_words(need.cause, need.is_verifiers)


def _contacts(picture: Picture, block: Block) -> list[Row]:
    """Return the block's offices, how many questions each leads and supports, and the role that speaks for it where
    contacts.yaml names one; persons and numbers are filled in by hand."""
    contacts = load_contacts(picture.district).offices
    roles: dict[str, list[int]] = {}
    for question in block.questions:
        for place, office in enumerate(picture.district.owners_of(question)):
            roles.setdefault(office.code, [0, 0])[min(place, 1)] += 1
    return [
        [
            office.code,
            office.name,
            *roles[office.code],
            contacts[office.code].role if office.code in contacts else "",
            "",
            "",
            "",
        ]
        for office in picture.district.offices
        if office.code in roles
    ]


def _checklist(block: Block, needs: Sequence[Need]) -> list[Row]:
    general = [
        (filled(text, "reports/pack.id.yaml, checklist", block=block.name), "") for text in items("checklist", PACK)
    ]
    owed = [
        (f"{need.gap.question_id}: {_words(need).remedy}", need.gap.opd_code)
        for need in needs
        if need.gap.cause is not Cause.BELOW_FULL
    ]
    return [[number, told, office, "", ""] for number, (told, office) in enumerate([*general, *owed], 1)]
