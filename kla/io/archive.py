"""Takes a file's bytes into the archive: opened step by step without following a link, hashed, kept whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kla.io.alive import is_dead, this_process

MOST_BYTES = 20_000_000  # what is larger is refused: hashed, but nothing of it is kept
MOST_HASHED = 2_000_000_000  # of what is larger still, the beginning and the size are hashed
_PIECE_BYTES = 1 << 20
ARRIVING = "_arriving"  # folder of the archive for copies that are being written
_OLD_SECONDS = 86_400  # a copy takes seconds; this is for what a process of another machine left


class ChangedMeanwhile(Exception):  # noqa: N818 - it is no error of ours: the file waits for the next run
    """The file is not the one that was looked at, or changed while it was read."""


class NotKeptError(OSError):
    """The file could be read, and its copy not be written: our disk is full, or may not be written."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file's digest and size, and where its copy lies; `place` is None for one that is too large to be kept."""

    sha256: str
    size_bytes: int
    place: Path | None


def is_too_large(size_bytes: int) -> bool:
    """Whether a file is larger than may be kept and read."""
    return size_bytes > MOST_BYTES


def place_of(archive: Path, sha256: str) -> Path:
    """Return where the bytes of this digest lie in the archive."""
    return Path(path_of(archive, sha256))


def path_of(archive: Path, sha256: str) -> str:
    """Return the same as text: for thousands of files, making a Path takes longer than looking whether it is there."""
    return f"{archive}/{sha256[:2]}/{sha256}"


def holds(archive: Path, sha256: str) -> bool:
    """Whether the bytes of this digest lie in the archive."""
    try:
        os.stat(path_of(archive, sha256))  # noqa: PTH116 - see there
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def opened(folder: Path, parts: Sequence[str]) -> int:
    """Return a descriptor of a file below a folder, each folder on the way opened in turn: no link is followed.

    Raises:
        OSError: something on the way is a link, or is gone, or may not be read.
    """
    way = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=way)
            os.close(way)
            way = inner
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=way)
    finally:
        os.close(way)


def take(folder: Path, parts: Sequence[str], seen: os.stat_result, archive: Path) -> Kept:
    """Copy a file into the archive under its sha256, once, and return what was kept.

    `seen` is what the file was like when it was found: another file in its place, or one that grew, is not taken.

    Raises:
        ChangedMeanwhile: the file changed since it was found, or while it was read.
        OSError: it cannot be read, or is no regular file.
        NotKeptError: it can, and its copy cannot be written.
    """
    descriptor = opened(folder, parts)
    with os.fdopen(descriptor, "rb", buffering=0) as source:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise OSError("not a regular file")
        if _print_of(before) != _print_of(seen):
            raise ChangedMeanwhile
        digest, content = hashlib.sha256(), bytearray()
        is_kept = not is_too_large(before.st_size)
        taken = 0
        # A buffer is made for all that is asked for: of a small file, one byte more than it has tells its end.
        at_once = min(_PIECE_BYTES, before.st_size + 1)
        while taken < MOST_HASHED and (piece := source.read(at_once)):
            taken += len(piece)
            digest.update(piece)
            if is_kept:
                content += piece
                if taken > before.st_size:
                    raise ChangedMeanwhile
        after = os.fstat(descriptor)
    if _print_of(before) != _print_of(after):
        raise ChangedMeanwhile
    if taken < after.st_size:
        digest.update(str(after.st_size).encode())
    sha256 = digest.hexdigest()
    if not is_kept:
        return Kept(sha256, after.st_size, None)
    place = place_of(archive, sha256)
    try:
        if not place.exists():
            keep(bytes(content), place)
    except OSError as error:
        raise NotKeptError(*error.args) from error
    return Kept(sha256, after.st_size, place)


def _print_of(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def keep(content: bytes, place: Path) -> None:
    """Write the bytes aside, flush them, make them read-only, and move them to their place with one step."""
    aside = place.parents[1] / ARRIVING
    beside = aside / f"{place.name} {threading.get_native_id()} {this_process()}"
    try:
        descriptor = _created(beside)
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, 0o400)
        _moved(beside, place)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def left_arriving(archive: Path) -> list[Path]:
    """Return the copies that nobody writes any more: their process is dead, or they are a day old."""
    try:
        found = sorted((archive / ARRIVING).iterdir())
    except OSError:
        return []
    return [path for path in found if is_dead(path.name.split(" ", 2)[-1]) or _is_old(path)]


def clear_left(archive: Path) -> None:
    """Take away copies that a dead process was writing; what cannot be taken away stays until the next time."""
    for path in left_arriving(archive):
        with contextlib.suppress(OSError):
            path.unlink()


def _is_old(path: Path) -> bool:
    try:
        return path.lstat().st_mtime < time.time() - _OLD_SECONDS
    except OSError:
        return False


def _created(path: Path) -> int:
    """Return a descriptor of an empty file to write; its folder is made where it is missing, for its owner alone."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        _make(path.parent)
        return os.open(path, flags, 0o600)


def _moved(path: Path, place: Path) -> None:
    try:
        path.replace(place)
    except FileNotFoundError:
        _make(place.parent)
        path.replace(place)


def _make(folder: Path) -> None:
    for one in (folder.parent, folder):
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
