"""What runs in a reading process: opens one archived file, reads its sheets, parses them. It may die; nobody else does.

Only what reading needs is imported here.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import cast

from kla.io.detect import FileFacts, Unreadable, inspect, refuse_too_large
from kla.io.personal import LEDGER_RULE, Screened, screen
from kla.io.recount import disagreements
from kla.io.sheet_scan import MOST_CELLS, SheetScan
from kla.parsing import parse
from kla.parsing.grid import Cell, Grid, Sheets
from kla.parsing.journal import NO_CHOICES, Choices
from kla.parsing.vocabulary import Vocabulary
from kla.personal import PersonalWords, masked
from kla.submission import Layout, Ledger, Problem, Reading

_NOTHING = SheetScan()
_HEADROOM_BYTES = 470_000_000
_STATM_PAGE = 4096
_vocabularies: Mapping[int, Vocabulary] = {}
_personal: PersonalWords | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """One file to read: what the child needs of its receipt."""

    sha256: str
    path: str
    expects: Layout
    cycle: int | None
    stage: str
    choices: Choices = NO_CHOICES
    size_bytes: int = 0


def prepare(vocabularies: Mapping[int, Vocabulary], personal: PersonalWords | None = None) -> None:
    """Make a fresh process ready: it knows the instruments' words and may not take much more memory than it has.

    `personal` is what personal data is recognised by; a process that reads submissions must have it.
    """
    global _vocabularies, _personal
    _vocabularies, _personal = vocabularies, personal
    # A dying reader prints its stack; nobody but us could make sense of it, and we are told that it died.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        used = int(re.split(rb"\s", Path("/proc/self/statm").read_bytes())[0]) * _STATM_PAGE
        resource.setrlimit(resource.RLIMIT_AS, (used + _HEADROOM_BYTES, used + _HEADROOM_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_chunk(errands: Sequence[Errand]) -> list[Reading]:
    """Return one reading per errand, in order."""
    return [read_one(errand) for errand in errands]


def read_one(errand: Errand) -> Reading:
    """Return what a file gives; whatever is wrong with it is a problem of the reading."""
    try:
        refuse_too_large(errand.size_bytes)
        path = Path(errand.path)
        facts = inspect(path)
        sheets, reader = _sheets(path, facts)
        screened = screen(path, facts, sheets, _personal) if _personal else Screened(sheets)
        known = errand.expects, errand.cycle, errand.stage, errand.choices
        reading = parse(errand.sha256, screened.sheets, _vocabularies, *known)
        differing = disagreements(path, facts, sheets, reading.ledger.cells_read + screened.cells)
    except Unreadable as verdict:
        return nothing_read(errand, _told((verdict.problem,))[0])
    except MemoryError:
        return nothing_read(errand, Problem("reader_died"))
    except OSError:
        return nothing_read(errand, Problem("damaged"))
    except Exception as error:  # noqa: BLE001 - see below
        # A fault of ours, met by one file: it costs that file, and its kind is kept so that it can be found.
        return nothing_read(errand, Problem("reader_died", value=type(error).__name__))
    noticed = tuple(_as_seen(problem, reading.layout) for problem in facts.problems)
    problems = noticed + differing + screened.problems + reading.problems
    return replace(reading, problems=_told(problems), ledger=_with_withheld(reading.ledger, screened), reader=reader)


def _told(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return the problems with nobody's number in the name of a sheet."""
    words = _personal
    return tuple(replace(it, sheet=masked(it.sheet, words)) for it in problems) if words else problems


def _with_withheld(ledger: Ledger, screened: Screened) -> Ledger:
    if not screened.cells:
        return ledger
    ignored = dict(sorted({**ledger.ignored, LEDGER_RULE: screened.cells}.items()))
    return Ledger(ledger.cells_read + screened.cells, ledger.used, ignored)


def _as_seen(problem: Problem, layout: Layout) -> Problem:
    """Return the problem as it weighs for this layout: what an old format hides costs a form its trust."""
    is_recap = problem.kind == "legacy_format" and layout is Layout.RECAP
    return replace(problem, kind="legacy_recap") if is_recap else problem


def nothing_read(errand: Errand, problem: Problem) -> Reading:
    """Return the reading of a file that gave no rows, with the reason."""
    return Reading(
        sha256=errand.sha256,
        layout=Layout.UNKNOWN,
        seal=None,
        cycle=errand.cycle,
        stage=errand.stage,
        answers=(),
        evidence=(),
        stated=(),
        problems=(problem,),
        ledger=Ledger(0, 0, {}),
        reader="",
    )


def _sheets(path: Path, facts: FileFacts) -> tuple[Sheets, str]:
    """Return the sheets by the fast reader; by openpyxl where that one fails on an .xlsx."""
    try:
        return _by_calamine(path, facts), "calamine"
    except (Unreadable, MemoryError):
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        if type(error).__name__ == "PasswordError":
            raise Unreadable("encrypted") from error
    if facts.format not in ("xlsx", "xlsm"):
        raise Unreadable("damaged")
    return _by_openpyxl(path, facts), "openpyxl"


def _by_calamine(path: Path, facts: FileFacts) -> Sheets:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    grids = []
    with CalamineWorkbook.from_path(path) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ is not SheetTypeEnum.WorkSheet:
                continue
            found = workbook.get_sheet_by_name(sheet.name)
            if found.height * found.width > MOST_CELLS:
                raise Unreadable("too_many_cells", str(found.height * found.width), str(MOST_CELLS), sheet.name)
            rows = cast(list[list[Cell]], found.to_python())
            is_hidden = sheet.visible is not SheetVisibleEnum.Visible
            scan = facts.scans.get(sheet.name, _NOTHING)
            grids.append(_grid(sheet.name, rows, found.start or (0, 0), is_hidden, scan))
    return Sheets(tuple(grids), facts.uses_1904)


def _by_openpyxl(path: Path, facts: FileFacts) -> Sheets:
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        grids = []
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()
            rows: list[list[Cell]] = [list(cast(tuple[Cell, ...], row)) for row in sheet.iter_rows(values_only=True)]
            scan = facts.scans.get(sheet.title, _NOTHING)
            grids.append(_grid(sheet.title, rows, (0, 0), sheet.sheet_state != "visible", scan))
        workbook.close()
    except MemoryError:
        raise
    except Exception as error:
        raise Unreadable("damaged") from error
    if not grids:
        raise Unreadable("damaged")
    return Sheets(tuple(grids), facts.uses_1904)


def _grid(name: str, rows: list[list[Cell]], start: tuple[int, int], is_hidden: bool, scan: SheetScan) -> Grid:
    """Return the grid with every fault put where it stands: a reader gives '' for #DIV/0!."""
    if scan.faults:
        rows, start = _widened(rows, start, scan)
        for (row, column), fault in scan.faults.items():
            line = rows[row - start[0]]
            if fault.kind == "error_cell" or line[column - start[1]] in (None, ""):
                line[column - start[1]] = fault
    return Grid(name, rows, start[0], start[1], is_hidden, scan.hidden_rows, bool(scan.faults), scan.percents)


def _widened(
    rows: list[list[Cell]], start: tuple[int, int], scan: SheetScan
) -> tuple[list[list[Cell]], tuple[int, int]]:
    """Return the rectangle grown so that every fault lies inside it."""
    top = min(start[0], *(row for row, _ in scan.faults)) if rows else min(row for row, _ in scan.faults)
    left = min(start[1], *(column for _, column in scan.faults)) if rows else min(c for _, c in scan.faults)
    bottom = max(start[0] + len(rows) - 1, *(row for row, _ in scan.faults), top)
    width = max([start[1] + len(row) for row in rows] + [column + 1 for _, column in scan.faults]) - left
    grown: list[list[Cell]] = [[] for _ in range(start[0] - top)]
    grown += [[None] * (start[1] - left) + row for row in rows]
    grown += [[] for _ in range(bottom - top + 1 - len(grown))]
    return [[cell for cell, _ in zip_longest(row, range(width))] for row in grown], (top, left)
