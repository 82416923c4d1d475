"""A file of texts in reports/, looked up by dotted key: what people read is written there, never in Python."""

from __future__ import annotations

from functools import cache

from kla.errors import SettingsError
from kla.io import project
from kla.io.yaml_text import Value, read_mapping


class WordFile:
    """The texts of reports/<name>, read when first asked for."""

    def __init__(self, name: str) -> None:
        self.where = f"reports/{name}"
        self._name = name

    @property
    def texts(self) -> dict[str, Value]:
        """All texts, as written.

        Raises:
            SettingsError: the file is missing or not YAML.
        """
        return _read(self._name)

    def entry(self, key: str) -> Value:
        """Return what stands under a dotted key ("night.header"): a text, a list or a mapping.

        Raises:
            SettingsError: the file has no such key.
        """
        found: Value = self.texts
        for part in key.split("."):
            if not isinstance(found, dict) or part not in found:
                raise SettingsError(self.where, f"no key {key}", "Write its text there.")
            found = found[part]
        return found

    def say(self, key: str, **fields: object) -> str:
        """Return the sentence under a dotted key with its placeholders filled; an unknown placeholder is a KeyError."""
        found = str(self.entry(key))
        return found.format(**fields) if fields else found

    def items(self, key: str) -> list[str]:
        """Return the list of texts under a dotted key, such as a table's header; SettingsError where it is none."""
        found = self.entry(key)
        if not isinstance(found, list):
            raise SettingsError(self.where, f"{key} is not a list", "Write a list.")
        return [str(item) for item in found]


def filled(text: str, where: str, **fields: object) -> str:
    """Return a text with its placeholders filled; SettingsError at `where` for one that is not known."""
    try:
        return text.format(**fields)
    except (KeyError, IndexError, ValueError) as fault:
        known = ", ".join(fields) or "none"
        raise SettingsError(where, f"unknown placeholder {fault}", f"Use {known}.") from fault


@cache
def _read(name: str) -> dict[str, Value]:
    return read_mapping(project.data("reports") / name, f"reports/{name}", SettingsError)
