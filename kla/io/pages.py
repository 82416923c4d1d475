"""Publishes: a district's folder and the page over all districts, each staged, then swapped in one move.

What draws and renders (matplotlib, Jinja, openpyxl) is imported only when something has to be made: a night on which
nothing changed costs a digest per district.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kla.io import project
from kla.io.attempt_files import attempts_version
from kla.io.fault_marks import said_of
from kla.io.overview import MANIFEST, OverviewLine, overview_line, published_lines, ranked, to_json
from kla.io.rule_data import load_limits
from kla.io.staging import is_intact, replace_file, replace_folder
from kla.picture import Picture
from kla.small_counts import without_small_counts

if TYPE_CHECKING:
    from kla.io.attempt_files import Workbench

__all__ = [
    "OverviewLine",
    "Published",
    "overview_line",
    "publish",
    "publish_many",
    "publish_overview",
    "published_lines",
]

Carried = Mapping[str, Path] | str | None
IN_PROCESS = 2  # starting children costs more than rendering this many districts
_OWN_CODE = (
    "acknowledging.py",
    "charts.py",
    "decision_words.py",
    "delta_chart.py",
    "list_sheets.py",
    "overview.py",
    "page_charts.py",
    "page_findings.py",
    "page_lines.py",
    "page_loop.py",
    "page_losses.py",
    "page_outlook.py",
    "page_outlook_words.py",
    "page_rows.py",
    "page_views.py",
    "page_words.py",
    "pages.py",
    "rendering.py",
    "score_files.py",
    "steady_xlsx.py",
    "word_file.py",
    "workbooks.py",
    "../wording.py",
    # What lies ahead is worked out while pages are made: this code decides what they say.
    "knapsack.py",
    "outlook.py",
    "planning.py",
    "solver.py",
    "../causes.py",
    "../choice.py",
    "../comparison.py",
    "../coordination.py",
    "../deadlines.py",
    "../gaps.py",
    "../holidays.py",
    "../improvements.py",
    "../measures.py",
    "../needs.py",
    "../predikat.py",
    "../route.py",
    "../safe_score.py",
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


def publish(picture: Picture, public: Path, archive: Path | None = None) -> bool:
    """Publish one district and cycle; False when its pages already show this picture and lie there unharmed.

    `archive` holds the originals; without it nothing is handed back for the attempts.

    Raises:
        OSError: the pages could not be written; the old ones are still there, whole.
        KlaError: a template or text is wrong.
    """
    picture = without_small_counts(picture, load_limits().small_counts)
    if _is_current(picture, public, archive is not None):
        return False
    with closing(_Handed(public, archive)) as handed:
        _replace(picture, public, handed.of(picture))
    return True


def publish_many(
    pictures: Sequence[Picture], public: Path, workers: int = 2, archive: Path | None = None
) -> tuple[Published, ...]:
    """Publish several, in the order given, in child processes where that pays; one that fails never stops another.

    `error` holds the exception's type and text, to be logged and shown as "partial".
    """
    pictures = [without_small_counts(picture, load_limits().small_counts) for picture in pictures]
    waiting = [picture for picture in pictures if not _is_current(picture, public, archive is not None)]
    with closing(_Handed(public, archive, workers)) as handed:
        handed.make(waiting)
        if workers > 1 and len(waiting) > IN_PROCESS:
            from kla.io.page_workers import publish_in_children

            carried = {_key(picture): handed.made.get(_key(picture)) for picture in waiting}
            made = publish_in_children(waiting, public, carried, workers)
        else:
            made = {_key(picture): attempt(picture, public, handed.made.get(_key(picture))) for picture in waiting}
    return tuple(
        made.get(_key(picture)) or Published(*_key(picture), is_changed=False, error="") for picture in pictures
    )


def attempt(picture: Picture, public: Path, carried: Carried) -> Published:
    """Publish one and return what became of it; whatever it raised becomes its error.

    `carried` is where the files of its attempts lie, None where none are published, or what went wrong with them.
    """
    try:
        if isinstance(carried, str):
            return Published(*_key(picture), is_changed=False, error=carried)
        _replace(picture, public, carried)
    except Exception as fault:  # noqa: BLE001 (any fault costs this district only, and is told)
        return Published(*_key(picture), is_changed=False, error=said_of(fault))
    return Published(*_key(picture), is_changed=True, error="")


def _key(picture: Picture) -> tuple[str, int]:
    return picture.district.code, picture.cycle


class _Handed:
    """What is handed back for the attempts of some districts; what could not be made costs its own district."""

    def __init__(self, public: Path, archive: Path | None, workers: int = 2) -> None:
        self._where = (public, archive, workers)
        self._benches: list[Workbench] = []
        self.made: dict[tuple[str, int], Carried] = {}

    def make(self, pictures: Sequence[Picture]) -> None:
        """Make the files of all together; each by itself where that fails, to find the one at fault."""
        if not pictures or self._where[1] is None:
            return
        try:
            self.made |= self._make(pictures)
        except Exception as fault:  # noqa: BLE001 (told as its district's error)
            if len(pictures) == 1:
                self.made[_key(pictures[0])] = said_of(fault)
                return
            for picture in pictures:
                self.make([picture])

    def of(self, picture: Picture) -> Mapping[str, Path] | None:
        """Return where the files of one district's attempts lie; None without an archive. Raises what went wrong."""
        return None if self._where[1] is None else self._make([picture])[_key(picture)]

    def _make(self, pictures: Sequence[Picture]) -> Mapping[tuple[str, int], Mapping[str, Path]]:
        from kla.io.attempt_files import Workbench

        public, archive, workers = self._where
        assert archive is not None  # noqa: S101 - asked before
        self._benches.append(Workbench(public, archive, workers))
        return self._benches[-1].make(pictures)

    def close(self) -> None:
        """Clear the benches."""
        for bench in self._benches:
            bench.close()


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


def digest_of(picture: Picture, has_attempts: bool = False) -> str:
    """Return the sha256 of everything a district's pages are made from: the picture, the templates, our own code.

    The instrument counts by its version; sets are sorted, so that every process gives the same digest.
    """
    parts = [pages_version(), picture.instrument.version, str(has_attempts)]
    parts += [
        f"{field.name}={_steady(getattr(picture, field.name))}"
        for field in fields(picture)
        if field.name != "instrument"
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _steady(value: object) -> str:
    """Return a value's repr with its sets sorted, however deep they lie: their order is another in every process."""
    text = repr(value)
    if "frozenset(" not in text:
        return text
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(_steady, value)))}}}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_steady(key)}: {_steady(it)}' for key, it in value.items())}}}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_steady, value))})"
    if is_dataclass(value):
        return f"{type(value).__name__}({', '.join(_steady(getattr(value, it.name)) for it in fields(value))})"
    return text


@cache
def pages_version() -> str:
    """Return the sha256 of the templates, the stylesheet, the texts and the code that makes pages."""
    reports, here = project.data("reports"), Path(__file__).parent
    paths = [*sorted((reports / "templates").glob("*.j2")), reports / "report.css"]
    paths += [reports / "text.id.yaml", reports / "decisions.id.yaml", reports / "causes.id.yaml"]
    paths += sorted((project.data("instrument") / "planning").iterdir())
    paths += sorted((project.data("districts") / "libur").glob("*.yaml"))
    whole = hashlib.sha256(attempts_version().encode())
    for path in [*paths, *(here / name for name in _OWN_CODE)]:
        whole.update(f"{path.name}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def _is_current(picture: Picture, public: Path, has_attempts: bool) -> bool:
    folder = folder_of(picture, public)
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["made_from"] != digest_of(picture, has_attempts):
            return False
        digests = dict(manifest["files"])
        digests[MANIFEST] = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return is_intact(folder, digests)


def _replace(picture: Picture, public: Path, carried: Mapping[str, Path] | None) -> None:
    replace_folder(folder_of(picture, public), _files(picture, carried), carried)


def _files(picture: Picture, carried: Mapping[str, Path] | None) -> dict[str, bytes]:
    from kla.io.page_views import PictureView
    from kla.io.rendering import district_pages
    from kla.io.score_files import manifest_json, scores_json
    from kla.io.workbooks import findings_workbook, gap_workbook

    view = PictureView(picture, has_attempts=carried is not None)
    files = {
        **district_pages(view),
        "gap.xlsx": gap_workbook(view),
        "findings.xlsx": findings_workbook(view),
        "scores.json": scores_json(view),
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    digests |= {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in (carried or {}).items()}
    made_from = digest_of(picture, carried is not None)
    files[MANIFEST] = manifest_json(view, made_from, digests, to_json(overview_line(picture, view.outlook)))
    return files
