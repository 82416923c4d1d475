"""Digest of all that a district's pages follow from: the same digest, the same pages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

from kla.io import project
from kla.io.attempt_files import attempts_version
from kla.picture import Picture

_OWN_CODE = (
    "acknowledging.py",
    "charts.py",
    "decision_words.py",
    "delta_chart.py",
    "list_sheets.py",
    "overview.py",
    "pages.py",
    "rendering.py",
    "score_files.py",
    "steady_xlsx.py",
    "word_file.py",
    "workbooks.py",
    "../wording.py",
    # What lies ahead is worked out while pages are made: this code decides what they say.
    "knapsack.py",
    "outlook.py",
    "planning.py",
    "solver.py",
    "../causes.py",
    "../choice.py",
    "../comparison.py",
    "../coordination.py",
    "../deadlines.py",
    "../gaps.py",
    "../holidays.py",
    "../improvements.py",
    "../measures.py",
    "../needs.py",
    "../predikat.py",
    "../route.py",
    "../safe_score.py",
)


def digest_of(picture: Picture, has_attempts: bool = False) -> str:
    """Return the sha256 of everything a district's pages are made from: the picture, the templates, our own code.

    The instrument counts by its version; sets are sorted, so that every process gives the same digest.
    """
    parts = [pages_version(), picture.instrument.version, str(has_attempts)]
    parts += [
        f"{field.name}={_steady(getattr(picture, field.name))}"
        for field in fields(picture)
        if field.name != "instrument"
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _steady(value: object) -> str:
    """Return a value's repr with its sets sorted, however deep they lie: their order is another in every process."""
    text = repr(value)
    if "frozenset(" not in text:
        return text
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(_steady, value)))}}}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_steady(key)}: {_steady(it)}' for key, it in value.items())}}}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_steady, value))})"
    if is_dataclass(value):
        return f"{type(value).__name__}({', '.join(_steady(getattr(value, it.name)) for it in fields(value))})"
    return text


@cache
def pages_version() -> str:
    """Return the sha256 of the templates, the stylesheet, the texts and the code that makes pages."""
    reports, here = project.data("reports"), Path(__file__).parent
    paths = [*sorted((reports / "templates").glob("*.j2")), reports / "report.css"]
    paths += [reports / "text.id.yaml", reports / "decisions.id.yaml", reports / "causes.id.yaml"]
    paths += sorted((project.data("instrument") / "planning").iterdir())
    paths += sorted((project.data("districts") / "libur").glob("*.yaml"))
    whole = hashlib.sha256(attempts_version().encode())
    for path in [*paths, *sorted(here.glob("page_*.py")), *(here / name for name in _OWN_CODE)]:
        whole.update(f"{path.name}\n".encode() + path.read_bytes())
    return whole.hexdigest()
