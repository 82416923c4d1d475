"""Files of a district that are made from the same as those that lie published: they are carried over, not made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from kla.io.overview import MANIFEST


class PublishedFiles:
    """What lies published of a district and cycle, as its manifest tells: what each file was made from, and its digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made_from: Mapping[str, str] = {}
        self._digests: Mapping[str, str] = {}
        try:
            manifest = json.loads((folder / MANIFEST).read_bytes())
            self._made_from, self._digests = dict(manifest["carried"]), dict(manifest["files"])
        except (OSError, ValueError, KeyError, TypeError):
            return

    def holds(self, name: str, key: str) -> bool:
        """Whether a file lies there unharmed, made from what `key` is the digest of."""
        return self._made_from.get(name) == key and self._is_whole(name)

    def digest(self, name: str) -> str:
        """Return the sha256 of a file as it was published, "" where there is none."""
        return self._digests.get(name, "")

    def _is_whole(self, name: str) -> bool:
        try:
            return hashlib.sha256((self._folder / name).read_bytes()).hexdigest() == self._digests.get(name)
        except OSError:
            return False
