"""What a steward reads in the Prefect page: Markdown tables whose cells show a workbook's text, never obey it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

# Everything with which Markdown or HTML begins markup, and what a page would turn into a link by itself.
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+\-!|~&:/.@]")


def shown(text: object, limit: int = 300) -> str:
    """Return text as Markdown that displays exactly that text: no links, no elements, no line breaks.

    >>> shown("[klik](http://x.y) <b>|")
    '&#91;klik&#93;&#40;http&#58;&#47;&#47;x&#46;y&#41; &#60;b&#62;&#124;'
    """
    flat = " ".join(str(text).split())
    cut = flat if len(flat) <= limit else flat[: limit - 1] + "…"
    return _MARKUP.sub(lambda found: f"&#{ord(found.group())};", cut)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; every cell of `rows` is escaped."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(shown(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def key(*parts: str) -> str:
    """Return an artifact key: lower case letters, digits and dashes only.

    >>> key("nilai", "63.10")
    'nilai-63-10'
    """
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


Kept = tuple[str, str, str]  # name, markdown, description
_gathered: ContextVar[list[Kept] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathered() -> Iterator[list[Kept]]:
    """Give a list that takes what would be kept inside, for a process that Prefect does not see."""
    found: list[Kept] = []
    token = _gathered.set(found)
    try:
        yield found
    finally:
        _gathered.reset(token)


def keep(name: str, markdown: str, description: str) -> None:
    """Keep a Markdown artifact with the running task; outside a run nothing is kept."""
    if (found := _gathered.get()) is not None:
        found.append((name, markdown, description))
        return
    from prefect.context import TaskRunContext

    if TaskRunContext.get() is not None:
        from prefect.artifacts import create_markdown_artifact

        create_markdown_artifact(markdown=markdown, key=name, description=description)
