"""Loading checked files: a district's in one transaction, and the same bytes in the same folder only once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, groupby, islice

from sqlalchemy import Connection, Engine, bindparam, select, text
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
_HERE = text(
    "SELECT folder, sha256, run_id FROM receipt WHERE district_code = :district_code AND sha256 IN :digests"
).bindparams(bindparam("digests", expanding=True))
_TAKEN = text("SELECT submission_id FROM submission WHERE submission_id IN :wanted").bindparams(
    bindparam("wanted", expanding=True)
)
# A transaction of a district's files costs a third of one for each; what a killed run had not committed arrives again.
PORTION = 100
Key = tuple[str, str, str]  # district, folder, sha256


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """A file that could not be stored; its transaction left nothing behind."""

    checked: CheckedFile
    message: str


@dataclass(frozen=True, slots=True)
class _Job:
    """What is the same for all files that a call stores."""

    run_id: str
    suite_version: str
    cycles: Mapping[str, int]

    def rows_of(self, file: CheckedFile, submission_id: int) -> FileRows:
        """Return the rows of a file under an id."""
        return rows_of(file, submission_id, cycle_of(file, self.cycles), self.run_id, self.suite_version)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a batch: stored, already known, failed. `touched` are the (district, cycle) with something new."""

    stored: tuple[CheckedFile, ...]
    known: tuple[CheckedFile, ...]
    failed: tuple[LoadFailure, ...]
    touched: frozenset[tuple[str, int]]


def load_many(engine: Engine, files: Iterable[CheckedFile], run_id: str, cycles: Mapping[str, int]) -> Loaded:
    """Store files of a district together; where that fails each by itself, so that one that fails stops no other.

    `cycles` maps district code to its current cycle, for files that do not say theirs.
    """
    found: list[tuple[CheckedFile, bool]] = []
    failed: list[LoadFailure] = []
    with engine.connect().execution_options(writes=True) as connection:
        job = _Job(run_id, again(partial(_suite_version, connection, run_id)), cycles)
        for portion in _portions(files):
            try:
                found += _stored_at_last(connection, portion, job)
            except (LeaseLostError, OSError):
                raise  # a run that lost its lease writes nothing more, and a full disk takes no file: told once
            except Exception as error:  # noqa: BLE001 - a file never costs another one its place
                kept, broken = _one_by_one(connection, portion, job, error)
                found += kept
                failed += broken
    return Loaded(
        stored=tuple(file for file, is_new in found if is_new),
        known=tuple(file for file, is_new in found if not is_new),
        failed=tuple(failed),
        touched=frozenset((it.receipt.district_code, cycle_of(it, cycles)) for it, is_new in found if is_new),
    )


def _portions(files: Iterable[CheckedFile]) -> Iterator[list[CheckedFile]]:
    """Cut files into what is stored together: of one district, and so few that nobody waits long for the write lock."""
    for _, of_district in groupby(files, key=lambda file: file.receipt.district_code):
        while portion := list(islice(of_district, PORTION)):
            yield portion


def _one_by_one(
    connection: Connection, portion: Sequence[CheckedFile], job: _Job, error: Exception
) -> tuple[list[tuple[CheckedFile, bool]], list[LoadFailure]]:
    """Store the files of a portion that failed each in a transaction of its own; `error` is that of the portion."""
    if len(portion) == 1:
        return [], [LoadFailure(portion[0], _without_values(error))]
    found: list[tuple[CheckedFile, bool]] = []
    failed: list[LoadFailure] = []
    for file in portion:
        try:
            found += _stored_at_last(connection, [file], job)
        except (LeaseLostError, OSError):
            raise
        except Exception as own:  # noqa: BLE001 - as above
            failed.append(LoadFailure(file, _without_values(own)))
    return found, failed


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


def _stored_at_last(connection: Connection, files: Sequence[CheckedFile], job: _Job) -> list[tuple[CheckedFile, bool]]:
    """Store files of a district however often the connection breaks, and say which are new.

    What a broken try had stored after all counts as new.
    """
    tries = count()
    # Before the transaction: one writes at a time, and making rows takes longer than writing them.
    first = {key_of(file): file for file in reversed(files)}
    ready = {key: job.rows_of(file, id_of(key)) for key, file in first.items()}
    return again(lambda: _stored(connection, files, ready, job, is_retry=next(tries) > 0))


def _stored(
    connection: Connection, files: Sequence[CheckedFile], ready: Mapping[Key, FileRows], job: _Job, *, is_retry: bool
) -> list[tuple[CheckedFile, bool]]:
    """Store files in one transaction, all or none; those that another run has just stored are known.

    `ready` are the rows of each under the id it has if no other file has that one.
    """
    try:
        with connection.begin():
            return _load(connection, files, ready, job, is_retry=is_retry)
    except IntegrityError:
        if len(files) > 1:
            raise
        with connection.begin():
            if is_known(connection, *key_of(files[0])):
                return [(files[0], False)]
        raise


def _load(
    connection: Connection, files: Sequence[CheckedFile], ready: Mapping[Key, FileRows], job: _Job, *, is_retry: bool
) -> list[tuple[CheckedFile, bool]]:
    district_code = files[0].receipt.district_code
    lease.fence(connection, job.run_id, district_code)
    keys = [key_of(file) for file in files]
    brought_by = _brought_by(connection, district_code, keys)
    told = {key for key, run_id in brought_by.items() if not (is_retry and run_id == job.run_id)}
    found: list[tuple[CheckedFile, bool]] = []
    new: dict[Key, CheckedFile] = {}
    for key, file in zip(keys, files, strict=True):
        found.append((file, key not in told))
        told.add(key)
        if key not in brought_by:
            new.setdefault(key, file)
    if new:
        _add(connection, new, ready, job)
    return found


def _brought_by(connection: Connection, district_code: str, keys: Iterable[Key]) -> dict[Key, str]:
    """Return which run brought those of the files of a district that are here already."""
    asked = {"district_code": district_code, "digests": sorted({sha256 for _, _, sha256 in keys})}
    rows = connection.execute(_HERE, asked).all()
    return {(district_code, folder, sha256): run_id for folder, sha256, run_id in rows}


def _add(connection: Connection, new: Mapping[Key, CheckedFile], ready: Mapping[Key, FileRows], job: _Job) -> None:
    ids = _free_ids(connection, new)
    _insert(connection, [ready[key] if it == id_of(key) else job.rows_of(new[key], it) for key, it in ids.items()])
    for district_code, cycle in sorted({(key[0], cycle_of(file, job.cycles)) for key, file in new.items()}):
        unsettled.add(connection, district_code, cycle)
    for file in new.values():
        receipt, near = file.receipt, file.reading.near
        decisions.queue(connection, receipt.district_code, near, receipt.sha256, receipt.file_name, job.run_id)


def _free_ids(connection: Connection, keys: Collection[Key]) -> dict[Key, int]:
    """Return the id of each file, or the next free one: two may share 42 bits of their digest, however unlikely."""
    taken = _taken(connection, {id_of(key) for key in keys})
    found = {}
    for key in keys:
        wanted = id_of(key)
        while wanted in taken:
            wanted += 1 << ROW_BITS
            taken |= _taken(connection, {wanted})
        taken.add(wanted)
        found[key] = wanted
    return found


def _taken(connection: Connection, wanted: Collection[int]) -> set[int]:
    return set(connection.execute(_TAKEN, {"wanted": sorted(wanted)}).scalars())


def _insert(connection: Connection, files: Sequence[FileRows]) -> None:
    insert(connection, tables.receipt, [file.receipt for file in files])
    insert(connection, tables.submission, [file.submission for file in files])
    insert(connection, tables.ignored, [row for file in files for row in file.ignored])
    insert(connection, tables.answer, [row for file in files for row in file.answers])
    insert(connection, tables.evidence, [row for file in files for row in file.evidence])
    insert(connection, tables.stated, [row for file in files for row in file.stated])
    insert(connection, tables.finding, [row for file in files for row in file.findings])
    insert(connection, tables.repair, [row for file in files for row in file.repairs])
    insert(connection, tables.attachment, [row for file in files for row in file.attachments])
