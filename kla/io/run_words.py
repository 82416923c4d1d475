"""The words of scheduled runs: reports/run.id.yaml, looked up by dotted key."""

from __future__ import annotations

from kla.io.word_file import WordFile

_FILE = WordFile("run.id.yaml")
entry, say, items = _FILE.entry, _FILE.say, _FILE.items


def zone_name(zone: str) -> str:
    """Return a zone as people write it.

    >>> zone_name("Asia/Makassar")
    'WITA'
    """
    found = entry("zone")
    return str(found.get(zone, zone)) if isinstance(found, dict) else zone
