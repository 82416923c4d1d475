"""The chapter about the five districts shows what its commands print: every line of a block, every figure of its prose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import SampleNight

from desk.main import app

CHAPTER = (Path(__file__).resolve().parents[2] / "docs" / "guide" / "11-lima-daerah.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n\$ kla ([^\n]+)\n(.*?)```", CHAPTER, re.DOTALL)
FIGURE = re.compile(r"\d[\d.]*,\d+")
PUBLISHED = {
    "64.02": ("Nindya",),
    "17.04": ("300,41", "31 Mei 2024"),
    "63.10": ("961,86", "800,38", "−161,48", "5 Juni 2025"),
    "62.02": ("588,40", "12,60", "7.P2"),
    "53.71": ("190",),
}


def plain(text: str) -> list[str]:
    """Return the lines of a text without what only aligns them; blank ones left out."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_every_line_of_a_block_is_printed_in_that_order(
    command: str,
    shown: str,
    sample_night: SampleNight,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KLA_VAR", str(sample_night.var))
    with pytest.raises(SystemExit) as ended:
        app(command.split())
    assert not ended.value.code
    said = iter(plain(capsys.readouterr().out))
    missing = [line for line in plain(shown) if line != "..." and line not in said]
    assert missing == []


def test_every_figure_of_the_prose_stands_in_a_block() -> None:
    prose = re.sub(r"```.*?```", "", CHAPTER, flags=re.DOTALL)
    printed = set(FIGURE.findall(" ".join(shown for _, shown in BLOCKS)))
    # 801 less 800,38 is said in words.
    assert set(FIGURE.findall(prose)) - printed == {"0,62"}


@pytest.mark.parametrize("code", PUBLISHED)
def test_each_of_the_five_districts_has_its_question_answered_with_its_published_figures(code: str) -> None:
    own = [shown for command, shown in BLOCKS if code in command]
    assert own
    assert [text for text in PUBLISHED[code] if not any(text in shown for shown in own)] == []
