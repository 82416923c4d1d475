"""Reading in child processes: same order, every file one reading, a deadly file costs only itself."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell

from kla import layout
from kla.findings import Severity
from kla.io import child, reading
from kla.io.child import Errand
from kla.io.detect import FileFacts
from kla.io.districts import load_district
from kla.io.forms import build_form
from kla.io.instruments import load_instrument
from kla.io.reading import limited_pool, read_files
from kla.io.rules import load_rules
from kla.io.suites import validate
from kla.submission import Layout, Problem, Reading, Receipt

DISTRICT, INSTRUMENT = load_district("63.10"), load_instrument(2024)
OFFICE = next(office for office in DISTRICT.expected_offices(INSTRUMENT) if "DINKES" in office.serves)


def receipt(path: Path, expects: Layout = Layout.FORM) -> Receipt:
    size = path.stat().st_size
    now = datetime(2024, 5, 20, tzinfo=UTC)  # while the stage is open
    return Receipt(
        path.name, DISTRICT.code, OFFICE.code, OFFICE.code, "", None, expects, path.name, str(path), size, now
    )


def filled_form() -> Workbook:
    """Return the real form of one office: its first choice answered, its first ratio filled, one piece of evidence."""
    form = build_form(DISTRICT, INSTRUMENT, OFFICE, "mandiri")
    for question_id, (sheet, row) in form.places.answer_rows.items():
        question = INSTRUMENT.question(question_id)
        line = {key: form.workbook[sheet].cell(row, 2 + n) for n, key in enumerate(layout.ANSWER_KEYS)}
        if "answer" in layout.asked_inputs(question):
            line["answer"].value = question.scale.levels[-1].label
        if "value_t1" in layout.asked_inputs(question):
            line["value_t1"].value = 12
    sheet = form.workbook[layout.EVIDENCE_SHEET]
    kind = next(iter(INSTRUMENT.evidence_kinds.values())).label
    values = (
        next(iter(form.places.answer_rows)),
        kind,
        "Keputusan Bupati",
        "188.45/1",
        datetime(2023, 6, 5),
        "sk.pdf",
        None,
    )
    for column, value in enumerate(values, 2):
        sheet.cell(form.places.evidence_rows.start, column).value = value
    return form.workbook


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("form") / "isian.xlsx"
    filled_form().save(path)
    return path


def changed(saved: Path, target: Path, change: Callable[[Workbook], None]) -> Path:
    workbook = load_workbook(saved)
    change(workbook)
    workbook.save(target)
    return target


def test_a_filled_form_comes_back_whole(saved: Path) -> None:
    (found,) = read_files([receipt(saved)], workers=1)
    owned = [question.question_id for question, _ in DISTRICT.questions_for(OFFICE.code, INSTRUMENT)]
    assert (found.layout, found.cycle, found.stage, found.reader) == (Layout.FORM, 2024, "mandiri", "calamine")
    assert found.problems == ()
    assert found.seal is not None
    assert (found.seal.opd_code, found.seal.is_intact) == (OFFICE.code, True)
    assert [row.question_id for row in found.answers] == owned
    for row in found.answers:
        question = INSTRUMENT.question(row.question_id)
        asked = layout.asked_inputs(question)
        assert row.level == (question.scale.levels[-1].key if "answer" in asked else "")
        assert row.value_t1 == (Decimal(12) if "value_t1" in asked else None)
    assert [(row.title, row.dated_on and row.dated_on.isoformat()) for row in found.evidence] == [
        ("Keputusan Bupati", "2023-06-05")
    ]


def insert_rows_and_columns(workbook: Workbook) -> None:
    for sheet in workbook.worksheets[1:3]:
        sheet.insert_rows(1, 2)
        sheet.insert_cols(4)


def put_an_error(workbook: Workbook) -> None:
    sheet = workbook["Klaster III"]
    sheet["J7"] = "#DIV/0!"
    sheet["J8"] = "=1+1"


def test_inserted_rows_and_columns_do_no_harm(saved: Path, tmp_path: Path) -> None:
    path = changed(saved, tmp_path / "sisip.xlsx", insert_rows_and_columns)
    before, after = read_files([receipt(saved), receipt(path)], workers=1)
    assert [(r.question_id, r.answer, r.raw) for r in after.answers] == [
        (r.question_id, r.answer, r.raw) for r in before.answers
    ]
    # The library that inserts the rows leaves the hiding where it was, now on an answer.
    assert {problem.kind for problem in after.problems} <= {"hidden_rows"}
    assert after.answers[0].row == before.answers[0].row + 2


def test_error_cells_and_unstored_formulas_are_found_at_their_cells(saved: Path, tmp_path: Path) -> None:
    path = changed(saved, tmp_path / "galat.xlsx", put_an_error)
    (found,) = read_files([receipt(path)], workers=1)
    assert sorted((p.kind, p.sheet, p.cell) for p in found.problems) == [
        ("error_cell", "Klaster III", "J7"),
        ("formula_uncached", "Klaster III", "J8"),
    ]


def deadly(path: Path) -> Path:
    """A small .ods whose one cell repeats over the whole sheet: it takes any reader's memory."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    cell = '<table:table-cell table:number-columns-repeated="90" office:value-type="float" office:value="1"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    xml = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="A">{row}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", xml)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def test_a_file_that_kills_its_reader_costs_only_itself(
    saved: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = deadly(tmp_path / "maut.ods")
    seen: list[int] = []
    found = read_files([receipt(saved), receipt(path), receipt(saved)], workers=1, on_progress=seen.append)
    assert [r.layout for r in found] == [Layout.FORM, Layout.UNKNOWN, Layout.FORM]
    assert found[1].problems[-1].kind == "reader_died"
    assert "stack" not in capfd.readouterr().err
    assert seen[-1] == 3


def test_a_reader_that_does_not_end_is_ended(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_SECONDS", 0.5)
    monkeypatch.setattr(reading, "FILE_SECONDS", 2.0)
    os.mkfifo(tmp_path / "pipa.xlsx")  # opening it never returns
    found = read_files([receipt(saved), receipt(tmp_path / "pipa.xlsx")], workers=1)
    assert found[0].layout is Layout.FORM
    assert [(p.kind, p.expected) for p in found[1].problems] == [("timeout", "2")]


def test_bad_files_of_every_kind_give_a_reading_each(saved: Path, tmp_path: Path) -> None:
    contents = [
        b"",
        b"%PDF-1.4",
        saved.read_bytes()[:5000],
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(99),
        saved.read_bytes(),
    ]
    paths = [tmp_path / f"{number}.xlsx" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    found = read_files([receipt(path) for path in paths], workers=2)
    assert [r.sha256 for r in found] == [path.name for path in paths]
    assert [bool(r.answers) for r in found] == [False, False, False, False, True]
    assert all(is_balanced(r) for r in found)


def is_balanced(found: Reading) -> bool:
    return found.ledger.cells_read == found.ledger.used + sum(found.ledger.ignored.values())


def test_nothing_to_read_starts_no_process() -> None:
    assert read_files([]) == ()


def test_what_still_runs_in_a_pool_that_is_left_is_ended() -> None:
    with limited_pool(1, {}) as pool:
        number = pool.schedule(os.getpid).result()
        pool.schedule(time.sleep, args=(600,))
    limit = time.monotonic() + 60
    while Path(f"/proc/{number}").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    assert not Path(f"/proc/{number}").exists()


def test_a_file_that_vanished_is_damaged(tmp_path: Path, saved: Path) -> None:
    gone = tmp_path / "hilang.xlsx"
    gone.write_bytes(b"x")
    lost = receipt(gone)
    gone.unlink()
    assert [r.problems[0].kind for r in read_files([lost], workers=1)] == ["damaged"]


def test_a_reading_process_imports_only_what_reading_needs() -> None:
    heavy = "pandas", "great_expectations", "sqlalchemy", "matplotlib", "prefect", "openpyxl", "yaml", "typer", "jinja2"
    code = f"import sys, kla.io.child; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_strict_save_is_read_all_the_same(saved: Path, tmp_path: Path) -> None:
    old, new = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    target = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name).replace(old, new))
    (tmp_path / "strict.xlsx").write_bytes(target.getvalue())
    before, after = read_files([receipt(saved), receipt(tmp_path / "strict.xlsx")], workers=1)
    assert [p.kind for p in after.problems] == ["strict_ooxml"]
    assert after.answers == before.answers


def test_a_folder_that_is_no_office_is_said_and_the_file_still_read(saved: Path) -> None:
    (found,) = read_files([replace(receipt(saved), opd_code="", folder_opd="Dinas Entah Apa")], workers=1)
    assert [(p.kind, p.value) for p in found.problems] == [("unknown_office", "Dinas Entah Apa")]
    assert found.answers


def test_an_unknown_folder_near_an_office_names_it_and_waits_for_a_steward(saved: Path) -> None:
    lost = replace(receipt(saved), opd_code="", folder_opd="DINKESS")
    (found,) = read_files([lost], workers=1)
    assert [(p.kind, p.value, p.expected) for p in found.problems] == [("unknown_office", "DINKESS", "DINKES")]
    assert [(n.kind, n.text, n.candidate) for n in found.near] == [("office", "DINKESS", "DINKES")]
    assert 0 < found.near[0].score < 100


def test_an_office_by_another_name_is_noted_as_a_repair(saved: Path) -> None:
    (found,) = read_files([replace(receipt(saved), folder_opd="Dinas Kesehatan")], workers=1)
    assert [(r.rule, r.original, r.result) for r in found.repairs] == [("office_alias", "Dinas Kesehatan", OFFICE.code)]


def test_a_rejected_repair_reaches_the_reader(saved: Path, tmp_path: Path) -> None:
    def put_text(workbook: Workbook) -> None:
        sheet = workbook["Klaster III"]
        cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 12)
        cell.value = "12,50"

    path = changed(saved, tmp_path / "teks.xlsx", put_text)
    (found,) = read_files([receipt(path)], workers=1)
    (repair,) = found.repairs
    assert (repair.original, repair.result, repair.rule) == ("12,50", "12.50", "number")
    (again,) = read_files([receipt(path)], workers=1, rejected=[(path.name, repair.sheet, repair.cell)])
    assert [(p.kind, p.sheet, p.cell) for p in again.problems] == [("repair_rejected", repair.sheet, repair.cell)]
    assert again.repairs == ()


def first_figure(workbook: Workbook) -> tuple[Cell, Cell]:
    """Return the first filled figure of a form and the note beside it."""
    cell = next(cell for row in workbook["Klaster III"].iter_rows() for cell in row if cell.value == 12)
    keys = {key.value: key.column for row in cell.parent.iter_rows() for key in row if key.value == "note"}
    return cell, cell.parent.cell(cell.row, keys["note"])


def test_a_figure_that_excel_shows_as_a_percentage_is_asked_back_as_it_is_shown(saved: Path, tmp_path: Path) -> None:
    def as_percent(workbook: Workbook) -> None:
        cell, _ = first_figure(workbook)
        cell.value, cell.number_format = 0.125, "0.0%"

    path = changed(saved, tmp_path / "persen.xlsx", as_percent)
    (found,) = read_files([receipt(path)], workers=1)
    assert [(p.kind, p.value) for p in found.problems] == [("number_ambiguous", "12,5 %")]


@pytest.mark.parametrize(
    ("figure", "note", "codes"),
    [
        ("nihil", "tidak ada kasus sepanjang tahun", []),
        ("nihil, belum ada laporan masuk", None, []),
        ("nihil", None, ["A27"]),
        ("nihil", "-", ["A27"]),
    ],
)
def test_nil_with_a_reason_is_an_answer_like_any_other(
    saved: Path, tmp_path: Path, figure: str, note: str | None, codes: list[str]
) -> None:
    def put_nil(workbook: Workbook) -> None:
        cell, beside = first_figure(workbook)
        cell.value, beside.value = figure, note
        cell.offset(column=1).value = 40  # of how many

    path = changed(saved, tmp_path / "nihil.xlsx", put_nil)
    mine = receipt(path)
    (found,) = read_files([mine], workers=1)
    (repair,) = found.repairs
    (row,) = [row for row in found.answers if (row.sheet, row.cells.get(repair.field)) == (repair.sheet, repair.cell)]
    assert (repair.original, repair.result, row.value_t1) == (figure, "0", Decimal(0))
    (file,) = validate(
        [(mine, found)], {DISTRICT.code: DISTRICT}, {2024: INSTRUMENT}, {DISTRICT.code: date(2025, 5, 20)}
    )
    assert [it.code for it in file.findings if it.cell == repair.cell and it.code in ("A27", "A08", "A09")] == codes
    blocked = [it.code for it in file.findings if it.severity is Severity.BLOCKING and it.row_key == repair.row_key]
    assert blocked == []


def test_a_question_id_merged_over_several_rows_holds_for_each(saved: Path, tmp_path: Path) -> None:
    def merge(workbook: Workbook) -> None:
        sheet = workbook[layout.EVIDENCE_SHEET]
        first = next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == "Keputusan Bupati")
        sheet.cell(first + 1, 4).value = "Lampirannya"
        sheet.cell(first + 1, 3).value = sheet.cell(first, 3).value
        sheet.merge_cells(start_row=first, end_row=first + 1, start_column=2, end_column=2)

    path = changed(saved, tmp_path / "gabung.xlsx", merge)
    (found,) = read_files([receipt(path)], workers=1)
    first, second = found.evidence
    assert (first.title, second.title, second.question_id) == ("Keputusan Bupati", "Lampirannya", first.question_id)
    assert [(r.rule, r.original, r.result) for r in found.repairs] == [("fill_down", "", first.question_id)]
    assert found.problems == ()


@pytest.mark.parametrize(("layout_of_folder", "kind"), [(Layout.FORM, "legacy_format"), (Layout.RECAP, "legacy_recap")])
def test_an_old_format_costs_a_form_its_trust_and_a_recap_a_warning(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout_of_folder: Layout, kind: str
) -> None:
    path = saved
    if layout_of_folder is Layout.RECAP:
        workbook = Workbook()
        for row in (["Kode", "Nilai"], ["4.P1", 0.75]):
            workbook.worksheets[0].append(row)
        workbook.save(path := tmp_path / "rekap.xlsx")
    monkeypatch.setattr(child, "_vocabularies", reading._vocabularies({2024: INSTRUMENT}))
    monkeypatch.setattr(child, "inspect", lambda _: FileFacts("ods", (Problem("legacy_format", value="ods"),)))
    found = child.read_one(Errand("f" * 64, str(path), layout_of_folder, None, "final"))
    assert [(p.kind, p.value) for p in found.problems] == [(kind, "ods")]
    rule = {rule.kwargs["value_set"][0]: rule for rule in load_rules() if rule.frame == "problems"}[kind]  # type: ignore[index]
    assert (rule.severity is Severity.BLOCKING) is (layout_of_folder is Layout.FORM)
