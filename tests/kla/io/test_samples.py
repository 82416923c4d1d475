"""The sample inbox: the published totals come out of the files, by a reckoning of the test's own; the dirt is there."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from kla import layout
from kla.district import resolve_office
from kla.errors import SettingsError
from kla.instrument import AnswerKind, Instrument, Question
from kla.io import project, sample_profile
from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.samples import ARRIVALS, build_inbox, sample_days

if TYPE_CHECKING:
    from conftest import LaySamples

# What the world published (and, where it said only "about" or a predikat, the bounds of that).
PUBLISHED = {
    ("63.10", 2024): ("961.86", "961.86"),
    ("62.02", 2023): ("721.00", "721.00"),
    ("62.02", 2024): ("475.50", "476.49"),
    ("17.04", 2024): ("299.50", "309.99"),
    ("64.02", 2024): ("601.00", "700.99"),
    ("53.71", 2024): ("520.00", "560.00"),
}
VERIFIED = {"63.10": Decimal("800.38"), "62.02": Decimal("588.40")}


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory, lay_samples: LaySamples) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "inbox"
    lay_samples(folder)
    return folder


def _arrivals(inbox: Path, code: str) -> Mapping[str, datetime]:
    with (inbox / code / ARRIVALS).open(encoding="utf-8", newline="") as file:
        return {row["path"]: datetime.fromisoformat(row["received_at"]) for row in csv.DictReader(file)}


def _files(inbox: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(inbox.rglob("*")) if path.is_file()}


# --- a reckoning that shares nothing with the pipeline but the instrument -----------------------------------------


def _rows(sheet: Worksheet) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield (table, row by machine key) of every row between two tags."""
    table, keys, number = "", {}, 0
    for cells in sheet.iter_rows():
        tag = next((str(cell.value) for cell in cells if str(cell.value).startswith(layout.TAG_PREFIX)), "")
        if tag:
            table, keys, number = (tag.removeprefix(layout.START).strip() if layout.START in tag else ""), {}, 0
        elif table and not keys:
            keys = {position: str(cell.value) for position, cell in enumerate(cells) if cell.value}
        elif table and (number := number + 1) > 1:  # the first is the header people read
            yield table, {key: cells[position].value for position, key in keys.items()}


def _figure(value: object) -> Decimal:
    return Decimal(str(value).strip().replace("\u00a0", "").replace(",", "."))


def _share(question: Question, row: Mapping[str, object]) -> Decimal | None:
    """Share claimed by a row; None when it is blank or holds an error."""
    levels = question.scale.levels
    if question.scale.answer is AnswerKind.CHOICE:
        return next((level.share for level in levels if level.label == row["answer"]), None)
    other = "denominator_t1" if question.scale.answer is AnswerKind.RATIO else "value_t2"
    if row["value_t1"] is None or row[other] is None or "#" in f"{row['value_t1']}{row[other]}":
        return None
    one, two = _figure(row["value_t1"]), _figure(row[other])
    if question.scale.answer is AnswerKind.RATIO:
        reached = [level for level in levels if one * 100 >= (level.at_least or 0) * two]
        return max(reached, key=lambda level: level.at_least or 0).share
    key = "naik" if one > two else "turun" if one < two else "tetap"
    return next(level.share for level in levels if level.key == key)


def _reckon(inbox: Path, code: str, instrument: Instrument) -> Decimal:
    """Points of the files that had arrived: the newest readable form of each office, the lead's answers, with evidence."""
    district = load_district(code)
    day = sample_days()[code]
    forms = {}
    for name, moment in sorted(_arrivals(inbox, code).items(), key=lambda item: item[1]):
        content = (inbox / code / name).read_bytes()
        if name.startswith("_") or moment.date() > day or not zipfile.is_zipfile(io.BytesIO(content)):
            continue
        book = load_workbook(io.BytesIO(content), read_only=True)
        seal = {row[0].value: row[1].value for row in book[layout.SEAL_SHEET].iter_rows()}
        if seal["cycle"] == str(instrument.cycle):
            forms[seal["opd"]] = book
    claims: dict[tuple[str, str], Decimal] = {}
    supported = set()
    for opd, book in forms.items():
        for sheet in book.worksheets:
            for table, row in _rows(sheet):
                key = str(row["question_id"])
                if table == layout.EVIDENCE_TABLE:
                    if row["question_id"] and row["dated_on"].year in instrument.evidence_years:
                        supported.add(key)
                elif instrument.has_question(key):
                    share = _share(instrument.question(key), row)
                    if share is not None:
                        claims[opd, key] = share
    total = Decimal("0.00")
    for question in instrument.questions:
        owners = district.owners_of(question)
        share = claims.get((owners[0].code, question.question_id)) if owners else None
        if share and (not question.evidence_kinds or question.question_id in supported):
            total += (share * question.max_points).quantize(Decimal("0.01"), ROUND_DOWN)
    return total


@pytest.mark.parametrize(("code", "cycle"), PUBLISHED)
def test_the_files_give_the_published_total(code: str, cycle: int, inbox: Path) -> None:
    low, high = PUBLISHED[code, cycle]
    assert Decimal(low) <= _reckon(inbox, code, load_instrument(cycle)) <= Decimal(high)


def _recap(inbox: Path, code: str) -> list[tuple[str, str, Decimal, Decimal, str]]:
    path = next(path for path in (inbox / code).rglob("*.xlsx") if path.relative_to(inbox / code).parts[0][0] == "_")
    sheet = load_workbook(path).worksheets[0]
    return [
        (str(row[0] or ""), str(row[1] or ""), _figure(row[3]), _figure(row[4]), str(row[5] or ""))
        for row in sheet.iter_rows(min_row=7, values_only=True)
        if row[4] is not None
    ]


@pytest.mark.parametrize("code", VERIFIED)
def test_a_verifiers_recap_adds_up_to_the_published_total_and_gives_reasons(code: str, inbox: Path) -> None:
    lines = _recap(inbox, code)
    questions = [line for line in lines if ".P" in line[1]]
    assert len(questions) == 274
    assert sum(line[3] for line in questions) == VERIFIED[code]
    assert [line[3] for line in lines if line[0] == "Jumlah"] == [VERIFIED[code]]
    assert len({line[4] for line in questions if line[4]}) >= 6
    assert all(line[3] < line[2] for line in questions if line[4])


def test_the_real_card_comes_as_published_with_its_three_totals(inbox: Path) -> None:
    lines = _recap(inbox, "16.10")
    questions = {line[1]: line for line in lines if ".P" in line[1]}
    indicators = {line[1]: line for line in lines if line[1].startswith("Indikator ")}
    blocks = {line[1]: line for line in lines if line[1] and line[1] not in questions | indicators}
    assert (len(questions), len(indicators), len(blocks)) == (274, 31, 7)
    totals = [sum(line[3] for line in group.values()) for group in (questions, indicators, blocks)]
    assert totals == [Decimal("771.81"), Decimal("765.46"), Decimal("770.36")]
    assert questions["19.P4"][2:4] == (Decimal("6"), Decimal("6"))
    assert blocks["Klaster I"][2] == 150
    assert not [line for line in lines if line[0] == "Jumlah"]


# --- the dirt -----------------------------------------------------------------------------------------------------


def _dirt() -> Iterator[tuple[str, dict[str, object]]]:
    for path in sorted(project.data("samples").glob("*/sample.yaml")):
        for forms in yaml.safe_load(path.read_text(encoding="utf-8")).get("forms", ()):
            for item in forms.get("dirt", ()):
                yield path.parent.name, item


def test_every_kind_of_dirt_is_somewhere_in_the_inbox() -> None:
    assert {item["kind"] for _, item in _dirt()} == sample_profile.DIRT_KINDS


def test_the_dirt_is_really_in_the_files(inbox: Path) -> None:
    contents = {path.relative_to(inbox).as_posix(): path.read_bytes() for path in inbox.rglob("*.xlsx")}
    encrypted = {name for name, content in contents.items() if content.startswith(b"\xd0\xcf\x11\xe0")}
    assert "17.04/KESBANGPOL/KLA-2024-17.04-KESBANGPOL.xlsx" in encrypted
    assert "17.04/SATPOL_PP/KLA-2024-17.04-SATPOL_PP.xlsx" in {
        name for name, content in contents.items() if content.startswith(b"%PDF")
    }
    with zipfile.ZipFile(io.BytesIO(contents["17.04/Capil/KLA-2024-17.04-DISDUKCAPIL.xlsx"])) as archive:
        sheets = b"".join(archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name)
    assert sheets.count(b't="e"') == 2
    assert b"#REF!" in sheets
    assert b"#DIV/0!" in sheets
    recap = load_workbook(next((inbox / "62.02" / "_verifikasi").rglob("*.xlsx"))).worksheets[0]
    typed = [row[4] for row in recap.iter_rows(min_row=7, values_only=True) if isinstance(row[4], str)]
    assert len(typed) == 7
    assert all("," in value for value in typed)
    dinkes = load_workbook(io.BytesIO(contents["53.71/DINKES/KLA-2024-53.71-DINKES.xlsx"]))["Klaster III"]
    assert [row["value_t1"] for _, row in _rows(dinkes) if row["question_id"] == "16.P5"] == ["87,5 %"]
    shifted = load_workbook(io.BytesIO(contents["63.10/DISHUB/KLA-2024-63.10-DISHUB.xlsx"]))["Klaster II"]
    assert str(shifted["B1"].value).startswith("PEMERINTAH KABUPATEN TANAH BUMBU")
    dp3a = load_workbook(io.BytesIO(contents["64.02/DP3A/KLA-2024-64.02-DP3A.xlsx"]))[layout.EVIDENCE_SHEET]
    evidence = [row for _, row in _rows(dp3a) if row["question_id"]]
    assert [row["question_id"] for row in evidence if row["dated_on"].year == 2027] == ["2.P1"]
    assert [row["question_id"] for row in evidence].count("2.P1") == 1
    assert len([row for row in evidence if row["link"] == "DP3A_foto_rapat.jpg"]) == 5


def test_some_offices_come_last_second_some_are_silent_and_some_forms_still_to_come(inbox: Path) -> None:
    arrivals = _arrivals(inbox, "63.10")
    window = load_district("63.10").windows(2024)[0]
    # In the very last second, which is still in time.
    assert arrivals["DISHUB/KLA-2024-63.10-DISHUB.xlsx"] == window.closes_at(load_district("63.10").zone)
    assert not (inbox / "63.10" / "APSAI").exists()
    coming = _arrivals(inbox, "62.02")["SATPOL_PP/KLA-2024-62.02-SATPOL_PP.xlsx"]
    assert coming.date() > sample_days()["62.02"]
    silent = {office.code for office in load_district("17.04").offices} - {
        path.name for path in (inbox / "17.04").iterdir()
    }
    assert len(silent) >= 12


def test_every_folder_is_an_office_under_one_of_its_names(inbox: Path) -> None:
    for code in sample_days():
        district = load_district(code)
        for folder in (path for path in (inbox / code).iterdir() if path.is_dir() and not path.name.startswith("_")):
            assert resolve_office(district, folder.name), folder


def test_every_file_has_its_moment_of_arrival_in_local_time(inbox: Path) -> None:
    for code in sample_days():
        arrivals = _arrivals(inbox, code)
        files = {path.relative_to(inbox / code).as_posix() for path in (inbox / code).rglob("*.xlsx")}
        assert set(arrivals) == files
        zone = load_district(code).zone
        assert all(moment.utcoffset() == moment.astimezone(zone).utcoffset() for moment in arrivals.values())


def test_every_form_says_that_it_is_an_example(inbox: Path) -> None:
    for path in (inbox / "53.71").rglob("*.xlsx"):
        if zipfile.is_zipfile(path):
            cover = load_workbook(path)[layout.COVER_SHEET]
            assert any("CONTOH" in str(cell.value) for row in cover.iter_rows() for cell in row), path


# --- building it --------------------------------------------------------------------------------------------------


def test_building_again_rewrites_nothing_and_anywhere_else_gives_the_same(inbox: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in _files(inbox)}
    as_of = build_inbox(inbox)
    assert {path: path.stat().st_mtime_ns for path in _files(inbox)} == before
    assert as_of["63.10"].isoformat() == "2025-05-20T23:59:59+08:00"
    other = tmp_path / "inbox"
    build_inbox(other, ["17.04"])
    here = {path.relative_to(inbox): digest for path, digest in _files(inbox).items() if "17.04" in path.parts}
    assert {path.relative_to(other): digest for path, digest in _files(other).items()} == here


def test_a_file_taken_away_comes_back_and_no_other_is_touched(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    build_inbox(inbox, ["16.10"])
    foreign = inbox / "16.10" / "DINKES" / "punya dinas.xlsx"
    foreign.parent.mkdir()
    foreign.write_bytes(b"kept")
    before = _files(inbox)
    next((inbox / "16.10" / "_rekap").rglob("*.xlsx")).unlink()
    build_inbox(inbox, ["16.10"])
    assert _files(inbox) == before


def test_profiles_hold_answers_and_never_totals() -> None:
    for path in project.data("samples").glob("*/*.yaml"):
        content = path.read_text(encoding="utf-8")
        for total in ("961.86", "800.38", "721", "588.4", "476", "668.4", "541.15", "300.41"):
            assert total not in content, path


def test_an_unknown_sample_and_a_wrong_level_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such sample district"):
        build_inbox(tmp_path / "inbox", ["99.99"])
    answers = tmp_path / "answers.yaml"
    defaults = {code: scale.levels[0].key for code, scale in load_instrument(2024).scales.items()}
    answers.write_text(yaml.safe_dump({"defaults": defaults, "exceptions": {"penuh": ["12.P1"]}}), encoding="utf-8")
    with pytest.raises(SettingsError, match="level penuh is not on its scale"):
        sample_profile.read_answers(answers, load_instrument(2024))
