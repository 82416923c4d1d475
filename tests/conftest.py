"""What every test shares: no telemetry, no machine state outside the test's own folder, one migrated Prefect home."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kla.night import Night

CHECKOUT = Path(__file__).resolve().parents[1]
_SESSION = Path(tempfile.mkdtemp(prefix="kla-tests-"))

# Prefect reads these when it is imported, so before any test module is.
for _name in [
    name for name in os.environ if name.startswith(("PREFECT_", "KLA_")) and not name.startswith("KLA_TEST_")
]:
    del os.environ[_name]
os.environ.update(
    {
        "PREFECT_HOME": str(_SESSION / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        # Its console outlives pytest's captured streams.
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "DO_NOT_TRACK": "1",
        "KLA_VAR": str(_SESSION / "var"),
        # A night in child processes cannot be reached by a test that plants a fault; tests/flows/test_spread.py tries them.
        "KLA_WORKERS": "1",
    }
)


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(_SESSION, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a working folder of its own; nothing of the checkout's is read or written."""
    monkeypatch.setenv("KLA_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.fixture(scope="session")
def prefect_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated Prefect home to copy: the checkout's, made at set-up, else one made now."""
    home = tmp_path_factory.mktemp("prefect-template")
    ready = CHECKOUT / "var" / "prefect"
    if (ready / "ready").exists() and (ready / "prefect.db").exists():
        # The checkout's may be in use; the backup interface copies a consistent state.
        with (
            sqlite3.connect(f"file:{ready / 'prefect.db'}?mode=ro", uri=True) as held,
            sqlite3.connect(home / "prefect.db") as new,
        ):
            held.backup(new)
        if (ready / "memo_store.toml").exists():
            shutil.copy(ready / "memo_store.toml", home)
        return home
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
    subprocess.run(command, env={**os.environ, "PREFECT_HOME": str(home)}, check=True, capture_output=True, timeout=180)
    return home


@dataclass(frozen=True)
class SampleNight:
    """The sample inbox after its first night. To be read only: whoever changes something works on a copy."""

    var: Path
    night: Night


@pytest.fixture(scope="session")
def sample_night(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path) -> SampleNight:
    """Run one night over all six sample districts, once for all tests that only look at what it left."""
    from flows.nightly import nightly
    from kla.io.samples import build_inbox, sample_days

    var = tmp_path_factory.mktemp("sample-night") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(var))
        build_inbox(var / "inbox")
        days = {code: day.isoformat() for code, day in sample_days().items()}
        return SampleNight(var, nightly(districts=sorted(days), as_of=days, who="uji"))


@pytest.fixture(scope="session")
def prefect_home(prefect_template: Path) -> Path:
    """Make this process's own Prefect home a migrated one, so that flows called plainly start their server quickly."""
    home = Path(os.environ["PREFECT_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    for path in prefect_template.iterdir():
        shutil.copy(path, home)
    return home
