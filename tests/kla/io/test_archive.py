"""A copy takes its place in the archive whole, and what a dead process was writing does not stay."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kla.io import alive, archive
from kla.io.archive import ARRIVING, clear_left, keep, left_arriving, place_of

CONTENT = b"isi"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return place_of(tmp_path, hashlib.sha256(CONTENT).hexdigest())


def killed_while(moment: str, place: Path) -> None:
    """Keep the bytes in a child process that is killed right before a function of the archive is called."""

    def kill(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    pid = os.fork()
    if pid == 0:
        setattr(archive, moment, kill)
        try:
            keep(CONTENT, place)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def test_a_copy_whose_process_was_killed_before_it_took_its_place_is_cleared(tmp_path: Path, place: Path) -> None:
    killed_while("_moved", place)
    (left,) = left_arriving(tmp_path)
    assert (left.read_bytes(), stat.S_IMODE(left.stat().st_mode), place.exists()) == (CONTENT, 0o400, False)
    clear_left(tmp_path)
    keep(CONTENT, place)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [place]


def test_a_copy_that_is_being_written_stays(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = archive._moved

    def cleared_meanwhile(path: Path, place: Path) -> None:
        clear_left(tmp_path)
        moved(path, place)

    monkeypatch.setattr(archive, "_moved", cleared_meanwhile)
    keep(CONTENT, place)
    assert place.read_bytes() == CONTENT


@pytest.mark.parametrize(("hours", "is_left"), [(1, False), (25, True)])
def test_a_copy_of_another_machine_is_let_be_for_a_day(tmp_path: Path, hours: int, is_left: bool) -> None:
    path = tmp_path / ARRIVING / ("0" * 64 + " 1 lain~0~0 1 1")
    path.parent.mkdir()
    path.touch()
    os.utime(path, (time.time() - hours * 3600,) * 2)
    assert left_arriving(tmp_path) == ([path] if is_left else [])


def test_an_archive_that_is_not_there_yet_has_nothing_left(tmp_path: Path) -> None:
    clear_left(tmp_path / "archive")
    assert left_arriving(tmp_path / "archive") == []


@pytest.mark.parametrize("step", ["_created", "_moved"])
def test_a_copy_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, place: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, step, full)
    with pytest.raises(OSError, match="No space"):
        keep(CONTENT, place)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_folders_of_the_archive_are_their_owners_alone(tmp_path: Path, place: Path) -> None:
    keep(CONTENT, place)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (place.parent, tmp_path / ARRIVING)} == {0o700}


def test_the_name_of_a_process_can_be_told_from_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    told: Callable[[str], bool] = lambda process: bool(asked.append(process))  # noqa: E731
    monkeypatch.setattr(archive, "is_dead", told)
    monkeypatch.setattr(archive, "_moved", lambda *_: left_arriving(tmp_path))
    keep(CONTENT, place_of(tmp_path, "0" * 64))
    assert asked == [alive.this_process()]
