"""Reads instrument/<cycle>/ into an Instrument; a cycle folder may extend another and name only what changed."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from kla.errors import InstrumentError
from kla.instrument import Instrument
from kla.io import project
from kla.io.instrument_build import build_instrument
from kla.io.instrument_files import read_cycle


@cache
def load_instrument(cycle: int) -> Instrument:
    """Return the instrument of one cycle, read from instrument/<cycle>/ (kept in memory).

    Raises:
        InstrumentError: there is no such cycle, or its files do not hold together.
    """
    folder = project.data("instrument") / str(cycle)
    if not folder.is_dir():
        known = ", ".join(map(str, available_cycles()))
        raise InstrumentError(f"instrument/{cycle}", "there is no such cycle", f"Use one of {known}.")
    return load_instrument_from(folder)


def available_cycles() -> tuple[int, ...]:
    """Return the cycles that have a folder, the earliest first."""
    folders = project.data("instrument").iterdir()
    return tuple(sorted(int(folder.name) for folder in folders if folder.is_dir() and folder.name.isdigit()))


def load_instrument_from(folder: Path) -> Instrument:
    """Return the instrument that stands in a folder named after its cycle.

    What the folder extends is looked for beside it, then among the project's own cycles.

    Raises:
        InstrumentError: file, key, what is wrong with the figures, what to do.
    """
    files = read_cycle(folder, project.data("instrument"))
    digest = hashlib.sha256()
    for name, content in files.digest_parts:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return build_instrument(files, digest.hexdigest()[:16])
