"""G4: every error cell is reported, none as blank; a formula without a stored result is reported."""

from __future__ import annotations

import random
import re
import zipfile
from pathlib import Path

from bench.faults import books, odd
from bench.faults.goal import Budget, Figure, judged

TITLE = "error cells and formulas without a result"
SECONDS, LONG_SECONDS = 30, 120
ERRORS = ("#DIV/0!", "#REF!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#GETTING_DATA")
_ROW = re.compile(rb'<row r="(\d+)"[^>]*>')
Planted = set[tuple[str, str, str]]  # kind, sheet, cell


def run(budget: Budget) -> Figure:
    """Plant errors and unstored formulas at random places of forms, and count those of foreign workbooks."""
    from kla.io.reading import read_files

    rng = random.Random(4)
    offices = books.offices()
    files = len(offices) * 4 if budget.is_long else 24
    receipts, planted = [], []
    for number in range(files):
        content, places = _planted(
            books.form_bytes(offices[number % (len(offices) if budget.is_long else 6)]), rng, number
        )
        path = budget.room / f"{number:04d}.xlsx"
        path.write_bytes(content)
        receipts.append(books.receipt_of(path, number, offices[number % len(offices)]))
        planted.append(places)
    faults = []
    for receipt, places, reading in zip(receipts, planted, read_files(receipts), strict=True):
        found = {(it.kind, it.sheet, it.cell) for it in reading.problems}
        faults += [f"{Path(receipt.path).name}: {lost} not reported" for lost in sorted(places - found)]
    foreign, errors, lost = _foreign(budget)
    sum_planted = sum(map(len, planted))
    figure = f"{sum_planted} of {sum_planted - len(faults)} planted cells reported at their places in {files} forms"
    figure = f"{sum_planted - len(faults)} of {sum_planted} planted cells reported at their places in {files} forms; "
    figure += f"{errors} error cells in {foreign} foreign workbooks, {errors - len(lost)} reported"
    return judged("G4", figure, faults + lost)


def _planted(content: bytes, rng: random.Random, number: int) -> tuple[bytes, Planted]:
    """Return a form with faults put into its sheets' XML, written the ways different programs write them."""
    parts, places = books.parts_of(content), set()
    names = re.findall(r'<sheet [^>]*?name="([^"]+)"', parts["xl/workbook.xml"].decode())
    changes: dict[str, bytes | None] = {}
    for index, name in enumerate(names, 1):
        part = f"xl/worksheets/sheet{index}.xml"
        if part not in parts or name.startswith("_"):
            continue
        xml, rows = parts[part], [int(row) for row in _ROW.findall(parts[part])]
        for row in rng.sample(rows, min(4, len(rows))):
            cell = f"{rng.choice(('AA', 'AZ', 'BC'))}{row}"
            is_error = rng.random() < 0.6
            made = _error(cell, rng) if is_error else _formula(cell, rng)
            end = xml.index(b"</row>", xml.index(b'<row r="%d"' % row))
            xml = xml[:end] + made + xml[end:]
            places.add(("error_cell" if is_error else "formula_uncached", name, cell))
        changes[part] = xml if number % 3 else xml.replace(b't="e"', b"t='e'")
    return books.with_parts(content, changes), places


def _error(cell: str, rng: random.Random) -> bytes:
    error = rng.choice(ERRORS)
    formula = rng.choice(("", "<f>1/0</f>", '<f t="shared" si="7"/>'))
    order = rng.choice((f'<c r="{cell}" t="e">', f'<c t="e" r="{cell}">', f'<c r="{cell}" s="0" t="e">'))
    return f"{order}{formula}<v>{error}</v></c>".encode()


def _formula(cell: str, rng: random.Random) -> bytes:
    return f'<c r="{cell}">{rng.choice(("<f>A1+1</f>", "<f>A1+1</f><v></v>", "<f>SUM(A1:A9)</f><v/>"))}</c>'.encode()


def _foreign(budget: Budget) -> tuple[int, int, list[str]]:
    """Return how many foreign workbooks hold error cells, how many cells, and those of files that were read without them."""
    from kla.io.reading import read_files

    holding = [(path, count) for path in odd.corpus_files(budget.corpus) if (count := _errors_in(path))]
    if not holding:
        return 0, 0, []
    readings = read_files([books.receipt_of(path, number) for number, (path, _) in enumerate(holding)])
    errors, lost = 0, []
    for (path, count), reading in zip(holding, readings, strict=True):
        if not reading.reader:
            continue  # refused before anything was read
        errors += count
        told = sum(it.kind == "error_cell" for it in reading.problems)
        lost += [f"{path.name}: {told} of {count} error cells"] if told < count else []
    return len(holding), errors, lost


def _errors_in(path: Path) -> int:
    """Return how many error cells a package's sheets hold, by a plain look into their XML."""
    try:
        with zipfile.ZipFile(path) as package:
            sheets = [name for name in package.namelist() if re.search(r"worksheets/[^/]+\.xml$", name)]
            return sum(len(re.findall(rb"""<(?:\w+:)?c\s[^>]*\bt=["']e["']""", package.read(name))) for name in sheets)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError):
        return 0
