"""What a file is, judged by its content."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kla.io import archive
from kla.io.detect import Unreadable, inspect
from kla.io.sheet_notes import numbers_beside
from kla.io.sheet_scan import filled_places, filled_strings, percent_styles, scan_sheet

OLE2 = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def plain() -> bytes:
    workbook = Workbook()
    workbook.worksheets[0]["A1"] = "isi"
    workbook.worksheets[0]["B2"] = 12
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def with_parts(content: bytes, changes: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(name for name in changes if name not in old.namelist())]:
            new.writestr(name, changes.get(name, old.read(name) if name in old.namelist() else b""))
    return target.getvalue()


def sheet(rows: bytes, dimension: bytes = b"") -> bytes:
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return b"<worksheet " + space + b">" + dimension + b"<sheetData>" + rows + b"</sheetData></worksheet>"


def zipped(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def damaged_part() -> bytes:
    content = bytearray(plain())
    place = content.index(b"xl/worksheets/sheet1.xml") + 40
    content[place : place + 20] = bytes(20)
    return bytes(content)


SHEET = "xl/worksheets/sheet1.xml"
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'
REFUSED = [
    (b"", "not_a_workbook", "empty"),
    (b"%PDF-1.7 ...", "not_a_workbook", "pdf"),
    (b"<html><table><tr><td>1</td></tr></table></html>", "not_a_workbook", "html"),
    (b"kode;jawaban\n14.P1;ya\n", "not_a_workbook", "text"),
    (b"\x00\x01\x02\x03" * 9, "not_a_workbook", "binary"),
    (zipped("word/document.xml", b"<w/>"), "not_a_workbook", "docx"),
    (zipped("foto.jpg", b"x"), "not_a_workbook", "zip"),
    (OLE2, "not_a_workbook", "ole2"),
    (OLE2 + "EncryptedPackage".encode("utf-16-le"), "encrypted", ""),
    (plain()[:3000], "damaged", ""),
    (b"PK\x03\x04rusak", "damaged", ""),
    (damaged_part(), "damaged", ""),
    (with_parts(plain(), {SHEET: DOCTYPE + sheet(b"")}), "dangerous_xml", SHEET),
    (with_parts(plain(), {"xl/sharedStrings.xml": DOCTYPE + b"<sst/>"}), "dangerous_xml", "xl/sharedstrings.xml"),
    (with_parts(plain(), {SHEET: (DOCTYPE + sheet(b"")).decode().encode("utf-16")}), "dangerous_xml", SHEET),
    (with_parts(plain(), {"xl/media/bom.bin": bytes(100_000_001)}), "unpacks_too_large", "100,0 MB"),
    (with_parts(plain(), {f"xl/media/{n}": b"" for n in range(3001)}), "unpacks_too_large", "3012 bagian"),
]


@pytest.mark.parametrize(("content", "kind", "value"), REFUSED, ids=lambda part: part if isinstance(part, str) else "")
def test_what_is_no_readable_workbook_is_named_and_not_unpacked(
    content: bytes, kind: str, value: str, tmp_path: Path
) -> None:
    (tmp_path / "berkas.xlsx").write_bytes(content)
    with pytest.raises(Unreadable) as refused:
        inspect(tmp_path / "berkas.xlsx")
    problem = refused.value.problem
    assert problem.kind == kind
    if kind != "unpacks_too_large" or "MB" in value:
        assert problem.value == value


def test_a_file_over_the_limit_is_refused_by_its_size_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 10)
    (tmp_path / "besar.xlsx").write_bytes(plain())
    with pytest.raises(Unreadable) as refused:
        inspect(tmp_path / "besar.xlsx")
    assert refused.value.problem.kind == "too_large"


def test_far_cells_with_values_are_refused_but_far_empty_cells_are_not(tmp_path: Path) -> None:
    near = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    far_value = near + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    far_empty = near + b'<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    (tmp_path / "jauh.xlsx").write_bytes(with_parts(plain(), {SHEET: sheet(far_value)}))
    with pytest.raises(Unreadable) as refused:
        inspect(tmp_path / "jauh.xlsx")
    assert (refused.value.problem.kind, refused.value.problem.value) == ("too_many_cells", "A1:XFD1048576")
    (tmp_path / "kosong.xlsx").write_bytes(with_parts(plain(), {SHEET: sheet(far_empty)}))
    assert inspect(tmp_path / "kosong.xlsx").problems == ()


NOTICED = [
    ({"xl/vbaProject.bin": b"macro"}, [("macro", "")]),
    ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, [("external_link", "1")]),
    (
        {SHEET: sheet(b'<row r="9"><c r="C9"><v>1</v></c></row>', b'<dimension ref="A1:B2"/>')},
        [("lying_dimension", "A1:B2")],
    ),
]


@pytest.mark.parametrize(("parts", "expected"), NOTICED)
def test_what_is_odd_but_readable_is_noticed(
    parts: dict[str, bytes], expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "aneh.xlsx").write_bytes(with_parts(plain(), parts))
    assert [(p.kind, p.value) for p in inspect(tmp_path / "aneh.xlsx").problems] == expected


def test_a_strict_save_is_noticed(tmp_path: Path) -> None:
    content = plain()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        workbook = archive.read("xl/workbook.xml")
    strict = workbook.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    (tmp_path / "strict.xlsx").write_bytes(with_parts(content, {"xl/workbook.xml": strict}))
    assert [p.kind for p in inspect(tmp_path / "strict.xlsx").problems] == ["strict_ooxml"]


def test_error_cells_and_formulas_without_a_result_are_found_at_their_places() -> None:
    rows = (
        b'<row r="2"><c r="B2" t="e"><v>#DIV/0!</v></c><c r="C2"><f>A1+1</f></c><c r="D2"><f>A1</f><v>3</v></c></row>'
        b'<row r="3"><c r="A3" t="str"><f>""</f><v></v></c><c r="B3" t="e"><f>1/0</f><v>#N/A</v></c>'
        b'<c t="e"><v>#REF!</v></c></row>'
    )
    found = {place: (fault.kind, fault.text) for place, fault in scan_sheet(sheet(rows)).faults.items()}
    assert found == {
        (1, 1): ("error_cell", "#DIV/0!"),
        (1, 2): ("formula_uncached", "=A1+1"),
        (2, 1): ("error_cell", "#N/A"),
        (2, 2): ("error_cell", "#REF!"),
    }


def test_prefixed_elements_and_single_quotes_hide_nothing() -> None:
    xml = b"<x:worksheet xmlns:x='m'><x:sheetData><x:row r='1'><x:c r='A1' t='e'><x:v>#REF!</x:v></x:c></x:row></x:sheetData>"
    assert list(scan_sheet(xml).faults) == [(0, 0)]


def test_hidden_rows_count_only_where_they_hold_a_value() -> None:
    rows = (
        b'<row r="2" hidden="1"><c r="A2"><v>1</v></c></row><row r="3" hidden="1"><c r="A3" s="1"/></row><row r="4"/>'
    )
    assert scan_sheet(sheet(rows)).hidden_rows == {1}


AS_DECLARED = b'<row r="1" hidden="1"><c r="A1"><v>1</v></c><c r="C1"/></row><row r="2"><c r="C2"><v>2</v></c></row>'
BEYOND = [
    (b"", "", ""),
    (b'<row r="3"/>', "A1:C2", "A1:C3"),
    (b"<row><c><v>1</v></c></row>", "A1:C2", "A1:C3"),
    (b'<row spans="1:3" r="9"/>', "A1:C2", "A1:C9"),
    (b'<row r="2"><c r="D2"/></row>', "A1:C2", "A1:D2"),
    (b"<row r='2'><c r='AA2'/></row>", "A1:C2", "A1:AA2"),
    (b'<row r="2"><c r="B10000"/></row>', "A1:C2", "A1:C10000"),
]


@pytest.mark.parametrize(("more", "declared", "real"), BEYOND)
def test_a_row_or_cell_beyond_the_declared_dimension_is_noticed_wherever_it_stands(
    more: bytes, declared: str, real: str
) -> None:
    for rows in (AS_DECLARED + more, more + AS_DECLARED):
        scan = scan_sheet(sheet(rows, b'<dimension ref="A1:C2"/>'))
        assert (scan.declared, scan.real, scan.hidden_rows) == (declared, real, {0})


@given(
    st.lists(st.tuples(st.sampled_from(["", ' r="{}"', ' ht="9" r="{}"', " r='{}'"]), st.integers(1, 9), st.booleans()))
)
def test_hidden_rows_are_found_however_rows_are_numbered(rows: list[tuple[str, int, bool]]) -> None:
    xml, hidden, number = b"", set(), 0
    for written, given_number, is_hidden in rows:
        number = given_number if written else number + 1
        hidden |= {number - 1} if is_hidden else set()
        xml += f"<row{written.format(number)}".encode() + b' hidden="1"' * is_hidden + b"><c><v>1</v></c></row>"
    assert scan_sheet(sheet(xml)).hidden_rows == hidden


@pytest.mark.parametrize("xml", [b"", b"<", b'<c r="', b"<row r=''>", b"\xff\xfe", b'<c r="A99999999999" t="e"/>'])
def test_no_bytes_make_the_scan_fail(xml: bytes) -> None:
    assert scan_sheet(xml).area == ""


def test_a_far_cell_with_a_prefix_is_far_too() -> None:
    far = b'<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>'
    assert scan_sheet(b"<x:worksheet><x:sheetData>" + far + b"</x:sheetData></x:worksheet>").area == "A1:XFD1048576"


def test_a_number_beside_the_sheets_is_kept_and_a_date_is_not() -> None:
    properties = b"<p><created>2024-05-01T08:00:00Z</created><title>NIK 6402155005100001 anak</title></p>"
    assert numbers_beside(properties) == ["NIK 6402155005100001 anak"]


PERCENT_STYLES = (
    b'<styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="0.0%"/>'
    b'<numFmt formatCode="0&quot; %&quot;" numFmtId="165"/></numFmts>'
    b'<cellStyleXfs count="1"><xf numFmtId="9"/></cellStyleXfs>'
    b'<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="10"/>'
    b"</cellXfs></styleSheet>"
)


def test_formats_that_count_in_percent_are_told_from_those_that_only_print_the_sign() -> None:
    assert percent_styles(PERCENT_STYLES) == {b"1", b"2", b"4"}
    assert percent_styles(b"") == frozenset()


def test_only_numbers_in_such_a_format_are_percentages() -> None:
    cells = b'<c r="A1" s="1"><v>0.12</v></c><c r="B1" s="3"><v>12</v></c><c r="C1" s="1" t="s"><v>0</v></c><c r="D1" s="2"/>'
    scan = scan_sheet(sheet(b'<row r="1">' + cells + b"</row>"), percent_styles(PERCENT_STYLES))
    assert scan.percents == {(0, 0)}


def test_the_second_count_knows_every_way_to_hold_a_value() -> None:
    rows = (
        b'<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="inlineStr"><is><t>x</t></is></c>'
        b'<c r="D2" t="inlineStr"><is><r><t> </t></r></is></c><c r="E2"><f>1+1</f><v>2</v></c><c r="F2"><f>1+1</f></c>'
        b'<c r="G2" t="e"><v>#N/A</v></c><c r="H2" s="1"/><c t="b"><v>1</v></c><c r="J2" t="str"><f>A1</f><v></v></c></row>'
    )
    strings = filled_strings(b"<sst><si><r><t>a</t></r><r><t>b</t></r></si><si><t> &#10;</t></si><si/></sst>")
    assert strings == [True, False, False]
    assert filled_places(sheet(rows), strings) == {(1, column) for column in (0, 2, 4, 6, 8)}
