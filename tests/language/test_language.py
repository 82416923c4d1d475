"""Whatever an office or a steward sees is good Bahasa Indonesia: no English of a library, no trace of a program.

The texts of one whole night are walked, and of every command; what counts as a fault is data in tests/cases.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from language.judging import CASES, faults
from language.outputs import of_file, of_markdown

from desk.main import app, cli
from kla.io.instruments import load_instrument
from kla.io.rules import load_rules
from kla.layout import SEAL_KEYS

if TYPE_CHECKING:
    from conftest import LaySamples, SampleNight

PLANTED = yaml.safe_load(CASES.with_name("language_planted.yaml").read_text(encoding="utf-8"))
KAUR = ("17.04", "--as-of", "2024-05-03")


def official() -> tuple[str, ...]:
    """Labels the ministry words itself ("Early warning system ...")."""
    return tuple(question.label for question in load_instrument(2024).questions if faults(question.label))


def judged(texts: Mapping[str, str]) -> list[str]:
    """Return each fault with where it stands and what is written there."""
    theirs = official()
    return [
        f"{where}: {fault} in {text[:200]!r}"
        for text, where in texts.items()
        if text not in SEAL_KEYS
        for fault in faults(text, theirs)
    ]


def found_under(folder: Path, kinds: Iterable[str] = ("*",)) -> dict[str, str]:
    """Every text under a folder, and one file in which it stands."""
    found: dict[str, str] = {}
    for kind in kinds:
        for path in sorted(folder.rglob(kind)):
            if path.is_file():
                for text in of_file(path):
                    found.setdefault(text, path.relative_to(folder).as_posix())
    return found


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind in PLANTED if kind != "sound" for text in PLANTED[kind]]
)
def test_what_was_planted_is_found(kind: str, text: str) -> None:
    assert kind in {fault.partition(":")[0] for fault in faults(text)}


@pytest.mark.parametrize("text", PLANTED["sound"])
def test_what_is_sound_passes(text: str) -> None:
    assert faults(text) == []


def test_a_fault_planted_in_any_output_is_found(tmp_path: Path, sample_night: SampleNight) -> None:
    """Take one file of each kind the night handed out, put a fault into it, and see it found."""
    import openpyxl

    public = sample_night.var / "public"
    page = (public / "17.04" / "2024" / "index.html").read_text(encoding="utf-8")
    (tmp_path / "a.html").write_text(page.replace("</h1>", " None</h1>", 1), encoding="utf-8")
    (tmp_path / "b.html").write_text(page.replace("<td", '<td aria-label="not found"', 1), encoding="utf-8")
    book = openpyxl.load_workbook(public / "17.04" / "2024" / "findings.xlsx")
    book.worksheets[0]["K2"] = "Skor 12.5"
    book.save(tmp_path / "c.xlsx")
    found = "\n".join(judged(found_under(tmp_path)))
    for fault in ("a.html: values: None", "b.html: english: not", "c.xlsx: values: 12.5"):
        assert fault in found


def test_every_page_and_workbook_of_a_night_is_in_bahasa_indonesia(sample_night: SampleNight) -> None:
    texts = found_under(sample_night.var / "public")
    kinds = {Path(where).name for where in texts.values()}
    assert {"index.html", "findings.html", "wali-data.html", "findings.xlsx", "gap.xlsx", "pemeriksaan.html"} <= kinds
    assert any(name.startswith("perbaikan-") for name in kinds)
    assert judged(texts) == []


def test_every_form_is_in_bahasa_indonesia(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "template", "17.04", "--out", str(tmp_path))
    texts = found_under(tmp_path)
    assert len(set(texts.values())) > 20
    assert judged(texts) == []


@pytest.mark.parametrize("command", ["letters", "pack"])
def test_letters_and_packs_are_in_bahasa_indonesia(
    sample_night: SampleNight,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.setenv("KLA_VAR", str(sample_night.var))
    printed = told(capsys, command, KAUR[0], "--out", str(tmp_path / "out"))
    texts = found_under(tmp_path) | dict.fromkeys(printed.splitlines(), command)
    assert len(texts) > 50
    assert judged(texts) == []


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command prints, whatever it ends with."""
    with pytest.raises(SystemExit):
        app(list(arguments))
    printed = capsys.readouterr()
    return printed.out + printed.err


def commands() -> list[tuple[str, ...]]:
    """Every command and every command under a command."""
    import typer

    found: list[tuple[str, ...]] = []
    waiting = [((), typer.main.get_command(cli))]
    while waiting:
        path, command = waiting.pop()
        for name, under in sorted(getattr(command, "commands", {}).items()):
            found.append((*path, name))
            waiting.append(((*path, name), under))
    return found


def looks(var: Path) -> list[tuple[str, ...]]:
    """The commands that only look, on what a night left."""
    return [
        ("check", str(var / "inbox" / "17.04"), "--district", "17.04"),
        ("check", str(var / "inbox" / "16.10"), "--district", "16.10"),
        ("check", str(var / "gone.xlsx")),
        ("status", "--as-of", "2025-05-20"),
        ("status", "--as-of", "kemarin"),
        ("status", "--district", "17.04", "--opd", "DINKES"),
        ("status", "--district", "16.10", "--opd", "rekap"),
        ("status", "--opd", "DINKES"),
        ("check", str(var / "inbox" / "17.04"), "--as-of", "kemarin"),
        ("return", "16.10", "rekap", "99.P9", "--reason", "uji"),
        *(("trace", "17.04", key) for key in ("4.P1", "14.P10", "2.P7")),
        *(("trace", "63.10", key) for key in ("14.P1", "8.P3")),
        *(("trace", "16.10", key) for key in ("19.P4", "22B.P2")),
        ("trace", "63.10", "99.P9"),
        ("trace", "11.01", "1.P1"),
        ("decisions", "--district", *KAUR),
        ("decisions", KAUR[0]),
        ("repairs", *KAUR),
        ("aliases", *KAUR),
        ("path", KAUR[0]),
        ("explain", "Z99"),
        ("waive", "17.04", "A02"),
        ("tidak-ada",),
        (),
        *(("explain", rule.code) for rule in load_rules()),
        ("--help",),
        *((*path, "--help") for path in commands()),
    ]


# What a person types, in the form a command takes it: the examples of a help, and the names of choices.
TYPED = (
    "2025-05-20T18:00+08:00",
    "2025-05-20",
    "2024-05-31",
    "12.P1=87.5",
    "Jenis nama: office, header, level, atau kind",
    "jenisnya di antrean, atau office",
)


def test_every_command_speaks_bahasa_indonesia(
    sample_night: SampleNight, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KLA_VAR", str(sample_night.var))
    texts: dict[str, str] = {}
    for call in looks(sample_night.var):
        printed = told(capsys, *call)
        assert printed.strip(), call
        for line in printed.splitlines():
            plain = line
            for typed in (*TYPED, str(sample_night.var)):
                plain = plain.replace(typed, " ")
            texts.setdefault(plain, " ".join(("kla", *call)))
    assert judged(texts) == []


def test_what_check_tells_a_program_is_told_in_bahasa_indonesia(
    sample_night: SampleNight, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = told(capsys, "check", str(sample_night.var / "inbox" / "17.04"), "--district", "17.04", "--json")
    findings = [(one["file"], it) for one in map(json.loads, printed.splitlines()) for it in one["findings"]]
    assert len(findings) > 5
    assert judged({it[key]: file for file, it in findings for key in ("tell", "fix")}) == []


def test_what_a_steward_reads_in_the_prefect_page_is_in_bahasa_indonesia(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lay_samples: LaySamples
) -> None:
    from flows.part import serve_apart
    from kla.io.samples import sample_days
    from tasks.plan import make_plan

    monkeypatch.setenv("KLA_VAR", str(tmp_path / "var"))
    lay_samples(tmp_path / "var/inbox", ["17.04"])
    plan = make_plan(["17.04"], sample_days()["17.04"], None).only(["17.04"])
    plan.run_id = plan.warehouse.begin_run(
        kind="nightly", as_of="", code_version="", suite_version="", districts=("17.04",)
    )
    _, kept, _ = serve_apart(plan, plan.run_id)
    texts = {text: name for name, markdown, told in kept for text in [*of_markdown(markdown), told]}
    assert len(texts) > 50
    assert judged(texts) == []


def test_the_closing_table_of_a_night_is_in_bahasa_indonesia(
    sample_night: SampleNight, capsys: pytest.CaptureFixture[str]
) -> None:
    import typer

    from desk.running import finish

    with pytest.raises(typer.Exit):
        finish(sample_night.night)
    lines = capsys.readouterr().out.replace(str(sample_night.var), " ").splitlines()
    assert any("Kabupaten Kaur" in line for line in lines)
    assert judged(dict.fromkeys(lines, "kla nightly")) == []
