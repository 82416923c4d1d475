"""A folder is replaced in one move: never half, never stale, and whole again after an interruption."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kla.io import staging

OLD = {"index.html": b"old", "opd/a.html": b"old a"}
NEW = {"index.html": b"new", "klaster/k0.html": b"new k0"}


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "63.10" / "2024"
    staging.replace_folder(target, OLD)
    return target


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "two renames":
        monkeypatch.setattr(staging, "_exchange", lambda staged, folder: False)
    return str(request.param)


def test_the_new_files_replace_all_old_ones(folder: Path, way: str) -> None:
    staging.replace_folder(folder, NEW)
    assert held(folder) == NEW
    assert [path.name for path in folder.parent.iterdir()] == ["2024"]


def test_a_reader_with_a_page_open_keeps_it(folder: Path, way: str) -> None:
    with (folder / "index.html").open("rb") as page:
        staging.replace_folder(folder, NEW)
        assert page.read() == b"old"


def test_a_write_that_fails_leaves_the_old_folder_whole(
    folder: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        staging.replace_folder(folder, NEW)
    assert held(folder) == OLD
    assert [path.name for path in folder.parent.iterdir()] == ["2024"]


def test_a_folder_that_can_neither_take_its_place_nor_go_back_is_kept_aside_and_made_good_the_next_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name != "2024":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(staging, "_exchange", lambda staged, folder: False)
        patch.setattr(Path, "rename", failing)
        with pytest.raises(OSError, match="Input/output"):
            staging.replace_folder(folder, NEW)
    assert held(folder.with_name(".2024.old")) == OLD
    staging.clear_left(folder.parent)
    staging.replace_folder(folder, NEW)
    assert held(folder) == NEW
    assert [path.name for path in folder.parent.iterdir()] == ["2024"]


def test_the_last_file_given_is_written_when_all_others_are_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[set[str]] = []
    write = Path.write_bytes
    monkeypatch.setattr(
        Path,
        "write_bytes",
        lambda path, content: (there.append(set(held(folder.with_name(".2024.new")))), write(path, content)),
    )
    staging.stage(folder, {"index.html": b"new", "manifest.json": b"{}"}, {"opd/a.xlsx": folder / "opd" / "a.html"})
    assert there[-1] == {"index.html", "opd/a.xlsx"}


def test_what_an_interrupted_run_left_is_cleared_beside_the_folder(folder: Path) -> None:
    for name in (".2024.new", ".2024.old", ".2024.percobaan"):
        (folder.with_name(name) / "opd").mkdir(parents=True)
    assert [path.name for path in staging.left_beside(folder.parent)] == [".2024.new", ".2024.old", ".2024.percobaan"]
    staging.clear_left(folder.parent)
    assert staging.left_beside(folder.parent) == []
    assert held(folder) == OLD
    assert staging.left_beside(folder.parent / "none") == []


def test_a_second_rename_that_fails_puts_the_old_folder_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_exchange", lambda staged, folder: False)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="Input/output"):
        staging.replace_folder(folder, NEW)
    assert held(folder) == OLD


def test_a_run_killed_between_the_two_renames_is_made_good(folder: Path) -> None:
    folder.rename(folder.with_name(".2024.old"))
    (folder.with_name(".2024.new")).mkdir()
    staging.replace_folder(folder, NEW)
    assert held(folder) == NEW
    assert [path.name for path in folder.parent.iterdir()] == ["2024"]


def test_everything_is_flushed_before_it_takes_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    flush, swap, flush_one = staging.flush, staging._swap, staging._flush
    monkeypatch.setattr(staging, "flush", lambda: (done.append(f"all, with {held(new)}"), flush()))
    monkeypatch.setattr(staging, "_swap", lambda *paths: (done.append("swap"), swap(*paths)))
    monkeypatch.setattr(staging, "_flush", lambda path: (done.append(f"{path.name}, {held(new)}"), flush_one(path)))
    new = folder.with_name(".2024.new")
    staging.replace_folder(folder, NEW)
    # The old files are taken away only once the system has written down that others stand in their place.
    assert done == [f"all, with {NEW}", "swap", f"63.10, {OLD}"]


def test_many_folders_are_staged_before_one_flush(tmp_path: Path) -> None:
    places = [tmp_path / code / "2024" for code in ("17.04", "63.10")]
    for place in places:
        staging.replace_folder(place, OLD)
    staged = [staging.stage(place, NEW) for place in places]
    assert [held(place) for place in places] == [OLD, OLD]
    staging.flush()
    old = [path for one in staged for path in staging.swap_in(one) if path.exists()]
    assert [held(place) for place in places] == [NEW, NEW]
    assert [held(path) for path in old] == [OLD, OLD]


def test_a_changed_missing_or_added_file_is_noticed(folder: Path) -> None:
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in OLD.items()}
    assert staging.is_intact(folder, digests)
    (folder / "stale.html").write_bytes(b"")
    assert not staging.is_intact(folder, digests)
    (folder / "stale.html").unlink()
    (folder / "index.html").write_bytes(b"OLD")
    assert not staging.is_intact(folder, digests)
    (folder / "index.html").unlink()
    assert not staging.is_intact(folder, digests)


def test_a_file_is_replaced_in_one_move(tmp_path: Path) -> None:
    path = tmp_path / "public" / "index.html"
    staging.replace_file(path, b"one")
    inode = path.stat().st_ino
    staging.replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_ino != inode
    assert [entry.name for entry in path.parent.iterdir()] == ["index.html"]


def test_many_files_are_staged_before_one_flush(tmp_path: Path) -> None:
    paths = [tmp_path / name / "2024-05-20.json" for name in ("17.04", "63.10")]
    for path in paths:
        staging.replace_file(path, b"one")
    staged = [staging.stage_file(path, b"two") for path in paths]
    assert [path.read_bytes() for path in paths] == [b"one", b"one"]
    staging.flush()
    for one in staged:
        one.swap_in()
    assert [path.read_bytes() for path in paths] == [b"two", b"two"]
    assert [path.name for path in tmp_path.rglob("*.*") if path.is_file()] == ["2024-05-20.json"] * 2


def test_a_file_that_cannot_take_its_place_leaves_the_old_one_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.html"
    staging.replace_file(path, b"one")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        staging.replace_file(path, b"two")
    assert held(tmp_path) == {"index.html": b"one"}
