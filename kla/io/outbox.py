"""Delivers reminders one by one: by Apprise to an address, or as a text file of the working folder."""

from __future__ import annotations

import re
from pathlib import Path

from kla.io import project
from kla.io.contacts import Address
from kla.io.reminder_text import say
from kla.io.steady_xlsx import write_bytes
from kla.reminders import Reminder

FOLDER = "outbox"
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class DeliveryError(Exception):
    """A reminder that did not go out; the message names the variable, never what it holds."""


def outbox() -> Path:
    """Return var/outbox, where reminders stand that have no address to go to."""
    return project.var() / FOLDER


def deliver(reminder: Reminder, address: Address, title: str, body: str) -> None:
    """Send one reminder to one address, as plain text whatever the channel.

    Raises:
        DeliveryError: the address is not understood, or nobody took the reminder there.
    """
    if not address.url:
        write_bytes(path_of(reminder), f"{title}\n\n{body}".encode())
        return
    import apprise

    post = apprise.Apprise(asset=apprise.AppriseAsset(app_id="kla", async_mode=False))
    if not post.add(address.url):
        raise DeliveryError(say("no_url", address=address.name))
    try:
        is_taken = post.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
    except Exception:  # noqa: BLE001 - any of a hundred services may fail in its own way; its words may hold the address
        is_taken = False
    if not is_taken:
        raise DeliveryError(say("failed", address=address.name))


def path_of(reminder: Reminder) -> Path:
    """Return where a reminder stands as a file: the same occasion, the same file."""
    addressed = _UNSAFE_NAME.sub("_", reminder.opd_code) or "sekda"
    name = f"{reminder.deadline_on.isoformat()}-H{reminder.mark:02d}-{reminder.level}-{addressed}.txt"
    return outbox() / reminder.district.code / str(reminder.cycle) / name
