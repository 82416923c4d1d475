"""Data dukung as it was seen beside a form: kept with the submission, so that judging again says the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, bindparam, text

from kla.io.attachments import Look, Seen, files_beside, is_mended, looks_of
from kla.io.intake import folder_of
from kla.io.warehouse import columns
from kla.io.warehouse.columns import METADATA, means, of
from kla.io.warehouse.lasting import lasting
from kla.submission import Reading, Receipt

if TYPE_CHECKING:
    from kla.io.warehouse.store import Warehouse

attachment = Table(
    "attachment",
    METADATA,
    of("submission_id", "the form that names it", primary_key=True),
    columns.text("name", "of the file beside the form, small letters", primary_key=True),
    columns.text("sha256", "of its bytes, which lie in the archive; '' when it was not there or is too large"),
    columns.text("fault", "missing, encrypted, unreadable or too_large; '' for none"),
    columns.text("most", "the limit it is over"),
    info=means("Files an office delivered beside its form and named in it, as they were when the form was judged."),
)
ASKED_AT_ONCE = 500
_Key = tuple[str, str, str]  # district, folder, sha256 of the form


def rows(reading: Reading, submission_id: int) -> list[tuple[object, ...]]:
    """Return the rows of one form, in the order of the table's columns."""
    return [(submission_id, name, it.sha256, it.fault, it.limit) for name, it in looks_of(reading).items()]


@lasting
def seen_by(warehouse: Warehouse, receipts: Iterable[Receipt]) -> Seen:
    """Return what is known of the data dukung of those of these files that were judged, and not refused, before."""
    by_district: dict[str, list[str]] = {}
    for receipt in receipts:
        by_district.setdefault(receipt.district_code, []).append(receipt.sha256)
    found: dict[_Key, dict[str, Look]] = {}
    with warehouse.reading() as connection:
        for code, digests in sorted(by_district.items()):
            for start in range(0, len(digests), ASKED_AT_ONCE):
                _add(connection, code, digests[start : start + ASKED_AT_ONCE], found)
    return lambda receipt: found.get((receipt.district_code, folder_of(receipt), receipt.sha256))


def _add(connection: Connection, code: str, digests: Sequence[str], found: dict[_Key, dict[str, Look]]) -> None:
    sql = text(
        "SELECT r.folder, r.sha256 AS form, a.* FROM receipt AS r "
        "INNER JOIN submission AS s ON s.receipt_id = r.receipt_id "
        "LEFT JOIN attachment AS a ON a.submission_id = s.submission_id "
        "WHERE r.district_code = :code AND r.sha256 IN :digests AND s.outcome <> 'refused'"
    ).bindparams(bindparam("digests", expanding=True))
    for row in connection.execute(sql, {"code": code, "digests": list(digests)}).mappings():
        looks = found.setdefault((code, row["folder"], row["form"]), {})
        if row["name"] is not None:
            looks[row["name"]] = Look(row["fault"], row["most"], row["sha256"])


@lasting
def mended_since(warehouse: Warehouse, district_code: str, inbox: Path) -> frozenset[tuple[str, str]]:
    """Return (folder, sha256) of each form in force whose missing or faulty data dukung has come since."""
    sql = text(
        "SELECT r.folder, r.sha256 AS form, a.* FROM current_submission AS s "
        "INNER JOIN receipt AS r ON r.receipt_id = s.receipt_id "
        "INNER JOIN attachment AS a ON a.submission_id = s.submission_id "
        "WHERE s.district_code = :code AND a.fault <> '' ORDER BY r.folder, r.sha256, a.name"
    )
    with warehouse.reading() as connection:
        wanting = connection.execute(sql, {"code": district_code}).mappings().all()
    beside: dict[str, Mapping[str, Path]] = {}
    found = set()
    for row in wanting:
        folder = row["folder"]
        files = beside[folder] = beside.get(folder) or files_beside(inbox / district_code / folder)
        path, look = files.get(row["name"]), Look(row["fault"], row["most"], row["sha256"])
        if path is not None and is_mended(look, path):
            found.add((folder, row["form"]))
    return frozenset(found)
