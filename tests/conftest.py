"""What every test shares: no telemetry, no machine state outside the test's own folder, one migrated Prefect home."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
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


# What takes longest, most of it waiting for servers and child processes: begun first, so that all workers end together.
LONG = (
    "flows/test_deployments.py",
    "language/test_language.py",
    "docs/test_operations.py",
    "flows/test_spread.py",
    "reports/test_in_browser.py",
    "roundtrip/test_roundtrip.py",
    "flows/test_wheel.py",
    "flows/test_decided_nights.py",
    "flows/test_backfill.py",
    "desk/test_paper.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; the others stay in their order, and so do the tests of a file."""
    ranks = {CHECKOUT / "tests" / name: rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


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


def _made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder made once for all processes of this run: the first to ask makes it, who asks meanwhile waits.

    Nobody opens what is in it, so that it can be copied at any moment.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if not (folder / "made").exists():
                make(folder)
                (folder / "made").touch()
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)  # not left to closing: children hold the file open too
    return folder


@pytest.fixture(scope="session")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the inbox of all six sample districts and its stamp, to be copied by `lay_samples`."""
    from kla.io.samples import build_inbox

    return _made_once(tmp_path_factory, "sample-files", lambda folder: build_inbox(folder / "inbox"))


LaySamples = Callable[..., None]


@pytest.fixture(scope="session")
def lay_samples(sample_files: Path) -> LaySamples:
    """Give what does as `build_inbox` does for an inbox that is not there yet, from files made once."""

    from kla.io.sample_marks import stamp_path

    def lay(inbox: Path, codes: Sequence[str] | None = None) -> None:
        made, stamp = sample_files / "inbox", stamp_path(inbox)
        marks = json.loads(stamp_path(made).read_bytes())
        chosen = sorted(marks) if codes is None else codes
        for code in chosen:
            shutil.copytree(made / code, inbox / code)
        held = json.loads(stamp.read_bytes()) if stamp.exists() else {}
        stamp.write_text(json.dumps(held | {code: marks[code] for code in chosen}), encoding="utf-8")

    return lay


@dataclass(frozen=True)
class SampleNight:
    """The sample inbox after its first night. To be read only: whoever changes something works on a copy."""

    var: Path
    night: Night


@pytest.fixture(scope="session")
def sample_night(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path, lay_samples: LaySamples) -> SampleNight:
    """Run one night over all six sample districts, once for all tests that only look at what it left."""
    from flows.nightly import nightly
    from kla.io.samples import sample_days

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KLA_VAR", str(folder / "var"))
            lay_samples(folder / "var" / "inbox")
            days = {code: day.isoformat() for code, day in sample_days().items()}
            night = nightly(districts=sorted(days), as_of=days, who="uji")
            (folder / "night").write_bytes(pickle.dumps(replace(night, page=night.page.replace(str(folder), ""))))

    made = _made_once(tmp_path_factory, "sample-night", make)
    own = tmp_path_factory.mktemp("sample-night")
    shutil.copytree(made / "var", own / "var")
    night: Night = pickle.loads((made / "night").read_bytes())
    return SampleNight(own / "var", replace(night, page=f"{own}{night.page}"))


@pytest.fixture(scope="session")
def prefect_home(prefect_template: Path) -> Iterator[Path]:
    """Make this process's own Prefect home a migrated one, so that flows called plainly start their server quickly.

    They run without Prefect's pulse, as those of the command do: to end it costs a flow a second.
    """
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    home = Path(os.environ["PREFECT_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    for path in prefect_template.iterdir():
        shutil.copy(path, home)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield home
