"""Faults of ours as a run tells them: one line for people, under an id by which the log says where it was raised."""

from __future__ import annotations

import hashlib
import logging
import traceback
from pathlib import Path

from kla.io.personal_words import load_personal_words
from kla.personal import masked

_LOG = logging.getLogger("prefect.kla")  # a child's too: a name without a handler of its own goes to standard error
_CHECKOUT = Path(__file__).parents[2]


def said_of(error: BaseException) -> str:
    """Return a fault as one line: its kind, its first line, its id; write to the log where it was raised.

    Numbers of people are made unreadable, for a message may quote a cell. The log names files, lines and functions
    only: what an office wrote may stand in a message, and in a traceback.
    """
    kind, mark = type(error).__name__, mark_of(error)
    _LOG.error("#%s %s: %s", mark, kind, " < ".join(reversed(_way(error, has_lines=True))) or "-")
    first = masked((str(error).strip().splitlines() or [""])[0], load_personal_words())
    return f"{kind}: {first} [#{mark}]" if first else f"{kind} [#{mark}]"


def mark_of(error: BaseException) -> str:
    """Return the id of a fault, eight hexadecimal digits: the same for the same kind raised on the same way, every run."""
    told = "|".join([type(error).__name__, *_way(error, has_lines=False)])
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _way(error: BaseException, *, has_lines: bool) -> list[str]:
    """Return the functions a fault came through, from where it was caught to where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{_place(it.filename)}:{it.lineno if has_lines else ''}:{it.name}" for it in frames]


def _place(file: str) -> str:
    path = Path(file)
    return path.relative_to(_CHECKOUT).as_posix() if path.is_relative_to(_CHECKOUT) else path.name
