"""The command speaks Bahasa Indonesia, starts quickly, and ends with the exit code that was promised."""

from __future__ import annotations

import subprocess
import sys

import pytest

from desk.main import app, cli

COMMANDS = [
    *("template", "sample", "nightly", "rerun", "check", "status", "trace", "explain"),
    *("waive", "acknowledge", "return", "accept", "decisions", "repairs", "aliases"),
    *("path", "whatif", "letters", "init"),
]
ENGLISH = ["Usage", "Options", "Arguments", "Commands", "Show this", "required]", "default:", "Error", "[OPTIONS]"]


def run(*arguments: str) -> int:
    """Return the exit code of `kla`."""
    with pytest.raises(SystemExit) as end:
        app(list(arguments))
    return int(end.value.code or 0)


def test_the_list_of_commands_is_the_contract() -> None:
    assert [command.name for command in cli.registered_commands] == COMMANDS


@pytest.mark.parametrize("command", [[], *[[name] for name in COMMANDS]])
def test_help_is_in_indonesian_throughout(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*command, "--help") == 0
    shown = capsys.readouterr().out
    assert "Pemakaian: kla" in shown
    assert not [word for word in ENGLISH if word in shown]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["terbang"], "Perintah terbang tidak dikenal."),
        (["status", "--besok"], "Pilihan --besok tidak dikenal."),
        (["trace", "63.10"], "PERTANYAAN belum diisi."),
        (["status", "--district"], "Pilihan --district memerlukan nilai."),
        (["rerun", "63.10", "--who", "Siti"], "Pilihan --reason wajib diisi."),
        (["status", "--district", "99.99"], "kabupaten/kota 99.99 belum punya folder"),
        (["explain", "Z99"], "Kode Z99 tidak dikenal."),
        (["check", "tidak/ada.xlsx"], "berkas atau folder tidak ditemukan"),
    ],
)
def test_a_wrong_call_is_told_in_indonesian_and_ends_with_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["status"], ["explain", "A02"]])
def test_looking_imports_neither_prefect_nor_great_expectations_nor_pandas(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from desk.main import app\n"
        "try:\n"
        f"    app({arguments!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        "heavy = {'prefect', 'great_expectations', 'pandas', 'matplotlib', 'openpyxl', 'jinja2'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
