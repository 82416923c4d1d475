"""Pages that stand alone under public: drawn again only where what they are made from, or what lies there, is another.

What draws (Jinja, the charts' library) takes a second to import; a night on which nothing changed can do without.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

from kla.io.made_from import program_version
from kla.io.seen_files import FOLDER
from kla.io.staging import replace_file


def renew(path: Path, source: object, draw: Callable[[], bytes]) -> bool:
    """Make a file hold the page that `draw` gives; False when it does already.

    `source` is all that the page is made from besides our code, rules and texts; its repr has to tell all of it. Which
    page was drawn from which source is remembered beside `public`; where that is gone, the page is drawn again.
    """
    memory = path.parent.with_name(FOLDER) / f"{path.stem}.txt"
    made_from = hashlib.sha256(f"{program_version()}\n{source!r}".encode("utf-8", "surrogatepass")).hexdigest()
    held = _read(path)
    if held is not None and _read(memory) == _line(made_from, held):
        return False
    page = draw()
    if held != page:
        replace_file(path, page)
    with contextlib.suppress(OSError):
        replace_file(memory, _line(made_from, page))
    return held != page


def _line(made_from: str, page: bytes) -> bytes:
    return f"{made_from} {hashlib.sha256(page).hexdigest()}\n".encode()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
