"""A night served in parts by child processes leaves exactly what one process leaves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows import spread as module
from flows.spread import serve_in_child
from kla.io.foreman import ChildDiedError
from tasks.effect import plainly
from tasks.parts import Part
from tasks.plan import make_plan
from tasks.served import Served

if TYPE_CHECKING:
    from conftest import LaySamples, SampleNight

    from kla.night import Night


def _published(var: Path) -> dict[str, bytes]:
    public = var / "public"
    files = [path for path in sorted(public.rglob("*")) if path.is_file() and path.parent.name != "keadaan"]
    files = [path for path in files if path.name != "manifest.json"]  # it names the run
    return {str(path.relative_to(public)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path, lay_samples: LaySamples) -> tuple[Path, Night]:
    from flows.nightly import nightly
    from kla.io.samples import sample_days

    var = tmp_path_factory.mktemp("apart") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(var))
        patch.setenv("KLA_WORKERS", "2")
        lay_samples(var / "inbox")
        days = {code: day.isoformat() for code, day in sample_days().items()}
        return var, nightly(districts=sorted(days), as_of=days, who="uji")


def test_the_closing_table_the_troubles_and_the_changes_are_the_same(
    apart: tuple[Path, Night], sample_night: SampleNight
) -> None:
    night, alone = apart[1], sample_night.night
    assert night.lines == alone.lines
    assert sorted(night.troubles, key=repr) == sorted(alone.troubles, key=repr)
    assert night.deltas == alone.deltas


def test_the_published_files_are_the_same(apart: tuple[Path, Night], sample_night: SampleNight) -> None:
    found, expected = _published(apart[0]), _published(sample_night.var)
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


class _Deadly:
    """A foreman in whose hands every part with one district dies."""

    def __init__(self, deadly: str) -> None:
        self.deadly = deadly
        self.asked: list[tuple[str, ...]] = []

    def run(self, _work: object, plan: object, _run_id: str) -> tuple[Served, list[object], dict[str, float]]:
        codes = tuple(plan.districts)  # type: ignore[attr-defined]
        self.asked.append(codes)
        if self.deadly in codes:
            raise ChildDiedError("serve_apart", "it died", "Look.")
        return Served(dict.fromkeys(codes)), [], {}  # type: ignore[arg-type]


def test_a_district_that_kills_its_process_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(["16.10", "17.04", "62.02", "63.10", "64.02"], "2024-05-20", None)
    monkeypatch.setattr(module, "foreman_for", lambda _warm: _Deadly("62.02"))
    with plainly():
        served = serve_in_child(Part(tuple(plan.districts)), plan, "")
    assert sorted(served.lines) == ["16.10", "17.04", "63.10", "64.02"]
    assert [(it.district_code, it.step) for it in served.troubles] == [("62.02", "read")]


def test_a_part_of_one_district_that_kills_its_process_is_told_by_the_night(
    monkeypatch: pytest.MonkeyPatch, prefect_home: Path
) -> None:
    from prefect import flow

    plan = make_plan(["64.02"], "2024-05-20", None)
    monkeypatch.setattr(module, "parts_of", lambda _plan: [Part(["64.02"])])
    monkeypatch.setattr(module, "foreman_for", lambda _warm: _Deadly("64.02"))

    @flow(name="coba-mati", persist_result=False)
    def run() -> list[tuple[str, str]]:
        return [(it.district_code, it.step) for it in module.spread(plan, "").troubles]

    assert run() == [("64.02", "read")]


def test_a_dask_cluster_serves_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_night: SampleNight, lay_samples: LaySamples
) -> None:
    pytest.importorskip("prefect_dask", reason="prefect-dask is not installed: the cluster is not tried")
    from flows.nightly import nightly
    from flows.runners import runner
    from kla.io.samples import sample_days

    codes = ("17.04", "64.02")
    monkeypatch.setenv("KLA_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KLA_WORKERS", "2")
    monkeypatch.setenv("KLA_RUNNER", "dask")
    lay_samples(tmp_path / "var/inbox", codes)
    days = {code: sample_days()[code].isoformat() for code in codes}
    monkeypatch.setattr(module, "parts_of", lambda _plan: [Part([code]) for code in codes])
    night = nightly.with_options(task_runner=runner())(districts=list(codes), as_of=days, who="uji")
    assert night.lines == tuple(line for line in sample_night.night.lines if line.district_code in codes)
    found, expected = _published(tmp_path / "var"), _published(sample_night.var)
    own = [name for name in found if name.startswith(codes)]
    assert own
    assert [name for name in own if found[name] != expected[name]] == []


@pytest.mark.parametrize("name", ["ray", "dask2:x"])
def test_an_unknown_runner_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    from flows.runners import runner
    from kla.errors import SettingsError

    monkeypatch.setenv("KLA_RUNNER", name)
    with pytest.raises(SettingsError, match="KLA_RUNNER"):
        runner()


@pytest.mark.parametrize(("where", "hired"), [("lokal", 1), ("dask", 0), ("dask:tcp://127.0.0.1:1", 0)])
def test_a_process_whose_parts_others_serve_hires_no_foreman(
    where: str, hired: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setenv("KLA_RUNNER", where)
    monkeypatch.setattr(module, "foreman_for", asked.append)
    monkeypatch.setattr(module, "is_cut", lambda _plan: True)
    module.prepare(make_plan(["62.02"], "2024-05-20", None))
    assert len(asked) == hired
    monkeypatch.setenv("KLA_WORKERS", "2")
    assert module.prepare_many(513) is bool(hired)
    assert len(asked) == 2 * hired
    assert not module.prepare_many(6)
    assert len(asked) == 2 * hired


def test_a_foreman_is_hired_before_prefect_is_imported() -> None:
    program = (
        "import sys, flows.spread, tasks.plan; assert 'prefect' not in sys.modules; assert 'pandas' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
