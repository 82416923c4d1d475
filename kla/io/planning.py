"""Reads what planning rests on: causes and their words, efforts, prerequisites, past drops. All data, all assumptions said."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from pathlib import Path

from kla.causes import CauseWords, Change
from kla.district import OfficeKind
from kla.errors import SettingsError
from kla.io import project
from kla.io.yaml_text import Fields, Value, read_mapping
from kla.measures import Action, Effort, EffortClass, EffortTable, Prerequisite, Raise
from kla.safe_score import Drop, DropSummary, Expectation
from kla.scoring import Cause

RAISE = "raise"  # in causes.id.yaml: the action is that of the kind of question
_EFFORT_KEYS = ("action", "effort_days", "wait_days", "certainty", "max_steps", "assumption")


@dataclass(frozen=True)
class CauseTexts:
    """reports/causes.id.yaml: the verifier's causes, and those of the scoring."""

    changes: Mapping[Change, CauseWords]
    losses: Mapping[Cause, CauseWords]

    def actions(self) -> Mapping[Cause, Action]:
        """Return what each cause of the scoring asks for; those that depend on the kind of question are left out."""
        return {cause: Action(words.needs) for cause, words in self.losses.items() if words.needs != RAISE}


@dataclass(frozen=True)
class PastDrops:
    """What is publicly known of falls between stages, and how many own pairs weigh as much as all that."""

    drops: tuple[Drop, ...]
    summaries: tuple[DropSummary, ...]
    prior_pairs: int
    basis: Mapping[str, str]


def planning_folder() -> Path:
    """Return instrument/planning, which belongs to no cycle."""
    return project.data("instrument") / "planning"


@cache
def load_causes() -> CauseTexts:
    """Return the causes, their Indonesian words and what they ask for (kept in memory).

    Raises:
        SettingsError: the file is missing, names an unknown cause or action, or leaves one out.
    """
    where = "reports/causes.id.yaml"
    document = read_mapping(project.data("reports") / "causes.id.yaml", where, SettingsError)
    fields = Fields(document, where, ("changes", "losses"), SettingsError)
    changes = {Change(key): words for key, words in _causes(document, "changes", where, [it.value for it in Change])}
    known = [it.value for it in Cause if it is not Cause.FULL]
    losses = {Cause(key): words for key, words in _causes(document, "losses", where, known)}
    for name, found, wanted in (("changes", changes, len(Change)), ("losses", losses, len(known))):
        if len(found) != wanted:
            raise fields.refuse(name, "does not name every cause", "Add those that are missing.")
    return CauseTexts(changes, losses)


def _causes(document: Mapping[str, Value], key: str, where: str, known: list[str]) -> list[tuple[str, CauseWords]]:
    found = []
    for name, entry in _section(document, key, where).items():
        if name not in known:
            raise SettingsError(f"{where}, {key}, {name}", "is no cause", f"Use one of {', '.join(known)}.")
        fields = Fields(entry, f"{where}, {key}, {name}", ("label", "needs", "remedy", "aliases"), SettingsError)
        needs = fields.text("needs")
        if needs != RAISE and needs not in set(Action):
            raise fields.refuse("needs", f"{needs} is no action", f"Use one of {', '.join(Action)} or {RAISE}.")
        found.append((name, CauseWords(fields.text("label"), needs, fields.text("remedy"), fields.texts("aliases"))))
    return found


def _section(document: Mapping[str, Value], key: str, where: str) -> Mapping[str, dict[str, Value]]:
    """Return a mapping of mappings."""
    section = document.get(key)
    if not isinstance(section, dict) or not all(isinstance(entry, dict) for entry in section.values()):
        raise SettingsError(f"{where}, {key}", "is not a mapping of mappings", "Write `key: {...}` lines.")
    return {name: entry for name, entry in section.items() if isinstance(entry, dict)}


@cache
def load_efforts() -> EffortTable:
    """Return instrument/planning/efforts.yaml (kept in memory).

    Raises:
        SettingsError: an action, class or kind of office is missing or unknown, a certainty outside 0 to 1.
    """
    return load_efforts_from(planning_folder() / "efforts.yaml")


def load_efforts_from(path: Path) -> EffortTable:
    """Return the table of one file; see `load_efforts`."""
    where = f"instrument/planning/{path.name}"
    document = read_mapping(path, where, SettingsError)
    sections = (
        "classes",
        "class_labels",
        "action_labels",
        "margin",
        "capacity",
        "actions",
        "measures",
        "prerequisites",
    )
    fields = Fields(document, where, sections, SettingsError)
    kinds = ["coordinator", *OfficeKind]
    return EffortTable(
        actions={
            Action(name): _effort(entry, Action(name), f"{where}, actions, {name}")
            for name, entry in _exactly(document, "actions", where, [it for it in Action if it != "assign"]).items()
        },
        measures={
            name: _raise(entry, f"{where}, measures, {name}")
            for name, entry in _section(document, "measures", where).items()
        },
        capacity={
            name: Fields(entry, f"{where}, capacity, {name}", ("days", "assumption"), SettingsError).decimal("days")
            for name, entry in _exactly(document, "capacity", where, kinds).items()
        },
        classes={
            EffortClass(name): Decimal(value)
            for name, value in _texts(document, "classes", where, [EffortClass.LIGHT, EffortClass.MEDIUM]).items()
        },
        margin=fields.decimal("margin"),
        prerequisites=tuple(
            _prerequisite(entry, f"{where}, prerequisites") for entry in fields.mappings("prerequisites")
        ),
        action_labels={Action(k): v for k, v in _texts(document, "action_labels", where, list(Action)).items()},
        class_labels={EffortClass(k): v for k, v in _texts(document, "class_labels", where, list(EffortClass)).items()},
    )


def _exactly(document: Mapping[str, Value], key: str, where: str, names: list[str]) -> Mapping[str, dict[str, Value]]:
    section = _section(document, key, where)
    if set(section) != {str(name) for name in names}:
        raise SettingsError(f"{where}, {key}", "does not name exactly what it must", f"Name {', '.join(names)}.")
    return section


def _texts(document: Mapping[str, Value], key: str, where: str, names: list[str]) -> Mapping[str, str]:
    section = document.get(key)
    if not isinstance(section, dict) or set(section) != {str(name) for name in names}:
        raise SettingsError(f"{where}, {key}", "does not name exactly what it must", f"Name {', '.join(names)}.")
    return {name: str(value) for name, value in section.items()}


def _effort(entry: dict[str, Value], action: Action, where: str) -> Effort:
    fields = Fields(entry, where, _EFFORT_KEYS, SettingsError)
    certainty = fields.decimal("certainty")
    if not 0 <= certainty <= 1:
        raise fields.refuse("certainty", f"{certainty} lies outside 0 to 1", "Write a share such as 0.7.")
    days = fields.decimal("effort_days")
    if days < 0:
        raise fields.refuse("effort_days", "is negative", "Write days of work.")
    return Effort(action, days, fields.whole("wait_days"), certainty, fields.text("assumption"))


def _raise(entry: dict[str, Value], where: str) -> Raise:
    fields = Fields(entry, where, _EFFORT_KEYS, SettingsError)
    steps, named = fields.whole("max_steps"), fields.text("action")
    if named not in set(Action):
        raise fields.refuse("action", f"{named} is no action", f"Use one of {', '.join(Action)}.")
    if steps == 0:
        nothing = Decimal(0)
        return Raise(Effort(Action(named), nothing, 0, nothing, fields.text("assumption")), 0)
    return Raise(_effort(entry, Action(named), where), steps)


def _prerequisite(entry: dict[str, Value], where: str) -> Prerequisite:
    fields = Fields(entry, where, ("question", "needs", "share", "why"), SettingsError)
    return Prerequisite(fields.text("question"), fields.text("needs"), fields.decimal("share"), fields.text("why"))


@cache
def load_drops() -> PastDrops:
    """Return the public pairs (public_drops.csv) and what is known only as a summary (drops.yaml), kept in memory.

    Raises:
        SettingsError: a row that is not a fall or a rise between two stages, a figure that is none.
    """
    folder = planning_folder()
    document = read_mapping(folder / "drops.yaml", "instrument/planning/drops.yaml", SettingsError)
    fields = Fields(document, "instrument/planning/drops.yaml", ("summaries", "prior_pairs", "basis"), SettingsError)
    with (folder / "public_drops.csv").open(encoding="utf-8", newline="") as file:
        drops = tuple(_drop(row, line) for line, row in enumerate(csv.DictReader(file), 2))
    summaries = tuple(_summary(entry) for entry in fields.mappings("summaries"))
    basis = _texts(document, "basis", "instrument/planning/drops.yaml", ["own", "public", "none", "summary"])
    return PastDrops(drops, summaries, fields.whole("prior_pairs"), basis)


def basis_text(expectation: Expectation | None) -> str:
    """Return the Indonesian sentence that says what an expected score rests on."""
    basis = load_drops().basis
    if expectation is None:
        return basis["none"]
    pairs = expectation.summary_pairs
    return basis["own" if expectation.own_pairs else "public"].format(
        own=expectation.own_pairs,
        public=expectation.public_pairs,
        summary=basis["summary"].format(pairs=pairs) if pairs else "",
        nominal=f"{int(expectation.nominal * 100)}%",
    )


def _drop(row: Mapping[str, str], line: int) -> Drop:
    where = f"instrument/planning/public_drops.csv, line {line}"
    try:
        before, low, high = (Decimal(row[name]) for name in ("before", "after_low", "after_high"))
    except InvalidOperation:
        raise SettingsError(where, "a score is not a number", "Write it with a point: 800.38.") from None
    if not (0 < before <= 1000 and 0 <= low <= high <= 1000):
        raise SettingsError(where, "a score lies outside 0 to 1000, or low above high", "Correct it.")
    stages = row["from_stage"], row["to_stage"]
    return Drop(row["district_code"], row["district"], row["cycle"], *stages, before, low, high, row["source"])


def _summary(entry: dict[str, Value]) -> DropSummary:
    keys = ("from_stage", "to_stage", "pairs", "lowest", "median", "highest", "source")
    fields = Fields(entry, "instrument/planning/drops.yaml, summaries", keys, SettingsError)
    lowest, median, highest = (Fraction(fields.decimal(name)) for name in ("lowest", "median", "highest"))
    stages = fields.text("from_stage"), fields.text("to_stage")
    return DropSummary(*stages, fields.whole("pairs"), lowest, median, highest, fields.text("source"))
