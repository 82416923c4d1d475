"""What a text most likely means: certain meanings are taken, near ones are left to a person. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kla.values import clean

_NO_WORD = re.compile(r"[\W_]+")
_ROMAN = re.compile(r"[ivx]+")


class Certainty(StrEnum):
    """How sure a meaning is."""

    CERTAIN = "certain"
    NEAR = "near"
    UNKNOWN = "unknown"


class Way(StrEnum):
    """How a certain meaning was found."""

    EXACT = "exact"  # the same letters and digits
    LEARNED = "learned"  # a steward said so
    SIMILAR = "similar"  # nearly the same, and nothing else is


@dataclass(frozen=True, slots=True)
class Limits:
    """From what likeness (0 to 100) on a text is taken, or left to a person.

    Taken: at least `certain`, no other meaning within `margin`, at least `shortest` letters, and every number and every
    word of `apart` in it the same: "belum ada" is not "ada", and 2022 is not 2023. Left to a person: at least `near`.
    """

    certain: int
    margin: int
    near: int
    shortest: int
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text means: `candidate` is the meaning and `name` what it is called there, both "" when unknown."""

    certainty: Certainty
    candidate: str = ""
    name: str = ""
    score: int = 0
    way: Way | None = None


UNKNOWN = Resolution(Certainty.UNKNOWN)


@dataclass(frozen=True)
class Names:
    """Names and what each means; a name of two meanings means neither for certain."""

    meanings: Mapping[str, str]
    by_key: Mapping[str, tuple[str, str]] = field(init=False)  # key -> (name, meaning); meaning "" where there are two

    def __post_init__(self) -> None:
        found: dict[str, tuple[str, str]] = {}
        for name, meaning in self.meanings.items():
            key = key_of(name)
            known = found.get(key, (name, meaning))
            found[key] = known if known[1] == meaning else (name, "")
        found.pop("", None)
        object.__setattr__(self, "by_key", found)


def key_of(text: str) -> str:
    """Return a text's words: letters and digits only, parted by one blank.

    >>> key_of("  Dinas P.U. & Perkim ")
    'dinas p u perkim'
    """
    return _NO_WORD.sub(" ", clean(text)).strip()


def resolve(text: str, names: Names, learned: Mapping[str, str], limits: Limits | None) -> Resolution:
    """Return what a text means among `names`: exactly, as stewards said, or by likeness.

    `learned` maps a text to a meaning or to one of its names, or to "" where it means nothing known. Without
    limits nothing is taken by likeness.
    """
    key = key_of(text)
    name, meaning = names.by_key.get(key, ("", ""))
    if meaning:
        return Resolution(Certainty.CERTAIN, meaning, name, 100, Way.EXACT)
    said = {key_of(known): meant for known, meant in learned.items()} if learned else {}
    if key in said:
        return _as_said(said[key], names)
    return _likeliest(key, names, limits) if key and limits else UNKNOWN


def _as_said(said: str, names: Names) -> Resolution:
    """Return what a steward said: a meaning or one of its names; unknown where it is neither, or was said to be nothing."""
    name, meaning = names.by_key.get(key_of(said), ("", ""))
    if not meaning:
        name, meaning = next(
            ((name, meant) for name, meant in names.meanings.items() if meant == said and said), ("", "")
        )
    return Resolution(Certainty.CERTAIN, meaning, name, 100, Way.LEARNED) if meaning else UNKNOWN


def _likeliest(key: str, names: Names, limits: Limits) -> Resolution:
    best: dict[str, tuple[float, str, str]] = {}  # meaning -> (score, name, key)
    for other, (name, meaning) in names.by_key.items():
        score = likeness(key, other)
        if score >= limits.near - limits.margin and score > best.get(meaning, (0.0,))[0]:
            best[meaning] = score, name, other
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    if not ranked or ranked[0][1][0] < limits.near or not ranked[0][0]:
        return UNKNOWN
    meaning, (score, name, other) = ranked[0]
    own = _set_apart(key, limits)
    # What differs in a number or a negation is no rival: 2022 does not make "Penyebt 2023" doubtful.
    rivals = [like for _, (like, _, rival) in ranked[1:] if _set_apart(rival, limits) == own]
    is_alone = score - max(rivals, default=0) >= limits.margin
    is_long = len(key.replace(" ", "")) >= limits.shortest
    is_certain = score >= limits.certain and is_alone and is_long and _set_apart(other, limits) == own
    way = Way.SIMILAR if is_certain else None
    return Resolution(Certainty.CERTAIN if is_certain else Certainty.NEAR, meaning, name, int(score), way)


def likeness(one: str, other: str) -> float:
    """Return how alike two keys are, 0 to 100, with or without their blanks and in any order of words."""
    from rapidfuzz import fuzz

    joined = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
    return max(joined, fuzz.token_sort_ratio(one, other))


def _set_apart(key: str, limits: Limits) -> list[str]:
    """Return the words that must not differ: numbers, Roman ones too, and negations."""
    return sorted(word for word in key.split() if _is_apart(word, limits.apart))


def _is_apart(word: str, apart: Iterable[str]) -> bool:
    return word in apart or any(sign.isdigit() for sign in word) or bool(_ROMAN.fullmatch(word))
