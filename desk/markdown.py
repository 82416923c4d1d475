"""Markdown as docs/reference/ uses it: tables and lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|") or "–"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; a `>` before a header aligns its column to the right, an empty cell becomes a dash.

    >>> print(table(["name", ">points"], [("a|b", 3), ("", 0)]), end="")
    | name | points |
    | --- | ---: |
    | a\\|b | 3 |
    | – | 0 |
    """
    names = [name.removeprefix(">") for name in header]
    rule = ["---:" if name.startswith(">") else "---" for name in header]
    lines = [names, rule, *([_cell(value) for value in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def bullets(sentences: Iterable[str]) -> str:
    """Return a list, one sentence a line."""
    return "".join(f"- {sentence}\n" for sentence in sentences)
