"""What was sent to remind people is kept for good: in the warehouse, in the archive's journal, and in one made again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from kla.io.warehouse import Warehouse, open_warehouse
from kla.io.warehouse.recorded import keep_records, restore_records
from kla.io.warehouse.reminders import history, keep, told
from kla.reminders import Level, Sent
from tests.kla.io.test_reminder_text import digest, reminder

pytest_plugins = ["tests.kla.io.warehouse.engines"]
NOW = datetime(2025, 5, 22, 1, tzinfo=UTC)
REMINDERS = [reminder(level, digest(items=1)) for level in Level]


def sent(number: int) -> Sent:
    return Sent(REMINDERS[number], "berkas", f"Hal {number}", "isi")


def test_what_was_told_is_known_by_its_occasion_and_never_kept_twice(warehouse: Warehouse) -> None:
    code = REMINDERS[0].district.code
    assert told(warehouse, code, REMINDERS[0].cycle) == frozenset()
    for number in range(3):
        keep(warehouse, sent(number), NOW, "r1")
    assert told(warehouse, code, REMINDERS[0].cycle) == {it.occasion("berkas") for it in REMINDERS}
    assert told(warehouse, code, 1999) == told(warehouse, "63.10", REMINDERS[0].cycle) == frozenset()
    with pytest.raises(IntegrityError):
        keep(warehouse, sent(0), NOW, "r2")
    with warehouse.reading() as connection:
        rows = history(connection, code, REMINDERS[0].cycle)
    assert [(row["level"], row["offices"], row["questions"], row["points_hundredths"]) for row in rows] == [
        (level, 1, 1, 150) for level in ("coordinator", "office", "sekda")
    ]


def test_a_warehouse_made_again_still_knows_whom_it_told(warehouse: Warehouse, tmp_path: Path) -> None:
    keep(warehouse, sent(0), NOW, "r1")
    assert keep_records(warehouse, tmp_path / "arsip") == 1
    with open_warehouse(f"sqlite:///{tmp_path / 'baru.db'}") as new:
        assert restore_records(new, tmp_path / "arsip") == 1
        assert told(new, REMINDERS[0].district.code, REMINDERS[0].cycle) == {REMINDERS[0].occasion("berkas")}
