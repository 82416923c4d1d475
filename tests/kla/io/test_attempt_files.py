"""What is handed back for each attempt is kept: attempt 1 is still there after attempt 3, byte for byte."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from reports.loop import OFFICE, loop_picture

from kla.io import attempt_files, pages, returning
from kla.io.attempt_files import Workbench
from kla.io.steady_xlsx import workbook_bytes, write_bytes
from kla.picture import Attempt, Picture
from kla.receipts import receipt_number


def archived(archive: Path, text: str) -> str:
    """Put a workbook with a sheet of the findings into the archive and return its sha256."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Klaster III"
    sheet["F10"] = text
    content = workbook_bytes(book, datetime(2025, 4, 20))
    sha256 = hashlib.sha256(content).hexdigest()
    write_bytes(archive / sha256[:2] / sha256, content)
    return sha256


def after(attempts: int, archive: Path) -> Picture:
    """The picture after so many attempts of one office, each with a finding in a file of its own."""
    base = loop_picture()
    made, lines = [], []
    wrong = replace(base.findings[0], opd_code=OFFICE, status="open", decision_id="")
    for version in range(1, attempts + 1):
        sha256 = archived(archive, f"isi {version}")
        number = receipt_number("99.01", OFFICE, 2024, "mandiri", version, sha256)
        one: Attempt = replace(
            base.attempts[0], version=version, sha256=sha256, receipt_number=number, findings=(wrong,)
        )
        made.append(one)
        lines.append(replace(base.submissions[-1], version=version, sha256=sha256))
    others = tuple(row for row in base.submissions if row.opd_code != OFFICE)
    return replace(base, attempts=tuple(made), submissions=(*others, *lines))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


def kept(public: Path) -> dict[str, bytes]:
    folder = public / "99.01" / "2024" / "percobaan"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the workbooks that are marked up, publish by publish."""
    counts: list[int] = []
    really = returning.write_returns

    def counted(given: list[returning.ReturnOrder], workers: int = 2) -> tuple[bool, ...]:
        counts.append(len(given))
        return really(given, workers)

    monkeypatch.setattr(returning, "write_returns", counted)
    return counts


def test_attempt_1_is_still_there_after_attempt_3_and_is_not_made_again(
    tmp_path: Path, archive: Path, orders: list[int]
) -> None:
    pages.publish(after(1, archive), tmp_path, archive)
    first = kept(tmp_path)
    assert [name.partition("-01-")[0] for name in first] == [
        "findings-KLA-99.01-DINAS03-2024-mandiri",
        "perbaikan-KLA-99.01-DINAS03-2024-mandiri",
    ]
    pages.publish(after(2, archive), tmp_path, archive)
    pages.publish(after(3, archive), tmp_path, archive)
    third = kept(tmp_path)
    assert {name: third[name] for name in first} == first
    assert len(third) == 6
    assert orders == [1, 1, 1]


def test_the_same_attempts_give_the_same_files_wherever_they_are_made(tmp_path: Path, archive: Path) -> None:
    pages.publish_many([after(2, archive)], tmp_path / "a", archive=archive)
    for count in (1, 2):
        pages.publish(after(count, archive), tmp_path / "b", archive)
    assert kept(tmp_path / "a") == kept(tmp_path / "b")
    assert not pages.publish(after(2, archive), tmp_path / "b", archive)


def test_the_workbook_handed_back_is_the_offices_own_with_a_sheet_in_front(tmp_path: Path, archive: Path) -> None:
    pages.publish(after(1, archive), tmp_path, archive)
    (path,) = (tmp_path / "99.01" / "2024" / "percobaan").glob("perbaikan-*.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Perbaikan", "Klaster III"]
    assert book["Klaster III"]["F10"].value == "isi 1"
    assert "KLA-99.01-DINAS03-2024-mandiri-01-" in path.name


def test_an_original_that_is_gone_leaves_the_list_alone(tmp_path: Path, archive: Path) -> None:
    pages.publish(after(1, archive), tmp_path, tmp_path / "empty")
    (path,) = (tmp_path / "99.01" / "2024" / "percobaan").glob("perbaikan-*.xlsx")
    assert openpyxl.load_workbook(path).sheetnames == ["Perbaikan"]


def test_an_attempt_in_which_nothing_is_owed_has_a_list_and_no_workbook(tmp_path: Path, archive: Path) -> None:
    shown = after(1, archive)
    settled = replace(shown, attempts=(replace(shown.attempts[0], findings=()),))
    pages.publish(settled, tmp_path, archive)
    (name,) = kept(tmp_path)
    assert name.startswith("findings-KLA-99.01-DINAS03-2024-mandiri-01-")


def test_lists_that_say_the_same_are_one_file_under_many_names_and_each_is_made_again(
    tmp_path: Path, archive: Path
) -> None:
    shown = after(3, archive)
    settled = replace(shown, attempts=tuple(replace(one, findings=()) for one in shown.attempts))
    pages.publish(settled, tmp_path, archive)
    whole = kept(tmp_path)
    lists = [tmp_path / "99.01" / "2024" / "percobaan" / name for name in whole]
    assert (len(lists), len({path.stat().st_ino for path in lists})) == (3, 1)
    lists[0].write_bytes(b"harmed under all its names")
    assert pages.publish(settled, tmp_path, archive)
    assert kept(tmp_path) == whole


def test_a_file_of_an_attempt_that_was_harmed_is_made_again(tmp_path: Path, archive: Path) -> None:
    pages.publish(after(1, archive), tmp_path, archive)
    whole = kept(tmp_path)
    (path,) = (tmp_path / "99.01" / "2024" / "percobaan").glob("findings-*.xlsx")
    path.unlink()
    path.write_bytes(b"")
    assert pages.publish(after(1, archive), tmp_path, archive)
    assert kept(tmp_path) == whole


def test_a_file_that_is_harmed_while_pages_are_drawn_is_not_taken_for_sound(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.publish(after(1, archive), tmp_path, archive)
    whole = kept(tmp_path)
    news, really = replace(after(1, archive), last_run_id="run-9"), Workbench.make

    def harmed(self: Workbench, pictures: list[Picture]) -> object:
        places = really(self, pictures)
        (path,) = (tmp_path / "99.01" / "2024" / "percobaan").glob("findings-*.xlsx")
        path.write_bytes(b"")
        return places

    with monkeypatch.context() as patched:
        patched.setattr(Workbench, "make", harmed)
        assert pages.publish(news, tmp_path, archive)
    assert pages.publish(news, tmp_path, archive)
    assert kept(tmp_path) == whole


def test_nothing_is_left_beside_what_is_published(tmp_path: Path, archive: Path) -> None:
    pages.publish(after(2, archive), tmp_path, archive)
    assert [path.name for path in (tmp_path / "99.01").iterdir()] == ["2024"]


def test_other_texts_or_code_make_every_attempt_anew(
    tmp_path: Path, archive: Path, orders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.publish(after(1, archive), tmp_path, archive)
    monkeypatch.setattr(attempt_files, "attempts_version", lambda: "lain")
    pages.publish(replace(after(1, archive), last_run_id="run-9"), tmp_path, archive)
    assert orders == [1, 1]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_district_whose_attempts_cannot_be_made_never_stops_the_others(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    really = Workbench._list

    def failing(self: Workbench, shown: Picture, *others: object) -> Path:
        if shown.district.code == "99.02":
            raise OSError("disk full")
        return really(self, shown, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(Workbench, "_list", failing)
    shown = after(1, archive)
    several = [replace(shown, district=replace(shown.district, code=f"99.0{n}")) for n in (1, 2, 3)]
    made = pages.publish_many(several, tmp_path, workers, archive)
    assert [(row.district_code, row.is_changed, row.error.partition(" [#")[0]) for row in made] == [
        ("99.01", True, ""),
        ("99.02", False, "OSError: disk full"),
        ("99.03", True, ""),
    ]
    assert not list(tmp_path.rglob(".*"))
