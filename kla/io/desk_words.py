"""The words of the `kla` command and of the run's artifacts: reports/desk.id.yaml, looked up by dotted key."""

from __future__ import annotations

from kla.io.word_file import WordFile

_FILE = WordFile("desk.id.yaml")
entry, say, items = _FILE.entry, _FILE.say, _FILE.items
