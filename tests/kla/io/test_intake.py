"""Receiving: once, by content, without following anything, without failing on anything."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kla.io import archive, intake
from kla.io.districts import load_district
from kla.io.intake import Intake, receive
from kla.io.reading import read_files
from kla.io.rule_data import Quota
from kla.submission import Layout, identify

DISTRICT = load_district("63.10")
OFFICE = DISTRICT.offices[0]
AS_OF = datetime(2025, 5, 20, 23, 59, 59, tzinfo=ZoneInfo("Asia/Makassar"))
LONG_AGO = 1_600_000_000


def put(inbox: Path, name: str, content: bytes = b"isi") -> Path:
    path = inbox / DISTRICT.code / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def take(tmp_path: Path, known: set[tuple[str, str, str]] = frozenset()) -> Intake:  # type: ignore[assignment]
    return receive(
        tmp_path / "inbox",
        tmp_path / "archive",
        {DISTRICT.code: DISTRICT},
        {DISTRICT.code: AS_OF},
        lambda *key: key in known,
    )


def test_a_file_is_kept_once_under_its_hash_and_read_only(tmp_path: Path) -> None:
    put(tmp_path / "inbox", f"{OFFICE.code}/isian.xlsx", b"bytes")
    (receipt,) = take(tmp_path).receipts
    sha256 = hashlib.sha256(b"bytes").hexdigest()
    kept = tmp_path / "archive" / sha256[:2] / sha256
    assert (receipt.sha256, receipt.path, receipt.size_bytes) == (sha256, str(kept), 5)
    assert kept.read_bytes() == b"bytes"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert [path.name for path in kept.parent.iterdir()] == [sha256]
    assert (receipt.opd_code, receipt.layout, receipt.stage, receipt.cycle) == (OFFICE.code, Layout.FORM, "", None)
    assert receipt.received_at == AS_OF


def test_the_same_bytes_from_the_same_folder_are_no_second_receipt(tmp_path: Path) -> None:
    put(tmp_path / "inbox", f"{OFFICE.code}/isian.xlsx")
    put(tmp_path / "inbox", f"{OFFICE.code}/salinan isian.xlsx")
    receipts = take(tmp_path).receipts
    assert len(receipts) == 1
    assert take(tmp_path, {(DISTRICT.code, receipts[0].folder_opd, receipts[0].sha256)}).receipts == ()


def test_the_same_bytes_from_two_offices_are_two_receipts(tmp_path: Path) -> None:
    for office in DISTRICT.offices[:2]:
        put(tmp_path / "inbox", f"{office.code}/isian.xlsx")
    assert {receipt.opd_code for receipt in take(tmp_path).receipts} == {o.code for o in DISTRICT.offices[:2]}


@pytest.mark.parametrize(
    ("name", "stage", "cycle"),
    [
        ("_verifikasi/administrasi/rekap.xlsx", "administrasi", None),
        ("_verifikasi/2023/vlh/rekap.xlsx", "vlh", 2023),
        ("_rekap/mandiri/kartu.xlsx", "mandiri", None),
    ],
)
def test_the_folder_of_a_recap_says_stage_and_cycle(tmp_path: Path, name: str, stage: str, cycle: int | None) -> None:
    put(tmp_path / "inbox", name)
    (receipt,) = take(tmp_path).receipts
    assert (receipt.layout, receipt.opd_code, receipt.stage, receipt.cycle) == (Layout.RECAP, "", stage, cycle)


@pytest.mark.parametrize("name", ["_verifikasi/rekap.xlsx", "_verifikasi/besok/rekap.xlsx", "_rekap/vlh/kartu.xlsx"])
def test_a_recap_without_a_stage_has_no_place(tmp_path: Path, name: str) -> None:
    put(tmp_path / "inbox", name)
    result = take(tmp_path)
    assert [(path.path, path.reason) for path in result.left_aside] == [(name, "not_a_place")]
    assert result.receipts == ()


@pytest.mark.parametrize("name", ["~$isian.xlsx", ".isian.xlsx", "Thumbs.db", "desktop.ini"])
def test_traces_of_programs_are_no_submissions(name: str) -> None:
    assert identify((OFFICE.code, name), DISTRICT) is None


def test_an_unknown_folder_still_gives_a_receipt_without_office(tmp_path: Path) -> None:
    put(tmp_path / "inbox", "Dinas Entah Apa/isian.xlsx")
    (receipt,) = take(tmp_path).receipts
    assert (receipt.opd_code, receipt.folder_opd) == ("", "Dinas Entah Apa")


def test_links_pipes_and_folders_posing_as_workbooks_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "rahasia.txt"
    secret.write_text("rahasia")
    folder = tmp_path / "inbox" / DISTRICT.code / OFFICE.code
    (folder / "isian.xlsx").mkdir(parents=True)
    (folder / "tautan.xlsx").symlink_to(secret)
    (folder / "luar").symlink_to(tmp_path)
    os.mkfifo(folder / "pipa.xlsx")
    result = take(tmp_path)
    assert result.receipts == ()
    assert {path.reason for path in result.left_aside} == {"not_regular"}
    assert len(result.left_aside) == 3
    assert not (tmp_path / "archive").exists()


HOSTILE = [
    "=cmd|' /C calc'!A0.xlsx",
    "a\nb.xlsx",
    "\u202exslx.exe",
    "' OR 1=1 --.xlsx",
    "<b>.xlsx",
    "x" * 240 + ".xlsx",
    "\\..\\a.xlsx",
]


@pytest.mark.parametrize("name", [*HOSTILE, b"bukan-utf8-\xff.xlsx".decode("utf-8", "surrogateescape")])
def test_a_hostile_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    put(tmp_path / "inbox", f"{OFFICE.code}/{name}")
    (receipt,) = take(tmp_path).receipts
    assert receipt.file_name.isprintable()
    receipt.file_name.encode("utf-8")


def test_arrival_is_what_the_register_says_and_the_future_waits(tmp_path: Path) -> None:
    for name in ("awal.xlsx", "nanti.xlsx", "tanpa catatan.xlsx"):
        put(tmp_path / "inbox", f"{OFFICE.code}/{name}", name.encode())
    early, late = AS_OF - timedelta(days=3), AS_OF + timedelta(seconds=1)
    register = tmp_path / "inbox" / DISTRICT.code / "_kedatangan.csv"
    lines = [f"{OFFICE.code}/awal.xlsx,{early.isoformat()}", f"{OFFICE.code}/nanti.xlsx,{late.isoformat()}", "rusak"]
    register.write_text("\n".join(["path,received_at", *lines]), encoding="utf-8")
    result = take(tmp_path)
    assert [(r.file_name, r.received_at) for r in result.receipts] == [
        ("awal.xlsx", early),
        ("tanpa catatan.xlsx", AS_OF),
    ]
    assert [(path.path, path.reason) for path in result.left_aside] == [(f"{OFFICE.code}/nanti.xlsx", "not_yet")]


def test_a_file_that_is_still_growing_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "inbox", f"{OFFICE.code}/isian.xlsx")
    os.utime(path)

    def grow(_seconds: float) -> None:
        path.write_bytes(b"isi yang lebih panjang")

    monkeypatch.setattr(intake.time, "sleep", grow)
    result = take(tmp_path)
    assert result.receipts == ()
    assert [left.reason for left in result.left_aside] == ["changing"]


def test_a_district_without_an_inbox_has_received_nothing(tmp_path: Path) -> None:
    assert take(tmp_path) == Intake((), ())


def test_a_file_that_cannot_be_read_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "inbox", f"{OFFICE.code}/rusak.xlsx", b"1")
    put(tmp_path / "inbox", f"{OFFICE.code}/utuh.xlsx", b"2")
    really = os.open

    def refuse(path: object, *rest: int, **more: int) -> int:
        if str(path).endswith("rusak.xlsx"):
            raise PermissionError(13, "no")
        return really(path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(archive.os, "open", refuse)
    result = take(tmp_path)
    assert [receipt.file_name for receipt in result.receipts] == ["utuh.xlsx"]
    assert [left.reason for left in result.left_aside] == ["unreadable"]


def test_a_file_of_which_no_copy_can_be_written_is_told_as_that_and_taken_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "inbox", f"{OFFICE.code}/satu.xlsx", b"1")
    put(tmp_path / "inbox", f"{OFFICE.code}/dua.xlsx", b"22")
    whole = archive.keep

    def full(content: bytes, place: Path) -> None:
        if len(content) == 1:
            raise OSError(28, "No space left on device", str(place))
        whole(content, place)

    with monkeypatch.context() as patch:
        patch.setattr(archive, "keep", full)
        first = take(tmp_path)
    assert [receipt.file_name for receipt in first.receipts] == ["dua.xlsx"]
    (left,) = first.left_aside
    assert (left.path, left.reason) == (f"{OFFICE.code}/satu.xlsx", "unwritable")
    assert left.fault.startswith("NotKeptError: [Errno 28] No space left on device [#")
    assert [receipt.file_name for receipt in take(tmp_path).receipts] == ["dua.xlsx", "satu.xlsx"]


def test_a_file_outside_any_office_folder_is_received_too(tmp_path: Path) -> None:
    put(tmp_path / "inbox", "isian.xlsx")
    (receipt,) = take(tmp_path).receipts
    assert (receipt.opd_code, receipt.folder_opd) == ("", ".")


@pytest.mark.parametrize(
    ("folder", "learned", "code"),
    [
        ("Dinas Kesehtan", {}, "DINKES"),
        ("DINKESS", {}, ""),
        ("DINKESS", {"dinkess": "DINKES"}, "DINKES"),
        ("Kantor Sehat", {"KANTOR SEHAT": "DINKES"}, "DINKES"),
        ("Kantor Sehat", {"kantor sehat": "PUPR DI LUAR SANA"}, ""),
    ],
)
def test_a_folder_misspelt_beyond_doubt_or_named_by_a_steward_is_its_offices(
    tmp_path: Path, folder: str, learned: dict[str, str], code: str
) -> None:
    put(tmp_path / "inbox", f"{folder}/isian.xlsx")
    named = {DISTRICT.code: {"office": learned}}
    places = tmp_path / "inbox", tmp_path / "archive", {DISTRICT.code: DISTRICT}, {DISTRICT.code: AS_OF}
    (receipt,) = receive(*places, lambda *_: False, named).receipts
    assert (receipt.opd_code, receipt.folder_opd) == (code, folder)


def test_data_dukung_beside_a_workbook_is_no_submission_of_its_own(tmp_path: Path) -> None:
    for name in ("isian.xlsx", "sk.pdf", "lampiran/foto.JPG"):
        put(tmp_path / "inbox", f"{OFFICE.code}/{name}", name.encode())
    found = take(tmp_path)
    assert [receipt.file_name for receipt in found.receipts] == ["isian.xlsx"]
    aside = {(it.path, it.reason) for it in found.left_aside}
    assert aside == {(f"{OFFICE.code}/{name}", "attachment") for name in ("sk.pdf", "lampiran/foto.JPG")}


def test_a_pdf_sent_instead_of_a_workbook_is_a_submission_to_be_refused(tmp_path: Path) -> None:
    put(tmp_path / "inbox", f"{OFFICE.code}/isian.pdf")
    put(tmp_path / "inbox", f"{DISTRICT.offices[1].code}/isian.xlsx", b"lain")
    assert {receipt.file_name for receipt in take(tmp_path).receipts} == {"isian.pdf", "isian.xlsx"}


def test_a_file_over_the_limit_is_refused_whole_and_nothing_of_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 10)
    put(tmp_path / "inbox", f"{OFFICE.code}/besar.xlsx", b"PK" * 6)
    (receipt,) = take(tmp_path).receipts
    assert (receipt.path, receipt.size_bytes, receipt.sha256) == ("", 12, hashlib.sha256(b"PK" * 6).hexdigest())
    assert not (tmp_path / "archive").exists()
    monkeypatch.undo()
    big = replace(receipt, size_bytes=20_000_001)
    (reading,) = read_files([big])
    assert [(problem.kind, problem.value) for problem in reading.problems] == [("too_large", "20,0")]


def test_a_file_swapped_after_it_was_seen_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "inbox", f"{OFFICE.code}/isian.xlsx", b"asli")
    really = archive.opened

    def swap(folder: Path, parts: tuple[str, ...]) -> int:
        path.unlink()
        put(tmp_path / "inbox", f"{OFFICE.code}/isian.xlsx", b"palsu")
        return really(folder, parts)

    monkeypatch.setattr(archive, "opened", swap)
    result = take(tmp_path)
    assert (result.receipts, [left.reason for left in result.left_aside]) == ((), ["changing"])


def test_a_folder_swapped_for_a_link_after_it_was_seen_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "inbox", f"{OFFICE.code}/isian.xlsx", b"asli")
    elsewhere = tmp_path / "lain"
    really = archive.opened

    def swap(folder: Path, parts: tuple[str, ...]) -> int:
        path.parent.rename(elsewhere)
        path.parent.symlink_to(elsewhere, target_is_directory=True)
        return really(folder, parts)

    monkeypatch.setattr(archive, "opened", swap)
    result = take(tmp_path)
    assert (result.receipts, [left.reason for left in result.left_aside]) == ((), ["unreadable"])


def test_a_district_whose_folder_is_a_link_has_received_nothing(tmp_path: Path) -> None:
    path = put(tmp_path / "lain", f"{OFFICE.code}/isian.xlsx")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / DISTRICT.code).symlink_to(path.parents[1], target_is_directory=True)
    assert take(tmp_path).receipts == ()


def test_what_is_too_much_for_one_folder_waits_there_and_the_other_folders_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(intake.load_limits(), quota=Quota(2, 1000))
    monkeypatch.setattr(intake, "load_limits", lambda: limits)
    other = DISTRICT.offices[1].code
    for name in (f"{OFFICE.code}/a.xlsx", f"{OFFICE.code}/b.xlsx", f"{OFFICE.code}/c.xlsx", f"{other}/d.xlsx"):
        put(tmp_path / "inbox", name, name.encode())
    result = take(tmp_path)
    assert len(result.receipts) == 3
    assert [left.reason for left in result.left_aside] == ["over_quota"]
    assert {receipt.opd_code for receipt in result.receipts} == {OFFICE.code, other}


def test_nobodys_number_is_told_with_the_name_of_a_file(tmp_path: Path) -> None:
    put(tmp_path / "inbox", f"{OFFICE.code}/Data 6310155005100001.xlsx")
    put(tmp_path / "inbox", "_verifikasi/0812-3456-7890/x.xlsx")
    result = take(tmp_path)
    assert [receipt.file_name for receipt in result.receipts] == [f"Data {'•' * 16}.xlsx"]
    assert [left.path for left in result.left_aside] == [f"_verifikasi/{'•' * 14}/x.xlsx"]


def test_a_fault_of_ours_over_one_file_costs_that_file_and_is_told_with_an_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, whole = tmp_path / "inbox", intake.take
    hit, spared = put(inbox, f"{OFFICE.code}/a.xlsx", b"a"), put(inbox, f"{DISTRICT.offices[1].code}/b.xlsx", b"b")

    def planted(folder: Path, parts: tuple[str, ...], seen: os.stat_result, kept: Path) -> archive.Kept:
        if parts[0] == OFFICE.code:
            raise RuntimeError("ditanam oleh uji")
        return whole(folder, parts, seen, kept)

    monkeypatch.setattr(intake, "take", planted)
    found = take(tmp_path)
    assert [it.file_name for it in found.receipts] == [spared.name]
    (left,) = found.left_aside
    assert (left.path, left.reason) == (f"{OFFICE.code}/{hit.name}", "fault")
    assert left.fault.startswith("RuntimeError: ditanam oleh uji [#")


def test_one_file_does_not_wait_until_the_disk_has_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, flush = threading.Barrier(2, timeout=20), os.fsync

    def meeting(descriptor: int) -> None:
        both.wait()
        flush(descriptor)

    monkeypatch.setattr(archive.os, "fsync", meeting)
    for office in DISTRICT.offices[:2]:
        put(tmp_path / "inbox", f"{office.code}/isian.xlsx", office.code.encode())
    assert len(take(tmp_path).receipts) == 2


def test_the_same_bytes_from_many_offices_at_once_are_kept_whole_and_once(tmp_path: Path) -> None:
    content = b"sama" * 100_000
    for office in DISTRICT.offices[:8]:
        put(tmp_path / "inbox", f"{office.code}/isian.xlsx", content)
    receipts = take(tmp_path).receipts
    assert [it.opd_code for it in receipts] == sorted(office.code for office in DISTRICT.offices[:8])
    (place,) = {Path(it.path) for it in receipts}
    assert [it for it in (tmp_path / "archive").rglob("*") if it.is_file()] == [place]
    assert place.read_bytes() == content


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    put(tmp_path / "inbox", f"{OFFICE.code}/a.xlsx").parent.chmod(0)
    assert [(it.path, it.reason) for it in take(tmp_path).left_aside] == [(OFFICE.code, "unreadable")]
