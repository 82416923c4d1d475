"""Reads the profiles of the sample districts (samples/<code>/): answers and circumstances, never totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kla.errors import SettingsError
from kla.instrument import Instrument
from kla.io import project
from kla.io.sample_marks import NOTICE
from kla.io.yaml_text import plain

PROFILE_NAME = "sample.yaml"
DIRT_KINDS = frozenset(
    (
        "disagrees",
        "empty",
        "encrypted",
        "error_cells",
        "future_sk",
        "not_a_workbook",
        "numbers_as_text",
        "one_photo",
        "percent_typed",
        "shifted",
        "unfinished",
    )
)


@dataclass(frozen=True)
class Answers:
    """What a district answers: question id -> level key; questions missing here are left blank by everybody."""

    levels: Mapping[str, str]
    without_evidence: frozenset[str]

    def level(self, question_id: str) -> str:
        """Return the level answered, "" when the question is left blank."""
        return self.levels.get(question_id, "")


@dataclass(frozen=True)
class Dirt:
    """One thing that goes wrong in one office's file. `is_earlier`: in a first version, which a clean one follows."""

    kind: str
    office: str
    is_earlier: bool
    questions: tuple[str, ...]
    level: str


@dataclass(frozen=True)
class Forms:
    """How the offices of a district answer one stage of one cycle, and when their forms arrive (local days)."""

    cycle: int
    stage: str
    answers: Answers
    first_day: date
    last_day: date
    silent: frozenset[str]
    arrivals: Mapping[str, datetime]  # offices that came at another moment, local
    folders: Mapping[str, str]  # office code -> the folder it really uses
    dirt: tuple[Dirt, ...]


@dataclass(frozen=True)
class Cut:
    """What a verifier gave instead of the answer claimed, and the reason key."""

    level: str
    reason: str


@dataclass(frozen=True)
class Recap:
    """A recap that arrives: verified points per question (`cuts` against `forms`), or a district's own card (`card`)."""

    cycle: int
    stage: str
    folder: str
    file_name: str
    arrived_at: datetime  # local
    source: str
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    typed: frozenset[str] = frozenset()  # questions whose points are typed as text
    card: Path | None = None
    headers: Path | None = None


@dataclass(frozen=True)
class Sample:
    """One sample district: the day on which it is looked at, its forms and recaps."""

    code: str
    as_of: date
    forms: tuple[Forms, ...]
    recaps: tuple[Recap, ...]


def sample_codes() -> tuple[str, ...]:
    """Return the codes of the sample districts, in order."""
    return tuple(sorted(path.parent.name for path in project.data("samples").glob(f"*/{PROFILE_NAME}")))


def load_sample_day(code: str) -> date:
    """Return the day on which a sample district is looked at, without reading its answers."""
    return _date(_read(_folder(code) / PROFILE_NAME)["as_of"])


def load_sample_notice(code: str) -> str:
    """Return what the pages say about where a sample district's data come from: a key of `notice` in the reports' texts."""
    return str(_read(_folder(code) / PROFILE_NAME).get("notice", NOTICE))


def load_sample(code: str, instruments: Mapping[int, Instrument]) -> Sample:
    """Return the profile of one sample district; `instruments` holds every cycle it answers.

    Raises:
        SettingsError: there is no such sample, or a profile names a question or level that does not exist.
    """
    folder = _folder(code)
    raw = _read(folder / PROFILE_NAME)
    return Sample(
        code=code,
        as_of=_date(raw["as_of"]),
        forms=tuple(_forms(folder, item, instruments) for item in raw.get("forms", ())),
        recaps=tuple(_recap(folder, item) for item in raw.get("recaps", ())),
    )


def sample_cycles(code: str) -> tuple[int, ...]:
    """Return the cycles a sample district answers or states."""
    raw = _read(_folder(code) / PROFILE_NAME)
    return tuple(sorted({int(item["cycle"]) for key in ("forms", "recaps") for item in raw.get(key, ())}))


def _folder(code: str) -> Path:
    folder = project.data("samples") / code
    if not (folder / PROFILE_NAME).is_file():
        raise SettingsError(f"samples/{code}", "no such sample district", f"Use one of {', '.join(sample_codes())}.")
    return folder


def _forms(folder: Path, raw: Mapping[str, Any], instruments: Mapping[int, Instrument]) -> Forms:
    cycle = int(raw["cycle"])
    return Forms(
        cycle=cycle,
        stage=raw["stage"],
        answers=read_answers(folder / raw["answers"], instruments[cycle]),
        first_day=_date(raw["arrives"][0]),
        last_day=_date(raw["arrives"][1]),
        silent=frozenset(raw.get("silent", ())),
        arrivals={office: datetime.fromisoformat(moment) for office, moment in raw.get("at", {}).items()},
        folders=dict(raw.get("folders", {})),
        dirt=tuple(_dirt(item) for item in raw.get("dirt", ())),
    )


def _dirt(raw: Mapping[str, Any]) -> Dirt:
    if raw["kind"] not in DIRT_KINDS:
        raise SettingsError(
            PROFILE_NAME, f"no dirt of kind {raw['kind']}", f"Use one of {', '.join(sorted(DIRT_KINDS))}."
        )
    return Dirt(
        kind=raw["kind"],
        office=raw["office"],
        is_earlier=bool(raw.get("earlier", False)),
        questions=tuple(raw.get("questions", ())),
        level=raw.get("level", ""),
    )


def read_answers(path: Path, instrument: Instrument) -> Answers:
    """Return the answers of a file: a default level per scale, exceptions (level -> question ids), blanks.

    Raises:
        SettingsError: a question or a level does not exist in the instrument.
    """
    raw = _read(path)
    defaults: Mapping[str, str] = raw["defaults"]
    levels = {question.question_id: defaults[question.scale.code] for question in instrument.questions}
    for level, ids in raw.get("exceptions", {}).items():
        levels.update(dict.fromkeys(ids, level))
    for question_id in raw.get("blank", ()):
        levels.pop(question_id, None)
    for question_id, level in levels.items():
        _check(path, instrument, question_id, level)
    return Answers(levels, frozenset(raw.get("without_evidence", ())))


def _check(path: Path, instrument: Instrument, question_id: str, level: str) -> None:
    where = f"samples/{path.parent.name}/{path.name}, {question_id}"
    if not instrument.has_question(question_id):
        raise SettingsError(where, "no such question", "Name a question of the instrument.")
    keys = [known.key for known in instrument.question(question_id).scale.levels]
    if level not in keys:
        raise SettingsError(where, f"level {level} is not on its scale", f"Use one of {', '.join(keys)}.")


def _recap(folder: Path, raw: Mapping[str, Any]) -> Recap:
    cuts = {}
    if "cuts" in raw:
        for reason, by_level in _read(folder / raw["cuts"])["cuts"].items():
            for level, ids in by_level.items():
                cuts.update({question_id: Cut(level, reason) for question_id in ids})
    return Recap(
        cycle=int(raw["cycle"]),
        stage=raw["stage"],
        folder=raw["folder"],
        file_name=raw["file"],
        arrived_at=datetime.fromisoformat(raw["at"]),
        source=raw["source"],
        cuts=cuts,
        typed=frozenset(raw.get("typed", ())),
        card=folder / raw["card"] if "card" in raw else None,
        headers=folder / raw["headers"] if "headers" in raw else None,
    )


def _read(path: Path) -> Any:
    return plain(path)


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
