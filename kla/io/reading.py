"""Reads archived files in child processes with limits on time and memory: a file that kills its reader costs only itself."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from multiprocessing import context, spawn
from typing import Any

from pebble import ProcessExpired, ProcessPool

from kla.instrument import Instrument
from kla.io import child
from kla.io.child import Errand, nothing_read
from kla.io.forking import start_fork_server
from kla.io.layout_words import load_limits, load_recap_words
from kla.io.personal_words import load_personal_words
from kla.office_names import meant_office
from kla.parsing.journal import NO_CHOICES, Choices
from kla.parsing.vocabulary import Vocabulary, vocabulary_of
from kla.personal import MASK
from kla.resolving import Certainty
from kla.submission import Layout, NearMatch, Problem, Reading, Receipt, Repair

CHUNK_FILES = 24
LARGE_BYTES = 1_000_000  # such a file travels alone
CHUNK_SECONDS = 3.0  # a chunk that takes longer is read again file by file
FILE_SECONDS = 7.0
Progress = Callable[[int], None]
Place = tuple[str, str, str]  # sha256, sheet, cell
Learned = Mapping[str, Mapping[str, str]]

# What every child needs, this very module for the class of its process: imported once, by the process they are forked from.
_PRELOADED = ["kla.io.reading", "kla.io.child", "kla.io.return_work", "pebble.pool.process", "python_calamine"]
_preparing = threading.Lock()


class _Process(context.ForkServerProcess):
    """A child that does not import the program's main module: it would bring Prefect and all the rest."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - multiprocessing's name
        with _preparing:
            whole = spawn.get_preparation_data
            spawn.get_preparation_data = lambda name: {
                key: value for key, value in whole(name).items() if not key.startswith("init_main_")
            }
            try:
                return context.ForkServerProcess._Popen(process_obj)
            finally:
                spawn.get_preparation_data = whole


class _Context(context.ForkServerContext):
    Process = _Process


class _Pool(ProcessPool):
    """Is left as soon as its results are in: who waits for its threads to end sleeps a tenth of a second, or two."""

    def __exit__(self, *_: object) -> None:
        self.stop()  # type: ignore[no-untyped-call]
        threading.Thread(target=self.join, daemon=True).start()


def read_files(
    receipts: Sequence[Receipt],
    workers: int = 2,
    on_progress: Progress | None = None,
    instruments: Mapping[int, Instrument] | None = None,
    *,
    rejected: Iterable[Place] = (),
    learned: Mapping[str, Learned] | None = None,
) -> tuple[Reading, ...]:
    """Return one reading per receipt, in the same order; never raises for a bad file.

    `on_progress` is told the number of files read so far, also when a try gave none. `instruments` are those of every
    cycle by default. `rejected` are the repairs stewards rejected, by (sha256, sheet, cell); `learned` maps district code
    to what stewards said its texts mean: kind (office, header, level, kind) -> text -> meaning.
    """
    learned, rejected = learned or {}, frozenset(rejected)
    errands = list(_errands(receipts, rejected, learned))
    if not errands:
        return ()
    vocabularies = _vocabularies(instruments)
    readings: dict[int, Reading] = {}
    chunks = list(_chunks([receipt.size_bytes for receipt in receipts], workers))
    again: list[int] = []
    for chunk, found in _read_chunks(chunks, errands, workers, vocabularies):
        if isinstance(found, Problem):
            again += chunk
        else:
            readings.update(zip(chunk, found, strict=True))
        if on_progress:
            on_progress(len(readings))
    # Whoever shared a chunk with a file that killed its reader gets a reader of its own.
    for (number,), found in _read_chunks([[number] for number in again], errands, workers, vocabularies):
        readings[number] = nothing_read(errands[number], found) if isinstance(found, Problem) else found[0]
        if on_progress:
            on_progress(len(readings))
    folders = {sha256 for sha256, sheet, cell in rejected if not sheet + cell}
    return tuple(
        _placed(receipt, readings[number], learned, receipt.sha256 in folders)
        for number, receipt in enumerate(receipts)
    )


def _errands(
    receipts: Sequence[Receipt], rejected: Iterable[Place], learned: Mapping[str, Learned]
) -> Iterator[Errand]:
    places: dict[str, set[tuple[str, str]]] = {}
    for sha256, sheet, cell in rejected:
        places.setdefault(sha256, set()).add((sheet, cell))
    for it in receipts:
        mine, names = places.get(it.sha256), learned.get(it.district_code)
        choices = Choices(frozenset(mine or ()), names or {}) if mine or names else NO_CHOICES
        yield Errand(it.sha256, it.path, it.layout, it.cycle, it.stage, choices, it.size_bytes)


def _placed(receipt: Receipt, reading: Reading, learned: Mapping[str, Learned], is_rejected: bool) -> Reading:
    """Return the reading with what its names made of it: the folder an office, by another name perhaps, or none."""
    if MASK in receipt.file_name or MASK in receipt.folder_opd:
        reading = replace(reading, problems=(Problem("personal_in_name"), *reading.problems))
    folder, code = receipt.folder_opd, receipt.opd_code
    if receipt.layout is not Layout.FORM or not folder or (folder == code and not is_rejected):
        return reading
    if code and not is_rejected:
        repair = Repair("", "", "", "folder", "", "", folder, code, "office_alias")
        return replace(reading, repairs=(repair, *reading.repairs))
    near = _nearest_office(receipt, learned)
    candidate = near[0].candidate if near else ""
    problem = Problem("unknown_office", value=folder, expected=candidate)
    return replace(reading, problems=(problem, *reading.problems), near=(*near, *reading.near))


def _nearest_office(receipt: Receipt, learned: Mapping[str, Learned]) -> tuple[NearMatch, ...]:
    """Return the office a folder's unknown name is near to, for a steward to say; () when it is near to none."""
    from kla.io.districts import district_codes, load_district

    if receipt.folder_opd == "." or receipt.district_code not in district_codes():
        return ()
    names = learned.get(receipt.district_code, {}).get("office", {})
    found = meant_office(load_district(receipt.district_code), receipt.folder_opd, names, load_limits()["office"])
    if found.certainty is Certainty.UNKNOWN:
        return ()
    return (NearMatch("office", receipt.folder_opd, found.candidate, found.score),)


def _vocabularies(instruments: Mapping[int, Instrument] | None) -> dict[int, Vocabulary]:
    if instruments is None:
        from kla.io.instruments import available_cycles, load_instrument

        instruments = {cycle: load_instrument(cycle) for cycle in available_cycles()}
    recap, limits = load_recap_words(), load_limits()
    return {cycle: vocabulary_of(instrument, recap, limits) for cycle, instrument in sorted(instruments.items())}


def prepare_for_reading() -> None:
    """Have this process's children forked from what it has imported itself; worth calling before anything is opened."""
    multiprocessing.set_forkserver_preload(_PRELOADED)
    start_fork_server()


def limited_pool(workers: int, vocabularies: Mapping[int, Vocabulary]) -> ProcessPool:
    """Return child processes in which foreign files may be opened: each has a limit of memory, and may die alone.

    Whoever leaves them (`with`) has the results already: what still runs then is ended.
    """
    multiprocessing.set_forkserver_preload(_PRELOADED)
    return _Pool(workers, initializer=child.prepare, initargs=(vocabularies, load_personal_words()), context=_Context())


def _chunks(sizes: Sequence[int], workers: int) -> Iterator[list[int]]:
    """Yield lists of file numbers: large files alone, the others by the two dozen, fewer where there is little to share."""
    most = max(1, min(CHUNK_FILES, -(-len(sizes) // (2 * workers))))
    small: list[int] = []
    for number, size in enumerate(sizes):
        if size > LARGE_BYTES:
            yield [number]
            continue
        small.append(number)
        if len(small) == most:
            yield small
            small = []
    if small:
        yield small


def _read_chunks(
    chunks: Sequence[list[int]], errands: Sequence[Errand], workers: int, vocabularies: Mapping[int, Vocabulary]
) -> Iterator[tuple[list[int], list[Reading] | Problem]]:
    """Yield each chunk with its readings, or with the reason why its reader gave none."""
    if not chunks:
        return
    with limited_pool(workers, vocabularies) as pool:
        futures = [
            pool.schedule(
                child.read_chunk,
                args=([errands[number] for number in chunk],),
                timeout=CHUNK_SECONDS if len(chunk) > 1 else FILE_SECONDS,
            )
            for chunk in chunks
        ]
        for chunk, future in zip(chunks, futures, strict=True):
            try:
                yield chunk, future.result()
            except FutureTimeoutError:
                yield chunk, Problem("timeout", expected=f"{FILE_SECONDS:g}")
            except (ProcessExpired, BrokenExecutor, MemoryError):
                yield chunk, Problem("reader_died")
