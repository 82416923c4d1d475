"""Reads whom reminders go to: districts/<code>/contacts.yaml (roles and names of variables) and the rules of reminding.

No address stands in a file: `urls` are names of environment variables (KLA_NOTIFY_...), whose values are Apprise URLs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from kla.district import District
from kla.errors import DistrictError
from kla.io import project, settings
from kla.io.yaml_text import Fields, Value, read_mapping
from kla.reminders import Level, ReminderRules

CONTACTS, RULES = "contacts.yaml", "pengingat.yaml"
GENERAL = "KLA_NOTIFY_URLS"
_VARIABLE = re.compile(r"KLA_NOTIFY_[A-Z0-9_]+")
_PERSONAL = re.compile(r"[0-9]{5,}|@|://")


@dataclass(frozen=True, slots=True)
class Contact:
    """A role that is told things (never a person's number), and the variables that hold where."""

    role: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contacts:
    """Who is told in a district; what is not given is None or not there."""

    coordinator: Contact | None = None
    sekda: Contact | None = None
    offices: Mapping[str, Contact] = field(default_factory=dict)

    def of(self, level: Level, opd_code: str) -> Contact | None:
        """Return the contact of an addressee; the coordinator's falls back to its office's."""
        if level is Level.SEKDA:
            return self.sekda
        own = self.offices.get(opd_code)
        return self.coordinator or own if level is Level.COORDINATOR else own


def load_contacts(district: District, folder: Path | None = None) -> Contacts:
    """Return a district's contacts; none where it has no file.

    Raises:
        DistrictError: an office the district does not have, a variable not named KLA_NOTIFY_..., or what looks like a
            number or address of a person.
    """
    path = (folder or project.data("districts") / district.code) / CONTACTS
    if not path.is_file():
        return Contacts()
    where = f"districts/{district.code}/{CONTACTS}"
    document = read_mapping(path, where, DistrictError)
    fields = Fields(document, where, ("coordinator", "sekda", "offices"), DistrictError)
    offices = document.get("offices") or {}
    if not isinstance(offices, dict):
        raise fields.refuse("offices", "is no mapping", "Write `CODE: {role: ..., urls: [...]}` lines.")
    if unknown := sorted(code for code in offices if not district.has_office(code)):
        raise fields.refuse("offices", f"{', '.join(unknown)} is no office here", "Use codes of offices.yaml.")
    single = {
        name: _contact(document[name], f"{where}, {name}") for name in ("coordinator", "sekda") if document.get(name)
    }
    found = {code: _contact(values, f"{where}, offices, {code}") for code, values in offices.items()}
    return Contacts(single.get("coordinator"), single.get("sekda"), found)


def _contact(values: Value, where: str) -> Contact:
    if not isinstance(values, dict):
        raise DistrictError(where, "is no mapping", "Give role and urls.")
    fields = Fields(values, where, ("role", "urls"), DistrictError)
    contact = Contact(fields.text("role"), fields.texts("urls"))
    if _PERSONAL.search(contact.role):
        raise fields.refuse(
            "role", "holds a number or an address", "Name the role only; addresses belong in variables."
        )
    for place, name in enumerate(contact.variables, 1):
        if not _VARIABLE.fullmatch(name):
            remedy = "Write the NAME of a variable, such as KLA_NOTIFY_DINKES, and keep the address in the variable."
            raise fields.refuse("urls", f"entry {place} is no variable", remedy)
    return contact


@dataclass(frozen=True, slots=True)
class Address:
    """Where a reminder goes: `name` may be told and kept (variable and place in it), `url` is secret; "" means a file."""

    name: str
    url: str


FILE_ADDRESS = Address("berkas", "")


def addresses(contact: Contact | None) -> tuple[Address, ...]:
    """Return where a contact is told: its own variables, else those of KLA_NOTIFY_URLS, else a file of the working folder."""
    for names in (contact.variables if contact else (), (GENERAL,)):
        found = [
            Address(f"{name}#{place}", url) for name in names for place, url in enumerate(settings.notify_urls(name), 1)
        ]
        if found:
            return tuple(found)
    return (FILE_ADDRESS,)


def load_rules(district: District, folder: Path | None = None) -> ReminderRules:
    """Return the rules of reminding: districts/pengingat.yaml, sections replaced by the district's own file.

    Raises:
        DistrictError: a file is missing, or says something that cannot be meant.
    """
    root = folder or project.data("districts")
    where, own = f"districts/{RULES}", root / district.code / RULES
    document = read_mapping(root / RULES, where, DistrictError)
    if own.is_file():
        where = f"districts/{district.code}/{RULES}"
        document |= read_mapping(own, where, DistrictError)
    fields = Fields(document, where, ("marks", "quiet", "escalation"), DistrictError)
    quiet = _section(document, "quiet", where, ("from", "until", "holidays", "always_within_days"))
    above = _section(document, "escalation", where, ("coordinator_within_days", "sekda_within_days"))
    marks = fields.texts("marks")
    if not marks or not all(mark.isascii() and mark.isdigit() for mark in marks):
        raise fields.refuse("marks", "are not days", "Write [30, 14, 7, 3, 1, 0].")
    return ReminderRules(
        marks=tuple(sorted({int(mark) for mark in marks}, reverse=True)),
        quiet_from=_hour(quiet, "from"),
        quiet_until=_hour(quiet, "until"),
        is_quiet_on_holidays=quiet.text("holidays").casefold() in ("ya", "true"),
        always_within=quiet.whole("always_within_days"),
        coordinator_within=above.whole("coordinator_within_days"),
        sekda_within=above.whole("sekda_within_days"),
    )


def _section(document: Mapping[str, Value], key: str, where: str, keys: tuple[str, ...]) -> Fields:
    values = document.get(key)
    if not isinstance(values, dict):
        raise DistrictError(f"{where}, {key}", "is no mapping", f"Give {', '.join(keys)}.")
    return Fields(values, f"{where}, {key}", keys, DistrictError)


def _hour(fields: Fields, key: str) -> time:
    try:
        return time.fromisoformat(fields.text(key))
    except ValueError:
        raise fields.refuse(key, "is no time of day", 'Write it like "18:00".') from None
