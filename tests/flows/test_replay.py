"""A day that is past, made again from the archive, is the report that was published on that day, byte for byte."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import LaySamples

CODE, THEN, NOW = "17.04", "2024-04-24", "2024-05-03"
WHO = {"who": "Siti", "reason": "ditanyakan Inspektorat"}


@dataclass(frozen=True)
class Past:
    var: Path
    then: dict[str, str]


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path, lay_samples: LaySamples) -> Past:
    """Two nights of Kaur, nine days apart; the inbox is gone since."""
    from flows.nightly import nightly

    var = tmp_path_factory.mktemp("past") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(var))
        lay_samples(var / "inbox", [CODE])
        first = nightly(districts=[CODE], as_of=THEN, who="uji")
        then = digests(var / "public" / CODE)
        second = nightly(districts=[CODE], as_of=NOW, who="uji")
        assert first.lines[0].received
        assert second.lines[0].received
        assert digests(var / "public" / CODE) != then
        shutil.rmtree(var / "inbox")
    return Past(var, then)


@pytest.fixture
def var(past: Past, own_var: Path) -> Path:
    shutil.copytree(past.var, own_var)
    return own_var


def test_the_report_of_a_past_day_comes_out_again_and_todays_stays(var: Path, past: Past) -> None:
    from flows.rerun import rerun

    today = digests(var / "public" / CODE)
    night = rerun(district=CODE, as_of=THEN, **WHO)
    assert f"{CODE} siklus 2024: sama persis dengan yang diterbitkan untuk {THEN}." in night.changes
    assert digests(var / "putar-ulang" / CODE / THEN / "public" / CODE) == past.then
    assert digests(var / "public" / CODE) == today
    with closing(sqlite3.connect(var / "warehouse.db")) as db:
        kind = db.execute("SELECT kind, who, reason, status FROM run ORDER BY started_at DESC LIMIT 1").fetchone()
    assert kind == ("replay", *WHO.values(), "complete")


def test_a_day_of_which_another_report_was_published_names_the_files(var: Path) -> None:
    from flows.rerun import rerun

    kept = var / "riwayat" / CODE / "2024" / f"{THEN}.json"
    kept.write_text(kept.read_text().replace('"gap.xlsx": "', '"gap.xlsx": "0'))
    with closing(sqlite3.connect(var / "warehouse.db")) as db, db:
        db.execute("UPDATE published SET sha256 = 'lain' WHERE as_of = ?", (THEN,))
    night = rerun(district=CODE, as_of=THEN, **WHO)
    assert any("1 berkas berbeda" in line and "gap.xlsx" in line for line in night.changes)


def test_a_rerun_of_today_needs_no_inbox_and_changes_nothing(var: Path) -> None:
    from flows.rerun import rerun

    today = digests(var / "public" / CODE)
    night = rerun(district=CODE, as_of=NOW, offices=["DINKES"], stage="mandiri", **WHO)
    assert night.changes == ()
    assert not [trouble for trouble in night.troubles if trouble.step != "read"]
    assert digests(var / "public" / CODE) == today
