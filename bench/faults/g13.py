"""G13: 35 offices and all questions: exactly the owned pairs load; the folder says whose a form is, its seal must agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bench.faults import books
from bench.faults.goal import Budget, Figure, judged

TITLE = "exactly the owned pairs load"
SECONDS, LONG_SECONDS = 60, 200


def run(budget: Budget) -> Figure:
    """Put every office's form into every office's folder (some folders in the short run) and see what loads."""
    from kla.io.reading import read_files
    from kla.io.suites import validate

    district, instrument = books.world()
    offices = books.offices()
    receipts = []
    for number, office in enumerate(offices):
        path = budget.room / f"{number:03d}.xlsx"
        path.write_bytes(books.form_bytes(office))
        receipts.append(books.receipt_of(path, number, office))
    readings = read_files(receipts)
    step = 1 if budget.is_long else 6
    pairs, expected = [], []
    for row, (receipt, reading) in enumerate(zip(receipts, readings, strict=True)):
        for column, folder in enumerate(offices):
            if folder != receipt.opd_code and (row + column) % step:
                continue
            sha256 = f"{row * 1000 + column:064d}"
            there = replace(receipt, opd_code=folder, folder_opd=folder, sha256=sha256)
            pairs.append((there, replace(reading, sha256=sha256)))
            expected.append((folder, receipt.opd_code))
    checked = validate(pairs, {district.code: district}, {books.CYCLE: instrument}, {district.code: date(2024, 5, 20)})
    faults, loaded = [], 0
    for (folder, issued), file in zip(expected, checked, strict=True):
        codes = {finding.code for finding in file.findings}
        if folder != issued:
            faults += (
                [f"{issued} in {folder}: {file.outcome}"] if "W04" not in codes or file.outcome != "refused" else []
            )
            continue
        rows = {row.question_id for row in file.reading.answers if not file.is_blocked("answers", row.sheet, row.row)}
        loaded += len(rows)
        if rows != set(books.places_of(folder)) or file.outcome == "refused":
            faults.append(f"{folder}: {len(rows)} of {len(books.places_of(folder))} questions, {file.outcome}")
    foreign = len(expected) - len(offices)
    figure = f"{len(offices)} offices: {loaded} owned questions load, {foreign} forms in another's folder refused (W04)"
    return judged("G13", figure, faults)
