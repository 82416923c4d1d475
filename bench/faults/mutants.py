"""The guards, each with what stands in its place once it is removed and the goals of which one must then turn red.

A guard is a function of its own in the module named here, so that it can be taken away alone. Nothing of the project is
imported here: this is read before anything else in every process of a goal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """A guard (`module`, `guard` as dotted name inside it), `without(original)` -> its replacement, goals to try."""

    module: str
    guard: str
    without: Callable[[Function], Function]
    goals: tuple[str, ...]
    seconds: float = 40  # what each of its goals is given


def nothing(*_: object, **__: object) -> None:
    """Do nothing where a guard stood."""


def _always(answer: object) -> Callable[[Function], Function]:
    return lambda _: lambda *_, **__: answer


def _in_this_process(_: Function) -> Function:
    """Read in the process that asked, as if there were no child processes."""

    def read(chunks: Any, errands: Any, workers: int, vocabularies: Any) -> Any:  # noqa: ARG001
        from kla.io import child
        from kla.io.personal_words import load_personal_words

        child._vocabularies, child._personal = vocabularies, load_personal_words()
        for chunk in chunks:
            yield chunk, child.read_chunk([errands[number] for number in chunk])

    return read


def _as_it_is(_: Function) -> Function:
    return lambda text, *_, **__: str(text)


def _live(written: Function) -> Function:
    """Make a formula of a text that looks like one."""

    def body(text: str, number: int) -> str:
        return f"><f>{text[1:]}</f></c>" if text.startswith("=") else written(text, number)

    return body


def _copied_over(_: Function) -> Function:
    """Put a new folder in place file by file, as one would without a staged move."""

    def swap(staged: Any, folder: Any, _aside: Any) -> None:
        import shutil

        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(staged, folder)

    return swap


MUTANTS: dict[str, Mutant] = {
    "transaction": Mutant("kla.io.warehouse.engine", "_begin", _always(None), ("G8",), 150),
    "atomic_rename": Mutant("kla.io.staging", "_swap", _copied_over, ("G8", "G11"), 90),
    "clearing": Mutant("kla.io.staging", "clear_left", _always(None), ("G11",), 150),
    "lease": Mutant("kla.io.warehouse.lease", "take", _always(None), ("G9",), 60),
    "child_process": Mutant("kla.io.reading", "_read_chunks", _in_this_process, ("G1",), 60),
    "size_cap": Mutant("kla.io.archive", "is_too_large", _always(False), ("G3",)),
    "dtd_check": Mutant("kla.io.detect", "refuse_declarations", _always(None), ("G3",)),
    "error_cell_scan": Mutant("kla.io.sheet_scan", "_faults", _always(()), ("G4",)),
    "escaping_pages": Mutant("kla.io.rendering", "is_escaped", _always(False), ("G14",)),
    "escaping_workbooks": Mutant("kla.io.list_cells", "text_body", _live, ("G14",)),
    "escaping_artifacts": Mutant("tasks.artifacts", "shown", _as_it_is, ("G14",)),
    "owner_check": Mutant("kla.io.frames.files", "is_owner", _always(True), ("G13",)),
    "personal_data_check": Mutant("kla.personal_sheets", "personal_places", _always({}), ("G16",)),
}
