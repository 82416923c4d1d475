"""An alarm is told when it begins, once a day while it lasts, and when it is over; it comes from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kla.io import alarms
from kla.io.notices import kept
from kla.io.warehouse import Warehouse, open_warehouse
from kla.watching import AlarmKind


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_warehouse() as it:
        yield it


def begin(warehouse: Warehouse, **asked: object) -> str:
    return warehouse.begin_run(
        kind="nightly", as_of="", parameters=asked, code_version="1", suite_version="1", districts=("63.10",)
    )


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_without_any_run_every_zone_with_a_district_is_silent(warehouse: Warehouse) -> None:
    silent = [it.zone for it in alarms.current(warehouse, in_days(0)) if it.kind is AlarmKind.SILENT]
    assert sorted(silent) == ["Asia/Jakarta", "Asia/Makassar"]
    assert "Zona WIB diam" in alarms.told(alarms.current(warehouse, in_days(0))[0])


def test_a_good_run_silences_its_zone_for_as_many_hours_as_are_set(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.finish_run(begin(warehouse), "partial")
    assert not [it for it in alarms.current(warehouse, in_days(0)) if it.kind is AlarmKind.SILENT]
    assert [it for it in alarms.current(warehouse, in_days(0), hours=0) if it.kind is AlarmKind.SILENT]
    monkeypatch.setenv("KLA_ALARM_HOURS", "0")
    assert [it for it in alarms.current(warehouse, in_days(0)) if it.kind is AlarmKind.SILENT]


def test_a_running_run_whose_holder_is_dead_is_stuck(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = begin(warehouse, zone="Asia/Makassar")
    assert not [it for it in alarms.current(warehouse, in_days(0)) if it.kind is AlarmKind.STUCK]
    monkeypatch.setattr("kla.io.warehouse.lease.is_dead", lambda _process: True)
    (stuck,) = [it for it in alarms.current(warehouse, in_days(0)) if it.kind is AlarmKind.STUCK]
    assert (stuck.run_id, stuck.zone) == (run_id, "Asia/Makassar")
    assert run_id in alarms.told(stuck)


def test_an_alarm_is_told_once_a_day_and_when_it_is_over(warehouse: Warehouse) -> None:
    def look(days: float) -> int:
        return len(
            alarms.raise_new(
                [it for it in alarms.current(warehouse, in_days(0)) if it.kind is AlarmKind.SILENT], in_days(days)
            )
        )

    assert [look(0), look(0.04), look(0.5), look(1.1)] == [2, 0, 0, 2]
    warehouse.finish_run(begin(warehouse), "complete")
    assert [look(1.2), look(1.3)] == [2, 0]
    assert "pulih" in kept()[-1].body
