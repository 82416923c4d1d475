"""`kla check` is called by others: its keys, its order and its exit code are a contract."""

from __future__ import annotations

import json
import shutil
import sys
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


def test_checking_needs_no_orchestrator(form: Path) -> None:
    import subprocess

    program = (
        "import sys\nfrom desk.main import app\n"
        f"try:\n    app(['check', {str(form)!r}])\nexcept SystemExit:\n    pass\n"
        "assert 'prefect' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
