"""The command speaks Bahasa Indonesia, starts quickly, and ends with the exit code that was promised."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from desk.main import app, cli

COMMANDS = [
    *("template", "sample", "nightly", "rerun", "backfill", "alarm", "check", "status", "trace", "explain"),
    *(
        "waive",
        "acknowledge",
        "return",
        "accept",
        "days",
        "remind",
        "slot",
        "window",
        "decisions",
        "repairs",
        "aliases",
    ),
    *(
        "path",
        "whatif",
        "compare",
        "years",
        "safe",
        "gaps",
        "coordination",
        "letters",
        "pack",
        "print",
        "doctor",
        "export",
        "rebuild",
        "init",
        "backup",
        "migrate",
        "settings",
    ),
]
ENGLISH = ["Usage", "Options", "Arguments", "Commands", "Show this", "required]", "default:", "Error", "[OPTIONS]"]


WAIVER = [
    "--opd",
    "DINKES",
    "--requested-by",
    "Budi",
    "--approved-by",
    "Siti",
    "--reason",
    "uji",
    "--until",
    "2030-01-01",
]


def run(*arguments: str) -> int:
    """Return the exit code of `kla`."""
    with pytest.raises(SystemExit) as end:
        app(list(arguments))
    return int(end.value.code or 0)


def test_the_list_of_commands_is_the_contract() -> None:
    assert [command.name for command in cli.registered_commands] == COMMANDS


@pytest.mark.parametrize(
    "command",
    [
        [],
        *[[name] for name in COMMANDS],
        ["rules"],
        ["rules", "preview"],
        ["roles"],
        ["roles", "apply"],
        ["server"],
        ["server", "work"],
    ],
)
def test_help_is_in_indonesian_throughout(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*command, "--help") == 0
    shown = capsys.readouterr().out
    assert "Pemakaian: kla" in shown
    assert not [word for word in ENGLISH if word in shown]
    assert not re.search(r"<(str|int|list|bool|Path|file)|\.\.\.$|\[\[|\{", shown.partition("\n")[2], re.MULTILINE), (
        "a type, or a sentence cut short"
    )


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
        (["init", "6310"], "Maksudnya 63.10 (Kabupaten Tanah Bumbu)?"),
        (["init", "63.10"], "sudah punya folder"),
        (["accept", "63.10", "DINSAPI"], "DINSAPI bukan OPD Kabupaten Tanah Bumbu"),
        (["return", "63.10", "DINKES", "99.P9", "--reason", "uji"], "99.P9 bukan pertanyaan siklus 2024"),
        (["return", "63.10", "DINKES", "1.P1", "--reason", "uji"], "DINKES tidak mengampu 1.P1"),
        (["return", "63.10", "DINKES", "--reason", "uji"], "Tidak ada jawaban DINKES yang dapat dikembalikan"),
        (["waive", "63.10", "Z99", *WAIVER], "Kode Z99 tidak dikenal."),
        (["waive", "63.10", "A10", *WAIVER, "--until", "besok"], "besok bukan tanggal"),
        (["waive", "63.10", "A10", *WAIVER, "--until", "2020-01-01"], "sudah lewat"),
        (["acknowledge", "63.10"], "--from-file"),
        (["acknowledge", "63.10", "--opd", "DINKES", "--code", "A40"], "tidak ada temuan A40"),
        (["decisions", "--withdraw", "abc", "--reason", "uji"], "tidak ada keputusan bernomor abc"),
        (["decisions", "--kind", "apa"], "jenis apa tidak dikenal"),
        (["repairs", "63.10", "--reject", "Klaster I!A1", "--reason", "uji"], "tidak ada perubahan otomatis"),
        (["aliases", "63.10", "--choose", "Dinkes"], "tulis seperti"),
        (["aliases", "63.10", "--choose", "Dinkes=APA"], "APA bukan OPD"),
        (["template", "63.10", "--stage", "kapan"], "tahap kapan tidak dikenal; yang ada: mandiri"),
        (["sample", "99.99"], "99.99 bukan kabupaten/kota contoh"),
        (["nightly", "--as-of", "besok"], "besok bukan tanggal"),
        (["remind", "--as-of", "besok"], "besok bukan tanggal"),
        (["rerun", "63.10", "--who", "Siti", "--reason", "uji", "--as-of", "besok"], "besok bukan tanggal"),
        (["rerun", "63.10", "--who", "Siti", "--reason", "uji", "--opd", "DINSAPI"], "DINSAPI bukan OPD"),
        (["backfill", "--who", "Siti", "--reason", "uji", "--as-of", "besok"], "besok bukan tanggal"),
        (["backfill", "--who", "Siti", "--reason", "uji", "--cycle", "lalu"], "--cycle: tulis sebagai bilangan bulat."),
        (["path", "63.10", "--cycle", "1990"], "tidak ada instrumen untuk siklus 1990; yang ada: 2023, 2024"),
        (["trace", "63.10", "12.P1", "--cycle", "1990"], "tidak ada instrumen untuk siklus 1990"),
        (["days", "63.10", "--cycle", "1990"], "tidak ada instrumen untuk siklus 1990"),
        (["alarm", "--hours", "0"], "--hours: paling sedikit 1."),
    ],
)
def test_a_wrong_call_is_told_in_indonesian_and_ends_with_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["server"], ["rules"], ["roles"]])
def test_a_call_that_names_no_command_is_answered_with_its_help_alone(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Pemakaian: kla")
    assert "Galat" not in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["status"],
        ["explain", "A02"],
        ["decisions"],
        ["repairs", "63.10"],
        ["aliases", "63.10"],
        ["settings"],
    ],
)
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
