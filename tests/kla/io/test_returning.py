"""What an office gets back: its own workbook, only marked; nothing of theirs is lost, moved or brought to life."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from kla import layout
from kla.district import District
from kla.findings import Finding, Severity
from kla.instrument import Instrument
from kla.io.districts import load_district
from kla.io.forms import write_form
from kla.io.instruments import load_instrument
from kla.io.reading import read_files
from kla.io.return_notes import AUTHOR, OPENING
from kla.io.return_styles import OURS
from kla.io.returning import write_return
from kla.submission import Layout, Receipt

K3 = "Klaster III"
RECEIPT = "KLA-63.10-DINKES-2024-mandiri-01-ab12cd"


@pytest.fixture(scope="module")
def district() -> District:
    return load_district("63.10")


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return load_instrument(2024)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory, district: District, instrument: Instrument) -> Path:
    path = tmp_path_factory.mktemp("form") / "isian.xlsx"
    return write_form(district, instrument, district.office("BNNK"), "mandiri", path)


def finding(
    sheet: str = "",
    cell: str = "",
    severity: Severity = Severity.BLOCKING,
    points: str = "0",
    code: str = "A08",
    **more: object,
) -> Finding:
    found = Finding(
        code=code,
        severity=severity,
        sha256="ab" * 32,
        district_code="63.10",
        opd_code="BNNK",
        cycle=2024,
        stage="mandiri",
        file_name="isian.xlsx",
        sheet=sheet,
        cell=cell,
        question_id="",
        value="",
        tell=f"Isi sel {cell} bukan angka.",
        fix="Isi dengan angka.",
        frame="answers",
        row_key=f"{sheet}!1" if sheet else "",
        points_at_stake=Decimal(points),
    )
    return replace(found, **more)  # type: ignore[arg-type]


def returned(original: Path, findings: Sequence[Finding], target: Path, **more: object) -> tuple[Workbook, bool]:
    given = {
        "receipt": RECEIPT,
        "deadline_text": "Rabu, 5 Juni 2024",
        "office": "BNN",
        "district": "Tanah Bumbu",
    } | more
    is_marked = write_return(original, findings, target, **given)  # type: ignore[arg-type]
    return load_workbook(target, rich_text=True), is_marked


def edit(source: Path, target: Path, change: Callable[[Workbook], object]) -> Path:
    book = load_workbook(source)
    change(book)
    book.save(target)
    return target


def answers_sheet(book: Workbook) -> Worksheet:
    return next(sheet for sheet in book.worksheets if sheet.title.startswith("Klaster"))


def open_cell(sheet: Worksheet, number: int = 0) -> str:
    """One of the cells an office fills in."""
    return [c.coordinate for row in sheet.iter_rows(min_row=6) for c in row if not c.protection.locked][number]


@pytest.fixture(scope="module")
def spot(blank: Path) -> tuple[str, str]:
    sheet = answers_sheet(load_workbook(blank))
    return sheet.title, open_cell(sheet)


def lines(book: Workbook) -> list[tuple[object, ...]]:
    """The list of findings as printed: number, severity, sheet, cell, question, tell, fix, points, code."""
    rows = list(book[layout.RETURN_SHEET].iter_rows(min_col=2, max_col=10, values_only=True))
    return [row for row in rows if isinstance(row[0], int)]


def links(book: Workbook) -> list[str]:
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    return [str(cell.hyperlink.location) for cell in cells if cell.hyperlink]


def is_ours(color: object) -> bool:
    return str(color)[2:] in OURS


def test_the_cell_is_coloured_and_noted_and_the_list_leads_to_it(
    blank: Path, tmp_path: Path, spot: tuple[str, str]
) -> None:
    sheet, cell = spot
    book, is_marked = returned(blank, [finding(sheet, cell)], tmp_path / "back.xlsx")
    note = book[sheet][cell].comment
    assert is_marked
    assert is_ours(book[sheet][cell].fill.fgColor.rgb)
    assert note.author == AUTHOR
    assert note.text.startswith(f"{OPENING}A08")
    assert "bukan angka" in note.text
    assert "Isi dengan angka." in note.text
    assert links(book) == [f"'{sheet}'!{cell}"]
    assert [row[2:4] for row in lines(book)] == [(sheet, cell)]


def test_everything_else_of_the_form_is_as_it_was(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    sheet, cell = spot
    book, _ = returned(blank, [finding(sheet, cell)], tmp_path / "back.xlsx")
    before = load_workbook(blank)
    assert book.sheetnames == [layout.RETURN_SHEET, *before.sheetnames]
    assert book[layout.SEAL_SHEET].sheet_state == "veryHidden"
    assert book[layout.LISTS_SHEET].sheet_state == "hidden"
    for name in before.sheetnames:
        old, new = before[name], book[name]
        rules = [[(r.type, str(r.sqref), r.formula1) for r in s.data_validations.dataValidation] for s in (old, new)]
        assert rules[0] == rules[1]
        assert new.protection.sheet == old.protection.sheet
        assert new.freeze_panes == old.freeze_panes
        assert new.print_title_rows == old.print_title_rows
        assert {k: (d.width, d.hidden) for k, d in new.column_dimensions.items()} == {
            k: (d.width, d.hidden) for k, d in old.column_dimensions.items()
        }
        assert {k for k, d in new.row_dimensions.items() if d.hidden} == {
            k for k, d in old.row_dimensions.items() if d.hidden
        }
        for row in old.iter_rows():
            for one in row:
                other = new[one.coordinate]
                assert (other.value, other.data_type, other.protection.locked) == (
                    one.value,
                    one.data_type,
                    one.protection.locked,
                )
                if (name, one.coordinate) != spot:
                    assert other.fill.fgColor.rgb == one.fill.fgColor.rgb


def test_every_part_is_sound_xml_whatever_prefixes_the_file_uses(
    blank: Path, tmp_path: Path, spot: tuple[str, str]
) -> None:
    original, out = tmp_path / "isian.xlsx", io.BytesIO()
    relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(blank) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/workbook.xml":
                content = re.sub(rb' xmlns:\w+="%s"' % relations, b"", content)
                content = re.sub(rb" (\w+):id=", rb' xmlns:q="%s" q:id=' % relations, content)
            target.writestr(name, content)
    original.write_bytes(out.getvalue())
    _, is_marked = returned(original, [finding(*spot)], tmp_path / "back.xlsx")
    assert is_marked
    with zipfile.ZipFile(tmp_path / "back.xlsx") as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels", ".vml")):
                fromstring(archive.read(name))


def test_the_same_file_and_findings_give_the_same_bytes(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        returned(blank, [finding(*spot)], tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_only_the_first_sheet_is_selected(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    book, _ = returned(blank, [finding(*spot)], tmp_path / "back.xlsx")
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == [layout.RETURN_SHEET]
    assert book.active.title == layout.RETURN_SHEET


def test_most_points_come_first_and_what_holds_up_the_whole_file_before_all(blank: Path, tmp_path: Path) -> None:
    found = [
        finding("Klaster V", "H9", points="2", code="A08"),
        finding("Klaster II", "G8", points="2", code="A07"),
        finding("Klaster V", "H8", points="9.5", code="A06", severity=Severity.WARNING),
        finding(code="W04"),
        finding(code="F20", severity=Severity.INFO),
    ]
    book, _ = returned(blank, found, tmp_path / "back.xlsx", instrument=load_instrument(2024))
    assert [row[8] for row in lines(book)] == ["W04", "A06", "A07", "A08", "F20"]
    assert [row[7] for row in lines(book)] == [None, 9.5, 2, 2, None]


def test_its_headings_are_printed_on_every_page(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    first, second = tmp_path / "back.xlsx", tmp_path / "again.xlsx"
    returned(blank, [finding(*spot)], first)
    returned(first, [finding(*spot), finding(*spot, code="A09")], second)
    theirs = {sheet.title: sheet.print_title_rows for sheet in load_workbook(blank).worksheets}
    for path in (first, second):
        ours, *others = load_workbook(path).worksheets
        row = next(cell.row for (cell,) in ours.iter_rows(min_col=10, max_col=10) if cell.value == "Kode")
        assert ours.print_title_rows == f"${row}:${row}"
        assert (ours.page_setup.orientation, ours.page_setup.paperSize) == ("landscape", 9)
        assert {sheet.title: sheet.print_title_rows for sheet in others} == theirs
        whole = zipfile.ZipFile(path).read("xl/workbook.xml")
        assert whole.count(b"_xlnm.Print_Titles") == 1 + sum(1 for rows in theirs.values() if rows)


def test_the_head_says_whose_it_is_and_until_when(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    book, _ = returned(blank, [finding(*spot), finding(code="F20", severity=Severity.INFO)], tmp_path / "back.xlsx")
    said = [row[3] for row in book[layout.RETURN_SHEET].iter_rows(values_only=True, max_row=8)]
    assert said[2:7] == ["BNN", "Tanah Bumbu", RECEIPT, "Rabu, 5 Juni 2024", "2 temuan: 1 harus diperbaiki, 1 catatan"]


def test_several_findings_on_a_cell_share_a_note_and_the_gravest_gives_the_tone(
    blank: Path, tmp_path: Path, spot: tuple[str, str]
) -> None:
    found = [finding(*spot, severity=Severity.INFO, code="A34"), finding(*spot, code="A08")]
    book, _ = returned(blank, found, tmp_path / "back.xlsx")
    cell = book[spot[0]][spot[1]]
    assert cell.fill.fgColor.rgb == "FFF7B2AD"
    assert "A34" in cell.comment.text
    assert "A08" in cell.comment.text


def test_every_cell_of_a_finding_about_many_is_marked(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    name = spot[0]
    cells = tuple(open_cell(answers_sheet(load_workbook(blank)), number) for number in range(3))
    book, _ = returned(blank, [finding(name, cells[0], cells=cells)], tmp_path / "back.xlsx")
    assert all(is_ours(book[name][cell].fill.fgColor.rgb) and book[name][cell].comment for cell in cells)
    assert [row[3] for row in lines(book)] == [f"{cells[0]} +2"]


def test_what_is_settled_is_not_asked_for(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    book, _ = returned(blank, [finding(*spot, status="waived")], tmp_path / "back.xlsx")
    assert lines(book) == []
    assert book[spot[0]][spot[1]].comment is None


def test_findings_without_a_cell_and_on_sheets_that_are_not_there_are_listed_without_a_link(
    blank: Path, tmp_path: Path
) -> None:
    found = [finding(code="W10"), finding("Lembar lain", "A1", code="W16"), finding("Petunjuk", "XYZ0", code="W15")]
    book, is_marked = returned(blank, found, tmp_path / "back.xlsx")
    assert is_marked
    assert len(lines(book)) == 3
    assert links(book) == []


HOSTILE = ['=HYPERLINK("http://jahat.example","klik")', "+1+1", "-2", "@SUM(A1)", '"><script>', "]]>&amp;\x07\x00"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_theirs_becomes_a_formula_or_a_link(
    blank: Path, tmp_path: Path, spot: tuple[str, str], text: str
) -> None:
    def write(book: Workbook) -> None:
        cell = book[spot[0]][spot[1]]
        cell.value = re.sub("[\x00-\x08]", "", text)
        cell.data_type = "s"

    original = edit(blank, tmp_path / "isian.xlsx", write)
    told = finding(*spot, tell=f"Isi {text}", fix=text, question_id=text, code="A08")
    book, is_marked = returned(original, [told], tmp_path / "back.xlsx")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert is_marked
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert book[spot[0]][spot[1]].value == re.sub("[\x00-\x08]", "", text)
    assert links(book) == [f"'{spot[0]}'!{spot[1]}"]


def test_a_formula_of_theirs_stays_their_formula(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    original = edit(blank, tmp_path / "isian.xlsx", lambda book: book[spot[0]].__setitem__(spot[1], "=1+1"))
    book, _ = returned(original, [finding(*spot)], tmp_path / "back.xlsx")
    assert book[spot[0]][spot[1]].value == "=1+1"


def test_a_sheet_name_with_a_quote_is_quoted_in_the_link(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Jum'at (data)"
    book.active["B2"] = "x"
    book.save(tmp_path / "isian.xlsx")
    back, _ = returned(tmp_path / "isian.xlsx", [finding("Jum'at (data)", "B2")], tmp_path / "back.xlsx")
    assert links(back) == ["'Jum''at (data)'!B2"]


def test_a_sheet_of_theirs_called_perbaikan_is_kept(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = layout.RETURN_SHEET
    book.active["A1"] = "catatan kami"
    book.save(tmp_path / "isian.xlsx")
    back, _ = returned(tmp_path / "isian.xlsx", [finding(layout.RETURN_SHEET, "A1")], tmp_path / "back.xlsx")
    assert back.sheetnames == [f"{layout.RETURN_SHEET} 2", layout.RETURN_SHEET]
    assert back[layout.RETURN_SHEET]["A1"].value == "catatan kami"


def test_charts_and_notes_of_theirs_survive(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    sheet, cell = spot
    elsewhere = open_cell(answers_sheet(load_workbook(blank)), 4)

    def add(book: Workbook) -> None:
        chart = BarChart()
        chart.add_data(Reference(book[sheet], min_col=5, min_row=6, max_row=8))
        book[sheet].add_chart(chart, "P2")
        book[sheet][cell].comment = Comment("sudah dicek Bu Rina", "Rina")
        book[sheet][elsewhere].comment = Comment("tanya bidang P2P", "Rina")

    original = edit(blank, tmp_path / "isian.xlsx", add)
    book, _ = returned(original, [finding(sheet, cell)], tmp_path / "back.xlsx")
    assert len(book[sheet]._charts) == 1
    assert book[sheet][cell].comment.text == "sudah dicek Bu Rina"
    assert book[sheet][elsewhere].comment.text == "tanya bidang P2P"
    assert is_ours(book[sheet][cell].fill.fgColor.rgb)


def test_lists_in_the_newer_form_of_excel_survive(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    newer = (
        b'<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        b'uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations count="0"/></ext></extLst>'
    )
    original, out = tmp_path / "isian.xlsx", io.BytesIO()
    with zipfile.ZipFile(blank) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(b"</worksheet>", newer + b"</worksheet>"))
    original.write_bytes(out.getvalue())
    returned(original, [finding(*spot)], tmp_path / "back.xlsx")
    with zipfile.ZipFile(tmp_path / "back.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    assert len(sheets) > 3
    assert all(xml.count(newer) == 1 for xml in sheets)


def test_a_second_return_takes_back_the_marks_of_the_first(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    sheet, first = spot
    second = open_cell(answers_sheet(load_workbook(blank)), 3)
    returned(blank, [finding(sheet, first)], tmp_path / "one.xlsx")
    refilled = edit(tmp_path / "one.xlsx", tmp_path / "refilled.xlsx", lambda book: book[sheet].__setitem__(first, 5))
    book, is_marked = returned(refilled, [finding(sheet, second, code="A10")], tmp_path / "two.xlsx")
    assert is_marked
    assert book.sheetnames == [layout.RETURN_SHEET, *load_workbook(blank).sheetnames]
    assert [row[8] for row in lines(book)] == ["A10"]
    assert book[sheet][first].comment is None
    assert book[sheet][first].fill.fgColor.rgb == load_workbook(blank)[sheet][first].fill.fgColor.rgb
    assert book[sheet][first].value == 5
    assert is_ours(book[sheet][second].fill.fgColor.rgb)


def test_marks_whose_rows_moved_are_taken_back_too(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    sheet, cell = spot
    returned(blank, [finding(sheet, cell)], tmp_path / "one.xlsx")
    moved = edit(tmp_path / "one.xlsx", tmp_path / "moved.xlsx", lambda book: book[sheet].insert_rows(2, 3))
    book, _ = returned(moved, [finding(code="W10")], tmp_path / "two.xlsx")
    colors = {str(c.fill.fgColor.rgb)[2:] for row in book[sheet].iter_rows() for c in row if c.fill.fill_type}
    assert not colors & OURS


def test_nothing_left_of_three_returns_but_the_last(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    last = blank
    for number in range(3):
        target = tmp_path / f"{number}.xlsx"
        returned(last, [finding(*spot)], target)
        last = target
    with zipfile.ZipFile(last) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    assert sum("kla_sheet" in name for name in names) == 1
    assert sum("kla_notes" in name and name.endswith(".xml") for name in names) == 1
    book = load_workbook(last)
    assert sum(cell.comment is not None for row in book[spot[0]].iter_rows() for cell in row) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("rusak.xlsx", b"PK\x03\x04 bukan"), ("surat.xlsx", b"%PDF-1.7"), ("kosong.xlsx", b""), ("lama.xls", b"\x09\x08")],
)
def test_a_file_that_cannot_be_opened_gives_the_list_alone(tmp_path: Path, name: str, content: bytes) -> None:
    original = tmp_path / name
    original.write_bytes(content)
    book, is_marked = returned(original, [finding(code="F03")], tmp_path / "back.xlsx")
    assert not is_marked
    assert book.sheetnames == [layout.RETURN_SHEET]
    assert [row[8] for row in lines(book)] == ["F03"]


def test_what_intake_could_not_read_is_not_opened_again(blank: Path, tmp_path: Path) -> None:
    book, is_marked = returned(blank, [finding(code="F08")], tmp_path / "back.xlsx", is_readable=False)
    assert (is_marked, book.sheetnames) == (False, [layout.RETURN_SHEET])


def test_macros_do_not_go_back(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    original, out = tmp_path / "isian.xlsm", io.BytesIO()
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    with zipfile.ZipFile(blank) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name).replace(plain, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
            if name == "xl/_rels/workbook.xml.rels":
                kind = b"http://schemas.microsoft.com/office/2006/relationships/vbaProject"
                relation = b'<Relationship Id="rIdM" Type="' + kind + b'" Target="vbaProject.bin"/>'
                content = content.replace(b"</Relationships>", relation + b"</Relationships>")
            target.writestr(name, content)
        target.writestr("xl/vbaProject.bin", b"Sub Auto_Open()")
    original.write_bytes(out.getvalue())
    _, is_marked = returned(original, [finding(*spot)], tmp_path / "back.xlsx")
    with zipfile.ZipFile(tmp_path / "back.xlsx") as archive:
        assert is_marked
        assert "xl/vbaProject.bin" not in archive.namelist()
        assert b"vbaProject" not in archive.read("xl/_rels/workbook.xml.rels")
        assert b"macroEnabled" not in archive.read("[Content_Types].xml")


def test_the_reader_leaves_our_sheet_aside(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    def receipt(path: Path) -> Receipt:
        moment = datetime(2024, 5, 1, tzinfo=UTC)
        return Receipt(
            "ab" * 32, "63.10", "BNNK", "BNNK", "mandiri", 2024, Layout.FORM, path.name, str(path), 1000, moment
        )

    returned(blank, [finding(*spot)], tmp_path / "back.xlsx")
    before, after = read_files([receipt(blank), receipt(tmp_path / "back.xlsx")])
    assert after.seal == before.seal
    assert after.answers == before.answers
    assert after.problems == before.problems
    extra = after.ledger.ignored["return_sheet"]
    assert after.ledger.cells_read == before.ledger.cells_read + extra
    assert extra > 10


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_after_libreoffice_saved_it_the_marks_are_still_known(
    blank: Path, tmp_path: Path, spot: tuple[str, str]
) -> None:
    sheet, cell = spot
    returned(blank, [finding(sheet, cell)], tmp_path / "back.xlsx")
    out = tmp_path / "saved"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(out),
        str(tmp_path / "back.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    book, is_marked = returned(out / "back.xlsx", [finding(code="W10")], tmp_path / "two.xlsx")
    assert is_marked
    assert book.sheetnames == [layout.RETURN_SHEET, *load_workbook(blank).sheetnames]
    assert book[sheet][cell].comment is None
    colors = {str(c.fill.fgColor.rgb)[2:] for row in book[sheet].iter_rows() for c in row if c.fill.fill_type}
    assert not colors & OURS
    assert book[sheet][cell].fill.fgColor.rgb[2:] == load_workbook(blank)[sheet][cell].fill.fgColor.rgb[2:]


def test_a_workbook_with_personal_data_does_not_go_back(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    owed = [finding(*spot), finding(spot[0], "F9", code="P01")]
    book, is_marked = returned(blank, owed, tmp_path / "hasil.xlsx")
    assert not is_marked
    assert len(book.sheetnames) == 1


def test_comments_in_a_sheet_are_no_rows_and_cells(blank: Path, tmp_path: Path, spot: tuple[str, str]) -> None:
    sheet, cell = spot
    row = int("".join(filter(str.isdigit, cell)))
    written = b'<!-- <sheetData><row r="%d"><c r="%s" s="1"/></row></sheetData> -->' % (row, cell.encode())
    original, out = tmp_path / "isian.xlsx", io.BytesIO()
    with zipfile.ZipFile(blank) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if "worksheets/sheet" in name and name.endswith(".xml"):
                content = content.replace(b"<sheetData>", written + b"<sheetData>" + written)
            target.writestr(name, content)
    original.write_bytes(out.getvalue())
    book, is_marked = returned(original, [finding(sheet, cell)], tmp_path / "back.xlsx")
    assert is_marked
    assert is_ours(book[sheet][cell].fill.fgColor.rgb)
    with zipfile.ZipFile(tmp_path / "back.xlsx") as archive:
        parts = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    assert sum(part.count(written) for part in parts if b"<worksheet" in part) == 2 * sum(
        b"<worksheet" in p for p in parts
    )


def test_a_cell_of_an_empty_sheet_is_marked(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Kosong"
    book.save(tmp_path / "isian.xlsx")
    back, is_marked = returned(tmp_path / "isian.xlsx", [finding("Kosong", "C3")], tmp_path / "back.xlsx")
    assert is_marked
    assert is_ours(back["Kosong"]["C3"].fill.fgColor.rgb)
