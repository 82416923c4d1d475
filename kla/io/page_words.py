"""The reports' sentences: reports/text.id.yaml, looked up by dotted key or handed whole to the templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kla.errors import SettingsError
from kla.io import project
from kla.io.yaml_text import Value, read_mapping

FILE = "text.id.yaml"


@cache
def words() -> Mapping[str, Value]:
    """Return all texts of the reports, as written.

    Raises:
        SettingsError: the file is missing or not YAML.
    """
    return read_mapping(project.data("reports") / FILE, f"reports/{FILE}", SettingsError)


def word(key: str, **fields: object) -> str:
    """Return the text under a dotted key with its placeholders filled; the fields themselves are never read as text.

    Raises:
        SettingsError: the file has no such key, or the text names a placeholder that is not filled here.
    """
    found: Value | Mapping[str, Value] = words()
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise SettingsError(f"reports/{FILE}", f"no key {key}", "Write its sentence there.")
        found = found[part]
    try:
        return str(found).format(**fields)
    except (KeyError, IndexError, ValueError) as fault:
        raise SettingsError(
            f"reports/{FILE}, {key}", f"unknown placeholder {fault}", f"Use {', '.join(fields) or 'none'}."
        ) from fault
