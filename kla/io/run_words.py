"""The words of scheduled runs: reports/run.id.yaml, looked up by dotted key."""

from __future__ import annotations

from functools import cache

from kla.errors import SettingsError
from kla.io import project
from kla.io.yaml_text import Value, read_mapping

FILE = "run.id.yaml"


@cache
def _words() -> dict[str, Value]:
    return read_mapping(project.data("reports") / FILE, f"reports/{FILE}", SettingsError)


def entry(key: str) -> Value:
    """Return what stands under a dotted key: a text, a list or a mapping of texts.

    Raises:
        SettingsError: the file has no such key.
    """
    found: Value = _words()
    for part in key.split("."):
        if not isinstance(found, dict) or part not in found:
            raise SettingsError(f"reports/{FILE}", f"no key {key}", "Write its sentence there.")
        found = found[part]
    return found


def say(key: str, **fields: object) -> str:
    """Return the sentence under a dotted key with its placeholders filled; an unknown placeholder is a KeyError."""
    found = str(entry(key))
    return found.format(**fields) if fields else found


def items(key: str) -> list[str]:
    """Return the list of texts under a dotted key, such as a table's header; SettingsError where it is none."""
    found = entry(key)
    if not isinstance(found, list):
        raise SettingsError(f"reports/{FILE}", f"{key} is not a list", "Write a list.")
    return [str(item) for item in found]


def zone_name(zone: str) -> str:
    """Return a zone as people write it.

    >>> zone_name("Asia/Makassar")
    'WITA'
    """
    found = entry("zone")
    return str(found.get(zone, zone)) if isinstance(found, dict) else zone
