"""Headers that are misspelt: taken where they can mean nothing else, left to a person where they are only near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kla.parsing.grid import address
from kla.parsing.journal import Journal
from kla.resolving import Certainty, Limits, Names, Resolution, Way, resolve
from kla.submission import NearMatch, Problem, Repair

KIND = "header"


@dataclass(frozen=True, slots=True)
class Spelling:
    """A header as written at a place (from 0), and what it means: `field` is the column it stands for."""

    row: int
    column: int
    text: str
    field: str
    resolution: Resolution

    @property
    def is_certain(self) -> bool:
        """Whether the column may be read by it."""
        return self.resolution.certainty is Certainty.CERTAIN


def spellings(
    row: int, texts: Mapping[int, str], names: Names, missing: Iterable[str], journal: Journal, limits: Limits | None
) -> list[Spelling]:
    """Return which of a header row's other texts stand for columns still missing, the likeliest for each.

    `texts` maps columns to texts that are no header as they stand; a meaning of `names` is what a column is called.
    """
    wanted = set(missing)
    learned = journal.choices.learned.get(KIND, {})
    best: dict[str, Spelling] = {}
    for column, text in sorted(texts.items()):
        found = resolve(text, names, learned, limits)
        known = best.get(found.candidate)
        if found.candidate in wanted and (known is None or found.score > known.resolution.score):
            best[found.candidate] = Spelling(row, column, text, found.candidate, found)
    return list(best.values())


def take(sheet: str, found: Iterable[Spelling], titles: Mapping[str, str], journal: Journal) -> dict[str, int]:
    """Return the columns that may be read by their misspelt header, and note each; near ones are only noted.

    `titles` are the headers as they should be, by the column they stand for.
    """
    columns = {}
    for it in found:
        cell, title = address(it.row, it.column), titles.get(it.field, it.resolution.name.capitalize())
        if not it.is_certain:
            journal.near.append(NearMatch(KIND, it.text, title, it.resolution.score, sheet, cell))
            journal.problems.append(Problem("header_unclear", sheet, cell, it.text, it.field))
            continue
        if not journal.may_stand(Repair(sheet, cell, "", it.field, "", "", it.text, title, KIND)):
            continue
        columns[it.field] = it.column
        if it.resolution.way is Way.SIMILAR:
            journal.problems.append(Problem("header_misspelt", sheet, cell, it.text, title))
    return columns
