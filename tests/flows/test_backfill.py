"""A backfill judges what older rules judged, counts before and after, and goes on where it was killed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kla.backfill import Counts, Step

if TYPE_CHECKING:
    from conftest import SampleNight

CODES = ["16.10", "62.02"]
ASKED = {"districts": CODES, "as_of": "2024-06-15", "who": "Siti", "reason": "aturan baru"}
COMMAND = ["backfill", "--district", "16.10", "--district", "62.02", "--as-of", "2024-06-15", "--who", "Siti"]
KILLED = """
import os, sys
from kla.io.warehouse import backfills
keep = backfills.keep
def dies_after_the_first_done(warehouse, name, step):
    keep(warehouse, name, step)
    if step.is_done:
        os._exit(9)
backfills.keep = dies_after_the_first_done
from desk.main import app
app(sys.argv[1:])
"""


@pytest.fixture
def var(sample_night: SampleNight, own_var: Path) -> Iterator[Path]:
    """Give a copy of the sample night in which two districts were judged under older rules that knew one rule less."""
    shutil.copytree(sample_night.var, own_var)
    with closing(sqlite3.connect(own_var / "warehouse.db")) as db, db:
        db.execute("UPDATE submission SET suite_version = 'lama' WHERE district_code IN ('16.10', '62.02')")
        found = "SELECT f.code FROM finding f JOIN submission s USING (submission_id) WHERE s.district_code = '62.02'"
        (code,) = db.execute(f"{found} AND s.cycle = 2024 AND f.severity = 'warning' LIMIT 1").fetchone()
        db.execute(f"DELETE FROM finding WHERE code = ? AND submission_id IN ({OWN})", (code,))
    return own_var


OWN = "SELECT submission_id FROM submission WHERE district_code = '62.02' AND cycle = 2024"


def steps(var: Path) -> dict[tuple[str, int], Step]:
    from kla.io.warehouse import open_warehouse
    from kla.io.warehouse.backfills import steps as read

    with closing(sqlite3.connect(var / "warehouse.db")) as db:
        (name,) = db.execute("SELECT DISTINCT backfill_id FROM backfill_step").fetchone()
    with open_warehouse(f"sqlite:///{var / 'warehouse.db'}") as warehouse:
        return {(it.district_code, it.cycle): it for it in read(warehouse, name)}


def test_killed_half_way_it_goes_on_where_it_was_and_counts_from_the_beginning(
    var: Path, prefect_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.backfill import backfill

    command = [sys.executable, "-c", KILLED, *COMMAND, "--reason", "aturan baru"]
    environment = {**os.environ, "KLA_VAR": str(var), "KLA_WORKERS": "1"}
    # No pipes: the server beside the run may hold them a moment longer than the run lives.
    with (var / "log").open("wb") as log:
        killed = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=240)
    assert killed.returncode == 9, (var / "log").read_text()[-2000:]
    (first,) = steps(var).values()
    assert (first.district_code, first.is_done, first.rule_sets) == ("16.10", True, ("lama",))

    night = backfill(**ASKED)
    after = steps(var)
    assert list(after) == [("16.10", 2024), ("62.02", 2023), ("62.02", 2024)]
    assert all(step.is_done for step in after.values())
    assert after["16.10", 2024] == first  # not done a second time
    changed = after["62.02", 2024]
    assert changed.after is not None
    assert changed.after.warnings > changed.before.warnings
    assert changed.after.points == changed.before.points
    assert not after["62.02", 2023].is_change
    assert len(night.changes) == 3
    assert f"peringatan {changed.before.warnings} menjadi {changed.after.warnings}" in night.changes[2]

    def must_not_read(*_: object) -> None:
        raise AssertionError("a step that is done was read again")

    monkeypatch.setattr("flows.backfill.read", must_not_read)
    assert backfill(**ASKED).changes == night.changes


def test_the_ledger_says_who_and_why(var: Path, prefect_home: Path) -> None:
    from flows.backfill import backfill

    backfill(**{**ASKED, "districts": ["16.10"]})
    with closing(sqlite3.connect(var / "warehouse.db")) as db:
        row = db.execute("SELECT kind, who, reason, status FROM run ORDER BY started_at DESC LIMIT 1").fetchone()
        stale = db.execute("SELECT COUNT(*) FROM submission WHERE suite_version = 'lama' AND district_code = '16.10'")
        assert row == ("backfill", "Siti", "aturan baru", "complete")
        assert stale.fetchone() == (0,)


def test_a_dry_run_counts_and_writes_nothing(var: Path, prefect_home: Path) -> None:
    from flows.backfill import backfill

    before = (var / "warehouse.db").read_bytes()
    night = backfill(**ASKED, cycles=[2024], dry_run=True)
    assert night.is_dry_run
    assert [line.split(":")[0] for line in night.changes] == ["16.10 siklus 2024", "62.02 siklus 2024"]
    assert (var / "warehouse.db").read_bytes() == before


def test_counts_survive_being_written_down() -> None:
    from decimal import Decimal

    counts = Counts(3, 2, 1, 0, 4, 5, {"mandiri": Decimal("961.86")})
    assert Counts.from_json(counts.to_json()) == counts
    assert Counts.from_json("") == Counts()
