"""The rules of expectations/*.yaml, read without Great Expectations: for running them, `kla explain`, docs, version."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import cast

from kla.errors import RuleError
from kla.findings import PHASES, Severity
from kla.io import project
from kla.io.yaml_text import plain

# In the order in which they are run and explained.
FRAMES = ("files", "problems", "answers", "evidence", "stated", "rollups", "questions", "figures")
KINDS = ("text", "quoted", "number", "points", "year", "date", "flag")
SEVERITIES = {"critical": Severity.BLOCKING, "warning": Severity.WARNING, "info": Severity.INFO}
# What every sentence may name besides the columns of its frame; `count` and `cells` only where rows are told together.
PLACE_FIELDS = frozenset({"sheet", "cell", "file_name", "opd_name", "district_name"})
TOGETHER_FIELDS = frozenset({"count", "cells"})
_META = ("code", "phase", "tell", "fix", "source", "example_pass", "example_fail")
_META_TEXTS = ("cell", "also", "value", "scope", "together", "data")
_META_DAYS = ("since", "trial_until")
_META_MORE = (*_META_TEXTS, *_META_DAYS, "silences")
# Tables that frames join to rows: a change in them is a change of the rules that use them (meta `data`).
DATA_FILES = ("limits", "ownership", "shared_figures")
# Codes that once had a rule: D14 said what the reader itself says of a row without a question (W17).
RETIRED = frozenset({"D14"})
_CODE = re.compile(r"[FWADXRP]\d\d")
_REMEDY = "Correct the file; expectations/README.md lists the keys."


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a frame: what it holds (`kind` is one of KINDS) and a value no rule objects to.

    Points are integer hundredths in the frame and points in YAML; `quoted` text comes from a workbook, `text` is ours.
    """

    name: str
    kind: str
    sound: object
    means: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation with what it means to an office.

    `type` and `kwargs` are Great Expectations' own. `cell` is the field whose A1 address is reported, or "{column}"
    when a column of the row names that field; `also` a second field, named too where it is empty; `value` the column
    quoted; `silences` codes (or their beginnings) that are only its echo, never itself; `scope` is "file" when a finding
    is about the whole file, else "row"; `together` a column: rows of one file that share its value give one finding.
    `phase` is one of PHASES. `since` and `trial_until` are its life (kla.rule_life); `data` names the table of
    DATA_FILES its columns come from.
    """

    code: str
    phase: str
    frame: str
    type: str
    kwargs: Mapping[str, object]
    severity: Severity
    tell: str
    fix: str
    source: str
    example_pass: Mapping[str, object]
    example_fail: Mapping[str, object]
    cell: str = ""
    also: str = ""
    value: str = ""
    silences: tuple[str, ...] = ()
    scope: str = "row"
    together: str = ""
    data: str = ""
    since: date | None = None
    trial_until: date | None = None

    def columns(self) -> frozenset[str]:
        """Return the columns its expectation looks at, beside those its condition names."""
        named = {str(self.kwargs[key]) for key in ("column", "column_A", "column_B") if key in self.kwargs}
        return frozenset(named | {str(name) for name in cast(list[str], self.kwargs.get("column_list", []))})

    def fields(self) -> frozenset[str]:
        """Return the names its two sentences ask for."""
        return frozenset(name for text in (self.tell, self.fix) for _, name, _, _ in Formatter().parse(text) if name)


@dataclass(frozen=True, slots=True)
class Suite:
    """One file of expectations/: the columns of its frame and the rules over it."""

    name: str
    columns: Mapping[str, Column]
    rules: tuple[Rule, ...] = field(default=())


def _suite_files(folder: Path) -> Iterable[tuple[str, Path]]:
    for name in FRAMES:
        path = folder / f"{name}.yaml"
        if not path.is_file():
            raise RuleError(str(path), "the suite is missing", _REMEDY)
        yield name, path


def _columns(where: str, entries: Mapping[str, Mapping[str, object]]) -> dict[str, Column]:
    found = {}
    for name, entry in entries.items():
        if set(entry) != {"kind", "sound", "means"} or entry["kind"] not in KINDS:
            raise RuleError(f"{where}, column {name}", f"needs kind (one of {', '.join(KINDS)}), sound, means", _REMEDY)
        found[name] = Column(name, str(entry["kind"]), entry["sound"], str(entry["means"]))
    return found


def _read_rule(where: str, frame: str, entry: Mapping[str, object]) -> Rule:
    meta = cast(Mapping[str, object], entry.get("meta") or {})
    where = f"{where}, {meta.get('code', entry.get('type', '?'))}"
    missing = [key for key in ("type", "kwargs", "severity") if key not in entry] + [
        k for k in _META if not meta.get(k)
    ]
    if missing:
        raise RuleError(where, f"lacks {', '.join(missing)}", _REMEDY)
    unknown = (set(entry) - {"type", "kwargs", "severity", "meta"}) | (set(meta) - set(_META) - set(_META_MORE))
    if unknown:
        raise RuleError(where, f"unknown keys {', '.join(sorted(unknown))}", _REMEDY)
    if entry["severity"] not in SEVERITIES:
        raise RuleError(where, f"severity {entry['severity']} is none of {', '.join(SEVERITIES)}", _REMEDY)
    texts = {key: str(meta[key]).strip() for key in ("code", "phase", "tell", "fix", "source")}
    more = {key: str(meta[key]) for key in _META_TEXTS if key in meta}
    if wrong := [key for key in _META_DAYS if key in meta and type(meta[key]) is not date]:
        raise RuleError(where, f"{', '.join(wrong)} is no day (2026-12-31)", _REMEDY)
    return Rule(
        frame=frame,
        type=str(entry["type"]),
        kwargs=cast(Mapping[str, object], entry["kwargs"]),
        severity=SEVERITIES[str(entry["severity"])],
        example_pass=cast(Mapping[str, object], meta["example_pass"]),
        example_fail=cast(Mapping[str, object], meta["example_fail"]),
        silences=tuple(cast(list[str], meta.get("silences", []))),
        since=cast("date | None", meta.get("since")),
        trial_until=cast("date | None", meta.get("trial_until")),
        **texts,
        **more,
    )


def _used_columns(rule: Rule) -> set[str]:
    named = (
        set(rule.columns()) | set(rule.example_pass) | set(rule.example_fail) | {rule.value, rule.together, rule.also}
    )
    if rule.cell.startswith("{"):
        named.add(rule.cell.strip("{}"))
    return named - {"", "sheet"}


def _check_rule(where: str, rule: Rule, columns: Mapping[str, Column]) -> None:
    where = f"{where}, {rule.code}"
    if not _CODE.fullmatch(rule.code):
        raise RuleError(where, "the code is not a subject letter (F W A D X R P) and two digits", _REMEDY)
    if rule.code in RETIRED:
        raise RuleError(where, "the code was used before; codes are never used again", _REMEDY)
    if rule.phase not in PHASES:
        raise RuleError(where, f"phase {rule.phase} is none of {', '.join(PHASES)}", _REMEDY)
    if rule.data and rule.data not in DATA_FILES:
        raise RuleError(where, f"data {rule.data} is none of {', '.join(DATA_FILES)}", _REMEDY)
    if rule.scope not in ("row", "file"):
        raise RuleError(where, f"scope {rule.scope} is neither row nor file", _REMEDY)
    if unknown := _used_columns(rule) - set(columns):
        raise RuleError(where, f"the frame has no column {', '.join(sorted(unknown))}", _REMEDY)
    allowed = set(columns) | PLACE_FIELDS | (TOGETHER_FIELDS if rule.together or rule.also else set())
    if unknown := set(rule.fields()) - allowed:
        raise RuleError(where, f"tell or fix asks for {', '.join(sorted(unknown))}, not in the frame", _REMEDY)
    if rule.together and rule.severity is Severity.BLOCKING:
        raise RuleError(where, "rows told together cannot be sent back one by one", _REMEDY)


def _check_together(folder: Path, rules: Iterable[Rule]) -> None:
    rules = tuple(rules)
    twice = [code for code, times in Counter(rule.code for rule in rules).items() if times > 1]
    if twice:
        raise RuleError(str(folder), f"codes used twice: {', '.join(sorted(twice))}", "Codes are never reused.")
    silences = {rule.code: rule.silences for rule in rules}
    for code, echoes in silences.items():
        for other in rules:
            is_echo = other.code != code and other.code.startswith(echoes or ("?",))
            if is_echo and code.startswith(silences[other.code] or ("?",)):
                raise RuleError(str(folder), f"{code} and {other.code} silence each other", _REMEDY)


@cache
def load_suites(folder: Path | None = None) -> tuple[Suite, ...]:
    """Return the suites of expectations/ (or of another folder), one per frame, in the order of FRAMES.

    Raises:
        RuleError: a suite or key is missing, a code is used twice, a severity is unknown, two rules silence each other,
            or a rule names a column or placeholder that its frame does not have.
    """
    folder = folder or project.data("expectations")
    suites = []
    for name, path in _suite_files(folder):
        document = plain(path)
        columns = _columns(str(path), document["meta"]["columns"])
        rules = tuple(_read_rule(str(path), name, entry) for entry in document["expectations"])
        for rule in rules:
            _check_rule(str(path), rule, columns)
        suites.append(Suite(name, columns, rules))
    _check_together(folder, (rule for suite in suites for rule in suite.rules))
    return tuple(suites)


def load_rules(folder: Path | None = None) -> tuple[Rule, ...]:
    """Return all rules, frame by frame; raises RuleError as load_suites does."""
    return tuple(rule for suite in load_suites(folder) for rule in suite.rules)


def _data_bytes(folder: Path, name: str) -> bytes:
    return (folder / f"{name}.yaml").read_bytes().replace(b"\r\n", b"\n")


@cache
def rules_version(folder: Path | None = None) -> str:
    """Return the rule set's id: 12 hex digits over every table of expectations/, for all of them change how a file is judged.

    It is stored with every result. How lines end does not matter.
    """
    folder = folder or project.data("expectations")
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.stem.encode() + b"\0" + _data_bytes(folder, path.stem) + b"\0")
    return digest.hexdigest()[:12]


@cache
def rule_digests(folder: Path | None = None) -> Mapping[str, str]:
    """Return code -> 12 hex digits over what the rule decides: type, kwargs, severity and its table; not its wording.

    What a steward acknowledged lapses when the digest of its rule changes.
    """
    place = folder or project.data("expectations")
    found = {}
    for rule in load_rules(folder):
        decides = [rule.type, rule.kwargs, rule.severity.value]
        digest = hashlib.sha256(json.dumps(decides, sort_keys=True, default=str).encode())
        if rule.data:
            digest.update(_data_bytes(place, rule.data))
        found[rule.code] = digest.hexdigest()[:12]
    return found
