"""The whole loop: filled in wrong, told exactly what is wrong, handed back marked, mended at those cells, accepted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from roundtrip_form import (
    AS_OF,
    CYCLE,
    DISTRICT,
    OFFICE,
    STAGE,
    Case,
    apply,
    cases,
    district,
    instrument,
    opened,
    put,
    saved,
    sound_form,
    sound_value,
)
from typer.testing import CliRunner

from desk.main import cli
from kla.findings import CheckedFile, Outcome
from kla.io.judging import judge
from kla.io.reading import read_files
from kla.io.return_notes import AUTHOR
from kla.io.return_sheet import RECORD_COLUMN
from kla.io.return_styles import OURS, TONES
from kla.io.returning import order_for, write_returns
from kla.layout import RETURN_SHEET
from kla.submission import Layout, Receipt

CASES = cases()
Place = tuple[str, str]


def receipt_of(path: Path) -> Receipt:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    return Receipt(
        digest, DISTRICT, OFFICE, OFFICE, STAGE, CYCLE, Layout.FORM, path.name, str(path), len(content), moment
    )


def judged(paths: Sequence[Path]) -> list[CheckedFile]:
    """All files read and judged together, as a night does."""
    receipts = [receipt_of(path) for path in paths]
    pairs = tuple(zip(receipts, read_files(receipts), strict=True))
    checked, troubles = judge(pairs, {DISTRICT: district()}, {DISTRICT: AS_OF})
    assert not troubles
    return list(checked)


def places_of(checked: CheckedFile) -> set[tuple[str, str, str]]:
    return {(finding.code, finding.sheet, finding.cell) for finding in checked.findings}


@dataclass(frozen=True)
class Loop:
    """Every case at every step of the way, by its name."""

    folder: Path
    wrong: Mapping[str, CheckedFile]
    returned: Mapping[str, Path]
    mended: Mapping[str, CheckedFile]


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Loop:
    root = tmp_path_factory.mktemp("loop")
    folder, back, again = root / DISTRICT / OFFICE, root / "back", root / "again"
    for place in (folder, back, again):
        place.mkdir(parents=True)
    paths = []
    for number, case in enumerate(CASES):
        form = sound_form()
        apply(form.workbook, case.edits)
        paths.append(folder / f"{number:02d}.xlsx")
        paths[-1].write_bytes(form.to_bytes())
    wrong = judged(paths)
    orders = [order_for(file, 1, back / file.receipt.file_name, district(), instrument()) for file in wrong]
    assert all(write_returns(orders))
    mended = []
    for case, file, order in zip(CASES, wrong, orders, strict=True):
        book = opened(order.target.read_bytes())
        mend(book, case)
        mended.append(again / file.receipt.file_name)
        mended[-1].write_bytes(saved(book))
    names = [case.name for case in CASES]
    targets = [order.target for order in orders]
    after = judged(mended)
    return Loop(root, *(dict(zip(names, step, strict=True)) for step in (wrong, targets, after)))


def named_cells(book: Workbook) -> list[Place]:
    """The cells that the sheet of corrections names, in its hidden list of all of them."""
    rows = book[RETURN_SHEET].iter_rows(min_row=2, min_col=RECORD_COLUMN + 1, max_col=RECORD_COLUMN + 2)
    return [(str(sheet.value), str(cell.value)) for sheet, cell in rows if sheet.value]


def mend(book: Workbook, case: Case) -> None:
    """Do as told: give each named cell what it should hold, and touch nothing else."""
    for sheet, address in named_cells(book):
        cell = book[sheet][address]
        if (sheet, address) in case.mend:
            put(cell, case.mend[sheet, address])
        else:
            cell.value, cell.data_type = sound_value(sheet, address)


def test_there_are_at_least_thirty_different_ways() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 30
    assert len({code for case in CASES for code, _, _ in case.expected}) >= 30


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_wrong_form_gives_exactly_its_findings(loop: Loop, case: Case) -> None:
    assert places_of(loop.wrong[case.name]) == case.expected


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_returned_workbook_marks_exactly_these_cells(loop: Loop, case: Case) -> None:
    findings = loop.wrong[case.name].findings
    book = opened(loop.returned[case.name].read_bytes())
    expected = {(f.sheet, cell) for f in findings for cell in (f.cell, *f.cells) if cell}
    cells = [(sheet.title, cell) for sheet in book.worksheets[1:] for row in sheet.iter_rows() for cell in row]
    coloured = {(s, c.coordinate) for s, c in cells if str(c.fill.fgColor.rgb)[2:] in OURS and c.fill.fill_type}
    noted = {(s, c.coordinate): c.comment.text for s, c in cells if c.comment and c.comment.author == AUTHOR}
    assert book.sheetnames[0] == RETURN_SHEET
    assert coloured == set(noted) == set(named_cells(book)) == expected
    for finding in findings:
        if finding.cell:
            assert finding.code in noted[finding.sheet, finding.cell]
            assert finding.fix in noted[finding.sheet, finding.cell]
            tone = book[finding.sheet][finding.cell].fill.fgColor.rgb
            assert tone in TONES[finding.severity.value]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_mended_at_the_named_cells_it_is_accepted(loop: Loop, case: Case) -> None:
    mended = loop.mended[case.name]
    assert (places_of(mended), mended.outcome) == (set(), Outcome.ACCEPTED)
    assert mended.reading.ledger.ignored["return_sheet"] > 0


def as_told(checked: CheckedFile) -> list[dict[str, str]]:
    """What the night found, in the words and the order of `kla check --json`."""
    names = ("code", "severity", "sheet", "cell", "tell", "fix")
    return [{name: str(getattr(finding, name)) for name in names} for finding in checked.findings]


def test_the_command_says_the_same_of_the_same_files_to_the_word(loop: Loop) -> None:
    options = ["--json", "--district", DISTRICT, "--as-of", AS_OF.isoformat()]
    run = CliRunner().invoke(cli, ["check", *options, str(loop.folder / DISTRICT)])
    lines = [json.loads(line) for line in run.output.splitlines()]
    assert run.exit_code == 0
    for case, line in zip(CASES, lines, strict=True):
        night = loop.wrong[case.name]
        assert {(f["code"], f["sheet"], f["cell"]) for f in line["findings"]} == set(case.expected)
        assert line["findings"] == as_told(night)
        assert (line["outcome"], line["opd"]) == (night.outcome.value, OFFICE)
        assert line["cells"] == night.reading.ledger.cells_read
