"""The closing table of a run: what came, went and came back stands first."""

from __future__ import annotations

import pytest
import typer

from desk.running import finish
from kla.night import Night, OfficeChange


def change(opd_code: str, *counts: int) -> OfficeChange:
    new, fixed, persisting, returned = counts
    return OfficeChange("63.10", 2024, "mandiri", opd_code, new, fixed, persisting, returned)


def printed(night: Night, capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(typer.Exit):
        finish(night)
    return capsys.readouterr().out.splitlines()


def test_changes_of_findings_are_told_before_anything_else(capsys: pytest.CaptureFixture[str]) -> None:
    deltas = (change("DINKES", 2, 1, 3, 1), change("DISDIK", 0, 0, 4, 0))
    lines = printed(Night("x", False, (), (), "", deltas=deltas, notices=("Aturan berubah.",)), capsys)
    assert lines[:2] == ["Aturan berubah.", "Perubahan temuan"]
    assert lines[2].split() == ["Kabupaten/Kota", "OPD", "Tahap", "Kembali", "Baru", "Selesai", "Tetap"]
    assert lines[4].split() == ["63.10", "DINKES", "mandiri", "1", "2", "1", "3"]
    assert not any("DISDIK" in line for line in lines)


def test_of_many_offices_the_rest_is_told_as_a_sum(capsys: pytest.CaptureFixture[str]) -> None:
    deltas = tuple(change(f"OPD{number}", 2, 1, 3, 1) for number in range(25))
    lines = printed(Night("x", False, (), (), "", deltas=deltas), capsys)
    assert "… dan 5 OPD lain: 5 kembali, 10 baru, 5 selesai, 15 tetap." in lines


def test_without_any_change_nothing_is_told_about_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(Night("x", False, (), (), ""), capsys) == ["Selesai lengkap."]
