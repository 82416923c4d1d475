"""Notices that go out to people: to the addresses of KLA_NOTIFY_URLS (by Apprise), else into a file of the working folder.

Nothing leaves the machine unless somebody named an address. A notice that cannot be sent never stops a run: it is then
written into the file, with the word that it was not sent.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from kla.io import project, settings

FOLDER, FILE = "pemberitahuan", "pemberitahuan.jsonl"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: `kind` is failed, alarm, crashed or reminder; `to` says whom it is about ("" for everybody)."""

    kind: str
    title: str
    body: str
    to: str = ""


def outbox() -> Path:
    """Return the file that holds, a JSON object per line, every notice that went no other way."""
    return project.var() / FOLDER / FILE


def send(notice: Notice, urls: tuple[str, ...] | None = None) -> bool:
    """Send a notice to `urls` (by default those of KLA_NOTIFY_URLS) and return whether somebody got it.

    Without addresses, and where not one of them took it, it is appended to `outbox()`. No address is ever written: they
    hold passwords.
    """
    urls = settings.current().notify_urls if urls is None else urls
    is_sent = bool(urls) and _sent(notice, urls)
    if not is_sent:
        _keep(notice, is_failed=bool(urls))
    return is_sent


def _sent(notice: Notice, urls: tuple[str, ...]) -> bool:
    import apprise

    post = apprise.Apprise()
    for url in urls:
        post.add(url)
    try:
        return bool(post.notify(title=notice.title, body=notice.body))
    except Exception:  # noqa: BLE001 - any of a hundred services may fail in its own way; the file still has the notice
        return False


def _keep(notice: Notice, *, is_failed: bool) -> None:
    path = outbox()
    path.parent.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": at, **asdict(notice), "is_failed": is_failed}, ensure_ascii=False, sort_keys=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def kept() -> tuple[Notice, ...]:
    """Return the notices in the file, the oldest first; a line cut off by a full disk is left out."""
    if not outbox().is_file():
        return ()
    found = []
    for line in outbox().read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            told = json.loads(line)
            found.append(Notice(told["kind"], told["title"], told["body"], told["to"]))
        except (ValueError, KeyError):
            continue
    return tuple(found)
