"""What the machine refuses a command is told in one Indonesian sentence, never as a traceback; nothing secret is in it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from desk.main import app
from desk.surroundings import said_of_surroundings


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what `kla` says when it ends with 1."""
    with pytest.raises(SystemExit) as end:
        app(list(arguments))
    assert end.value.code == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    return shown.err


@pytest.mark.parametrize(
    "arguments", [("status",), ("export",), ("letters", "63.10"), ("template", "63.10", "--opd", "DISHUB")]
)
def test_a_working_folder_that_cannot_be_made_is_named(
    arguments: tuple[str, ...], own_var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_var.write_text("a file where the folder should be")
    assert str(own_var) in failed(capsys, *arguments)


def test_a_target_that_is_a_folder_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "ekspor").mkdir()
    assert "ini folder, bukan berkas" in failed(capsys, "export", "--out", str(tmp_path / "ekspor"))


def test_a_database_that_does_not_answer_is_told_without_its_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLA_WAREHOUSE_URL", "postgresql://siti:rahasia7@127.0.0.1:1/kla")
    said = failed(capsys, "status")
    assert "KLA_WAREHOUSE_URL" in said
    assert "rahasia7" not in said


def test_a_file_that_is_no_database_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rusak.db").write_bytes(os.urandom(4096))
    monkeypatch.setenv("KLA_WAREHOUSE_URL", f"sqlite:///{tmp_path / 'rusak.db'}")
    assert "SQLITE_NOTADB" in failed(capsys, "status")


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "penuh"), (errno.EACCES, "tidak ada izin"), (errno.ESTALE, "ESTALE")]
)
def test_every_error_of_the_system_has_a_sentence(code: int, said: str) -> None:
    assert said in said_of_surroundings(OSError(code, os.strerror(code), "var/warehouse.db"))


def test_a_fault_of_the_program_is_none_of_its_surroundings() -> None:
    assert said_of_surroundings(ValueError("x")) == ""
