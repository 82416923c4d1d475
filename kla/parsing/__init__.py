"""From sheets to flat rows, each with its sheet and cells. Pure: grids in, a Reading out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from kla import layout
from kla.parsing.form import FormContent, find_seal, looks_like_form, read_form, report_faults
from kla.parsing.grid import Grid, Sheets
from kla.parsing.journal import NO_CHOICES, Choices
from kla.parsing.recap import RecapContent, gives_predikat, looks_like_recap, read_recap
from kla.parsing.tally import Tally
from kla.parsing.vocabulary import Vocabulary
from kla.submission import Layout, Ledger, Problem, Reading, Seal

__all__ = ["Choices", "is_return_sheet", "parse"]

_ROWS_TO_LOOK_AT = 20


def parse(
    sha256: str,
    sheets: Sheets,
    vocabularies: Mapping[int, Vocabulary],
    expects: Layout,
    cycle: int | None,
    stage: str,
    choices: Choices = NO_CHOICES,
) -> Reading:
    """Return what a workbook holds: a form, a recap, or nothing of ours.

    The seal says cycle and stage of a form; `cycle` and `stage` are what the folder says, and count for recaps and where
    there is no seal. A form of a cycle nobody knows is read with the words of the latest one.
    The sheet of corrections we once added is left aside under the ledger's rule `return_sheet`. `choices` are what
    stewards decided about this very file's repairs and about its district's names.
    """
    ours = [grid for grid in sheets.grids if is_return_sheet(grid)]
    if ours:
        sheets = replace(sheets, grids=tuple(grid for grid in sheets.grids if not is_return_sheet(grid)))
    reading = _parse(sha256, sheets, vocabularies, expects, cycle, stage, choices)
    return replace(reading, ledger=_with_return_sheets(reading.ledger, ours)) if ours else reading


def is_return_sheet(grid: Grid) -> bool:
    """Whether a sheet is the list of corrections of a returned workbook: it bears our mark, whatever its name is now."""
    marks = {text for text in grid.marks if text.startswith(layout.RETURN_MARK)}
    return not marks.isdisjoint(chain.from_iterable(grid.rows[:_ROWS_TO_LOOK_AT] if marks else ()))


def _with_return_sheets(ledger: Ledger, ours: Sequence[Grid]) -> Ledger:
    tally = Tally()
    cells = sum(tally.open(grid) for grid in ours)
    return Ledger(
        ledger.cells_read + cells, ledger.used, dict(sorted({**ledger.ignored, "return_sheet": cells}.items()))
    )


def _parse(
    sha256: str,
    sheets: Sheets,
    vocabularies: Mapping[int, Vocabulary],
    expects: Layout,
    cycle: int | None,
    stage: str,
    choices: Choices,
) -> Reading:
    seal, seal_sheet = find_seal(sheets.grids)
    sealed_cycle = int(seal.cycle) if seal and seal.cycle.isdecimal() else cycle
    words = vocabularies.get(sealed_cycle or 0) or vocabularies[max(vocabularies)]
    if seal is not None or looks_like_form(sheets, words, choices):
        found = _form(sha256, read_form(sheets, words, seal, seal_sheet, choices), seal, sealed_cycle, stage)
    elif _is_recap(sheets, words, expects, choices):
        found = _recap(sha256, read_recap(sheets, words, stage, choices), cycle, stage)
    else:
        return _unknown(sha256, sheets, cycle, stage)
    unexpected = () if expects is found.layout else (_wrong_layout(found.layout, expects),)
    return replace(found, problems=(*unexpected, *found.problems))


def _form(sha256: str, form: FormContent, seal: Seal | None, cycle: int | None, stage: str) -> Reading:
    return Reading(
        sha256=sha256,
        layout=Layout.FORM,
        seal=seal,
        cycle=cycle,
        stage=_stage(seal, stage),
        answers=tuple(form.answers),
        evidence=tuple(form.evidence),
        stated=(),
        problems=tuple(form.problems),
        ledger=form.tally.ledger(),
        reader="",
        repairs=tuple(form.journal.repairs),
        near=tuple(form.journal.near),
    )


def _recap(sha256: str, recap: RecapContent, cycle: int | None, stage: str) -> Reading:
    return Reading(
        sha256=sha256,
        layout=Layout.RECAP,
        seal=None,
        cycle=cycle,
        stage=stage,
        answers=(),
        evidence=(),
        stated=tuple(recap.rows),
        problems=tuple(recap.problems),
        ledger=recap.tally.ledger(),
        reader="",
        repairs=tuple(recap.journal.repairs),
        near=tuple(recap.journal.near),
    )


def _is_recap(sheets: Sheets, words: Vocabulary, expects: Layout, choices: Choices) -> bool:
    return looks_like_recap(sheets, words, choices) or (expects is Layout.RECAP and gives_predikat(sheets, words))


def _stage(seal: Seal | None, folder_stage: str) -> str:
    return (seal.stage if seal else "") or folder_stage or "mandiri"


def _wrong_layout(found: Layout, expected: Layout) -> Problem:
    return Problem("wrong_layout", value=found.value, expected=expected.value)


def _unknown(sha256: str, sheets: Sheets, cycle: int | None, stage: str) -> Reading:
    tally = Tally()
    problems = [Problem("not_our_form")]
    for grid in sheets.grids:
        tally.open(grid)
        tally.rest("not_our_form")
        report_faults(grid, problems)
    return Reading(sha256, Layout.UNKNOWN, None, cycle, stage, (), (), (), tuple(problems), tally.ledger(), "")
