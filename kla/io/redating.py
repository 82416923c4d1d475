"""Pages of a district for another day: what no day changes is taken from the pages of the day before.

Most nights most districts have nothing new, and yet every page of theirs names another day. What of a page follows from the
day is drawn anew, its kept sections stay as they stand there, and every other file is carried over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import orjson

from kla.io.overview import MANIFEST, from_json, redated, to_json
from kla.io.page_digest import digest_on
from kla.io.page_views import PictureView
from kla.io.rendering import redated_pages
from kla.io.score_files import SCORES, redated_manifest, scores_json
from kla.picture import Picture


def redate(picture: Picture, folder: Path) -> tuple[Mapping[str, bytes], Mapping[str, Path]]:
    """Return what a district's folder holds on the picture's day: new files, and where those lie that are carried over.

    Of the picture only the day part is looked at. Only where all else that its pages follow from is as it was when they
    were published: facts, law, texts, our code, and what a day decides (`kla.day_state`).

    Raises:
        ValueError: a file is not what its manifest tells.
        OSError, KeyError, TypeError, ArithmeticError, NotReadError: the manifest, a file, a section is missing or not ours.
            In each case all has to be drawn.
    """
    manifest = orjson.loads((folder / MANIFEST).read_bytes())
    digests, held = dict(manifest["files"]), {name: (folder / name).read_bytes() for name in manifest["files"]}
    if harmed := [name for name, content in held.items() if hashlib.sha256(content).hexdigest() != digests[name]]:
        raise ValueError(f"not what the manifest tells: {', '.join(harmed)}")
    view = PictureView(picture)
    files = {**redated_pages(view, held), SCORES: scores_json(view)}
    digests |= {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    line = to_json(redated(from_json(manifest["overview"]), picture, view.outlook))
    made_from = digest_on(manifest["standing"], picture)
    files[MANIFEST] = redated_manifest(manifest, picture.as_of, made_from, digests, line)
    return files, {name: folder / name for name in held if name not in files}
