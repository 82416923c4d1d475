"""Recaps as provinces and the ministry lay them out: title rows, merged headers, a sheet per klaster, totals by many names."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kla.instrument import Block, Instrument

Points = Mapping[str, Decimal]
Row = Sequence[object]
ARRIVED = {
    "_rekap/mandiri/Kartu.xlsx": "2024-06-15T10:00:00+07:00",
    "_verifikasi/2024/administrasi/Hasil provinsi.xlsx": "2024-11-04T10:00:00+07:00",
    "_verifikasi/vlh/BA VLH.xlsx": "2025-05-12T10:00:00+07:00",
    "_verifikasi/final/Verifikasi akhir.xlsx": "2025-07-21T10:00:00+07:00",
}


def claimed(instrument: Instrument) -> Points:
    """Everything earns its maximum."""
    return {question.question_id: question.max_points for question in instrument.questions}


def sent(inbox: Path, files: Mapping[str, bytes]) -> None:
    """Lay files into a district's inbox, with the moments at which they came."""
    for path, content in files.items():
        (inbox / path).parent.mkdir(parents=True, exist_ok=True)
        (inbox / path).write_bytes(content)
    with (inbox / "_kedatangan.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["path", "received_at"], *([path, ARRIVED[path]] for path in files)])


def card(instrument: Instrument, points: Points) -> bytes:
    """The district's own card: one plain sheet."""
    book, sheet = _book("Kartu")
    sheet.append(["Kode", "Pertanyaan", "Nilai Maks", "Evaluasi Mandiri"])
    for question in instrument.questions:
        sheet.append(_plain(question.question_id, question.label, question.max_points, points[question.question_id]))
    return _bytes(book)


def province(instrument: Instrument, points: Points, reasons: Mapping[str, str]) -> bytes:
    """The province's result: a summary sheet first, then a sheet per klaster with a merged header and a plain `Jumlah`."""
    book, summary = _book("Ringkasan")
    summary.append(["PEMERINTAH PROVINSI"])
    summary.append(["No", "Kode", "Skor Maksimum", "Verifikasi Provinsi"])
    for number, block in enumerate(instrument.blocks, 1):
        summary.append(_plain(number, f"{block.sheet} : {block.name}", block.max_points, _sum(block, points)))
    summary.append(_plain(None, "Total Keseluruhan", 1000, sum(points.values())))
    for block in instrument.blocks:
        sheet = book.create_sheet(block.sheet)
        sheet.append([f"HASIL VERIFIKASI ADMINISTRASI {block.name}".upper()])
        sheet.merge_cells("A1:F1")
        sheet.append([])
        sheet.append(["No.", "Kode Soal", "Uraian", "Nilai", None, "Catatan Verifikator"])
        sheet.append([None, None, None, "Maks", "Verifikasi Administrasi", None])
        for merged in ("A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:F4"):
            sheet.merge_cells(merged)
        for number, question in enumerate(block.questions, 1):
            key = question.question_id
            about = (number, key, question.label, question.max_points, points[key], reasons.get(key))
            sheet.append(_plain(*about))
        sheet.append(_plain("Jumlah", None, None, block.max_points, _sum(block, points)))
        sheet.append(["Sumber: Tim Verifikasi Provinsi"])
    return _bytes(book)


def field_visit(
    instrument: Instrument,
    points: Points,
    reasons: Mapping[str, str],
    extra: Sequence[Row] = (),
    wrong_block: str = "",
    wrong_by: int = 0,
) -> bytes:
    """The minutes of the field verification: reasons before points, three columns of points, sums below each klaster.

    Points are text with a comma. `extra` rows stand at the end, before the sum of all, which is `wrong_by` too high; the
    sum of `wrong_block` is 1 too low.
    """
    book, sheet = _book("BA VLH")
    for text in ("BERITA ACARA", "VERIFIKASI LAPANGAN HYBRID", None):
        sheet.append([text])
    sheet.append(
        [None, "Kode", "Pertanyaan", "Alasan Pengurangan", "Bobot", "Nilai Mandiri", "Nilai Administrasi", "Nilai VLH"]
    )
    for block in instrument.blocks:
        sheet.append([None, block.sheet, block.name])
        for question in block.questions:
            key = question.question_id
            given = f"{points[key]:.2f}".replace(".", ",")
            figures = (float(question.max_points), float(question.max_points), float(points[key]), given)
            sheet.append([None, key, question.label, reasons.get(key), *figures])
        total = float(_sum(block, points)) - (1 if block.code == wrong_block else 0)
        sheet.append([None, f"JUMLAH {block.sheet}", None, None, float(block.max_points), None, None, total])
    for row in extra:
        sheet.append(list(row))
    sheet.append([None, "GRAND TOTAL", None, None, 1000, None, None, float(sum(points.values())) + wrong_by])
    return _bytes(book)


def decision(instrument: Instrument, points: Points, predikat: str) -> bytes:
    """The ministry's final result: question rows under indicator rows, the predikat in the last line."""
    book, sheet = _book("Final")
    sheet.append(["HASIL AKHIR EVALUASI KLA"])
    sheet.append(["Kode", "Indikator", "Nilai Maksimum", "Nilai Final"])
    for indicator in instrument.indicators:
        total = sum((points[question.question_id] for question in indicator.questions), Decimal(0))
        sheet.append(_plain(f"Indikator {indicator.number}. {indicator.name}", None, indicator.max_points, total))
        for question in indicator.questions:
            sheet.append(
                _plain(question.question_id, question.label, question.max_points, points[question.question_id])
            )
    sheet.append(_plain("Total Nilai", None, 1000, sum(points.values())))
    sheet.append(["PREDIKAT", None, None, predikat])
    return _bytes(book)


def _sum(block: Block, points: Points) -> Decimal:
    return sum((points[question.question_id] for question in block.questions), Decimal(0))


def _plain(*cells: object) -> list[object]:
    return [float(cell) if isinstance(cell, Decimal) else cell for cell in cells]


def _book(title: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    return book, sheet


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
