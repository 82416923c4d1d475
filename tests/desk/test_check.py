"""`kla check` is called by others: its keys, its order and its exit code are a contract."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.main import app

KEYS = ["file", "outcome", "code", "opd", "cells", "findings"]
FINDING_KEYS = ["code", "severity", "sheet", "cell", "tell", "fix"]


def check(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, Any]]:
    """Return the JSON objects `kla check` prints, after it ended with 0."""
    with pytest.raises(SystemExit) as end:
        app(["check", "--json", *map(str, arguments)])
    assert (end.value.code or 0) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a blank form of an office of Tanah Bumbu, as `kla template` writes it."""
    folder = tmp_path_factory.mktemp("forms")
    with pytest.raises(SystemExit) as end:
        app(["template", "63.10", "--opd", "DISHUB", "--out", str(folder)])
    assert (end.value.code or 0) == 0
    (path,) = folder.iterdir()
    return path


def test_every_file_of_a_folder_gets_one_object_in_the_order_of_its_path(
    form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b").mkdir()
    shutil.copy(form, tmp_path / "b" / "isian.xlsx")
    (tmp_path / "a.xlsx").write_text("bukan buku kerja")
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / ".tersembunyi.xlsx").write_text("x")
    (tmp_path / "~$isian.xlsx").write_text("x")
    found = check(capsys, tmp_path)
    assert [Path(it["file"]).name for it in found] == ["a.xlsx", "isian.xlsx", "c.pdf"]
    assert all(list(it) == KEYS for it in found)
    assert [it["outcome"] for it in found] == ["refused", "accepted", "refused"]


def test_without_a_district_the_seal_says_whose_file_it_is(form: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = check(capsys, form)
    assert (found["opd"], found["outcome"], found["code"]) == ("DISHUB", "accepted", "")
    assert found["cells"] > 0


def test_a_refused_file_names_its_first_blocking_code_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    (found,) = check(capsys, tmp_path / "x.xlsx")
    assert found["outcome"] == "refused"
    blocking = [it for it in found["findings"] if it["severity"] == "blocking"]
    assert found["code"] == blocking[0]["code"]
    assert all(list(it) == FINDING_KEYS for it in found["findings"])
    assert blocking[0]["tell"]
    assert blocking[0]["fix"]


def test_with_a_district_the_folder_is_judged_too(
    form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "DINKES").mkdir()
    shutil.copy(form, tmp_path / "DINKES")
    (found,) = check(capsys, tmp_path, "--district", "63.10")
    assert found["opd"] == "DINKES"
    assert found["outcome"] == "refused"


def test_a_file_in_the_inbox_is_judged_by_its_place(
    form: Path, own_var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = own_var / "inbox" / "17.04" / "DISHUB"
    place.mkdir(parents=True)
    shutil.copy(form, place)
    (found,) = check(capsys, place)
    assert found["outcome"] == "refused"


def test_the_same_file_in_two_places_is_told_twice_with_the_same_verdict(
    form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shutil.copy(form, tmp_path / name / "isian.xlsx")
    first, second = check(capsys, tmp_path)
    assert first["file"] != second["file"]
    assert {**first, "file": ""} == {**second, "file": ""}


def test_a_folder_name_counts_as_the_night_would_take_it(
    form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Dinas Perhubngan", "Kantor Angkutan"):
        (tmp_path / "surat" / name).mkdir(parents=True)
        shutil.copy(form, tmp_path / "surat" / name)
    found = {Path(it["file"]).parent.name: it for it in check(capsys, tmp_path / "surat", "--district", "63.10")}
    assert (found["Dinas Perhubngan"]["opd"], found["Dinas Perhubngan"]["outcome"]) == ("DISHUB", "accepted")
    assert (found["Kantor Angkutan"]["opd"], found["Kantor Angkutan"]["outcome"]) == ("", "refused")


def with_a_wrong_answer(form: Path, target: Path) -> None:
    """Write a copy of the form in which the first answer is none of its list."""
    from openpyxl import load_workbook

    book = load_workbook(form)
    sheet = next(it for it in book.worksheets if any(cell.value == "answer" for row in it.iter_rows() for cell in row))
    (keys,) = [row for row in sheet.iter_rows() if any(cell.value == "answer" for cell in row)]
    (column,) = [cell.column for cell in keys if cell.value == "answer"]
    (names,) = [cell.column for cell in keys if cell.value == "question_id"]
    for row in range(keys[0].row + 2, sheet.max_row):
        if sheet.cell(row, names).value and not sheet.cell(row, column).protection.locked:
            sheet.cell(row, column).value = "lumayan"
            break
    book.save(target)


def test_what_stewards_taught_and_waived_counts_where_a_warehouse_is(
    form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from kla.decisions import OfficeStage, learn_alias, waive
    from kla.io.decision_words import decision_words
    from kla.io.warehouse import open_warehouse

    sent = tmp_path / "surat"
    (sent / "Kantor Angkutan").mkdir(parents=True)
    with_a_wrong_answer(form, sent / "Kantor Angkutan" / "isian.xlsx")
    words, day = decision_words(), datetime.now(UTC).date()
    told = {"at": datetime.now(UTC), "reason": "sudah ditanyakan", "who": "Sri"}
    taught = {"kind": "office", "text": "Kantor Angkutan", "meaning": "DISHUB"}
    period = {"from_on": day, "until_on": day + timedelta(days=9), "requested_by": "Budi"}
    found = check(capsys, sent, "--district", "63.10")
    with open_warehouse() as warehouse:
        warehouse.add_decision(learn_alias("63.10", 2024, words, **taught, **told))
        found += check(capsys, sent, "--district", "63.10")
        warehouse.add_decision(waive(OfficeStage("63.10", 2024, "", "DISHUB"), words, code="A07", **period, **told))
        found += check(capsys, sent, "--district", "63.10")
    assert [(it["opd"], it["outcome"]) for it in found] == [
        ("", "refused"),
        ("DISHUB", "returned"),
        ("DISHUB", "accepted"),
    ]
    assert [it["code"] for it in found[1:]] == ["A07", ""]
    assert "A07" in {it["code"] for it in found[2]["findings"]}


def test_checking_writes_nothing(form: Path, own_var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(capsys, form)
    assert not own_var.exists()


def test_what_a_person_reads_has_place_code_fact_and_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "catatan.xlsx").write_text("bukan buku kerja")
    with pytest.raises(SystemExit):
        app(["check", str(tmp_path)])
    shown = capsys.readouterr().out
    assert "catatan.xlsx · ditolak" in shown
    assert "1 berkas: 0 diterima, 0 dikembalikan, 1 ditolak." in shown


def closed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make files of some names refuse to be opened, as a missing permission does (which does not bind root)."""
    way = Path.open

    def refusing(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name in names:
            raise PermissionError(13, "Permission denied", str(path))
        return way(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refusing)


def test_a_file_that_may_not_be_opened_is_named_and_costs_no_other_file_its_verdict(
    form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(form, tmp_path / "a.xlsx")
    shutil.copy(form, tmp_path / "b.xlsx")
    closed(monkeypatch, "a.xlsx")
    with pytest.raises(SystemExit) as end:
        app(["check", "--json", str(tmp_path)])
    shown = capsys.readouterr()
    assert end.value.code == 1
    assert [json.loads(line)["outcome"] for line in shown.out.splitlines()] == [None, "accepted"]
    assert "a.xlsx · tidak dapat dibuka; periksa izin" in shown.err


def test_a_folder_that_may_not_be_listed_is_named(
    form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "terkunci").mkdir()
    shutil.copy(form, tmp_path / "b.xlsx")
    way = os.scandir

    def refusing(path: str) -> Any:
        if Path(path).name == "terkunci":
            raise PermissionError(13, "Permission denied", str(path))
        return way(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(SystemExit) as end:
        app(["check", "--json", str(tmp_path)])
    shown = capsys.readouterr()
    assert end.value.code == 1
    assert [json.loads(line)["outcome"] for line in shown.out.splitlines()] == ["accepted", None]
    assert "terkunci · tidak dapat dibuka" in shown.err


def test_a_pipe_is_never_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "isian.xlsx")
    with pytest.raises(SystemExit) as end:
        app(["check", str(tmp_path / "isian.xlsx")])
    assert end.value.code == 2
    assert "bukan berkas dan bukan folder" in capsys.readouterr().err


def test_a_file_larger_than_may_be_read_is_refused_without_being_held_in_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "besar.xlsx").open("wb") as file:
        file.truncate(2_000_000_000)
    tracemalloc.start()
    (found,) = check(capsys, tmp_path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found["outcome"], found["code"]) == ("refused", "F04")
    assert most < 100_000_000


def test_checking_needs_no_orchestrator(form: Path) -> None:
    import subprocess

    program = (
        "import sys\nfrom desk.main import app\n"
        f"try:\n    app(['check', {str(form)!r}])\nexcept SystemExit:\n    pass\n"
        "assert 'prefect' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
