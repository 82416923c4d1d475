"""G2: for each readable file, non-blank cells = loaded + quarantined + ignored by a named rule, counted a second way too."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from openpyxl import load_workbook

from bench.faults import books, odd
from bench.faults.goal import Budget, Figure, judged
from kla.submission import Receipt

TITLE = "every cell accounted for"
SECONDS, LONG_SECONDS = 40, 150


def run(budget: Budget) -> Figure:
    """Load honest, spoilt and foreign workbooks; add up their ledgers in the warehouse and count their cells anew."""
    from kla.io.reading import read_files
    from kla.io.suites import validate
    from kla.io.warehouse import open_warehouse

    district, instrument = books.world()
    receipts = list(_receipts(budget))
    readings = read_files(receipts)
    pairs = list(zip(receipts, readings, strict=True))
    checked = validate(pairs, {district.code: district}, {books.CYCLE: instrument}, {district.code: date(2024, 5, 20)})
    faults = []
    with open_warehouse(f"sqlite:///{budget.room / 'warehouse.db'}") as warehouse:
        run_id = warehouse.begin_run(kind="faults", as_of="2024-05-20", code_version="", suite_version="")
        loaded = warehouse.load_many(checked, run_id, {district.code: books.CYCLE})
        faults += [f"check {check}" for check in warehouse.failed_checks()]
    cells = counted = 0
    for receipt, reading in pairs:
        ledger = reading.ledger
        cells += ledger.cells_read
        if ledger.cells_read != ledger.used + sum(ledger.ignored.values()):
            faults.append(f"{receipt.file_name}: {ledger}")
        if reading.reader and receipt.file_name.startswith("form"):
            counted += 1
            if (again := _count(Path(receipt.path))) != ledger.cells_read:
                faults.append(f"{receipt.file_name}: {ledger.cells_read} cells read, {again} counted")
    readable = sum(bool(reading.reader) for reading in readings)
    figure = (
        f"{readable} readable files of {len(pairs)}, {cells} cells: all accounted for; {counted} counted a second way"
    )
    return judged("G2", figure, faults + [f"{it.checked.receipt.file_name} not stored" for it in loaded.failed])


def _receipts(budget: Budget) -> Iterator[Receipt]:
    """Yield receipts of forms (some with sheets of their own, some withheld), odd files made here, and foreign ones."""
    names = books.offices()[: None if budget.is_long else 10]
    contents = [(f"form-{name}.xlsx", books.form_bytes(name), name) for name in names]
    contents += [(f"form-more-{name}.xlsx", books.edited(books.form_bytes(name), _more), name) for name in names[:4]]
    contents += [(f"form-held-{name}.xlsx", books.edited(books.form_bytes(name), _held), name) for name in names[:4]]
    made = odd.odd_files(2)
    contents += [(*next(made), names[0]) for _ in range(800 if budget.is_long else 80)]
    for number, (name, content, office) in enumerate(contents):
        path = budget.room / f"{number:05d}"
        path.write_bytes(content)
        yield _named(books.receipt_of(path, number, office), name)
    foreign = odd.corpus_files(budget.corpus)
    for number, path in enumerate(foreign if budget.is_long else foreign[::4], len(contents)):
        yield _named(books.receipt_of(path, number, names[0]), path.name)


def _named(receipt: Receipt, name: str) -> Receipt:
    from dataclasses import replace

    return replace(receipt, file_name=name)


def _more(book) -> None:
    book.create_sheet("Rincian").append(["Kecamatan", 12, " ", "#N/A"])
    book.worksheets[1]["Z900"] = "di luar tabel"


def _held(book) -> None:
    book.create_sheet("Register").append(["NIK", "6402155005100001"])


def _count(path: Path) -> int:
    """Return how many cells are not blank, by the other reader in its normal mode."""
    book = load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    return sum(cell.value not in (None, "") for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
