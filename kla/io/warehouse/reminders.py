"""Reminders kept and read: what was told once is not told again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from kla.io.warehouse.exact import hundredths, moment_text
from kla.io.warehouse.reminder_tables import reminder
from kla.io.warehouse.store import Warehouse
from kla.reminders import Sent


def told(warehouse: Warehouse, district_code: str, cycle: int) -> frozenset[str]:
    """Return the ids of the reminders a district and cycle was sent (`kla.reminders.Reminder.occasion`)."""
    sql = select(reminder.c.reminder_id).where(
        (reminder.c.district_code == district_code) & (reminder.c.cycle == cycle)
    )
    with warehouse.reading() as connection:
        return frozenset(connection.execute(sql).scalars())


def keep(warehouse: Warehouse, sent: Sent, sent_at: datetime, run_id: str) -> None:
    """Keep that a reminder went out; IntegrityError when it had before."""
    with warehouse.writing() as connection:
        connection.execute(reminder.insert(), _facts(sent, sent_at, run_id))


def history(connection: Connection, district_code: str, cycle: int) -> tuple[dict[str, Any], ...]:
    """Return what was sent in a district and cycle, oldest first."""
    sql = select(reminder).where((reminder.c.district_code == district_code) & (reminder.c.cycle == cycle))
    found = connection.execute(
        sql.order_by(reminder.c.sent_at, reminder.c.level, reminder.c.opd_code, reminder.c.address)
    )
    return tuple(dict(row) for row in found.mappings())


def _facts(sent: Sent, sent_at: datetime, run_id: str) -> dict[str, Any]:
    one = sent.reminder
    letters = [digest.letter for digest in one.digests]
    return {
        "reminder_id": one.occasion(sent.address),
        "district_code": one.district.code,
        "cycle": one.cycle,
        "stage": one.stage,
        "deadline_on": one.deadline_on.isoformat(),
        "mark": one.mark,
        "level": one.level.value,
        "opd_code": one.opd_code,
        "address": sent.address,
        "title": sent.title,
        "content": hashlib.sha256(f"{sent.title}\n\n{sent.body}".encode()).hexdigest(),
        "offices": len(letters),
        "questions": sum(len(letter.owed) for letter in letters),
        "findings": sum(len(letter.notes) for letter in letters),
        "points_hundredths": sum(hundredths(letter.owed_points) for letter in letters),
        "sent_at": moment_text(sent_at),
        "run_id": run_id,
    }
