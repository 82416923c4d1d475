"""The whole way, from the sample inbox to the pages: the figures that were published come out, and come out again."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.warehouse import open_warehouse
from kla.night import Night, NightStatus
from kla.scoring import ScoreSheet

if TYPE_CHECKING:
    from conftest import SampleNight

RUN_TABLES = {"run", "freshness"}


@dataclass
class Nights:
    """The sample inbox after one night, and what the second one left of it."""

    var: Path
    first: Night
    second: Night
    facts_first: dict[str, str]
    facts_second: dict[str, str]
    pages_first: dict[str, str]
    pages_second: dict[str, str]

    def sheet(self, code: str, cycle: int, stage: str) -> ScoreSheet:
        """Return a stored score sheet."""
        load_district(code)
        with open_warehouse(f"sqlite:///{self.var / 'warehouse.db'}") as warehouse:
            return next(it for it in warehouse.sheets(code, load_instrument(cycle), cycle) if it.stage == stage)


def _facts(var: Path) -> dict[str, str]:
    """Return a digest per table of every row, the ledger of runs aside."""
    with closing(sqlite3.connect(var / "warehouse.db")) as connection:
        names = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        rows = {
            name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))
            for name in names
            if name not in RUN_TABLES
        }
    return {name: hashlib.sha256("\n".join(lines).encode()).hexdigest() for name, lines in rows.items()}


def _pages(var: Path) -> dict[str, str]:
    public = var / "public"
    # The page of the nights alone tells of every run.
    files = sorted(path for path in public.rglob("*") if path.is_file() and path.parent.name != "keadaan")
    return {str(path.relative_to(public)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, sample_night: SampleNight) -> Iterator[Nights]:
    from flows.nightly import nightly
    from kla.io.samples import sample_days

    var = tmp_path_factory.mktemp("nights") / "var"
    shutil.copytree(sample_night.var, var)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(var))
        days = {code: day.isoformat() for code, day in sample_days().items()}
        first = sample_night.night
        facts, pages = _facts(var), _pages(var)
        second = nightly(districts=sorted(days), as_of=days, who="uji")
        yield Nights(var, first, second, facts, _facts(var), pages, _pages(var))


def test_the_night_serves_all_six_districts_and_names_the_files_it_could_not_read(nights: Nights) -> None:
    assert [line.district_code for line in nights.first.lines] == ["16.10", "17.04", "53.71", "62.02", "63.10", "64.02"]
    assert nights.first.status is NightStatus.PARTIAL
    assert {trouble.step for trouble in nights.first.troubles} == {"read"}
    assert all(trouble.district_code and trouble.who for trouble in nights.first.troubles)


def test_every_file_that_has_arrived_has_exactly_one_outcome(nights: Nights) -> None:
    from kla.io.samples import sample_days

    for line in nights.first.lines:
        with (nights.var / "inbox" / line.district_code / "_kedatangan.csv").open(encoding="utf-8") as file:
            days = [datetime.fromisoformat(row["received_at"]).date() for row in csv.DictReader(file)]
        arrived = sum(day <= sample_days()[line.district_code] for day in days)
        assert (line.district_code, line.received, line.loaded + line.refused) == (line.district_code, arrived, arrived)


@pytest.mark.parametrize(
    ("code", "cycle", "stage", "points", "predikat"),
    [
        ("63.10", 2024, "mandiri", "961.86", "KLA"),
        ("63.10", 2024, "administrasi", "800.38", "Nindya"),
        ("62.02", 2023, "mandiri", "721.00", "Nindya"),
        ("62.02", 2023, "administrasi", "588.40", "Pratama"),
    ],
)
def test_published_totals_come_out_to_the_hundredth(
    nights: Nights, code: str, cycle: int, stage: str, points: str, predikat: str
) -> None:
    sheet = nights.sheet(code, cycle, stage)
    assert (sheet.total.points, sheet.predikat) == (Decimal(points), predikat)


def test_kaur_stands_near_300_points_and_has_no_predikat(nights: Nights) -> None:
    sheet = nights.sheet("17.04", 2024, "mandiri")
    assert abs(sheet.total.points - 300) < 5
    assert sheet.predikat is None


def test_kotawaringin_timur_is_on_its_way_near_476_points(nights: Nights) -> None:
    assert abs(nights.sheet("62.02", 2024, "mandiri").total.points - 476) < 5


def test_kutai_kartanegara_is_in_madya(nights: Nights) -> None:
    assert nights.sheet("64.02", 2024, "mandiri").predikat == "Madya"


def test_every_klaster_of_kupang_is_touched(nights: Nights) -> None:
    assert all(block.points > 0 for block in nights.sheet("53.71", 2024, "mandiri").blocks)


def test_ogan_ilir_states_771_81_by_its_rows_and_what_cannot_stand_does_not_count(nights: Nights) -> None:
    with closing(sqlite3.connect(nights.var / "warehouse.db")) as connection:
        sql = (
            "SELECT t.key, t.points, t.is_quarantined FROM stated AS t JOIN submission AS s USING (submission_id) "
            "WHERE s.district_code = '16.10' AND t.level = 'question'"
        )
        rows = connection.execute(sql).fetchall()
    assert sum(Decimal(points) for _, points, _ in rows) == Decimal("771.81")
    back = {key: Decimal(points) for key, points, is_back in rows if is_back}
    assert back["19.P4"] == 6
    counted = nights.sheet("16.10", 2024, "mandiri").total.points
    assert counted == Decimal("771.81") - sum(back.values())


def test_days_left_are_counted_from_each_districts_own_day(nights: Nights) -> None:
    days = {line.district_code: line.days_left for line in nights.first.lines}
    assert days["17.04"] == 28
    assert days["63.10"] != days["64.02"]


def test_tanah_bumbu_misses_its_target_by_62_hundredths(nights: Nights) -> None:
    line = next(line for line in nights.first.lines if line.district_code == "63.10")
    assert (line.stage, line.target_predikat, line.points_to_target) == ("administrasi", "Utama", Decimal("0.62"))


def test_a_second_night_changes_no_fact_row(nights: Nights) -> None:
    assert nights.facts_first == nights.facts_second


def test_a_second_night_changes_no_byte_of_any_page(nights: Nights) -> None:
    assert nights.pages_first == nights.pages_second
    assert "index.html" in nights.pages_first


def test_a_second_night_finds_nothing_new_and_is_complete(nights: Nights) -> None:
    assert nights.second.status is NightStatus.COMPLETE
    assert {line.received for line in nights.second.lines} == {0}


def test_a_rerun_with_the_same_rules_changes_no_fact_row(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.rerun import rerun

    monkeypatch.setenv("KLA_VAR", str(nights.var))
    night = rerun(district="17.04", as_of="2024-05-03", who="Siti", reason="uji")
    assert (night.troubles, night.changes) == ((), ())
    assert _facts(nights.var) == nights.facts_second
    assert _pages(nights.var) == nights.pages_second


def test_a_dry_rerun_says_what_would_change_and_writes_nothing(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.rerun import rerun

    monkeypatch.setenv("KLA_VAR", str(nights.var))
    with closing(sqlite3.connect(nights.var / "warehouse.db")) as connection, connection:
        sql = "UPDATE score SET points_hundredths = points_hundredths + 100 WHERE district_code = '16.10' AND level = 'total'"
        connection.execute(sql)
    facts, runs = _facts(nights.var), _runs(nights.var)
    night = rerun(district="16.10", as_of="2024-06-15", who="Siti", reason="uji", dry_run=True)
    assert night.is_dry_run
    assert len(night.changes) == 1
    assert "766,81 menjadi 765,81" in night.changes[0]
    assert (_facts(nights.var), _runs(nights.var)) == (facts, runs)
    again = rerun(district="16.10", as_of="2024-06-15", who="Siti", reason="uji")
    assert again.changes == night.changes
    assert _facts(nights.var)["score"] != facts["score"]


def _runs(var: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(var / "warehouse.db")) as connection:
        return connection.execute("SELECT * FROM run ORDER BY run_id").fetchall()


def test_every_page_tells_how_old_its_data_is_and_leads_to_the_last_good_night(sample_night: SampleNight) -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in (sample_night.var / "public").rglob("*.html")}
    nights = {path for path in pages if path.parent.name == "keadaan"}
    assert len(nights) == 1
    assert [path for path, content in pages.items() if path not in nights and "keadaan/index.html" not in content] == []
    # The page of rules shows counts of all districts' last checks, which have no day in common.
    dated = [path for path in pages if path not in nights and path.name != "pemeriksaan.html"]
    assert [path for path in dated if not re.search(r"(Data sampai|per) \d+ [A-Z][a-z]+ 20\d\d", pages[path])] == []
