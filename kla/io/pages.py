"""Publishes: a district's folder and the page over all districts, each staged, then swapped in one move.

What draws and renders (matplotlib, Jinja, openpyxl) is imported only when something has to be made: a night on which
nothing changed costs a digest per district.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kla.io.attempt_files import attempts_version
from kla.io.carried import PublishedFiles
from kla.io.fault_marks import said_of
from kla.io.lone_pages import renew
from kla.io.overview import MANIFEST, OverviewLine, overview_line, published_lines, ranked, to_json
from kla.io.page_digest import digest_on, standing_digest
from kla.io.rule_data import load_limits
from kla.io.staging import Staged, clear_left, flush, is_intact, replace_folder, stage, swap_in
from kla.io.sweeping import put_away
from kla.picture import Picture
from kla.small_counts import without_small_counts

if TYPE_CHECKING:
    from kla.io.attempt_files import Workbench
    from kla.io.list_sheets import ListBook
    from kla.io.page_views import PictureView

__all__ = [
    "OverviewLine",
    "Published",
    "overview_line",
    "publish",
    "publish_many",
    "publish_overview",
    "published_lines",
    "redate_many",
]

Carried = Mapping[str, Path] | str | None
Content = tuple[Mapping[str, bytes], Mapping[str, Path]]  # new files by name, and where those lie that are carried over
IN_PROCESS = 2  # starting children costs more than rendering this many districts


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one district: whether its pages changed, or the error that stopped it ("" when none did)."""

    district_code: str
    cycle: int
    is_changed: bool
    error: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A district's cycle to be published: its picture without small counts, and digests of what its pages follow from.

    `standing` is the digest of all of it but the day, `made_from` that of the whole.
    """

    picture: Picture
    standing: str
    made_from: str

    @property
    def key(self) -> tuple[str, int]:
        """District code and cycle."""
        return self.picture.district.code, self.picture.cycle


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
    draft = _draft(picture, archive is not None)
    if _is_current(draft, public):
        return False
    with closing(_Handed(public, archive)) as handed:
        content, carried = _drawn(draft, public, handed.of(draft))
        replace_folder(folder_of(picture, public), content, carried)
    return True


def publish_many(
    pictures: Sequence[Picture], public: Path, workers: int = 2, archive: Path | None = None
) -> tuple[Published, ...]:
    """Publish several, in the order given, in child processes where that pays; one that fails never stops another.

    `error` holds the exception's type and text, to be logged and shown as "partial". What an interrupted run left beside
    the pages is cleared away, also where these are made anew by nobody.
    """
    drafts = [_draft(picture, archive is not None) for picture in pictures]
    waiting = [draft for draft in drafts if not _is_current(draft, public)]
    with closing(_Handed(public, archive, workers)) as handed:
        handed.make(waiting)
        if workers > 1 and len(waiting) > IN_PROCESS:
            from kla.io.page_workers import publish_in_children

            carried = {draft.key: handed.made.get(draft.key) for draft in waiting}
            made = publish_in_children(waiting, public, carried, workers)
        else:
            made = attempt(waiting, public, handed.made)
    for code in {draft.key[0] for draft in drafts}:
        clear_left(public / code)
    return tuple(made.get(draft.key) or Published(*draft.key, is_changed=False, error="") for draft in drafts)


def attempt(
    drafts: Sequence[Draft], public: Path, carried: Mapping[tuple[str, int], Carried]
) -> dict[tuple[str, int], Published]:
    """Publish some and return what became of each; whatever one raised becomes its error, and stops no other.

    `carried` is where the files of the attempts of each lie, None where none are published, or what went wrong with them.
    """
    made = {key: Published(*key, is_changed=False, error=it) for key, it in carried.items() if isinstance(it, str)}
    waiting = {draft.key: draft for draft in drafts if draft.key not in made}
    handed = {key: it for key, it in carried.items() if not isinstance(it, str)}
    return made | _placed({key: partial(_drawn, it, public, handed.get(key)) for key, it in waiting.items()}, public)


def redate_many(pictures: Sequence[Picture], public: Path) -> Mapping[tuple[str, int], Published]:
    """Publish some for another day and return what became of each (`kla.io.redating`, which says when that is enough).

    One with an error has to be drawn whole; the log says why.
    """
    from kla.io.redating import redate

    keys = {(it.district.code, it.cycle): it for it in pictures}
    made = _placed({key: partial(redate, it, folder_of(it, public)) for key, it in keys.items()}, public)
    for code in {code for code, _ in made}:
        clear_left(public / code)
    return made


def _placed(drawing: Mapping[tuple[str, int], Callable[[], Content]], public: Path) -> dict[tuple[str, int], Published]:
    """Put what is drawn of each in its place, and return what became of it.

    All are written before the first takes its place, so that they are flushed together.
    """
    made: dict[tuple[str, int], Published] = {}
    staged: dict[tuple[str, int], Staged] = {}
    for key, draw in drawing.items():
        try:
            staged[key] = stage(public / key[0] / str(key[1]), *draw())
        except Exception as fault:  # noqa: BLE001 (any fault costs this district only, and is told)
            made[key] = Published(*key, is_changed=False, error=said_of(fault))
    if staged:
        flush()
    old: list[Path] = []
    for key, one in staged.items():
        try:
            old += swap_in(one)
            made[key] = Published(*key, is_changed=True, error="")
        except Exception as fault:  # noqa: BLE001 (as above)
            made[key] = Published(*key, is_changed=False, error=said_of(fault))
    put_away(old, public)
    return made


def _draft(picture: Picture, has_attempts: bool) -> Draft:
    shown = without_small_counts(picture, load_limits().small_counts)
    standing = standing_digest(shown, has_attempts)
    return Draft(shown, standing, digest_on(standing, shown))


class _Handed:
    """What is handed back for the attempts of some districts; what could not be made costs its own district."""

    def __init__(self, public: Path, archive: Path | None, workers: int = 2) -> None:
        self._where = (public, archive, workers)
        self._benches: list[Workbench] = []
        self.made: dict[tuple[str, int], Carried] = {}

    def make(self, drafts: Sequence[Draft]) -> None:
        """Make the files of all together; each by itself where that fails, to find the one at fault."""
        if not drafts or self._where[1] is None:
            return
        try:
            self.made |= self._make(drafts)
        except Exception as fault:  # noqa: BLE001 (told as its district's error)
            if len(drafts) == 1:
                self.made[drafts[0].key] = said_of(fault)
                return
            for draft in drafts:
                self.make([draft])

    def of(self, draft: Draft) -> Mapping[str, Path] | None:
        """Return where the files of one district's attempts lie; None without an archive. Raises what went wrong."""
        return None if self._where[1] is None else self._make([draft])[draft.key]

    def _make(self, drafts: Sequence[Draft]) -> Mapping[tuple[str, int], Mapping[str, Path]]:
        from kla.io.attempt_files import Workbench

        public, archive, workers = self._where
        assert archive is not None  # noqa: S101 - asked before
        self._benches.append(Workbench(public, archive, workers))
        return self._benches[-1].make([draft.picture for draft in drafts])

    def close(self) -> None:
        """Clear the benches."""
        for bench in self._benches:
            bench.close()


def publish_overview(lines: Sequence[OverviewLine], public: Path) -> bool:
    """Publish index.html over all districts; False when it already says exactly this.

    `published_lines(public)` gives the lines of everything published so far, whichever run did it.
    """

    def draw() -> bytes:
        from kla.io.rendering import overview_page

        return overview_page(ranked(lines))

    return renew(public / "index.html", tuple(lines), draw)


def _is_current(draft: Draft, public: Path) -> bool:
    folder = folder_of(draft.picture, public)
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["made_from"] != draft.made_from:
            return False
        digests = dict(manifest["files"])
        digests[MANIFEST] = _sha256((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return is_intact(folder, digests)


def _drawn(draft: Draft, public: Path, handed: Mapping[str, Path] | None) -> Content:
    """Return what a district's folder is to hold."""
    from kla.io.page_views import PictureView
    from kla.io.workbooks import district_lists

    view = PictureView(draft.picture, has_attempts=handed is not None)
    lists = district_lists(view)
    keys = {name: _key(book.digest) for name, book in lists.items()}
    folder = folder_of(draft.picture, public)
    published = PublishedFiles(folder)
    kept = {name: folder / name for name, key in keys.items() if published.holds(name, key)}
    carried = {**kept, **(handed or {})}
    keys |= {name: it.key for it in view.attempt_files for name in it.names}
    # Those that lie published were just found unharmed: what they are need not be read again.
    known = {name: published.digest(name) for name, path in carried.items() if path == folder / name}
    digests = {name: known.get(name) or _sha256(path.read_bytes()) for name, path in carried.items()}
    return _files(draft, view, {name: it for name, it in lists.items() if name not in kept}, digests, keys), carried


def _key(digest: str) -> str:
    """Return what a list is made from: what it says, and our code."""
    return _sha256(f"{attempts_version()} {digest}".encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _files(
    draft: Draft,
    view: PictureView,
    lists: Mapping[str, ListBook],
    carried: Mapping[str, str],
    keys: Mapping[str, str],
) -> dict[str, bytes]:
    """Return the new files by name, the manifest last.

    `carried` are the digests of files that lie somewhere already, `keys` what each that can be carried is made from.
    """
    from kla.io.rendering import district_pages
    from kla.io.score_files import SCORES, manifest_json, scores_json

    files = {**district_pages(view), SCORES: scores_json(view)}
    files |= {name: book.content() for name, book in lists.items()}
    digests = {**{name: _sha256(content) for name, content in files.items()}, **carried}
    line = to_json(overview_line(draft.picture, view.outlook))
    files[MANIFEST] = manifest_json(view, draft.made_from, draft.standing, digests, keys, line)
    return files
