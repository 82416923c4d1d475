"""Loading checked files: one transaction each, and the same bytes in the same folder only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from kla.errors import KlaError, LeaseLostError
from kla.findings import CheckedFile
from kla.io.fault_marks import said_of
from kla.io.warehouse import decisions, lease, tables, unsettled
from kla.io.warehouse.engine import insert
from kla.io.warehouse.lasting import again
from kla.io.warehouse.rows import ROW_BITS, FileRows, id_of, key_of, rows_of

# Made once: they are asked for every file.
_BROUGHT_BY = text(
    "SELECT run_id FROM receipt WHERE district_code = :district_code AND folder = :folder AND sha256 = :sha256"
)
_TAKEN = text("SELECT submission_id FROM submission WHERE submission_id = :submission_id")


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """A file that could not be stored; its transaction left nothing behind."""

    checked: CheckedFile
    message: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a batch: stored, already known, failed. `touched` are the (district, cycle) with something new."""

    stored: tuple[CheckedFile, ...]
    known: tuple[CheckedFile, ...]
    failed: tuple[LoadFailure, ...]
    touched: frozenset[tuple[str, int]]


def load_many(engine: Engine, files: Iterable[CheckedFile], run_id: str, cycles: Mapping[str, int]) -> Loaded:
    """Store each file in a transaction of its own; one that fails stops no other.

    `cycles` maps district code to its current cycle, for files that do not say theirs.
    """
    stored: list[CheckedFile] = []
    known: list[CheckedFile] = []
    failed: list[LoadFailure] = []
    touched: set[tuple[str, int]] = set()
    with engine.connect().execution_options(writes=True) as connection:
        suite_version = again(partial(_suite_version, connection, run_id))
        for checked in files:
            cycle = cycle_of(checked, cycles)
            try:
                is_new = _stored_at_last(connection, checked, cycle, run_id, suite_version)
            except (LeaseLostError, OSError):
                raise  # a run that lost its lease writes nothing more, and a full disk takes no file: told once
            except Exception as error:  # noqa: BLE001 - a file never costs another one its place
                failed.append(LoadFailure(checked, _without_values(error)))
                continue
            (stored if is_new else known).append(checked)
            if is_new:
                touched.add((checked.receipt.district_code, cycle))
    return Loaded(tuple(stored), tuple(known), tuple(failed), frozenset(touched))


def cycle_of(checked: CheckedFile, cycles: Mapping[str, int]) -> int:
    """Return the cycle a file belongs to: what its folder or seal says, else the district's current one (0: unknown)."""
    return checked.reading.cycle or checked.receipt.cycle or cycles.get(checked.receipt.district_code, 0)


def _without_values(error: Exception) -> str:
    # A database error repeats the row it choked on; what an office wrote must not travel into a log.
    if isinstance(error, SQLAlchemyError):
        return str(error.__cause__ or type(error).__name__)
    return str(error) if isinstance(error, KlaError) else said_of(error)


def _suite_version(connection: Connection, run_id: str) -> str:
    with connection.begin():
        of_run = select(tables.run.c.suite_version).where(tables.run.c.run_id == run_id)
        return str(connection.execute(of_run).scalar_one())


def is_known(connection: Connection, district_code: str, folder: str, sha256: str) -> bool:
    """Whether these bytes were already judged in this folder of this district."""
    same = {"district_code": district_code, "folder": folder, "sha256": sha256}
    return connection.execute(_BROUGHT_BY, same).first() is not None


def _stored_at_last(connection: Connection, checked: CheckedFile, cycle: int, run_id: str, suite_version: str) -> bool:
    """Store a file however often the connection breaks; what a broken try had stored after all counts as new."""
    tries = count()

    def once() -> bool:
        is_retry = next(tries) > 0
        is_new = _stored(connection, checked, cycle, run_id, suite_version)
        return is_new or (is_retry and _brought_by(connection, checked, run_id))

    return again(once)


def _brought_by(connection: Connection, checked: CheckedFile, run_id: str) -> bool:
    district_code, folder, sha256 = key_of(checked)
    same = {"district_code": district_code, "folder": folder, "sha256": sha256}
    with connection.begin():
        return connection.execute(_BROUGHT_BY, same).scalar() == run_id


def _stored(connection: Connection, checked: CheckedFile, cycle: int, run_id: str, suite_version: str) -> bool:
    """Store a file in a transaction; False when it is known, or when another run has just stored it."""
    try:
        with connection.begin():
            return _load(connection, checked, cycle, run_id, suite_version)
    except IntegrityError:
        with connection.begin():
            if is_known(connection, *key_of(checked)):
                return False
        raise


def _load(connection: Connection, checked: CheckedFile, cycle: int, run_id: str, suite_version: str) -> bool:
    key = key_of(checked)
    lease.fence(connection, run_id, key[0])
    if is_known(connection, *key):
        return False
    submission_id = _free_id(connection, id_of(key))
    _insert(connection, rows_of(checked, submission_id, cycle, run_id, suite_version))
    unsettled.add(connection, key[0], cycle)
    receipt = checked.receipt
    near = checked.reading.near
    decisions.queue(connection, receipt.district_code, near, receipt.sha256, receipt.file_name, run_id)
    return True


def _free_id(connection: Connection, wanted: int) -> int:
    """Return the id, or the next free one: two files may share 42 bits of their digest, however unlikely."""
    while connection.execute(_TAKEN, {"submission_id": wanted}).first() is not None:
        wanted += 1 << ROW_BITS
    return wanted


def _insert(connection: Connection, rows: FileRows) -> None:
    insert(connection, tables.receipt, [rows.receipt])
    insert(connection, tables.submission, [rows.submission])
    insert(connection, tables.ignored, rows.ignored)
    insert(connection, tables.answer, rows.answers)
    insert(connection, tables.evidence, rows.evidence)
    insert(connection, tables.stated, rows.stated)
    insert(connection, tables.finding, rows.findings)
    insert(connection, tables.repair, rows.repairs)
    insert(connection, tables.attachment, rows.attachments)
