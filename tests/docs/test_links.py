"""What README.md and docs/ point to is there: links, files, `make` targets, `kla` commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from desk.main import cli

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
NAMED_FILE = re.compile(
    r"(?<![\w./<>-])((?:bench|desk|districts|docs|expectations|flows|instrument|kla|reports|samples|sql|tasks|tests)"
    r"/[\w./-]*[\w/]|prefect\.yaml|requirements(?:-dev)?\.lock|pyproject\.toml|CHANGELOG\.md|LICENSE)(?![\w<*])"
)
MAKE = re.compile(r"(?:^|[`\n])make ([a-z][a-z-]*)")
KLA = re.compile(r"(?:^|[`\n])(?:\.venv/bin/)?kla ([a-z][a-z-]*)((?: +--[a-z-]+| +[^\s`#-][^\s`#]*)*)")
BLOCK = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)
FILL_IN = re.compile(r"[<…\[|>$]|\.\.\.|DISTRICT|KABKOTA")
INIT = re.compile(r"kla init (\d\d\.\d\d)")  # a folder the reader is told to make
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def code_of(path: Path) -> str:
    """Return only what a document sets as code, so that prose such as "make sure" is not taken for a command."""
    return "\n".join(CODE.findall(path.read_text(encoding="utf-8")))


def anchors_of(path: Path) -> set[str]:
    """Return the anchors GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ +(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
class TestDocument:
    """One document at a time."""

    def test_every_relative_link_leads_somewhere(self, document: Path) -> None:
        broken = []
        for target in LINK.findall(document.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            place, _, anchor = target.partition("#")
            path = (document.parent / place).resolve() if place else document
            if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors_of(path)):
                broken.append(target)
        assert broken == []

    def test_every_file_it_names_exists(self, document: Path) -> None:
        code = code_of(document)
        named = set(NAMED_FILE.findall(code)) - {f"districts/{new}" for new in INIT.findall(code)}
        assert sorted(name for name in named if not (ROOT / name).exists()) == []

    def test_every_make_target_it_names_exists(self, document: Path) -> None:
        targets = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
        assert set(MAKE.findall(code_of(document))) - targets == set()

    def test_every_command_and_option_it_names_exists(self, document: Path) -> None:
        commands = cli_options()
        unknown = []
        for name, rest in KLA.findall(code_of(document)):
            options = re.findall(r"--[a-z-]+", rest)
            if name not in commands:
                unknown.append(f"kla {name}")
            unknown += [f"kla {name} {option}" for option in options if option not in commands.get(name, set())]
        assert unknown == []

    def test_every_whole_command_line_of_it_is_accepted(self, document: Path) -> None:
        assert [f"{line}: {fault}" for line in lines_of(document) if (fault := fault_of(line))] == []


def lines_of(document: Path) -> list[str]:
    """Return the lines of blocks that call `kla` with real arguments, not with places to fill in."""
    blocks = BLOCK.findall(document.read_text(encoding="utf-8"))
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("kla ") and not FILL_IN.search(line.partition("#")[0])]


def fault_of(line: str) -> str:
    """Return what the parser of the command has against a line; nothing is run."""
    import typer

    command, words = typer.main.get_command(cli), shlex.split(line, comments=True)[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]  # type: ignore[attr-defined]
    try:
        command.make_context(line, list(words))
    except Exception as fault:  # noqa: BLE001 - whatever kind of usage error it is
        return str(fault)
    return ""


def test_a_line_with_an_argument_too_many_is_found() -> None:
    assert fault_of("kla status --district 63.10  # who sent what") == ""
    assert fault_of("kla decisions 63.10")
    assert fault_of("kla status --distrik 63.10")
    assert fault_of("kla trace 63.10")


def cli_options() -> dict[str, set[str]]:
    """Return the options of every command of `kla`."""
    import typer

    group = typer.main.get_command(cli)
    return {
        name: {"--help", *(option for one in command.params for option in one.opts)}
        for name, command in group.commands.items()  # type: ignore[attr-defined]
    }


def test_the_patterns_find_what_they_look_for() -> None:
    text = (
        "`make run`\n```\nkla nightly --district 63.10   # the night\n```\n`kla/errors.py` and `var/public/index.html`"
    )
    code = "\n".join(CODE.findall(text))
    assert MAKE.findall(code) == ["run"]
    assert [name for name, _ in KLA.findall(code)] == ["nightly"]
    assert NAMED_FILE.findall(code) == ["kla/errors.py"]
