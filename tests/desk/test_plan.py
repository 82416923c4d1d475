"""The way to the target and the trials, over the sample districts in a real warehouse."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk.main import app
from kla.comparison import YearChange
from kla.io import outlook
from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.outlook import Ground
from kla.io.warehouse import open_warehouse
from kla.io.warehouse.store import Warehouse

if TYPE_CHECKING:
    from conftest import SampleNight


@dataclass
class Desk:
    """A working folder after the sample night."""

    var: Path
    warehouse: Warehouse

    def ground(self, code: str, cycle: int = 2024) -> Ground:
        found = outlook.ground_of(self.warehouse, load_district(code), load_instrument(cycle), cycle)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sample_night: SampleNight) -> Iterator[Desk]:
    var = tmp_path_factory.mktemp("plan") / "var"
    shutil.copytree(sample_night.var, var)
    with open_warehouse(f"sqlite:///{var / 'warehouse.db'}") as warehouse:
        yield Desk(var, warehouse)


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("KLA_VAR", str(desk.var))

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            app(list(arguments))
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return call


def test_all_161_48_points_of_tanah_bumbu_are_attributed(desk: Desk) -> None:
    (fall,) = outlook.waterfalls(desk.ground("63.10"))
    assert (fall.difference, fall.residual) == (Decimal("-161.48"), 0)
    for grouped in (fall.by_block(), fall.by_indicator(), fall.by_question(), fall.by_office(), fall.by_cause()):
        assert sum(points for _, points in grouped) == Decimal("-161.48")
    assert {cause for cause, _ in fall.by_cause()}.isdisjoint({"other", "no_reason", "not_stated"})
    assert "" not in {office for office, _ in fall.by_office()}


@pytest.mark.parametrize(("code", "cycle"), [("17.04", 2024), ("62.02", 2023), ("63.10", 2024), ("64.02", 2024)])
def test_every_lost_point_has_a_need(desk: Desk, code: str, cycle: int) -> None:
    ground = desk.ground(code, cycle)
    found = outlook.needs(ground, date(2024, 5, 3))
    assert sum(need.gap.lost_points for need in found) == 1000 - ground.current.total.points


def test_years_of_kotim_sum_and_say_where_only_totals_are_known(desk: Desk) -> None:
    found = outlook.years(desk.ground("62.02"), "mandiri")
    assert [(y.earlier.cycle, y.later.cycle, y.difference, y.residual, y.is_resolved) for y in found] == [
        (2021, 2022, Decimal("54.70"), 0, False),
        (2022, 2023, Decimal("-99.20"), 0, False),
        (2023, 2024, Decimal("-245.00"), 0, True),
    ]
    assert dict(found[2].by_change()) == {YearChange.REAL: Decimal("-245.00")}
    verified = outlook.years(desk.ground("62.02"), "administrasi")
    assert [y.difference for y in verified] == [Decimal("-68.00"), Decimal("175.40")]


def test_kotim_learns_from_its_own_three_years_without_counting_one_twice(desk: Desk) -> None:
    found = outlook.safety(desk.ground("62.02"))
    assert found.expectation is not None
    assert (found.expectation.own_pairs, found.expectation.public_pairs, found.expectation.summary_pairs) == (3, 1, 17)
    assert found.safe == found.expectation.likely
    # What happened in the cycle itself is not foretold from itself.
    then = outlook.safety(desk.ground("62.02", 2023))
    assert then.expectation is None or then.expectation.own_pairs == 0


def test_kaur_on_3_may_is_judged_either_way(run) -> None:
    code, said, _ = run("path", "17.04", "--target", "Pratama", "--by", "2024-05-31", "--json")
    plan = json.loads(said)
    assert code == 0
    assert (plan["as_of"], plan["score"], plan["target_score"], plan["days_left"]) == ("2024-05-03", 300.41, 500, 28)
    assert plan["reachable"] is True
    assert plan["full_score"] >= plan["expected_score"] >= plan["goal"] == 505
    tasks = [task for office in plan["offices"] for task in office["tasks"]]
    assert len({task["question"] for task in tasks}) == len(tasks)
    assert all("2024-05-03" < task["starts_on"] <= task["done_on"] <= "2024-05-31" for task in tasks)
    code, said, _ = run("path", "17.04", "--target", "pratama", "--by", "2024-05-10", "--json")
    short = json.loads(said)
    assert (code, short["reachable"]) == (0, False)
    assert 300.41 < short["expected_score"] < 505
    code, said, _ = run("path", "17.04", "--by", "2024-05-10")
    assert "Pratama tidak terjangkau sebelum 10 Mei 2024" in said


def test_tanah_bumbu_reaches_utama_before_its_field_verification(run) -> None:
    code, said, _ = run("path", "63.10")
    assert code == 0
    assert "Terjangkau sebelum 5 Juni 2025" in said
    assert "Sisa 16 hari (10 hari kerja)" in said
    assert "unggah bukti" in said


def test_a_target_already_reached_needs_nothing(run) -> None:
    code, said, _ = run("path", "63.10", "--target", "Nindya", "--json")
    plan = json.loads(said)
    assert (code, plan["reachable"], plan["offices"], plan["goal"]) == (0, True, [], 800.38)


def test_a_single_doubtful_win_can_be_left_out(run) -> None:
    _, said, _ = run("path", "63.10", "--certainty", "85", "--json")
    plan = json.loads(said)
    assert all(task["certainty"] >= 0.85 for office in plan["offices"] for task in office["tasks"])


def test_one_more_small_win_makes_800_38_an_utama(run) -> None:
    code, said, _ = run("whatif", "63.10", "--set", "6.P2=penuh", "--json")
    trial = json.loads(said)
    assert code == 0
    assert (trial["score_before"], trial["predikat_before"]) == (800.38, "Nindya")
    assert (trial["score"], trial["predikat"], trial["points_to_target"]) == (802.78, "Utama", 0)
    code, said, _ = run("whatif", "63.10", "--set", "6.P2=penuh", "--set", "12.P1=87.5", "--discount", "1")
    assert "Nindya" in said
    assert "Potongan verifikator 1% dari seluruh nilai" in said


def test_kotim_was_12_60_short_of_madya(run) -> None:
    _, said, _ = run("whatif", "62.02", "--cycle", "2023", "--target", "Madya", "--json")
    assert json.loads(said)["points_to_target"] == 12.6


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["whatif", "63.10", "--set", "6.P2"], "tulis seperti 6.P2=penuh"),
        (["whatif", "63.10", "--set", "99.P9=penuh"], "99.P9 bukan pertanyaan siklus 2024"),
        (["whatif", "63.10", "--set", "6.P2=hebat"], "hebat bukan tingkat pertanyaan 6.P2"),
        (["whatif", "63.10", "--set", "12.P1=101"], "101 bukan persentase 0 sampai 100"),
        (["whatif", "63.10", "--discount", "x"], "x bukan persentase 0 sampai 100"),
        (["path", "63.10", "--target", "Madia"], "Madia bukan predikat"),
        (["path", "63.10", "--by", "besok"], "besok bukan tanggal"),
        (["path", "99.99"], "99.99"),
    ],
)
def test_a_mistyped_wish_is_answered_in_one_indonesian_sentence(run, arguments: list[str], sentence: str) -> None:
    code, said, complained = run(*arguments)
    assert (code, said) == (2, "")
    assert sentence in complained
