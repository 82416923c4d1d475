"""The words of letters, packs and printed reports: reports/letter.id.yaml and its neighbours, looked up by dotted key."""

from __future__ import annotations

from kla.causes import CauseWords, Change
from kla.errors import SettingsError
from kla.io.planning import load_causes, load_efforts
from kla.io.word_file import WordFile, filled
from kla.io.yaml_text import Value
from kla.measures import Action
from kla.scoring import Cause

LETTER, PACK, PRINT = "letter.id.yaml", "pack.id.yaml", "print.id.yaml"


def entry(key: str, file: str = LETTER) -> Value:
    """Return what stands under a dotted key: a text, a list or a mapping.

    Raises:
        SettingsError: the file has no such key.
    """
    return WordFile(file).entry(key)


def say(key: str, file: str = LETTER, **fields: object) -> str:
    """Return the text under a dotted key with its placeholders filled; the fields are never read as text with placeholders.

    Raises:
        SettingsError: no such key, or a placeholder that is not filled here.
    """
    return filled(str(entry(key, file)), f"reports/{file}, {key}", **fields)


def items(key: str, file: str = LETTER) -> list[str]:
    """Return the list of texts under a dotted key; SettingsError when it is none."""
    return WordFile(file).items(key)


def mappings(key: str, file: str = LETTER) -> list[dict[str, Value]]:
    """Return the list of mappings under a dotted key; SettingsError when it is none."""
    found = entry(key, file)
    if not isinstance(found, list) or not all(isinstance(it, dict) for it in found):
        raise SettingsError(f"reports/{file}", f"{key} is not a list of mappings", "Write `- {...}` lines.")
    return [it for it in found if isinstance(it, dict)]


def pairs(key: str, file: str = LETTER) -> list[tuple[str, str]]:
    """Return the list of two-part lists under a dotted key; SettingsError when it is none."""
    found = entry(key, file)
    if not isinstance(found, list) or not all(isinstance(it, list) and len(it) == 2 for it in found):
        raise SettingsError(f"reports/{file}", f"{key} is not a list of pairs", "Write `- [gaya, teks]` lines.")
    return [(str(it[0]), str(it[1])) for it in found if isinstance(it, list)]


def cause_words(cause: str, is_verifiers: bool) -> CauseWords:
    """Return what people call a cause of `kla.needs.Need` or `kla.letters.Item`, and its remedy."""
    texts = load_causes()
    return texts.changes[Change(cause)] if is_verifiers else texts.losses[Cause(cause)]


def action_word(action: Action) -> str:
    """Return what an action is called."""
    return load_efforts().action_labels[action]
