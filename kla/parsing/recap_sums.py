"""Rows of a recap that add up others: what they are called, and which of several plain totals stands for what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kla.parsing.vocabulary import Vocabulary
from kla.submission import StatedLevel, StatedRow
from kla.values import clean

_END_OF_WORD = re.compile(r"\s*[:.)(–—-]\s*|\s+")


def sum_named(text: str, words: Vocabulary, *, has_figures: bool) -> tuple[StatedLevel, str] | None:
    """Return the block, indicator or total a text names.

    In a row with figures it may also begin with the name ("Klaster I: Hak Sipil dan Kebebasan") or with what is done to
    it ("Jumlah Klaster I"); without figures such a text is a remark.
    """
    text = clean(text)
    if found := _whole(text, words):
        return found
    if text.rstrip(": ") in words.recap.totals or text.startswith(words.recap.total_beginnings):
        return StatedLevel.TOTAL, "total"
    if not has_figures:
        return None
    bare = next((text.removeprefix(it) for it in words.recap.sum_beginnings if text.startswith(it)), text)
    return _whole(bare, words) or _beginning(bare, words)


def _whole(text: str, words: Vocabulary) -> tuple[StatedLevel, str] | None:
    if text in words.recap.blocks:
        return StatedLevel.BLOCK, words.recap.blocks[text]
    if text in words.indicators:
        return StatedLevel.INDICATOR, words.indicators[text]
    return None


def _beginning(text: str, words: Vocabulary) -> tuple[StatedLevel, str] | None:
    """Return what the longest beginning of a text that ends where a word does names; "2 dokumen" is no indicator."""
    for end in reversed(list(_END_OF_WORD.finditer(text))):
        start = text[: end.start()]
        if (found := _whole(start, words)) and (end.group().strip() or not start[:1].isdigit()):
            return found
    return None


def with_totals_placed(rows: Sequence[StatedRow], words: Vocabulary) -> list[StatedRow]:
    """Return a sheet's rows, plain totals ("Jumlah", "Subtotal") below one block's questions turned into that block's.

    Such a row is the block's where the questions since the last sum are all of one block, and the sheet holds questions
    of other blocks too or the whole of that one.
    """
    placed: list[StatedRow] = []
    there = {row.key for row in rows if _is_known(row, words)}
    blocks = {words.places[key][1] for key in there}
    is_parted = len(blocks) > 1 or all(key in there for key, (_, block) in words.places.items() if block in blocks)
    since: set[str] = set()
    for row in rows:
        place = row
        if _is_known(row, words):
            since.add(words.places[row.key][1])
        elif row.level is StatedLevel.TOTAL and clean(row.label).rstrip(": ") in words.recap.subtotals:
            if is_parted and len(since) == 1:
                place = replace(row, level=StatedLevel.BLOCK, key=since.pop())
            since.clear()
        placed.append(place)
    return placed


def _is_known(row: StatedRow, words: Vocabulary) -> bool:
    return row.level is StatedLevel.QUESTION and row.key in words.places
