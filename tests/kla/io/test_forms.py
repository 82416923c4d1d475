"""The form of one office: its own questions only, guided and locked, sealed, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from kla import layout
from kla.district import District, Office, OfficeKind
from kla.instrument import AnswerKind, Instrument
from kla.io.districts import load_district
from kla.io.forms import build_form, deadline_text, write_form, write_forms
from kla.io.instruments import load_instrument


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return load_instrument(2024)


@pytest.fixture(scope="module")
def district() -> District:
    return load_district("63.10")


@pytest.fixture(scope="module")
def dinkes(district: District, instrument: Instrument) -> Workbook:
    content = build_form(district, instrument, district.office("DINKES"), "mandiri").to_bytes()
    return load_workbook(io.BytesIO(content))


def _table(sheet: Worksheet, table: str) -> list[dict[str, Cell]]:
    """Rows between the tags, by machine key; cells come as (value, coordinate)."""
    found = {cell.value: cell.row for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    start, end = found[layout.start_tag(table)], found[layout.end_tag(table)]
    keys = {cell.column: str(cell.value) for cell in sheet[start + 1] if cell.value}
    return [{key: sheet.cell(row, column) for column, key in keys.items()} for row in range(start + 3, end)]


def _rules_of(cell: Cell) -> list[DataValidation]:
    return [rule for rule in cell.parent.data_validations.dataValidation if cell.coordinate in rule.sqref]


def _questions(book: Workbook, instrument: Instrument) -> dict[str, dict[str, Cell]]:
    rows = {}
    for block in instrument.blocks:
        if block.sheet in book.sheetnames:
            for row in _table(book[block.sheet], block.code):
                if row["question_id"].value:
                    rows[row["question_id"].value] = row
    return rows


@pytest.mark.parametrize("code", [office.code for office in load_district("63.10").offices])
def test_an_office_gets_exactly_the_questions_it_owns(code: str, district: District, instrument: Instrument) -> None:
    office = district.office(code)
    book = load_workbook(io.BytesIO(build_form(district, instrument, office, "mandiri").to_bytes()))
    owned = district.questions_for(code, instrument)
    rows = _questions(book, instrument)
    assert list(rows) == [question.question_id for question, _ in owned]
    for question, is_lead in owned:
        assert rows[question.question_id]["role"].value == (layout.ROLE_LEAD if is_lead else layout.ROLE_SUPPORT)


def test_only_what_is_asked_can_be_filled_in(dinkes: Workbook, instrument: Instrument) -> None:
    for question_id, row in _questions(dinkes, instrument).items():
        asked = layout.asked_inputs(instrument.question(question_id))
        unlocked = {key for key, cell in row.items() if not cell.protection.locked}
        assert unlocked == asked, question_id
    for sheet in dinkes.worksheets:
        assert sheet.protection.sheet, sheet.title
        assert not sheet.protection.password


def test_a_choice_is_picked_from_the_levels_of_its_own_scale(dinkes: Workbook, instrument: Instrument) -> None:
    lists = dinkes[layout.LISTS_SHEET]
    for question_id, row in _questions(dinkes, instrument).items():
        question = instrument.question(question_id)
        if question.scale.answer is not AnswerKind.CHOICE:
            continue
        cell = row["answer"]
        rules = _rules_of(cell)
        assert len(rules) == 1, question_id
        area = rules[0].formula1.split("!")[1].replace("$", "")
        assert [line[0].value for line in lists[area]] == [level.label for level in question.scale.levels]
        assert rules[0].error
        assert rules[0].prompt


def test_figures_are_guarded_by_a_number_rule(dinkes: Workbook, instrument: Instrument) -> None:
    cell = _questions(dinkes, instrument)["12.P1"]["denominator_t1"]
    rules = _rules_of(cell)
    assert [(rule.type, rule.operator, rule.formula1) for rule in rules] == [("decimal", "greaterThanOrEqual", "0")]


def test_the_seal_holds_what_the_form_is(dinkes: Workbook, district: District, instrument: Instrument) -> None:
    sheet = dinkes[layout.SEAL_SHEET]
    seal = {sheet.cell(row, 1).value: sheet.cell(row, 2).value for row in range(1, sheet.max_row + 1)}
    ids = [question.question_id for question, _ in district.questions_for("DINKES", instrument)]
    assert sheet.sheet_state == "veryHidden"
    assert tuple(seal) == layout.SEAL_KEYS
    assert (seal["district"], seal["opd"], seal["cycle"], seal["stage"]) == ("63.10", "DINKES", "2024", "mandiri")
    assert seal["question_ids"].split() == ids
    assert seal["checksum"] == layout.checksum("63.10", "DINKES", 2024, "mandiri", layout.TEMPLATE_VERSION, ids)


def test_headers_stay_in_sight_on_screen_and_paper(dinkes: Workbook, instrument: Instrument) -> None:
    sheets = [block.sheet for block in instrument.blocks if block.sheet in dinkes.sheetnames] + [layout.EVIDENCE_SHEET]
    for name in sheets:
        sheet = dinkes[name]
        header = int(re.sub(r"\D", "", sheet.freeze_panes)) - 1
        assert sheet.print_title_rows == f"${header}:${header}"
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.row_dimensions[header - 1].hidden
        assert sheet.row_dimensions[header - 2].hidden
        assert "2022" in str([cell.value for cell in sheet[header]]) or name == layout.EVIDENCE_SHEET


@pytest.mark.parametrize(("code", "rows"), [("APSAI", 40), ("DINKES", 376), ("DP3AP2KB", 400)])
def test_evidence_has_about_four_rows_a_question(
    code: str, rows: int, district: District, instrument: Instrument
) -> None:
    built = build_form(district, instrument, district.office(code), "mandiri")
    assert len(built.places.evidence_rows) == rows
    sheet = built.workbook[layout.EVIDENCE_SHEET]
    assert all(not sheet.cell(row, 2).protection.locked for row in built.places.evidence_rows)


def test_the_same_form_has_the_same_bytes_and_no_clock_in_them(
    tmp_path: Path, district: District, instrument: Instrument
) -> None:
    office = district.office("DISHUB")
    one = write_form(district, instrument, office, "mandiri", tmp_path / "a.xlsx").read_bytes()
    two = write_form(district, instrument, office, "mandiri", tmp_path / "b.xlsx").read_bytes()
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r">(\d{4}-\d\d-\d\dT[^<]*)<", core)) == {"2024-01-01T00:00:00Z"}


@pytest.mark.parametrize("text", ['=HYPERLINK("x","y")', "+1", "@SUM(A1)", "#REF!", "=1+1\x07"])
def test_text_never_becomes_a_live_formula(text: str, district: District, instrument: Instrument) -> None:
    office = Office("DINKES", text, OfficeKind.PERANGKAT_DAERAH, ("DINKES",))
    hostile = replace(district, name=text, coordinator=text, offices=(office,), owner_overrides={})
    content = build_form(hostile, instrument, office, "mandiri").to_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = "".join(archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name)
    assert "<f>" not in sheets
    assert 't="e"' not in sheets
    cover = load_workbook(io.BytesIO(content))[layout.COVER_SHEET]
    assert text.removesuffix("\x07") in [cell.value for row in cover.iter_rows() for cell in row]


def test_a_form_cannot_be_written_for_nobody_or_for_no_stage(district: District, instrument: Instrument) -> None:
    stranger = Office("KOSONG", "Tanpa pertanyaan", OfficeKind.FORUM, ())
    with pytest.raises(ValueError, match="KOSONG owns no question"):
        build_form(replace(district, offices=(stranger,), owner_overrides={}), instrument, stranger, "mandiri")
    with pytest.raises(ValueError, match="arisan is not a stage"):
        build_form(district, instrument, district.office("DINKES"), "arisan")


def test_the_cover_says_the_deadline_with_weekday_and_zone(dinkes: Workbook, district: District) -> None:
    window = district.windows(2024)[0]
    expected = deadline_text(window.closes_on, "Asia/Makassar")
    cover = [cell.value for row in dinkes[layout.COVER_SHEET].iter_rows() for cell in row]
    assert expected == "Minggu, 30 Juni 2024, pukul 23.59 WITA"
    assert expected in cover
    assert "DP3AP2KB" in cover


def test_one_file_per_office_under_a_name_that_says_whose_it_is(
    tmp_path: Path, district: District, instrument: Instrument
) -> None:
    chosen = [district.office("DISHUB"), district.office("BNNK")]
    paths = write_forms(district, instrument, "mandiri", tmp_path, chosen)
    assert [path.name for path in paths] == ["KLA-2024-63.10-DISHUB.xlsx", "KLA-2024-63.10-BNNK.xlsx"]
    assert all(path.is_file() for path in paths)
