"""What lies before a district, as its commands print it: every sum is whole, every list says the same as its JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from conftest import SampleNight

from desk.main import app
from kla.wording import points_text

Run = Callable[..., str]


@pytest.fixture
def run(sample_night: SampleNight, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("KLA_VAR", str(sample_night.var))

    def call(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            app(list(arguments))
        told = capsys.readouterr()
        assert int(ended.value.code or 0) == 0, told.err
        return told.out

    return call


def whole(sums: list[dict[str, float]]) -> Decimal:
    return sum((Decimal(str(one["points"])) for one in sums), Decimal(0))


def test_every_way_of_summing_tanah_bumbus_fall_gives_161_48(run: Run) -> None:
    fall = json.loads(run("compare", "63.10", "--from", "mandiri", "--to", "administrasi", "--json"))
    assert (fall["before"], fall["after"], fall["difference"], fall["residual"]) == (961.86, 800.38, -161.48, 0)
    for key in ("by_block", "by_indicator", "by_office", "by_cause", "questions"):
        assert whole(fall[key]) == Decimal("-161.48"), key
    said = run("compare", "63.10")
    assert "Nilai 961,86 menjadi 800,38: −161,48 poin. Yang tidak terjelaskan: 0,00." in said
    assert "lainnya; tampilkan semua dengan --all." in said
    everything = run("compare", "63.10", "--all")
    assert all(f"{step['question']} " in everything for step in fall["questions"])


def test_kotims_years_sum_to_their_difference(run: Run) -> None:
    years = json.loads(run("years", "62.02", "--json"))["years"]
    assert [(y["earlier"]["cycle"], y["later"]["cycle"], y["difference"], y["residual"]) for y in years] == [
        (2021, 2022, 54.7, 0),
        (2022, 2023, -99.2, 0),
        (2023, 2024, -245, 0),
    ]
    for year in years:
        assert sum(Decimal(str(points)) for points in year["by_change"].values()) == Decimal(str(year["difference"]))
        assert whole(year["parts"]) == Decimal(str(year["difference"]))
    said = run("years", "62.02", "--stage", "administrasi")
    assert "2022 ke 2023: 413,00 menjadi 588,40, +175,40 poin" in said
    assert "hanya jumlahnya yang diketahui: +175,40" in said


def test_the_skor_aman_says_what_it_rests_on_and_how_good_that_was(run: Run) -> None:
    found = json.loads(run("safe", "17.04", "--json"))
    assert found["safe"] == found["expected"]["likely"]
    assert round(found["supported"] - found["at_risk"], 2) == found["safe"]
    assert [test["is_strict"] for test in found["back_tests"]] == [True, False]
    said = run("safe", "17.04")
    assert found["basis"] in said
    assert "Uji mundur tanpa ringkasan: " in said


@pytest.mark.parametrize("code", ["17.04", "63.10", "16.10"])
def test_all_losses_are_the_maximum_less_the_score(run: Run, code: str) -> None:
    found = json.loads(run("gaps", code, "--json"))
    assert whole([{"points": gap["lost"]} for gap in found["gaps"]]) == Decimal(str(found["lost"]))
    assert Decimal(str(found["lost"])) == 1000 - Decimal(str(found["score"]))
    assert f"hilang {points_text(Decimal(str(found['lost'])))} poin" in run("gaps", code)


def test_kupang_sees_who_works_alone(run: Run) -> None:
    found = json.loads(run("coordination", "53.71", "--json"))
    said = run("coordination", "53.71")
    assert f"{len(found['alone_questions'])} dari {found['shared_questions']} pertanyaan bersama" in said
    assert found["shared_questions"] == 190
    assert {it["opd_code"] for it in found["alone"]} == {"DISNAKERTRANS"}
    assert found["alone"][0]["silent"] == ["DP3A", "SATPOL_PP"]
    assert "Setiap pertanyaan ada pengampunya." in said


def test_the_matrix_has_every_office_and_indicator(run: Run) -> None:
    found = json.loads(run("coordination", "53.71", "--json"))
    lines = run("coordination", "53.71", "--matrix").splitlines()
    assert len(lines[2].split()) == 1 + 31
    rows = {line.split()[0]: line.split()[1:] for line in lines[4:]}
    assert list(rows) == found["offices"]
    for code, cells in rows.items():
        assert len(cells) == sum(part["opd_code"] == code for part in found["parts"])


def test_a_verifiers_discount_can_be_of_one_indicator(run: Run) -> None:
    whole_cut = json.loads(run("whatif", "63.10", "--discount", "10%", "--json"))
    one_cut = json.loads(run("whatif", "63.10", "--discount", "14=100", "--json"))
    assert (whole_cut["score"], whole_cut["discounts_percent"]) == (720.34, {"all": 10})
    sheet = {it["key"]: it for it in json.loads(run("compare", "63.10", "--json"))["by_indicator"]}
    assert "14" in sheet or one_cut["score"] < 800.38
    assert one_cut["discounts_percent"] == {"14": 100}
    said = run("whatif", "63.10", "--discount", "K3=5")
    assert "Potongan verifikator 5% dari Klaster III" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "53.71"], "baru mempunyai nilai satu tahap"),
        (["compare", "63.10", "--to", "final"], "final bukan tahap yang dapat dipakai di sini"),
        (["years", "17.04"], "belum punya dua siklus"),
        (["gaps", "63.10", "--as-of", "besok"], "besok bukan tanggal"),
        (["whatif", "63.10", "--discount", "99=10"], "99 bukan klaster atau indikator"),
    ],
)
def test_a_mistyped_wish_is_told_in_indonesian(
    sample_night: SampleNight,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.setenv("KLA_VAR", str(sample_night.var))
    with pytest.raises(SystemExit) as ended:
        app(arguments)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
