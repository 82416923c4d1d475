"""`kla settings`: what the environment says, what holds without it, and what each variable means. Secrets are masked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from desk.frame import out
from desk.looking import Json
from kla.errors import SettingsError
from kla.io import project
from kla.io.desk_words import say
from kla.io.settings import Shown, shown
from kla.io.yaml_text import read_mapping

FILE = "settings.id.yaml"


def settings(is_json: Json = False) -> None:
    """Show every setting."""
    means = meanings()
    for line in shown():
        if is_json:
            out(json.dumps(_facts(line, means[line.name]), ensure_ascii=False))
        else:
            _tell(line, means[line.name])


def meanings() -> Mapping[str, str]:
    """Return what each variable means, in Bahasa Indonesia, by its name."""
    return cast(dict[str, str], read_mapping(project.data("reports") / FILE, f"reports/{FILE}", SettingsError))


def _facts(line: Shown, means: str) -> dict[str, str | None]:
    source = "environment" if line.is_set else "default"
    return {
        "name": line.name,
        "value": line.value or None,
        "default": line.default or None,
        "source": source,
        "means": means,
    }


def _tell(line: Shown, means: str) -> None:
    none = say("settings.none")
    source = say("settings.set") if line.is_set else say("settings.default")
    out(say("settings.line", name=line.name, value=line.value or none, source=source))
    out("  " + means)
    if line.is_set:
        out("  " + say("settings.without", default=line.default or none))
