"""A folder published in one move: written beside its place, flushed, then exchanged for the old one."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)


@dataclass(frozen=True, slots=True)
class Staged:
    """A folder whose new files are written beside it; `flush`, then `swap_in`."""

    folder: Path

    @property
    def new(self) -> Path:
        """Where the new files lie."""
        return self.folder.with_name(f".{self.folder.name}.new")

    @property
    def aside(self) -> Path:
        """Where the old ones lie for a moment, where the system cannot exchange two folders."""
        return self.folder.with_name(f".{self.folder.name}.old")

    def clear(self) -> None:
        """Take away what lies beside the folder; the old files only while the folder stands in their place."""
        shutil.rmtree(self.new, ignore_errors=True)
        if self.folder.exists():
            shutil.rmtree(self.aside, ignore_errors=True)


def replace_folder(folder: Path, files: Mapping[str, bytes], carried: Mapping[str, Path] | None = None) -> None:
    """Make `folder` hold exactly these files (path inside it -> bytes), in one move.

    `carried` are files that lie somewhere else already, the old folder included (path inside it -> file). Of `files`
    the last one is written last of all: where it lies, all the others do.

    A reader sees the old folder or the new one, never a mixture; one who has an old page open keeps it. What an
    interrupted run left beside the folder is cleared away first. Where the system cannot exchange two folders, the
    old one steps aside just before the new one takes its place.

    Raises:
        OSError: nothing of `folder` has changed then.
    """
    staged = stage(folder, files, carried)
    flush()
    swap_in(staged)
    staged.clear()


def stage(folder: Path, files: Mapping[str, bytes], carried: Mapping[str, Path] | None = None) -> Staged:
    """Write what `folder` is to hold beside it, as `replace_folder` does; many can be staged before one `flush`.

    Raises:
        OSError: nothing lies beside `folder` then.
    """
    staged = Staged(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if staged.aside.exists() and not folder.exists():  # a run was killed between the two renames
        staged.aside.rename(folder)
    staged.clear()
    try:
        _write(staged.new, files, carried or {})
    except OSError:
        staged.clear()
        raise
    return staged


def flush() -> None:
    """Have the system write all that was staged to its disk: once for many files costs less than once for each."""
    os.sync()


def swap_in(staged: Staged) -> tuple[Path, ...]:
    """Put a staged folder, flushed meanwhile, in its place; return where the old one may lie, to be taken away.

    Raises:
        OSError: nothing of the folder has changed then.
    """
    try:
        _swap(staged.new, staged.folder, staged.aside)
    except OSError:
        staged.clear()
        raise
    _flush(staged.folder.parent)  # not `flush`: it would wait for what others are writing meanwhile
    return staged.new, staged.aside


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file whose new content lies beside it; `flush`, then `swap_in`."""

    path: Path

    @property
    def new(self) -> Path:
        """Where the new content lies."""
        return self.path.with_name(f".{self.path.name}.new")

    def swap_in(self) -> None:
        """Put it in its place. Raises OSError: the file has not changed then."""
        with _cleared(self.new):
            self.new.replace(self.path)


def stage_file(path: Path, content: bytes) -> StagedFile:
    """Write what a file is to hold beside it; many can be staged before one `flush`.

    Raises:
        OSError: nothing lies beside the file then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = StagedFile(path)
    with _cleared(staged.new):
        staged.new.write_bytes(content)
    return staged


@contextmanager
def _cleared(staged: Path) -> Iterator[None]:
    """Leave nothing at a place when what is done with it fails."""
    try:
        yield
    except OSError:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        raise


def replace_file(path: Path, content: bytes) -> None:
    """Make a file hold these bytes in one move, flushed to disk."""
    staged = stage_file(path, content)
    with _cleared(staged.new):
        _flush(staged.new)
    staged.swap_in()
    _flush(path.parent)


def left_beside(parent: Path) -> list[Path]:
    """Return what interrupted runs left beside the folders in `parent`: the hidden folders there."""
    try:
        return sorted(Path(it.path) for it in os.scandir(parent) if it.name.startswith(".") and it.is_dir())
    except OSError:
        return []


def clear_left(parent: Path) -> None:
    """Take away what interrupted runs left beside the folders in `parent`; what cannot be taken away stays.

    Only for who alone writes there. An old folder that stepped aside stays until another one stands in its place.
    """
    for left in left_beside(parent):
        if left.suffix == ".old" and not left.with_name(left.stem[1:]).exists():
            continue
        shutil.rmtree(left, ignore_errors=True)


def is_intact(folder: Path, digests: Mapping[str, str]) -> bool:
    """Whether every file is there with exactly these sha256 digests, and nothing else lies beside them."""
    try:
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        return found == set(digests) and all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in digests.items()
        )
    except OSError:
        return False


def _write(staged: Path, files: Mapping[str, bytes], carried: Mapping[str, Path]) -> None:
    staged.mkdir()
    for folder in _folders((*files, *carried)):
        (staged / folder).mkdir()
    for name, source in carried.items():
        if name not in files:
            _carry(source, staged / name)
    for name, content in files.items():
        (staged / name).write_bytes(content)


def _folders(names: Iterable[str]) -> list[str]:
    """Return every folder these files lie in, a folder before those inside it."""
    found: set[str] = set()
    for name in names:
        folder = name.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(found)


def _carry(source: Path, path: Path) -> None:
    """Give a file a second name, or copy it where the file system knows no second names."""
    try:
        os.link(source, path)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, path)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap(staged: Path, folder: Path, aside: Path) -> None:
    if not folder.exists():
        staged.rename(folder)
    elif not _exchange(staged, folder):
        folder.rename(aside)
        try:
            staged.rename(folder)
        except OSError:
            aside.rename(folder)
            raise


def _exchange(staged: Path, folder: Path) -> bool:
    """Exchange two folders in one system call; False where the system or its file system has none."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if renameat2 is None:
        return False
    if renameat2(_HERE, os.fsencode(staged), _HERE, os.fsencode(folder), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(folder))
