"""Data that does not hold together: told where it is, and a bad folder of one district costs only that district."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kla.io import project


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a KLA_HOME of two districts, in a folder whose name has a space."""
    home = tmp_path_factory.mktemp("rumah") / "data kla"
    for folder in ("instrument", "expectations", "reports", "sql"):
        shutil.copytree(project.data(folder), home / folder)
    for code in ("16.10", "17.04"):
        shutil.copytree(project.data("districts") / code, home / "districts" / code)
    for path in project.data("districts").iterdir():
        if path.is_file() or path.name == "libur":
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, home / "districts" / path.name)
    return home


def kla(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Return how `kla` ended over this data."""
    environment = {**os.environ, "KLA_HOME": str(home), "KLA_VAR": str(home / "var")}
    command = [sys.executable, "-m", "desk.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def spoilt(home: Path, name: str, old: str, new: str) -> None:
    path = home / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("arguments", [("status", "--json"), ("decisions",)])
def test_a_district_whose_folder_is_bad_costs_only_itself(home: Path, arguments: tuple[str, ...]) -> None:
    spoilt(home, "districts/17.04/district.yaml", "Asia/Jakarta", "Asia/Jakrta")
    try:
        done = kla(home, *arguments)
    finally:
        spoilt(home, "districts/17.04/district.yaml", "Asia/Jakrta", "Asia/Jakarta")
    assert done.returncode == 3
    assert "17.04 dilewati" in done.stderr
    assert "districts/17.04/district.yaml, zone" in done.stderr
    assert "Traceback" not in done.stderr
    assert '"16.10"' in done.stdout or arguments == ("decisions",)


def test_a_fault_of_the_instrument_is_told_in_its_own_file(home: Path) -> None:
    spoilt(home, "instrument/2024/klaster_3.yaml", "max_points: 23", "max_points: 24")
    try:
        done = kla(home, "status", "--district", "16.10")
    finally:
        spoilt(home, "instrument/2024/klaster_3.yaml", "max_points: 24", "max_points: 23")
    assert done.returncode == 1
    assert "instrument/2024/klaster_3.yaml, indicator 12" in done.stderr


def test_a_named_folder_without_data_is_told_and_no_other_data_is_taken(tmp_path: Path) -> None:
    done = kla(tmp_path, "status")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Tidak dapat dijalankan: folder yang ditunjuk KLA_HOME tidak berisi data kla.")
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr


def test_looking_before_the_first_night_makes_no_warehouse(home: Path) -> None:
    done = kla(home, "status", "--district", "16.10", "--json")
    assert '"16.10"' in done.stdout
    assert not (home / "var").exists()
