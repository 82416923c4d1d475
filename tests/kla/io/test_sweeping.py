"""Old folders leave their place at once and are gone at the run's end, whoever put them away and whatever fails."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kla.io import sweeping


@pytest.fixture
def public(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    folder.mkdir()
    return folder


def old_folder(public: Path, name: str = ".2024.new") -> Path:
    folder = public / "63.10" / name
    (folder / "opd").mkdir(parents=True)
    (folder / "index.html").write_bytes(b"old")
    (folder / "opd" / "a.html").write_bytes(b"old a")
    return folder


def in_the_way(public: Path) -> list[Path]:
    return [path for path in public.parent.rglob("*") if path != public and path.name != "63.10"]


def test_what_is_put_away_is_not_where_it_stood_and_is_gone_after_the_sweep(public: Path) -> None:
    folders = [old_folder(public, f".{year}.new") for year in range(2000, 2020)]
    sweeping.put_away(folders, public)
    assert not list((public / "63.10").iterdir())
    sweeping.sweep(public)
    assert in_the_way(public) == []


def test_a_reader_with_an_old_page_open_keeps_it(public: Path) -> None:
    folder = old_folder(public)
    with (folder / "index.html").open("rb") as page:
        sweeping.put_away([folder], public)
        sweeping.sweep(public)
        assert page.read() == b"old"


def test_what_a_killed_run_put_away_is_gone_after_the_next_one(public: Path) -> None:
    (public.with_name(sweeping.GONE) / "0123" / "opd").mkdir(parents=True)
    sweeping.sweep(public)
    assert in_the_way(public) == []


def test_a_folder_that_is_not_there_is_no_matter(public: Path) -> None:
    sweeping.put_away([public / "63.10" / ".2024.old"], public)
    sweeping.sweep(public)
    assert in_the_way(public) == []


def test_a_folder_that_cannot_be_moved_is_removed_where_it_stands(
    public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_disk(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    folder = old_folder(public)
    monkeypatch.setattr(Path, "rename", other_disk)
    sweeping.put_away([folder], public)
    assert not folder.exists()


def test_where_no_other_process_can_be_had_this_one_removes(public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise OSError(2, "No such file or directory: 'rm'")

    monkeypatch.setattr(subprocess, "Popen", none)
    sweeping.put_away([old_folder(public)], public)
    sweeping.sweep(public)
    assert in_the_way(public) == []


def test_what_a_link_points_to_stays(public: Path, tmp_path: Path) -> None:
    outside = tmp_path / "archive"
    outside.mkdir()
    (outside / "original").write_bytes(b"original")
    folder = old_folder(public)
    (folder / "link").symlink_to(outside, target_is_directory=True)
    sweeping.put_away([folder], public)
    sweeping.sweep(public)
    assert in_the_way(public) == [outside, outside / "original"]
