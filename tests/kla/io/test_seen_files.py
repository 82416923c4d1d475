"""A file that is known and looks as it did is not opened again; whatever may be another one is."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kla.io import archive, intake, seen_files
from kla.io.districts import load_district
from kla.io.intake import Intake, folder_of, receive

DISTRICT = load_district("63.10")
FOLDER = DISTRICT.offices[0].code
AS_OF = datetime(2025, 5, 20, 23, 59, 59, tzinfo=ZoneInfo("Asia/Makassar"))
LONG_AGO = 1_600_000_000


class Ground:
    """An inbox with one file, an archive, and what a warehouse would know."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.known: set[tuple[str, str, str]] = set()
        self.file = root / "inbox" / DISTRICT.code / FOLDER / "isian 6371010101010001.xlsx"
        self.file.parent.mkdir(parents=True)
        self.write(b"satu")

    @property
    def memory(self) -> Path:
        return self.root / "seen" / f"{DISTRICT.code}.json"

    @property
    def original(self) -> Path:
        return archive.place_of(self.root / "archive", hashlib.sha256(b"satu").hexdigest())

    def write(self, content: bytes) -> None:
        """Write the file, with an old time, at another tick of the clock than before."""
        before = self.file.stat().st_ctime_ns if self.file.exists() else 0
        self.file.write_bytes(content)
        os.utime(self.file, (LONG_AGO, LONG_AGO))
        while self.file.stat().st_ctime_ns == before:
            os.utime(self.file, (LONG_AGO, LONG_AGO))

    def look(self) -> Intake:
        """Receive, and know from then on what was received."""
        places = (self.root / "inbox", self.root / "archive")
        code = DISTRICT.code
        found = receive(*places, {code: DISTRICT}, {code: AS_OF}, lambda *key: key in self.known)
        self.known |= {(code, folder_of(it), it.sha256) for it in found.receipts}
        return found


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """Return ground on which files count as settled the moment they are written, and were looked at once."""
    monkeypatch.setattr(seen_files, "SETTLED_NS", -(10**12))
    ground = Ground(tmp_path)
    assert len(ground.look().receipts) == 1
    return ground


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Return the files that are read from now on."""
    read: list[tuple[str, ...]] = []
    real = archive.take

    def watched(folder: Path, parts: tuple[str, ...], seen: os.stat_result, place: Path) -> archive.Kept:
        read.append(parts)
        return real(folder, parts, seen, place)

    monkeypatch.setattr(intake, "take", watched)
    return read


def test_a_known_file_that_looks_the_same_is_not_opened(ground: Ground, opened: list[object]) -> None:
    for _ in range(2):
        assert ground.look() == Intake(())
    assert opened == []


def test_a_changed_file_with_its_old_size_and_time_is_noticed(ground: Ground) -> None:
    before = ground.file.stat()
    ground.write(b"dua!")
    after = ground.file.stat()
    assert (before.st_size, before.st_mtime_ns, before.st_ino) == (after.st_size, after.st_mtime_ns, after.st_ino)
    (receipt,) = ground.look().receipts
    assert receipt.sha256 == hashlib.sha256(b"dua!").hexdigest()


def test_a_file_changed_twice_within_one_tick_of_the_clock_is_noticed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_files, "_look_of", lambda parts, _status: "/".join(parts))  # the clock stands still
    monkeypatch.setattr(seen_files, "SETTLED_NS", 10**10)
    ground.look()
    ground.write(b"dua!")
    assert len(ground.look().receipts) == 1


def test_another_file_in_the_place_of_a_known_one_is_noticed(ground: Ground) -> None:
    beside = ground.file.with_name("baru")
    beside.write_bytes(b"dua!")
    os.utime(beside, (LONG_AGO, LONG_AGO))
    beside.replace(ground.file)
    assert len(ground.look().receipts) == 1


def test_a_file_is_read_again_when_its_original_is_gone(ground: Ground, opened: list[object]) -> None:
    ground.original.unlink()
    assert ground.look().receipts == ()
    assert len(opened) == 1
    assert ground.original.read_bytes() == b"satu"


def test_a_file_that_the_warehouse_does_not_know_is_received_again(ground: Ground) -> None:
    ground.known.clear()  # an older backup was put back
    assert len(ground.look().receipts) == 1


@pytest.mark.parametrize("content", [None, b"", b"\0" * 80, b"[1]", b'{"a": 1}'])
def test_without_a_memory_that_can_be_read_every_file_is(
    ground: Ground, opened: list[object], content: bytes | None
) -> None:
    ground.memory.unlink()
    if content is not None:
        ground.memory.write_bytes(content)
    assert ground.look() == Intake(())
    assert len(opened) == 1


def test_a_memory_that_cannot_be_written_stops_nothing(ground: Ground, opened: list[object]) -> None:
    ground.memory.unlink()
    ground.memory.mkdir()
    assert ground.look() == Intake(())
    assert len(opened) == 1


def test_a_file_too_large_to_be_kept_is_not_hashed_every_night(
    ground: Ground, opened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 2)
    ground.write(b"besar")
    (receipt,) = ground.look().receipts
    assert receipt.path == ""
    ground.look()
    assert len(opened) == 1


def test_nothing_of_a_name_is_written_and_what_is_gone_is_forgotten(ground: Ground) -> None:
    assert "6371010101010001" not in ground.memory.read_text()
    ground.file.unlink()
    ground.look()
    assert ground.memory.read_text() == "{}"
