"""What was published for each day: the manifest of a district's pages, kept under var/riwayat.

A manifest holds the digest of every file, so a day's report can be made again from the archive and be known as the same.
The files themselves are not kept twice: a nation's pages change every day by the days that are left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from kla.io.overview import MANIFEST
from kla.io.staging import StagedFile, stage_file

FOLDER = "riwayat"


def digests_of(manifest: bytes) -> dict[str, str]:
    """Return the sha256 of every published file by its path, as a manifest tells them.

    Raises:
        ValueError: it is no manifest.
    """
    files = json.loads(manifest)["files"]
    if not isinstance(files, dict):
        raise ValueError("no files")
    return {str(name): str(digest) for name, digest in files.items()}


def digest(files: Mapping[str, str]) -> str:
    """Return one digest for all files of a folder."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()


def manifests(public: Path, district_code: str) -> dict[int, bytes]:
    """Return the manifest of each published cycle of a district."""
    paths = sorted((public / district_code).glob(f"[0-9]*/{MANIFEST}"))
    return {int(path.parent.name): path.read_bytes() for path in paths}


def stage(public: Path, district_code: str, cycle: int, as_of: str, manifest: bytes) -> StagedFile | None:
    """Stage a manifest to be kept as that of a day; None where it is kept. A later one of the same day takes its place.

    Raises:
        OSError: it could not be written.
    """
    path = place(public, district_code, cycle, as_of)
    return None if path.is_file() and path.read_bytes() == manifest else stage_file(path, manifest)


def place(public: Path, district_code: str, cycle: int, as_of: str) -> Path:
    """Return where a day's manifest is kept."""
    return public.with_name(FOLDER) / district_code / str(cycle) / f"{as_of}.json"


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files that are not the same in both, or only in one."""
    return tuple(sorted(name for name in {*one, *other} if one.get(name) != other.get(name)))
