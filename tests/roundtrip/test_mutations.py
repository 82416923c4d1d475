"""A form that was moved about, retyped or saved by another program gives the same answers and evidence as the original."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from roundtrip_form import CYCLE, DISTRICT, OFFICE, STAGE, opened, saved, sound_bytes

from kla import layout
from kla.io.reading import read_files
from kla.submission import Layout, Reading, Receipt

K3, PROOF = "Klaster III", layout.EVIDENCE_SHEET
OFFICE_PROGRAM = shutil.which("soffice")


def tables(book: Workbook) -> list[Worksheet]:
    return [s for s in book.worksheets if s.title.startswith(("Klaster", "Kelembagaan", "Kecamatan", PROOF))]


def rows_above(book: Workbook) -> None:
    for sheet in tables(book):
        sheet.insert_rows(1, 4)
        sheet["C1"] = "Dinas Kesehatan Kabupaten Tanah Bumbu"


def rows_inside(book: Workbook) -> None:
    for sheet in tables(book):
        for row in (12, 9, 7):
            sheet.insert_rows(row, 2)


def rows_with_remarks_inside(book: Workbook) -> None:
    book[K3].insert_rows(14)
    book[K3]["C14"] = "menunggu data Puskesmas"


def column_inside(book: Workbook) -> None:
    for sheet in tables(book):
        sheet.insert_cols(5, 2)


def column_in_front(book: Workbook) -> None:
    for sheet in tables(book):
        sheet.insert_cols(1)


def column_of_remarks_inside(book: Workbook) -> None:
    book[K3].insert_cols(7)
    for row in range(8, 30):
        book[K3].cell(row, 7).value = "sudah dicek"


def merged_titles(book: Workbook) -> None:
    for sheet in tables(book):
        sheet.insert_rows(1, 2)
        sheet["B1"] = "LAPORAN KLA"
        sheet.merge_cells("B1:H2")


def moved_down_and_right(book: Workbook) -> None:
    for sheet in tables(book):
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        sheet.move_range(sheet.dimensions, rows=11, cols=4)


def one_table_below_another(book: Workbook) -> None:
    source, target = book["Klaster II"], book[K3]
    below = target.max_row + 3
    for row in source.iter_rows():
        for cell in row:
            if cell.value is not None:
                target.cell(below + cell.row, cell.column).value = cell.value
    book.remove(source)


def hidden_columns(book: Workbook) -> None:
    for sheet in tables(book):
        for letter in "CDEFL":
            sheet.column_dimensions[letter].hidden = True


def hidden_rows(book: Workbook) -> None:
    for sheet in tables(book):
        for row in range(8, 14):
            sheet.row_dimensions[row].hidden = True


def renamed_sheets(book: Workbook) -> None:
    for number, sheet in enumerate(tables(book)):
        sheet.title = f"Bagian {number} (final)"


def reordered_sheets(book: Workbook) -> None:
    book._sheets.reverse()


def machine_keys_deleted(book: Workbook) -> None:
    for sheet in tables(book):
        sheet.delete_rows(4)


def marks_deleted(book: Workbook) -> None:
    for sheet in tables(book):
        for (cell,) in sheet.iter_rows(min_col=1, max_col=1):
            cell.value = None


def column_of_marks_deleted(book: Workbook) -> None:
    for sheet in tables(book):
        sheet.delete_cols(1)


def sheet_added(book: Workbook) -> None:
    sheet = book.create_sheet("Rekap Puskesmas", 1)
    for row in (["No", "Puskesmas", "Bayi lahir"], [1, "Batulicin", 240], [2, "Pagatan", 181]):
        sheet.append(row)


def sheet_copied(book: Workbook) -> None:
    book.copy_worksheet(book[K3])


def styles_stripped(book: Workbook) -> None:
    for sheet in tables(book):
        for row in sheet.iter_rows():
            for cell in row:
                cell.style = "Normal"
        sheet.data_validations.dataValidation.clear()


def numbers_as_text(book: Workbook) -> None:
    for cell in inputs(book):
        if isinstance(cell.value, int):
            cell.value = str(cell.value)


def trailing_spaces(book: Workbook) -> None:
    for cell in inputs(book):
        if isinstance(cell.value, str):
            cell.value = f"{cell.value} \u00a0 "


def dates_as_text(book: Workbook) -> None:
    for cell in inputs(book):
        if isinstance(cell.value, datetime):
            cell.value, cell.number_format = cell.value.strftime("%d/%m/%Y"), "@"


def capitals(book: Workbook) -> None:
    for sheet in tables(book):
        for row in sheet.iter_rows(min_row=6, min_col=2, max_col=2):
            for cell in row:
                if cell.value:
                    cell.value = str(cell.value).lower()


def filters_and_widths(book: Workbook) -> None:
    for sheet in tables(book):
        sheet.auto_filter.ref = f"B5:L{sheet.max_row}"
        sheet.freeze_panes = None
        sheet.protection.sheet = False
        for letter in "BCDEFGH":
            sheet.column_dimensions[letter].width = 3


def colours_and_notes(book: Workbook) -> None:
    for cell in list(inputs(book))[:40]:
        cell.fill = PatternFill("solid", fgColor="00FF00")
        cell.comment = Comment("cek lagi", "Rina")


def cover_removed(book: Workbook) -> None:
    book.remove(book[layout.COVER_SHEET])


def blank_rows_far_below(book: Workbook) -> None:
    for sheet in tables(book):
        sheet.cell(4000, 3).value = " "


def inputs(book: Workbook) -> Iterable[Cell]:
    for sheet in tables(book):
        for row in sheet.iter_rows(min_row=6, min_col=2):
            yield from (cell for cell in row if not cell.protection.locked)


MUTATIONS: Mapping[str, Callable[[Workbook], None]] = {
    change.__name__: change
    for change in (
        rows_above,
        rows_inside,
        rows_with_remarks_inside,
        column_inside,
        column_in_front,
        column_of_remarks_inside,
        merged_titles,
        moved_down_and_right,
        one_table_below_another,
        hidden_columns,
        hidden_rows,
        renamed_sheets,
        reordered_sheets,
        machine_keys_deleted,
        marks_deleted,
        column_of_marks_deleted,
        sheet_added,
        sheet_copied,
        styles_stripped,
        numbers_as_text,
        trailing_spaces,
        dates_as_text,
        capitals,
        filters_and_widths,
        colours_and_notes,
        cover_removed,
        blank_rows_far_below,
    )
}
RESAVED = ("xlsx", "xls", "ods") if OFFICE_PROGRAM else ()


def receipt_of(path: Path) -> Receipt:
    content = path.read_bytes()
    digest, moment = hashlib.sha256(content).hexdigest(), datetime(2024, 5, 1, tzinfo=UTC)
    return Receipt(
        digest, DISTRICT, OFFICE, OFFICE, STAGE, CYCLE, Layout.FORM, path.name, str(path), len(content), moment
    )


def resave(path: Path, kind: str, folder: Path) -> Path:
    """Let LibreOffice open and save a file, as many offices do."""
    home = f"-env:UserInstallation=file://{folder}/profile"
    command = [str(OFFICE_PROGRAM), home, "--headless", "--convert-to", kind, "--outdir", str(folder / kind), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / kind / f"{path.stem}.{kind}"


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Reading]:
    folder = tmp_path_factory.mktemp("mutations")
    paths = {"original": folder / "original.xlsx"}
    paths["original"].write_bytes(sound_bytes())
    for name, change in MUTATIONS.items():
        book = opened(sound_bytes())
        change(book)
        paths[name] = folder / f"{name}.xlsx"
        paths[name].write_bytes(saved(book))
    for kind in RESAVED:
        paths[kind] = resave(paths["original"], kind, folder)
    return dict(zip(paths, read_files([receipt_of(path) for path in paths.values()]), strict=True))


def answers_of(reading: Reading) -> set[tuple[object, ...]]:
    return {
        (a.question_id, a.level, a.answer, a.value_t2, a.denominator_t2, a.value_t1, a.denominator_t1, a.note)
        for a in reading.answers
    }


def evidence_of(reading: Reading) -> set[tuple[object, ...]]:
    return {(e.question_id, e.kind, e.title, e.number, e.dated_on, e.year, e.link, e.note) for e in reading.evidence}


def test_there_are_at_least_twenty_mutations() -> None:
    assert len(MUTATIONS) >= 20


def test_the_original_holds_answers_of_every_kind_and_evidence(readings: Mapping[str, Reading]) -> None:
    original = readings["original"]
    assert len(original.answers) == 94
    assert len(original.evidence) > 100
    assert not original.problems


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutated_form_gives_the_same_answers_and_evidence(readings: Mapping[str, Reading], name: str) -> None:
    assert answers_of(readings[name]) == answers_of(readings["original"])
    assert evidence_of(readings[name]) == evidence_of(readings["original"])
    assert readings[name].seal == readings["original"].seal


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_cell_of_a_mutated_form_is_accounted_for(readings: Mapping[str, Reading], name: str) -> None:
    ledger = readings[name].ledger
    assert ledger.cells_read == ledger.used + sum(ledger.ignored.values())


@pytest.mark.skipif(not OFFICE_PROGRAM, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_form_that_libreoffice_saved_gives_the_same_answers_and_evidence(
    readings: Mapping[str, Reading], kind: str
) -> None:
    assert answers_of(readings[kind]) == answers_of(readings["original"])
    assert evidence_of(readings[kind]) == evidence_of(readings["original"])
    assert readings[kind].seal == readings["original"].seal
