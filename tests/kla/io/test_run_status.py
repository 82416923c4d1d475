"""The page of the nights says when each zone was last served well, from the ledger, and tells alarms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kla.io import run_status
from kla.io.warehouse import Warehouse, open_warehouse


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_warehouse() as it:
        yield it


def a_run(warehouse: Warehouse, status: str, message: str = "", **asked: object) -> str:
    run_id = warehouse.begin_run(kind="nightly", as_of="", parameters=asked, code_version="1", suite_version="1")
    warehouse.finish_run(run_id, status, message)
    return run_id


def test_each_zone_shows_its_last_good_run_and_no_failed_one(warehouse: Warehouse, tmp_path: Path) -> None:
    good = a_run(warehouse, "partial", zone="Asia/Jakarta")
    failed = a_run(warehouse, "failed", "<b>rusak</b>", zone="Asia/Makassar")
    run_status.publish(warehouse, tmp_path, datetime.now(UTC))
    told = json.loads((tmp_path / "keadaan" / "status.json").read_bytes())
    assert told["zones"]["Asia/Jakarta"]["run_id"] == good
    assert told["zones"]["Asia/Makassar"]["run_id"] == ""
    assert any("Zona WITA diam" in line for line in told["alarms"])
    page = (tmp_path / "keadaan" / "index.html").read_text(encoding="utf-8")
    assert good in page
    assert failed in page
    assert "rusak" not in page  # what went wrong names offices and files; it is for the ledger's readers
    assert "belum pernah untuk seluruh zona dalam 60 hari terakhir" in page


def test_its_age_grows_while_nothing_runs(warehouse: Warehouse, tmp_path: Path) -> None:
    a_run(warehouse, "complete")
    now = datetime.now(UTC)
    assert not [it for it in run_status.status_of(warehouse, now).alarms if "diam" in it]
    assert [it for it in run_status.status_of(warehouse, now + timedelta(days=2)).alarms if "diam" in it]


def test_it_needs_nothing_from_elsewhere(warehouse: Warehouse, tmp_path: Path) -> None:
    run_status.publish(warehouse, tmp_path, datetime.now(UTC))
    page = (tmp_path / "keadaan" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|img|iframe|link rel=.stylesheet)|https?://", page)
    assert re.findall(r'href="([^"]*)"', page) == ["data:,", "../index.html"]
