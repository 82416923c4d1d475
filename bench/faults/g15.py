"""G15: hostile names, links, pipes, a file swapped while it is read: nothing outside the working folder is touched."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.faults.goal import Budget, Figure, judged
from bench.faults.places import Place, inbox_of

TITLE = "names, links and swapped files"
SECONDS, LONG_SECONDS = 15, 30
NAMES = (
    *("..%2f..%2fpasswd.xlsx", "$(touch pwned).xlsx", "`touch pwned`.xlsx", "; rm -rf ~.xlsx", "|cat.xlsx", "&.xlsx"),
    *(
        "-rf.xlsx",
        "--help.xlsx",
        "a\nb.xlsx",
        "a\rb.xlsx",
        "a\tb.xlsx",
        "\x1b[31mred.xlsx",
        "\x07bell.xlsx",
        "\u202exslx.exe",
    ),
    *(
        "=1+1.xlsx",
        "@SUM(A1).xlsx",
        "<script>alert(1)<.xlsx",
        "<img src=x>.xlsx",
        "[a](http:x).xlsx",
        "'\"`.xlsx",
        "%s%n.xlsx",
    ),
    *(
        "{0.__class__}.xlsx",
        "${jndi:ldap}.xlsx",
        "CON.xlsx",
        "nul.xlsx",
        "a" * 240 + ".xlsx",
        " .xlsx",
        "..xlsx",
        "...",
        "~",
    ),
    *(
        "\u200b.xlsx",
        "\ufeffbom.xlsx",
        "é.xlsx",
        "e\u0301.xlsx",
        "ﬁ.xlsx",
        "中.xlsx",
        "\U0001f600.xlsx",
        "\udcff\udcfe.xlsx",
    ),
    *("C:\\Windows\\a.xlsx", "\\\\host\\share.xlsx", "file.xlsx.", "a.xlsx;b", "a.xlsx:stream", "*?.xlsx"),
)


def run(budget: Budget) -> Figure:
    """Receive from a folder full of traps while every file that is opened, made or removed is watched."""
    from kla.io import archive
    from kla.io.intake import receive

    root = budget.room / "world"
    outside = budget.room / "outside"
    outside.mkdir()
    (outside / "secret.xlsx").write_bytes(b"PK secret")
    place = inbox_of(root, {})
    office = place.inbox / place.code / "DINKES"
    office.mkdir(parents=True)
    made = _laid(office)
    traps = _traps(place, office, outside)
    receive(place.inbox, place.archive, place.districts, place.as_of, lambda *_: False)  # what is imported late
    before = _tree(outside)
    touched: list[str] = []
    _watch(touched)
    really, swaps = archive.opened, []

    def swapped(folder: Path, parts: tuple[str, ...]) -> int:
        if parts[-1] == "swap.xlsx" and not swaps:
            swaps.append(parts)
            held = _watched.pop()  # this is the attacker's doing
            (folder / parts[0] / parts[1]).unlink()
            (folder / parts[0] / parts[1]).symlink_to(outside / "secret.xlsx")
            _watched.append(held)
        return really(folder, parts)

    archive.opened = swapped
    intake = receive(place.inbox, place.archive, place.districts, place.as_of, lambda *_: False)
    archive.opened = really
    _watched.clear()
    faults = [f"touched {path}" for path in touched if not _is_ours(path, root)]
    faults += ["the folder outside changed"] if _tree(outside) != before else []
    kept = [path.read_bytes() for path in place.archive.rglob("*") if path.is_file()]
    faults += ["something outside was archived"] if any(b"secret" in content for content in kept) else []
    faults += [f"{len(intake.receipts)} of {made} hostile names received"] if len(intake.receipts) != made else []
    told = [receipt.file_name for receipt in intake.receipts] + [left.path for left in intake.left_aside]
    faults += [f"told with control signs: {name!r}" for name in told if not name.isprintable()]
    figure = f"{made} hostile names received, {traps} links, pipes and swaps left aside, nothing outside touched"
    return judged("G15", figure, faults)


def _laid(office: Path) -> int:
    """Write a file under each name that this file system allows; return how many should be received."""
    count = 0
    for number, name in enumerate(NAMES):
        try:
            (office / name).write_bytes(b"PK %d" % number)
        except (OSError, ValueError):
            continue
        os.utime(office / name, (1_600_000_000, 1_600_000_000))
        count += not name.startswith((".", "~$"))
    return count


def _traps(place: Place, office: Path, outside: Path) -> int:
    """Lay links to files and folders, a loop, a pipe, and a file that will be swapped; return how many."""
    (office / "link.xlsx").symlink_to(outside / "secret.xlsx")
    (office / "linked").symlink_to(outside, target_is_directory=True)
    (office / "loop").symlink_to(office, target_is_directory=True)
    (office / "nowhere.xlsx").symlink_to(office / "gone.xlsx")
    (place.inbox / place.code / "DISDIK").symlink_to(outside, target_is_directory=True)
    (place.inbox / place.code / "_kedatangan.csv").symlink_to(outside / "secret.xlsx")
    os.mkfifo(office / "pipe.xlsx")
    (office / "swap.xlsx").write_bytes(b"PK honest")
    os.utime(office / "swap.xlsx", (1_600_000_000, 1_600_000_000))
    return 8


_watched: list[list[str]] = []


def _watch(touched: list[str]) -> None:
    _watched.append(touched)
    events = {
        "open",
        "os.remove",
        "os.rename",
        "os.mkdir",
        "os.symlink",
        "os.link",
        "os.rmdir",
        "os.chmod",
        "os.truncate",
    }
    events |= {"subprocess.Popen", "os.system", "os.exec", "socket.connect", "shutil.move", "shutil.rmtree"}

    def hook(event: str, given: tuple[object, ...]) -> None:
        if _watched and event in events:
            _watched[-1].append(f"{event} {given[0]!s}" if not isinstance(given[0], int) else "")

    sys.addaudithook(hook)


def _is_ours(said: str, root: Path) -> bool:
    """Whether what was touched lies in the world tried, is opened relative to a folder in it, or is the program itself."""
    _, _, path = said.partition(" ")
    program = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), "/usr", "/etc/localtime", "/proc/self")
    return not path or not path.startswith("/") or path.startswith((str(root), *program))


def _tree(folder: Path) -> list[tuple[str, bytes]]:
    return list(_files(folder))


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        yield str(path), path.read_bytes() if path.is_file() else b""
