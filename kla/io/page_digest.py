"""Digest of all that a district's pages follow from: the same digest, the same pages."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from kla.io import project
from kla.io.attempt_files import attempts_version
from kla.picture import Picture

_OWN_CODE = (
    "acknowledging.py",
    "carried.py",
    "charts.py",
    "decision_words.py",
    "delta_chart.py",
    "list_sheets.py",
    "overview.py",
    "pages.py",
    "redating.py",
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
    "../day_state.py",
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

_APART = frozenset(
    ("instrument", "as_of", "days_left")
)  # of a picture: what a standing digest has not, or by its version
_PLAIN = frozenset((str, int, bool, type(None)))
_WITHOUT_REFERENCES = 0  # marshal's version that writes every text in full, whether or not it met it before
_AS_TEXT = (StrEnum, Decimal, ZoneInfo)
T = TypeVar("T")


def digest_of(picture: Picture, has_attempts: bool = False) -> str:
    """Return the sha256 of everything a district's pages are made from: the picture, the templates, our own code."""
    return digest_on(standing_digest(picture, has_attempts), picture)


def standing_digest(picture: Picture, has_attempts: bool = False) -> str:
    """Return the sha256 of the same without the day: what stays while nothing but the days left is another.

    The instrument counts by its version; sets are sorted, so that every process gives the same digest.
    """
    parts = {field.name: getattr(picture, field.name) for field in fields(picture) if field.name not in _APART}
    whole = (
        pages_version(),
        picture.instrument.version,
        has_attempts,
        list(parts),
        [_columns([it]) for it in parts.values()],
    )
    return hashlib.sha256(marshal.dumps(whole, _WITHOUT_REFERENCES)).hexdigest()


def digest_on(standing: str, picture: Picture) -> str:
    """Return the sha256 of what a standing digest is of, on the picture's day."""
    return hashlib.sha256(repr((standing, picture.as_of.isoformat(), picture.days_left)).encode()).hexdigest()


def _columns(values: Sequence[object]) -> object:
    """Return all of some values as plain ones, field by field: a picture's thousands of small parts one by one take long.

    No two lists of values of the same annotated type give the same.
    """
    kinds = dict.fromkeys(map(type, values))
    if kinds.keys() <= _PLAIN:
        return values
    if len(kinds) > 1:
        names = [type(value).__name__ for value in values]
        return names, [_columns([value for value in values if type(value) is kind]) for kind in kinds]
    first = values[0]
    if isinstance(first, tuple):
        return list(map(len, values)), _columns(list(chain.from_iterable(values)))  # type: ignore[arg-type]
    if isinstance(first, Mapping):
        return _columns([tuple(value.items()) for value in values])  # type: ignore[attr-defined]
    if isinstance(first, frozenset):  # its order is another one in every process
        return _columns([tuple(sorted(value, key=repr)) for value in values])  # type: ignore[call-overload]
    if isinstance(first, datetime):
        return _texts(values, _moment)  # type: ignore[arg-type]
    if is_dataclass(first):
        return [_columns(list(map(attrgetter(it.name), values))) for it in fields(first)]
    return _texts(values, str if isinstance(first, _AS_TEXT) else repr)


def _moment(value: datetime) -> str:
    return f"{value.isoformat()} {value.tzinfo!r}"


def _texts(values: Sequence[T], text_of: Callable[[T], str]) -> list[str]:
    """Return the text of each value, worked out once for each object: many parts share their moment, state and points."""
    places = list(map(id, values))
    texts = {place: text_of(value) for place, value in dict(zip(places, values, strict=True)).items()}
    return list(map(texts.__getitem__, places))


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
