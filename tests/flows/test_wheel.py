"""The wheel, installed into an empty environment elsewhere, runs a night with nothing of the checkout's in reach."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from kla.io.project import DATA_FOLDERS

CHECKOUT = Path(__file__).resolve().parents[2]
SECONDS = 240


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it is built from what git knows of the checkout."""
    pytest.importorskip("hatchling", reason="hatchling is not installed: the wheel cannot be built")
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=SECONDS)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel; its dependencies are those that run this test."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True, timeout=SECONDS)
    own = next((home / "lib").glob("python*/site-packages"))
    # Named in a .pth, a folder is searched, but its own .pth files (the checkout's editable install) are not read.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin"


def run(installed: Path, where: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment in a folder, with no word of the checkout in its environment."""
    names = ("PATH", "HOME", "LANG", "PREFECT_HOME", "PREFECT_LOGGING_LEVEL", "DO_NOT_TRACK")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return subprocess.run(
        [str(installed / command[0]), *command[1:]],
        cwd=where,
        env={**kept, "PREFECT_HOME": str(where / "prefect")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def test_the_wheel_holds_code_and_data_and_nothing_a_run_made(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"kla", "desk", "flows", "tasks"}
    data = {name.split("/")[2] for name in names if name.startswith("kla/_data/")}
    assert data == {*DATA_FOLDERS, "prefect.yaml"}
    assert [name for name in names if "__pycache__" in name or "/var/" in name or name.endswith((".db", ".pyc"))] == []


def test_a_night_runs_from_the_wheel(installed: Path, tmp_path: Path, prefect_template: Path) -> None:
    shutil.copytree(prefect_template, tmp_path / "prefect")
    where = "import kla, desk, flows, tasks; print(*{m.__path__[0] for m in (kla, desk, flows, tasks)}, sep='\\n')"
    found = run(installed, tmp_path, "python", "-c", where).stdout.split()
    assert len(found) == 4
    assert all(Path(path).is_relative_to(installed.parent) for path in found), found
    sample = run(installed, tmp_path, "kla", "sample", "16.10")
    assert sample.returncode == 0, sample.stderr
    night = run(installed, tmp_path, "kla", "nightly", "--sample", "--district", "16.10")
    assert night.returncode == 0, night.stdout + night.stderr
    assert "765,81" in night.stdout
    status = run(installed, tmp_path, "kla", "status", "--district", "16.10", "--json")
    assert json.loads(status.stdout.splitlines()[-1])["score"] == 765.81
    assert (tmp_path / "var" / "public" / "16.10" / "2024" / "index.html").is_file()
    assert str(CHECKOUT) not in night.stdout + status.stdout
