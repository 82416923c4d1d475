"""G3: every refusal and finding has its code, a sentence in Bahasa Indonesia and the right cell; no word of a program."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bench.faults import books, odd
from bench.faults.goal import Budget, Figure, judged
from kla import layout
from kla.io.form_sheets import column_of
from kla.submission import Receipt

TITLE = "code, sentence, cell"
SECONDS, LONG_SECONDS = 40, 120
_CODE = re.compile(r"[FWADXRP]\d\d")
_CELL = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")
_PROGRAM = re.compile(
    r"Traceback|Exception|Error\b|openpyxl|calamine|zipfile|pandas|\.py\b|None\b|NaN|\bnan\b|<class|0x[0-9a-f]{6}|\{\w+\}|/tmp/"
    r"|\b(?:the|file|cannot|invalid|not found|failed|unexpected|expected|missing|line|column|sheet|is not)\b"
)
DRAWN = odd.sheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def run(budget: Budget) -> Figure:
    """Judge files with one known fault each, and odd ones; look at every sentence an office would read."""
    from kla.io.reading import read_files
    from kla.io.suites import validate

    district, instrument = books.world()
    receipts, expected = [], []
    for receipt, codes in _files(budget):
        receipts.append(receipt)
        expected.append(codes)
    pairs = list(zip(receipts, read_files(receipts), strict=True))
    checked = validate(pairs, {district.code: district}, {books.CYCLE: instrument}, {district.code: date(2024, 5, 20)})
    faults, told = [], 0
    for codes, file in zip(expected, checked, strict=True):
        found = {(finding.code, finding.cell) for finding in file.findings}
        faults += [f"{file.receipt.file_name}: no {code} {cell} in {sorted(found)}" for code, cell in codes - found]
        if file.outcome == "refused" and not file.findings:
            faults.append(f"{file.receipt.file_name}: refused without a word")
        for it in file.findings:
            told += 1
            said = it.tell.replace(it.value, "").replace(it.sheet, "") + " " + it.fix
            is_sound = _CODE.fullmatch(it.code) and (not it.cell or _CELL.fullmatch(it.cell)) and it.tell.endswith(".")
            odd_word = _PROGRAM.search(said)
            if not is_sound or not it.fix or odd_word:
                faults.append(f"{it.code} {it.cell}: {odd_word[0] if odd_word else ''} in {it.tell!r}")
    known = sum(map(len, expected))
    figure = (
        f"{known} known faults in {len(receipts)} files: each with its code and cell; {told} sentences in Indonesian"
    )
    return judged("G3", figure, faults)


def _files(budget: Budget) -> Iterator[tuple[Receipt, set[tuple[str, str]]]]:
    number = 0
    for name, content, code in _refused():
        number += 1
        yield _receipt(budget, number, name, content), {(code, "")}
    rng = random.Random(3)
    for office in books.offices()[: 30 if budget.is_long else 10]:
        number += 1
        content, codes = _with_faults(office, rng)
        yield replace(_receipt(budget, number, f"cells-{office}", content), opd_code=office, folder_opd=office), codes
    made = odd.odd_files(3)
    for _ in range(600 if budget.is_long else 60):
        number += 1
        yield _receipt(budget, number, *next(made)), set()


def _receipt(budget: Budget, number: int, name: str, content: bytes) -> Receipt:
    path = budget.room / f"{number:05d}"
    path.write_bytes(content)
    return replace(books.receipt_of(path, number), file_name=name)


def _refused() -> Iterator[tuple[str, bytes, str]]:
    """Yield (name, content, code) of files that are refused, or spoken of, for what they are as a whole."""
    form, small = books.form_bytes(books.offices()[0]), books.plain()
    parts = books.parts_of(form)
    sheet = parts["xl/worksheets/sheet2.xml"]
    macro = {"xl/vbaProject.bin": b"x"}
    link = {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
    yield "encrypted", odd.encrypted(random.Random(1)), "F01"
    yield "pdf", b"%PDF-1.7", "F02"
    yield "html", b"<html><table></table></html>", "F02"
    yield "csv", b"kode;jawaban\n", "F02"
    yield "cut", form[: len(form) // 2], "F03"
    yield "large", form + bytes(20_000_001 - len(form)), "F04"
    yield "swollen", books.with_parts(small, {"xl/media/a.bin": bytes(110_000_000)}), "F05"
    yield "far", books.with_parts(small, {odd.SHEET: DRAWN}), "F06"
    yield "dtd", books.with_parts(form, {"xl/workbook.xml": _declared(parts["xl/workbook.xml"])}), "F07"
    yield "other", small, "F10"
    yield "macro", books.with_parts(form, macro), "F14"
    yield "link", books.with_parts(form, link), "F15"
    yield "dimension", books.with_parts(form, {"xl/worksheets/sheet2.xml": _lying(sheet)}), "F17"


def _declared(xml: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml[xml.find(b"?>") + 2 if xml.startswith(b"<?xml") else 0 :]


def _lying(sheet: bytes) -> bytes:
    return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"', sheet)


def _with_faults(office: str, rng: random.Random) -> tuple[bytes, set[tuple[str, str]]]:
    """Return a form in which some figures are words and error values, with the code and cell of each."""
    _, instrument = books.world()
    codes: set[tuple[str, str]] = set()

    def change(book) -> None:
        places = sorted(books.places_of(office).items())
        for question_id, (sheet, row) in rng.sample(places, min(5, len(places))):
            asked = layout.asked_inputs(instrument.question(question_id))
            key = next((key for key in ("answer", "value_t1") if key in asked), "")
            if key:
                cell = book[sheet].cell(row, column_of(key, layout.ANSWER_KEYS))
                cell.value = "#REF!"
                codes.add(("W19", cell.coordinate))

    return books.edited(books.form_bytes(office), change), codes
