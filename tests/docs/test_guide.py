"""The guide uses the words of pages and commands, shows what they print, and keeps its pictures small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from desk.main import app
from kla.io import project

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide"
BLOCK = re.compile(r"```\n\$ kla ([^\n]+)\n(.*?)```", re.DOTALL)
MOST_BYTES = 150_000


def chapter(name: str) -> str:
    """Return the text of one chapter."""
    return (GUIDE / name).read_text(encoding="utf-8")


def words(file: str) -> dict[str, dict[str, dict[str, str]]]:
    """Return one of the files of words in reports/."""
    return yaml.safe_load((project.data("reports") / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("key", "not_shown"), [("status", {"unknown"}), ("cause", {"full"})])
def test_every_status_and_cause_a_page_shows_is_explained(key: str, not_shown: set[str]) -> None:
    names = [entry["name"] for code, entry in words("text.id.yaml")[key].items() if code not in not_shown]
    page = chapter("4-membaca-laporan.md")
    assert [name for name in names if f"| {name} |" not in page] == []


def test_every_severity_is_explained_with_the_words_of_pages_and_commands() -> None:
    names = [entry["name"] for entry in words("text.id.yaml")["severity"].values()]
    page = chapter("5-temuan.md")
    assert "severity" not in words("desk.id.yaml")
    assert [name for name in names if f"| {name} |" not in page] == []


@pytest.mark.parametrize("path", sorted(GUIDE.glob("*.md")), ids=lambda path: path.name)
def test_what_kla_explain_prints_stands_as_it_prints_it(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command, shown in BLOCK.findall(path.read_text(encoding="utf-8")):
        if command.startswith("explain "):
            with pytest.raises(SystemExit):
                app(command.split())
            assert capsys.readouterr().out == shown


def test_every_command_of_a_steward_is_in_the_chapter_about_decisions() -> None:
    kinds = ("waive", "acknowledge", "return", "accept", "decisions", "repairs", "aliases", "rules preview")
    page = chapter("8-keputusan.md")
    assert [name for name in kinds if f"| `kla {name}` |" not in page] == []


@pytest.mark.parametrize("line", re.findall(r"^kla (.+)$", (GUIDE / "8-keputusan.md").read_text("utf-8"), re.MULTILINE))
def test_every_option_the_chapter_writes_is_one_the_command_has(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        app([line.split()[0], "--help"])
    helped = capsys.readouterr().out
    assert [option for option in re.findall(r"--[a-z-]+", line) if f"{option} " not in helped] == []


def test_every_chapter_is_listed() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", chapter("README.md")))
    assert listed == {path.name for path in GUIDE.glob("*.md")} - {"README.md"}


def test_every_picture_is_shown_and_small() -> None:
    shown = {
        name for path in GUIDE.glob("*.md") for name in re.findall(r"\(img/([\w-]+\.png)\)", path.read_text("utf-8"))
    }
    pictures = {path.name: path.stat().st_size for path in (GUIDE / "img").iterdir()}
    assert set(pictures) == shown
    assert {name: size for name, size in pictures.items() if size > MOST_BYTES} == {}
