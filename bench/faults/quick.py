"""A whole night over a few files, made quick enough to be killed hundreds of times.

What only computes (reading workbooks, running the suites, marking up returns) is computed once and remembered; everything
that has an effect (archive, journal, warehouse, pages) happens for real, in a process forked for each try.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CODE, DAY = "53.71", "2024-05-20"
OFFICES = ("DINKES", "DP3A")
_REMEMBERED: dict[str, Any] = {}
_WHOLE: dict[tuple[str, str], Any] = {}  # what stood at (module, name) before it was made quick


@dataclass(frozen=True)
class World:
    """A working folder and a warehouse, always at the same place, so that what was computed once fits every try."""

    root: Path
    url: str
    make: Callable[[], None]  # brings an empty, migrated warehouse there

    @property
    def var(self) -> Path:
        """Where the night works."""
        return self.root / "var"

    def fresh(self) -> None:
        """Begin anew: the inbox, an empty warehouse, nothing else."""
        shutil.rmtree(self.var, ignore_errors=True)
        shutil.copytree(self.root / "inbox", self.var / "inbox")
        os.environ.update({"KLA_VAR": str(self.var), "KLA_WAREHOUSE_URL": self.url})
        self.make()


def inbox(root: Path, offices: tuple[str, ...] = OFFICES) -> None:
    """Make an inbox of one district with the forms of some offices."""
    from kla.io.samples import build_inbox

    build_inbox(root / "all", [CODE])
    for name in (*offices, "_kedatangan.csv"):
        source, target = root / "all" / CODE / name, root / "inbox" / CODE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    shutil.rmtree(root / "all")


def sqlite_world(root: Path) -> World:
    """Return a world with a SQLite file; the migrated one is copied."""
    from kla.io.warehouse import open_warehouse

    model, target = root / "model.db", root / "var" / "warehouse.db"
    with open_warehouse(f"sqlite:///{model}"):
        pass

    def make() -> None:
        shutil.copy(model, target)

    return World(root, f"sqlite:///{target}", make)


def remember() -> None:
    """Compute each thing once: call before the first night, in the process that forks."""
    import kla.io.outlook
    import kla.io.pages
    import kla.io.reading
    import kla.io.returning
    import kla.io.suites
    import tasks.validate

    _each_remembered(kla.io.reading, "read_files", lambda it: (it.sha256, it.folder_opd))
    _each_remembered(kla.io.returning, "_marked", pickle.dumps)
    _remembering(kla.io.outlook, "solve", lambda program, *_: program)
    _remembering(kla.io.pages, "_files", lambda draft, _, lists, *__: (draft.made_from, sorted(lists)))
    _remembering(kla.io.suites, "validate_standing", lambda rows, *_, **__: rows, witness=5)
    _remembering(tasks.validate, "judge", lambda pairs, *_, **__: [it.sha256 for it, _ in pairs], witness=5)


def compute_again(module_name: str, name: str) -> None:
    """Let this process compute anew what was remembered: for a fault planted inside of it."""
    setattr(sys.modules[module_name], name, _WHOLE[module_name, name])


def _each_remembered(module: Any, name: str, key_of: Callable[[Any], object]) -> None:
    """Compute for each item once, so that a rerun over some of them computes nothing."""
    whole = _WHOLE[module.__name__, name] = getattr(module, name)

    def quick(items: Any, *given: Any, **named: Any) -> Any:
        keys = [hashlib.sha256(f"{name} {key_of(it)!r}".encode()).hexdigest() for it in items]
        new = {key: it for key, it in zip(keys, items, strict=True) if key not in _REMEMBERED}
        if new:
            _REMEMBERED.update(zip(new, whole(list(new.values()), *given, **named), strict=True))
        return tuple(_REMEMBERED[key] for key in keys)

    setattr(module, name, quick)


def _remembering(module: Any, name: str, key_of: Callable[..., object], witness: int | None = None) -> None:
    whole = _WHOLE[module.__name__, name] = getattr(module, name)

    def quick(*given: Any, **named: Any) -> Any:
        key = hashlib.sha256(f"{name} {key_of(*given, **named)!r}".encode()).hexdigest()
        if key not in _REMEMBERED:
            _REMEMBERED[key] = whole(*given, **named), deepcopy(given[witness]) if witness else None
            return _REMEMBERED[key][0]
        found, seen = _REMEMBERED[key]
        if witness:
            given[witness].merge(seen)
        return found

    setattr(module, name, quick)


def night(code: str = CODE, day: str = DAY) -> Any:
    """Run a night here, without Prefect, exactly as its flow does; return what came of it."""
    from flows import ledger
    from flows.part import serve
    from flows.settle import conclude
    from tasks.effect import plainly
    from tasks.plan import make_plan

    plan = make_plan([code], day, None)
    with plainly(), ledger.run("nightly", plan, who="uji", reason="", parameters={}) as book:
        served = serve(plan, book.run_id)
        served.troubles[:0] = plan.troubles
        book.night = conclude(plan, served, book.run_id)
    return book.night


def forked(work: Callable[[], object], seconds: float = 120) -> tuple[int, str]:
    """Do the work in a child process; return its exit code (negative: the signal that ended it) and what it said."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        code = 0
        try:
            said = str(work() or "")
        except BaseException as error:  # noqa: BLE001 - the child says what it was and ends
            code, said = 1, "".join(traceback.format_exception_only(error))[-400:]
        os.write(writing, said.encode("utf-8", "replace")[:60_000])
        os._exit(code)
    os.close(writing)
    ended = _ended(pid, seconds)
    with os.fdopen(reading, "rb") as pipe:
        return ended, pipe.read().decode("utf-8", "replace")


def _ended(pid: int, seconds: float) -> int:
    until = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            return -99
        time.sleep(0.005)


@contextmanager
def watched(act: Callable[[int, str], None], root: Path) -> Iterator[None]:
    """Call `act(number, what)` before each file operation below the folder, each SQL statement and each commit.

    For the rest of this process: an audit hook cannot be taken away, which is why each try has a process of its own.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    count, place, is_on = [0], os.fspath(root), [True]

    def happened(what: str) -> None:
        if is_on[0]:
            count[0] += 1
            act(count[0], what)

    def hook(name: str, given: tuple[object, ...]) -> None:
        if is_on[0] and name in _FILE_EVENTS and _is_write(name, given) and _is_below(given, place):
            happened(f"{name} {given[0]}")

    sys.addaudithook(hook)
    event.listen(Engine, "before_cursor_execute", lambda *it: happened(f"sql {it[2][:40]}"))
    event.listen(Engine, "commit", lambda _: happened("commit"))
    yield
    is_on[0] = False


_OF_THE_RUN = frozenset({"made_from", "standing", "last_run_id"})  # the digests are over the run too
_STATE_OF_RUNS = frozenset({"keadaan", "pemeriksaan.html"})  # what the last runs did, and when
_FILE_EVENTS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.chmod", "os.truncate", "shutil.rmtree"}
)


def _is_write(name: str, given: tuple[object, ...]) -> bool:
    return name != "open" or bool(int(given[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))  # type: ignore[call-overload]


def _is_below(given: tuple[object, ...], place: str) -> bool:
    named = given[0]
    # A name relative to an open folder counts too: that is how the archive and a removal of folders write.
    return isinstance(named, str | bytes | os.PathLike) and (
        os.fsdecode(named).startswith(place) or not os.fsdecode(named).startswith("/")
    )


def facts(world: World) -> dict[str, str]:
    """Return what a night leaves behind, by name: the export's digest, the archive, the journal's arrivals, every page."""
    from kla.io import archive_journal
    from kla.io.warehouse import open_warehouse
    from kla.io.warehouse.export import digest_of, export

    with open_warehouse(world.url) as warehouse:
        found = {"export": digest_of(export(warehouse)), "checks": str(warehouse.failed_checks())}
        with warehouse.reading() as connection:
            from sqlalchemy import text

            rows = connection.execute(text("SELECT status FROM run")).scalars().all()
            found["running"] = str(rows.count("running"))
            found["leases"] = str(connection.execute(text("SELECT COUNT(*) FROM lease")).scalar())
    archive = world.var / "archive"
    found["left"] = " ".join(_left(world.var))
    found["archive"] = " ".join(sorted(path.name for path in archive.glob("??/[0-9a-f]*")))
    found["journal"] = repr(
        [(it.receipt.sha256, it.receipt.received_at) for it in archive_journal.arrivals(archive, CODE)]
    )
    public = world.var / "public"
    for path in sorted(path for path in public.rglob("*") if path.is_file() and not _STATE_OF_RUNS & {*path.parts}):
        found[f"page {path.relative_to(public)}"] = hashlib.sha256(_without_run(path)).hexdigest()
    return found


def _left(var: Path) -> list[str]:
    """Return what should not be there once a run is through: hidden files and folders, copies on their way to the archive.

    The counts of a killed run may keep theirs: they are taken away with the folder of that run.
    """
    from kla.io.archive import ARRIVING

    places = [path.relative_to(var) for path in var.rglob("*") if path.name.startswith(".")]
    places += [path.relative_to(var) for path in var.glob(f"archive/{ARRIVING}/*")]
    return sorted(str(place) for place in places if place.parts[0] not in ("inbox", "docs"))


def _without_run(path: Path) -> bytes:
    """Return a page's bytes; of a manifest all but what names the run."""
    content = path.read_bytes()
    if path.name != "manifest.json":
        return content
    return json.dumps({name: fact for name, fact in json.loads(content).items() if name not in _OF_THE_RUN}).encode()


def differences(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    """Return the names of what differs."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def half_written(world: World) -> list[str]:
    """Return what a reader could see half of: an original that is not its name, a folder that is not its manifest.

    What is hidden is being written or taken away, and no reader looks there; that none of it stays, `facts` tells.
    """
    from kla.io.overview import MANIFEST
    from kla.io.staging import is_intact

    found = [
        f"half an original {path.name[:8]}"
        for path in (world.var / "archive").glob("??/[0-9a-f]*")
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.name
    ]
    folders = (path for path in (world.var / "public").glob("[0-9]*/[0-9]*") if path.is_dir())
    found += [f"half a folder {path.name}" for path in folders if not (path / MANIFEST).is_file()]
    for manifest in (world.var / "public").glob(f"[0-9]*/[0-9]*/{MANIFEST}"):
        content = manifest.read_bytes()
        digests = {**json.loads(content)["files"], MANIFEST: hashlib.sha256(content).hexdigest()}
        if not is_intact(manifest.parent, digests):
            found.append(f"half a folder {_shown(manifest)}")
    return found


def _shown(manifest: Path) -> str:
    return "/".join(manifest.parts[-3:-1])
