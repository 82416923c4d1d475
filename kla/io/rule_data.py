"""The tables beside the suites of expectations/: limits, figures that must agree, who should lead. YAML only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from kla.errors import RuleError
from kla.io import project
from kla.io.yaml_text import plain
from kla.small_counts import SmallCounts

_FIGURES = ("value", "denominator")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two figures may lie apart: so many percent of the larger one, and at least so many."""

    percent: Decimal
    at_least: Decimal

    def allowed(self, one: Decimal, other: Decimal) -> Decimal:
        """Return the largest difference that is not told.

        >>> Tolerance(Decimal(5), Decimal(2)).allowed(Decimal(100), Decimal(90))
        Decimal('5')
        """
        return max(self.at_least, max(abs(one), abs(other)) * self.percent / 100)


@dataclass(frozen=True, slots=True)
class Change:
    """How much a figure may change in a year: percentage points for ratios, else percent and at least so many."""

    points: Decimal | None
    tolerance: Tolerance | None


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of one office's folder is taken in; what is more waits there."""

    files: int
    megabytes: int


@dataclass(frozen=True)
class Limits:
    """What expectations/limits.yaml says; the file explains its keys."""

    change: Mapping[str, Change]
    same_from: Mapping[str, Decimal]
    restated: Tolerance
    legal_levels: Mapping[str, frozenset[str]]
    lasting_measures: frozenset[str]
    lasting_kinds: frozenset[str]
    denominators: Mapping[str, str]
    trial: str
    quota: Quota
    small_counts: SmallCounts


@dataclass(frozen=True, slots=True)
class SharedFigure:
    """A figure stated at several places, each (question id, "value" or "denominator"), the first to go by."""

    name: str
    places: tuple[tuple[str, str], ...]
    tolerance: Tolerance


@dataclass(frozen=True, slots=True)
class RightfulLead:
    """The role the law gives a question to."""

    question_id: str
    role: str
    why: str
    source: str


def _read(name: str, folder: Path | None) -> tuple[str, dict[str, Any]]:
    path = (folder or project.data("expectations")) / f"{name}.yaml"
    if not path.is_file():
        raise RuleError(str(path), "the table is missing", "expectations/README.md lists the files.")
    return str(path), plain(path)


def _tolerance(entry: Mapping[str, Any]) -> Tolerance:
    return Tolerance(Decimal(str(entry["percent"])), Decimal(str(entry["at_least"])))


def _change(entry: Mapping[str, Any]) -> Change:
    points = Decimal(str(entry["points"])) if "points" in entry else None
    return Change(points, _tolerance(entry) if "percent" in entry else None)


def _small_counts(entry: Mapping[str, Any]) -> SmallCounts:
    words = tuple(str(word).casefold() for word in entry["words"])
    return SmallCounts(not entry["show"], int(entry["below"]), words, str(entry["shown_as"]))


@cache
def load_limits(folder: Path | None = None) -> Limits:
    """Return expectations/limits.yaml.

    Raises:
        RuleError: a key is missing or holds no number.
    """
    where, document = _read("limits", folder)
    try:
        return Limits(
            change={measure: _change(entry) for measure, entry in document["change"].items()},
            same_from={kind: Decimal(str(least)) for kind, least in document["same_from"].items()},
            restated=_tolerance(document["restated"]),
            legal_levels={scale: frozenset(levels) for scale, levels in document["legal_levels"].items()},
            lasting_measures=frozenset(document["lasting"]["measures"]),
            lasting_kinds=frozenset(document["lasting"]["kinds"]),
            denominators=dict(document["denominators"]),
            trial=str(document["trial"]),
            small_counts=_small_counts(document["small_counts"]),
            quota=Quota(int(document["quota"]["files"]), int(document["quota"]["megabytes"])),
        )
    except (KeyError, TypeError, ArithmeticError) as error:
        raise RuleError(
            where, f"cannot be used: {error!r}", "The comments in the file say what its keys hold."
        ) from error


@cache
def load_shared_figures(folder: Path | None = None) -> tuple[Tolerance, tuple[SharedFigure, ...]]:
    """Return (tolerance where two offices answer one question, the figures several questions share).

    Raises:
        RuleError: a place is not a question id and value or denominator, or a key is missing.
    """
    where, document = _read("shared_figures", folder)
    try:
        tolerance, figures = _tolerance(document["tolerance"]), []
        for entry in document["figures"]:
            places = tuple((place.rpartition(".")[0], place.rpartition(".")[2]) for place in entry["places"])
            if odd := [part for _, part in places if part not in _FIGURES]:
                raise RuleError(where, f"{entry['name']}: {', '.join(odd)} is no figure", "Write 4.P1.denominator.")
            own = _tolerance(entry["tolerance"]) if "tolerance" in entry else tolerance
            figures.append(SharedFigure(str(entry["name"]), places, own))
    except (KeyError, TypeError, ArithmeticError) as error:
        raise RuleError(
            where, f"cannot be used: {error!r}", "The comments in the file say what its keys hold."
        ) from error
    return tolerance, tuple(figures)


@cache
def load_rightful_leads(folder: Path | None = None) -> Mapping[str, RightfulLead]:
    """Return question id -> who should lead it; RuleError when a key is missing."""
    where, document = _read("ownership", folder)
    try:
        found = [RightfulLead(e["id"], e["role"], e["why"], e["source"]) for e in document["questions"]]
    except (KeyError, TypeError) as error:
        raise RuleError(where, f"cannot be used: {error!r}", "Each entry has id, role, why, source.") from error
    return {entry.question_id: entry for entry in found}
