"""The stewards' words: reports/decisions.id.yaml as `kla.decisions.DecisionWords`."""

from __future__ import annotations

from functools import cache

from kla.decisions import DecisionKind, DecisionWords
from kla.errors import SettingsError
from kla.io import project
from kla.io.yaml_text import Value, read_mapping

FILE = "decisions.id.yaml"


@cache
def decision_words() -> DecisionWords:
    """Return names of kinds, reasons by code, sentences of refusals, and the longest periods.

    Raises:
        SettingsError: the file is missing, not YAML, or lacks a part or the name of a kind.
    """
    found = read_mapping(project.data("reports") / FILE, f"reports/{FILE}", SettingsError)
    kinds = _texts(found, "kinds")
    if missing := [kind.value for kind in DecisionKind if kind.value not in kinds]:
        raise SettingsError(f"reports/{FILE}, kinds", f"no name for {', '.join(missing)}", "Write them there.")
    lengths = (int(str(found[name])) for name in ("waiver_days", "slot_days", "window_hours"))
    return DecisionWords(kinds, _texts(found, "reasons"), _texts(found, "refusals"), *lengths)


def _texts(found: dict[str, Value], key: str) -> dict[str, str]:
    part = found.get(key)
    if not isinstance(part, dict):
        raise SettingsError(f"reports/{FILE}", f"no mapping {key}", "Write it there.")
    return {name: str(text) for name, text in part.items()}
