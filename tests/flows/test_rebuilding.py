"""A lost warehouse comes back from the archive, the same in every fact; the doctor tells what is not as it should be."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from flows.rebuilding import rebuild
from kla.errors import WarehouseError
from kla.io import doctor_warehouse
from kla.io.archive import ARRIVING
from kla.io.doctor import Chart
from kla.io.sweeping import GONE
from kla.io.warehouse import Warehouse, open_warehouse
from kla.io.warehouse.export import digest_of, export

if TYPE_CHECKING:
    from conftest import SampleNight


@pytest.fixture
def var(sample_night: SampleNight, own_var: Path) -> Path:
    """The sample night's folder, copied, with the journal of one small district only."""
    shutil.copytree(sample_night.var, own_var)
    for path in (own_var / "archive" / "_journal").glob("*.jsonl"):
        if path.stem != "16.10":
            path.unlink()
    return own_var


def test_a_rebuilt_warehouse_holds_the_same_facts(var: Path) -> None:
    shutil.rmtree(var / "inbox")
    url = f"sqlite:///{var / 'again.db'}"
    made = rebuild(url, var / "archive", var / "public")
    with open_warehouse(url) as again, open_warehouse(f"sqlite:///{var / 'warehouse.db'}") as live:
        for table in ("receipt", "submission", "stated", "finding", "score", "gap", "standing_finding", "ignored"):
            assert _rows(again, table) == _rows(live, table), table
        assert again.failed_checks() == ()
        _begins_its_log_of_findings_anew(again, url)
    assert made.files == 1


def _begins_its_log_of_findings_anew(again: Warehouse, url: str) -> None:
    """What no file and no journal tells is not made up: every finding is new in the run that rebuilt, and the doctor says so."""
    chart = Chart()
    doctor_warehouse.warehouse(chart, again, url)
    (told,) = (it for it in chart.found if it.code == "rebuilt")
    with again.reading() as connection:
        rows = connection.execute(text("SELECT DISTINCT run_id, change FROM finding_change")).all()
    assert [tuple(row) for row in rows] == [(told.subject, "new")]


def _rows(warehouse: object, table: str) -> list[str]:
    import io

    target = io.BytesIO()
    export(warehouse, target)  # type: ignore[arg-type]
    lines = [json.loads(line) for line in target.getvalue().splitlines()]
    own = [it for it in lines if it["table"] == table]
    ids = {it["submission_id"] for it in lines if it["table"] == "submission" and it["district_code"] == "16.10"}
    mine = [it for it in own if it.get("district_code", "16.10") == "16.10" and it.get("submission_id") in {*ids, None}]
    return [json.dumps(it, sort_keys=True) for it in mine]


def test_a_warehouse_that_holds_files_is_not_rebuilt_into(var: Path) -> None:
    with pytest.raises(WarehouseError, match="sudah berisi"):
        rebuild(f"sqlite:///{var / 'warehouse.db'}", var / "archive", var / "public")


def test_an_archive_without_a_journal_is_told(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="tidak ada catatan"):
        rebuild(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "archive", tmp_path / "public")


def test_a_rerun_writes_down_what_arrived_before_there_was_a_journal(var: Path) -> None:
    from desk.doctor import examine
    from kla.io.archive_journal import arrivals
    from tasks.plan import make_plan
    from tasks.rejudge import fetch

    def unwritten() -> bool:
        return any(it.code == "not_in_journal" for it in examine().ailments)

    assert unwritten()
    assert not list(arrivals(var / "archive", "17.04"))
    for code in ("17.04", "53.71", "62.02", "63.10", "64.02"):
        plan = make_plan([code], "2026-01-01", None)
        held = fetch.fn(plan, (), "")
        plan.close()
        assert {it.receipt.sha256 for it in arrivals(var / "archive", code)} == {it.sha256 for it in held.receipts}
    assert not unwritten()


def test_an_export_is_the_same_twice_and_names_no_run(var: Path, tmp_path: Path) -> None:
    with open_warehouse(f"sqlite:///{var / 'warehouse.db'}") as warehouse:
        with (tmp_path / "out").open("wb") as target:
            first = export(warehouse, target)
        assert digest_of(first) == digest_of(export(warehouse))
    assert b"run_id" not in (tmp_path / "out").read_bytes()


def test_the_doctor_finds_what_was_done_to_a_healthy_place(var: Path) -> None:
    from desk.doctor import examine

    assert {it.code for it in examine().ailments if it.level == "error"} == set()
    original = next((var / "archive").glob("??/[0-9a-f]*"))
    original.chmod(0o644)
    original.write_bytes(b"lain")
    next((var / "public" / "16.10").glob("*/gap.xlsx")).unlink()
    (var / "inbox" / "99.99").mkdir()
    (var / "inbox" / "16.10" / "tautan.xlsx").symlink_to("/etc/hostname")
    (var / "warehouse.db").chmod(0o644)
    (var / "public" / "16.10" / ".2024.percobaan").mkdir()
    (var / GONE / "0123").mkdir(parents=True)
    (var / "archive" / ARRIVING).mkdir(exist_ok=True)
    left = var / "archive" / ARRIVING / f"{original.name} 1 lain~0~0 1 1"
    left.touch()
    os.utime(left, (0, 0))
    ailments = examine().ailments
    assert {it.subject for it in ailments if (it.area, it.code) == ("pages", "left_over")} == {
        "16.10/.2024.percobaan",
        GONE,
    }
    found = {f"{it.area}.{it.code}" for it in ailments}
    assert found >= {
        "archive.changed",
        "archive.open_file",
        "archive.left_over",
        "pages.left_over",
        "pages.changed",
        "inbox.unknown_district",
        "inbox.not_regular",
        "warehouse.open_file",
    }
