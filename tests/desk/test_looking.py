"""`kla status`, `kla trace` and `kla explain` after a night on Ogan Ilir's card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk.main import app

if TYPE_CHECKING:
    from conftest import LaySamples


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path, lay_samples: LaySamples) -> Path:
    from flows.nightly import nightly

    var = tmp_path_factory.mktemp("looking") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(var))
        lay_samples(var / "inbox", ["16.10"])
        assert not nightly(districts=["16.10"], as_of="2024-06-15", who="uji").troubles
    return var


@pytest.fixture(autouse=True)
def after_the_night(var: Path, own_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLA_VAR", str(var))


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what `kla` prints, after it ended with 0."""
    with pytest.raises(SystemExit) as end:
        app(list(arguments))
    assert (end.value.code or 0) == 0
    return capsys.readouterr().out


def test_status_says_score_predikat_target_and_days_left(capsys: pytest.CaptureFixture[str]) -> None:
    status = json.loads(shown(capsys, "status", "--district", "16.10", "--as-of", "2024-06-15", "--json"))
    assert (status["district"], status["cycle"], status["stage"]) == ("16.10", 2024, "mandiri")
    assert (status["score"], status["predikat"], status["days_left"]) == (765.81, "Nindya", 15)
    (stage,) = status["stages"]
    assert sum(round(points * 100) for points in stage["blocks"].values()) == 76581
    assert {"expected", "received", "accepted", "on_time", "target", "points_to_target"} <= set(status)


def test_status_as_a_table_stays_aligned_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, "status", "--district", "16.10", "--as-of", "2024-06-15").splitlines()
    assert "765,81" in lines[2]
    assert lines[2].index("765,81") + len("765,81") == lines[0].index("Nilai") + len("Nilai")


def test_status_of_a_named_district_shows_every_stage_and_block(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, "status", "--district", "16.10").splitlines()
    assert lines[4].split()[:6] == ["Kode", "Siklus", "Tahap", "Nilai", "Predikat", "K0"]
    assert lines[6].split()[:5] == ["16.10", "2024", "mandiri", "765,81", "Nindya"]
    assert sum(int(points.replace(",", "")) for points in lines[6].split()[5:]) == 76581


def test_trace_takes_a_question_in_small_letters(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "trace", "16.10", "19.p4") == shown(capsys, "trace", "16.10", "19.P4")


def test_trace_leads_from_the_question_to_the_cell_and_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "trace", "16.10", "19.P4")
    assert "0,00 dari 3,00 poin" in text
    assert "Kartu nilai KLA 2024 Ogan Ilir.xlsx · lembar Rekap Nilai · sel E217" in text
    assert "A02" in text
    (one,) = [json.loads(line) for line in shown(capsys, "trace", "16.10", "19.P4", "--json").splitlines()]
    (row,) = one["rows"]
    assert (row["value"], row["sheet"], row["cell"], row["is_quarantined"]) == ("6", "Rekap Nilai", "E217", True)
    assert row["run"] == one["run"]


def test_explain_says_meaning_source_remedy_and_effect(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "explain", "a02")
    assert text.splitlines()[0] == "A02 · jawaban · Harus diperbaiki"
    heads = [line.split(":")[0] for line in text.splitlines()[1:6]]
    assert heads == ["Contoh", "Perbaikan", "Dasar", "Diperiksa pada tahap", "Akibat"]


def test_explain_fills_every_sentence_of_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    from kla.io.rules import load_rules

    for rule in load_rules():
        text = shown(capsys, "explain", rule.code)
        assert not set("{}") & set(text), rule.code
        assert "Klaster III" in text or "{sheet}" not in rule.tell + rule.fix


@pytest.mark.parametrize(
    ("frame", "scope", "effect"),
    [
        ("answers", "row", "baris ini dikembalikan"),
        ("files", "file", "seluruh berkas ditolak"),
        ("evidence", "row", "nilainya 0"),
    ],
)
def test_explain_says_how_far_a_blocking_rule_reaches(
    frame: str, scope: str, effect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from kla.io.rules import load_rules

    rule = next(it for it in load_rules() if (it.frame, it.scope, it.severity) == (frame, scope, "blocking"))
    assert f"Akibat: {effect}" in shown(capsys, "explain", rule.code) or effect in shown(capsys, "explain", rule.code)


def test_days_after_the_deadline_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert "tenggat lewat " in shown(capsys, "status", "--district", "16.10", "--as-of", "2030-01-01")
