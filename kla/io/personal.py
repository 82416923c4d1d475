"""Withholds the sheets of a workbook in which personal data stands: only counts and places leave the reading process."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kla.io.detect import FileFacts, read_parts
from kla.io.value_words import ranged
from kla.parsing.grid import Grid, Sheets, address
from kla.personal import PersonalWords, is_suspect, masked, numbers_in, phones_in, plain
from kla.personal_sheets import personal_places
from kla.submission import Problem

LEDGER_RULE = "personal_data"

_COMMENT = re.compile(
    rb"<(?:\w+:)?(?:comment|threadedComment)\b([^>]*)>(.*?)</(?:\w+:)?(?:comment|threadedComment)>", re.DOTALL
)
_PARAGRAPH = re.compile(rb"<(?:\w+:)?p>(.*?)</(?:\w+:)?p>", re.DOTALL)
_REFERENCE = re.compile(rb"""\bref=["']([A-Z]{1,3}\d{1,7})["']""")
_NODE = re.compile(rb">([^<]+)<")


@dataclass(frozen=True, slots=True)
class Screened:
    """What may be read of a workbook, what was found, how many filled cells are withheld."""

    sheets: Sheets
    problems: tuple[Problem, ...] = ()
    cells: int = 0


def screen(path: Path, facts: FileFacts, sheets: Sheets, words: PersonalWords) -> Screened:
    """Return the workbook without the sheets that hold personal data, and a problem per place, never with the text.

    Looked through: every cell, a sheet's name, its comments, text boxes, headers and footers; and what a workbook keeps
    beside its sheets (cached values of other workbooks and pivot tables, defined names, properties).
    """
    kept, problems, cells = [], list(_beside_sheets(facts, words)), 0
    for place, grid in enumerate(sheets.grids, 1):
        found = list(_in_sheet(path, facts, grid, words))
        if not found:
            kept.append(grid)
            continue
        cells += sum(grid.filled_counts)
        name = masked(grid.name, words) if is_suspect(grid.name, words) else grid.name
        problems += [replace(problem, sheet=name or str(place)) for problem in found]
    if not problems:
        return Screened(sheets)
    return Screened(replace(sheets, grids=tuple(kept)), tuple(problems), cells)


def _in_sheet(path: Path, facts: FileFacts, grid: Grid, words: PersonalWords) -> Iterator[Problem]:
    places = {kind: [address(*place) for place in found] for kind, found in personal_places(grid, words).items()}
    beside: Counter[str] = Counter()
    for kind, where in _in_parts(path, facts.beside.get(grid.name, ()), words):
        if where:
            places.setdefault(kind, []).append(where)
        else:
            beside["text_box"] += 1
    beside["sheet_name"] += is_suspect(grid.name, words)
    scan = facts.scans.get(grid.name)
    beside["page"] += sum(is_suspect(text, words) for text in scan.notes) if scan else 0
    for kind, found in places.items():
        yield Problem(kind, "", found[0], str(len(found)), ranged(found))
    if count := beside.total():
        yield Problem(
            "personal_beside", "", "", str(count), ", ".join(words.places[key] for key in beside if beside[key])
        )


def _in_parts(path: Path, names: Sequence[str], words: PersonalWords) -> Iterator[tuple[str, str]]:
    """Yield (kind, cell) of each comment and text box with a number in it; cell "" for a text box."""
    for name, content in read_parts(path, names).items() if names else ():
        if "comment" in name:
            for attributes, body in _COMMENT.findall(content):
                reference = _REFERENCE.search(attributes)
                if reference and (kind := _kind_of(_joined(body), words)):
                    yield kind, reference[1].decode()
        else:
            for body in _PARAGRAPH.findall(content):
                if kind := _kind_of(_joined(body), words):
                    yield kind, ""


def _joined(xml: bytes) -> str:
    return html.unescape("".join(text.decode("utf-8", "replace") for text in _NODE.findall(b">" + xml + b"<")))


def _kind_of(text: str, words: PersonalWords) -> str:
    clean = plain(text)
    if any(numbers_in(clean, words)):
        return "personal_number"
    return "personal_phone" if any(phones_in(clean, words)) else ""


def _beside_sheets(facts: FileFacts, words: PersonalWords) -> Iterator[Problem]:
    if count := sum(is_suspect(text, words) for text in facts.stored):
        yield Problem("personal_cached", "", "", str(count))
