"""The reports' sentences: reports/text.id.yaml, looked up by dotted key or handed whole to the templates."""

from __future__ import annotations

from collections.abc import Mapping

from kla.io.word_file import WordFile, filled
from kla.io.yaml_text import Value

FILE = "text.id.yaml"
_FILE = WordFile(FILE)


def words() -> Mapping[str, Value]:
    """Return all texts of the reports, as written.

    Raises:
        SettingsError: the file is missing or not YAML.
    """
    return _FILE.texts


def word(key: str, **fields: object) -> str:
    """Return the text under a dotted key with its placeholders filled; the fields themselves are never read as text.

    Raises:
        SettingsError: the file has no such key, or the text names a placeholder that is not filled here.
    """
    return filled(str(_FILE.entry(key)), f"{_FILE.where}, {key}", **fields)
