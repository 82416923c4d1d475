"""What an office gets back for each attempt: a list of its findings and its own workbook marked up, kept under its receipt.

They follow from what the warehouse holds and from the archived original, so they can be made again at any time; what
is published already and still follows from the same is carried over instead. Attempt 1 is still there after attempt 3.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kla.district import District, StageWindow
from kla.io import project
from kla.io.carried import PublishedFiles
from kla.picture import Attempt, Picture

if TYPE_CHECKING:
    from kla.io.returning import ReturnOrder

FOLDER = "percobaan"  # one for all: each folder of its own took as long as writing a page
_TEXTS = ("decisions.id.yaml", "form.id.yaml", "return.id.yaml", "text.id.yaml")
_CODE = (
    "acknowledging.py",
    "attempt_files.py",
    "list_cells.py",
    "list_sheets.py",
    "steady_xlsx.py",
    "steady_zip.py",
    "workbooks.py",
    "../wording.py",
)


@dataclass(frozen=True, slots=True)
class AttemptFiles:
    """The files of one attempt, by their paths inside the district's folder: its findings, and what is handed back.

    `workbook` is "" where nothing is owed; `key` is the digest of everything the files are made from.
    """

    attempt: Attempt
    findings: str
    workbook: str
    key: str

    @property
    def names(self) -> tuple[str, ...]:
        """The paths of those there are."""
        return tuple(filter(None, (self.findings, self.workbook)))


def attempt_files(picture: Picture) -> tuple[AttemptFiles, ...]:
    """Return the files of each attempt of an office that has a page, and of each recap."""
    from kla.io.returning import findings_name, still_open, workbook_name

    pages = {line.opd_code for line in picture.offices}
    return tuple(
        AttemptFiles(
            attempt=one,
            findings=f"{FOLDER}/{findings_name(one.receipt_number)}",
            workbook=f"{FOLDER}/{workbook_name(one.receipt_number)}" if still_open(one.findings) else "",
            key=_key(one, picture),
        )
        for one in picture.attempts
        if one.opd_code in pages or not one.opd_code
    )


def _sender_name(attempt: Attempt, district: District) -> str:
    from kla.io.return_page import say

    return district.office(attempt.opd_code).name if attempt.opd_code else say(f"verifier.{attempt.stage}")


def _key(attempt: Attempt, picture: Picture) -> str:
    district = picture.district
    parts = (
        attempts_version(),
        picture.instrument.version,
        district.name,
        _sender_name(attempt, district),
        _window(picture, attempt),
        attempt,
    )
    return hashlib.sha256("\n".join(map(repr, parts)).encode("utf-8", "surrogatepass")).hexdigest()


def _window(picture: Picture, attempt: Attempt) -> StageWindow | None:
    return next((it for it in picture.district.windows(picture.cycle) if it.stage == attempt.stage), None)


@cache
def attempts_version() -> str:
    """Return the sha256 of the code and texts that make the files of an attempt."""
    here, reports = Path(__file__).parent, project.data("reports")
    whole = hashlib.sha256()
    for path in [*(here / name for name in _CODE), *sorted(here.glob("return*.py")), *(reports / it for it in _TEXTS)]:
        whole.update(f"{path.name}\n".encode() + path.read_bytes())
    return whole.hexdigest()


class Workbench:
    """Makes the files of many districts' attempts with one set of child processes; `close` clears what was left.

    A new file lies in a hidden folder beside the district's cycle until it is published; lists that say the same are
    one file there, and one under many names where they are published.
    """

    def __init__(self, public: Path, archive: Path, workers: int = 2) -> None:
        self._public, self._archive, self._workers = public, archive, workers
        self._benches: set[Path] = set()

    def make(self, pictures: Sequence[Picture]) -> Mapping[tuple[str, int], Mapping[str, Path]]:
        """Return, per district and cycle, where each file of its attempts lies now (path inside the folder -> file).

        Raises:
            OSError: a file could not be written.
        """
        from kla.io.returning import write_returns

        places: dict[tuple[str, int], dict[str, Path]] = {}
        orders = []
        for picture in pictures:
            folder = self._public / picture.district.code / str(picture.cycle)
            bench = folder.with_name(f".{folder.name}.percobaan")
            shutil.rmtree(bench, ignore_errors=True)
            published = PublishedFiles(folder)
            mine = places.setdefault((picture.district.code, picture.cycle), {})
            for it in attempt_files(picture):
                if all(published.holds(name, it.key) for name in it.names):
                    mine.update({name: folder / name for name in it.names})
                    continue
                self._benches.add(bench)
                mine[it.findings] = self._list(picture, it, bench)
                if it.workbook:
                    orders.append(self._order(picture, it, bench))
                    mine[it.workbook] = orders[-1].target
        write_returns(orders, self._workers)
        return places

    def _list(self, picture: Picture, it: AttemptFiles, bench: Path) -> Path:
        from kla.io.return_page import in_order
        from kla.io.steady_xlsx import write_bytes
        from kla.io.workbooks import findings_list

        one = it.attempt
        found = in_order(one.findings, picture.instrument)
        listed = findings_list(found, one.received_at.date(), one.receipt_number, one.repairs)
        path = bench / f"{listed.digest}.xlsx"
        return path if path.exists() else write_bytes(path, listed.content())

    def _order(self, picture: Picture, it: AttemptFiles, bench: Path) -> ReturnOrder:
        from kla.io.forms import deadline_text
        from kla.io.return_page import Head
        from kla.io.returning import ReturnOrder

        one, district = it.attempt, picture.district
        window = _window(picture, one)
        head = Head(
            office=_sender_name(one, district),
            district=district.name,
            receipt=one.receipt_number,
            deadline=deadline_text(window.closes_on, district.zone.key) if window else "",
            cycle=picture.cycle,
        )
        was_read = any(
            (row.opd_code, row.stage, row.version) == (one.opd_code, one.stage, one.version) and row.cells_read
            for row in picture.submissions
        )
        original = self._archive / one.sha256[:2] / one.sha256
        target = bench / f"{it.key}.xlsx"
        return ReturnOrder(original, one.findings, target, head, picture.instrument, was_read)

    def close(self) -> None:
        """Take away what lies beside the districts' folders."""
        for bench in self._benches:
            shutil.rmtree(bench, ignore_errors=True)
