"""G6: honest files are not refused for technical reasons (99.5 % at least)."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from datetime import date

from bench.faults import books
from bench.faults.goal import Budget, Figure, judged
from bench.faults.odd import MAIN

TITLE = "honest files are let in"
SECONDS, LONG_SECONDS = 45, 150
LEAST = 0.995
_TEXT = re.compile(rb'<c([^>]*)t="inlineStr"([^>]*)><is>(.*?)</is></c>', re.DOTALL)
Change = Callable[[bytes], bytes]


def run(budget: Budget) -> Figure:
    """Send honest forms saved the ways honest programs save; refused for what a file is, none may be."""
    from kla.io.reading import read_files
    from kla.io.suites import validate

    district, instrument = books.world()
    offices = books.offices()[: None if budget.is_long else 14]
    receipts, told = [], []
    for office in offices:
        for name, change in CHANGES.items():
            path = budget.room / f"{len(receipts):05d}.xlsx"
            path.write_bytes(change(books.form_bytes(office)))
            receipts.append(books.receipt_of(path, len(receipts), office))
            told.append(f"{office} {name}")
    readings = read_files(receipts)
    checked = validate(
        list(zip(receipts, readings, strict=True)),
        {district.code: district},
        {books.CYCLE: instrument},
        {district.code: date(2024, 5, 20)},
    )
    refused = [
        f"{name}: {file.findings[0].code} {file.findings[0].tell}"
        for name, file in zip(told, checked, strict=True)
        if file.outcome.value == "refused" or any(finding.code.startswith("P") for finding in file.findings)
    ]
    share = 1 - len(refused) / len(checked)
    figure = f"{len(checked) - len(refused)} of {len(checked)} honest files let in ({share:.1%}), {len(CHANGES)} ways of saving"
    return judged("G6", figure, refused if share < LEAST else [])


def _as_issued(content: bytes) -> bytes:
    return content


def _saved_again(content: bytes) -> bytes:
    return books.edited(content, lambda _: None)


def _stored(content: bytes) -> bytes:
    """Return the package without compression, in another order."""
    parts = books.parts_of(content)
    names = sorted(parts)
    random.Random(6).shuffle(names)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name in names:
            package.writestr(name, parts[name])
    return target.getvalue()


def _shared(content: bytes) -> bytes:
    """Return the workbook with its texts in a table of their own, as Excel writes them."""
    parts, strings = books.parts_of(content), []

    def shared(found: re.Match[bytes]) -> bytes:
        strings.append(found[3])
        return b'<c%st="s"%s><v>%d</v></c>' % (found[1], found[2], len(strings) - 1)

    changed = {name: _TEXT.sub(shared, body) for name, body in parts.items() if name.startswith("xl/worksheets/sheet")}
    table = b"".join(b"<si>%s</si>" % text for text in strings)
    changed["xl/sharedStrings.xml"] = b"<sst %s>%s</sst>" % (MAIN, table)
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = b'<Relationship Id="rId99" Type="%s" Target="sharedStrings.xml"/></Relationships>' % kind
    rels = "xl/_rels/workbook.xml.rels"
    changed[rels] = parts[rels].replace(b"</Relationships>", relation)
    return books.with_parts(content, changed)


def _with_notes_and_pictures(content: bytes) -> bytes:
    from openpyxl.comments import Comment

    def change(book) -> None:
        for sheet in book.worksheets[1:4]:
            sheet["B2"].comment = Comment("sudah diperiksa Kabid, tinggal SK", "bidang")
            sheet.oddFooter.center.text = "Halaman &P dari &N, 31/12/2023"

    return books.with_parts(books.edited(content, change), {"xl/media/image9.png": b"\x89PNG" + bytes(200_000)})


def _own_sheet(content: bytes) -> bytes:
    def change(book) -> None:
        sheet = book.create_sheet("Rekap kecamatan")
        sheet.append(["Kecamatan", "Jumlah anak", "Anggaran (Rp)", "SK", "Tanggal"])
        for number in range(1, 40):
            sheet.append(
                [f"Kecamatan {number}", number * 731, number * 1_250_000_000, f"188.45/{number}/2023", "5 Juni 2023"]
            )

    return books.edited(content, change)


def _rows_moved(content: bytes) -> bytes:
    def change(book) -> None:
        for sheet in book.worksheets[1:]:
            if not sheet.title.startswith("_"):
                sheet.insert_rows(1, 3)

    return books.edited(content, change)


CHANGES: dict[str, Change] = {
    "as issued": _as_issued,
    "saved again": _saved_again,
    "not compressed": _stored,
    "texts in a table": _shared,
    "notes, footers, a picture": _with_notes_and_pictures,
    "a sheet of their own": _own_sheet,
    "rows inserted above": _rows_moved,
}
