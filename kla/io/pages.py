"""Publishes: a district's folder and the page over all districts, each staged, then swapped in one move.

What draws and renders (matplotlib, Jinja, openpyxl) is imported only when something has to be made: a night on which
nothing changed costs a digest per district.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from kla.io import project
from kla.io.overview import MANIFEST, OverviewLine, overview_line, published_lines, ranked, to_json
from kla.io.staging import is_intact, replace_file, replace_folder
from kla.picture import Picture

__all__ = [
    "OverviewLine",
    "Published",
    "overview_line",
    "publish",
    "publish_many",
    "publish_overview",
    "published_lines",
]

IN_PROCESS = 2  # starting children costs more than rendering this many districts
_OWN_CODE = (
    "acknowledging.py",
    "charts.py",
    "decision_words.py",
    "list_sheets.py",
    "overview.py",
    "page_charts.py",
    "page_lines.py",
    "page_views.py",
    "page_words.py",
    "pages.py",
    "rendering.py",
    "score_files.py",
    "steady_xlsx.py",
    "workbooks.py",
    "../wording.py",
)


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one district: whether its pages changed, or the error that stopped it ("" when none did)."""

    district_code: str
    cycle: int
    is_changed: bool
    error: str


def folder_of(picture: Picture, public: Path) -> Path:
    """Return where a picture is published: <public>/<district>/<cycle>."""
    return public / picture.district.code / str(picture.cycle)


def publish(picture: Picture, public: Path) -> bool:
    """Publish one district and cycle; False when its pages already show this picture and lie there unharmed.

    Raises:
        OSError: the pages could not be written; the old ones are still there, whole.
        KlaError: a template or text is wrong.
    """
    folder, made_from = folder_of(picture, public), digest_of(picture)
    if _is_current(folder, made_from):
        return False
    replace_folder(folder, _files(picture, made_from))
    return True


def publish_many(pictures: Sequence[Picture], public: Path, workers: int = 2) -> tuple[Published, ...]:
    """Publish several, in the order given, in child processes where that pays; one that fails never stops another.

    `error` holds the exception's type and text, to be logged and shown as "partial".
    """
    waiting = [picture for picture in pictures if not _is_current(folder_of(picture, public), digest_of(picture))]
    if workers > 1 and len(waiting) > IN_PROCESS:
        from kla.io.page_workers import publish_in_children

        made = publish_in_children(waiting, public, workers)
    else:
        made = {(picture.district.code, picture.cycle): attempt(picture, public) for picture in waiting}
    return tuple(
        made.get((picture.district.code, picture.cycle))
        or Published(picture.district.code, picture.cycle, is_changed=False, error="")
        for picture in pictures
    )


def attempt(picture: Picture, public: Path) -> Published:
    """Publish one and return what became of it; whatever it raised becomes its error."""
    try:
        is_changed, error = publish(picture, public), ""
    except Exception as fault:  # noqa: BLE001 (any fault costs this district only, and is told)
        is_changed, error = False, f"{type(fault).__name__}: {fault}"
    return Published(picture.district.code, picture.cycle, is_changed, error)


def publish_overview(lines: Sequence[OverviewLine], public: Path) -> bool:
    """Publish index.html over all districts; False when it already says exactly this.

    `published_lines(public)` gives the lines of everything published so far, whichever run did it.
    """
    from kla.io.rendering import overview_page

    page, path = overview_page(ranked(lines)), public / "index.html"
    if path.is_file() and path.read_bytes() == page:
        return False
    replace_file(path, page)
    return True


def digest_of(picture: Picture) -> str:
    """Return the sha256 of everything a district's pages are made from: the picture, the templates, our own code.

    The instrument counts by its version; sets are sorted, so that every process gives the same digest.
    """
    parts = [pages_version(), picture.instrument.version]
    for field in fields(picture):
        if field.name == "district":
            district = picture.district
            parts += [f"{item.name}={_steady(getattr(district, item.name))}" for item in fields(district)]
        elif field.name != "instrument":
            parts.append(f"{field.name}={getattr(picture, field.name)!r}")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _steady(value: object) -> str:
    return repr(sorted(value)) if isinstance(value, frozenset) else repr(value)


@cache
def pages_version() -> str:
    """Return the sha256 of the templates, the stylesheet, the texts and the code that makes pages."""
    reports, here = project.data("reports"), Path(__file__).parent
    paths = [*sorted((reports / "templates").glob("*.j2")), reports / "report.css"]
    paths += [reports / "text.id.yaml", reports / "decisions.id.yaml"]
    whole = hashlib.sha256()
    for path in [*paths, *(here / name for name in _OWN_CODE)]:
        whole.update(f"{path.name}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def _is_current(folder: Path, made_from: str) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["made_from"] != made_from:
            return False
        digests = dict(manifest["files"])
        digests[MANIFEST] = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return is_intact(folder, digests)


def _files(picture: Picture, made_from: str) -> dict[str, bytes]:
    from kla.io.page_views import PictureView
    from kla.io.rendering import district_pages
    from kla.io.score_files import manifest_json, scores_json
    from kla.io.workbooks import findings_workbook, gap_workbook

    view = PictureView(picture)
    files = {
        **district_pages(view),
        "gap.xlsx": gap_workbook(view),
        "findings.xlsx": findings_workbook(view),
        "scores.json": scores_json(view),
    }
    files[MANIFEST] = manifest_json(view, made_from, files, to_json(overview_line(picture)))
    return files
