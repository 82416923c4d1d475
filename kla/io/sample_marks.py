"""Which districts of an inbox hold sample data: remembered beside the inbox when the samples were made, told on the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

NOTICE = "sample"  # everything in it was made up


def stamp_path(inbox: Path) -> Path:
    """Return where the samples in an inbox are remembered: var/inbox.samples.json for var/inbox."""
    return inbox.with_name(f"{inbox.name}.samples.json")


def sample_notices(inbox: Path) -> Mapping[str, tuple[str, ...]]:
    """Return what must be said about each district whose files in this inbox are samples (keys of `notice` in the texts).

    An inbox in which no samples were made, or whose stamp cannot be read, has nothing to say.
    """
    try:
        made = json.loads(stamp_path(inbox).read_bytes())
        return {str(code): (str(facts.get("notice", NOTICE)),) for code, facts in made.items()}
    except (OSError, ValueError, AttributeError):
        return {}
