"""A fault planted in each step costs the district it hits; the other one is served, and the run says who."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.ending import NightFailedError
from flows.nightly import nightly
from kla.night import NightStatus

HIT, SPARED = "16.10", "53.71"
DAYS = {HIT: "2024-06-15", SPARED: "2024-06-15"}


@pytest.fixture(scope="module")
def card(sample_files: Path) -> Path:
    return next((sample_files / "inbox" / HIT / "_rekap" / "mandiri").iterdir())


@pytest.fixture(autouse=True)
def inbox(card: Path, own_var: Path, prefect_home: Path) -> Path:
    """Give both districts the same card."""
    for code in DAYS:
        place = own_var / "inbox" / code / "_rekap" / "mandiri"
        place.mkdir(parents=True)
        shutil.copy(card, place / "kartu.xlsx")
    return own_var / "inbox"


def _hits(whole: Callable[..., Any], code_of: Callable[..., bool]) -> Callable[..., Any]:
    def planted(*given: Any, **named: Any) -> Any:
        if code_of(*given, **named):
            raise ValueError("ditanam oleh uji")
        return whole(*given, **named)

    return planted


def _is_district(_self: object, district: Any, *_rest: Any) -> bool:
    return (district if isinstance(district, str) else district.code) == HIT


PLANTS: dict[str, tuple[str, Callable[..., bool]]] = {
    "receive": ("kla.io.intake.receive", lambda _inbox, _archive, districts, *_: HIT in districts),
    "validate": (
        "kla.io.suites.validate",
        lambda pairs, *_: any(receipt.district_code == HIT for receipt, _ in pairs),
    ),
    "load": ("kla.io.warehouse.store.loading._load", lambda _c, files, *_, **__: files[0].receipt.district_code == HIT),
    "score": ("kla.io.warehouse.Warehouse.rescore", _is_district),
    "publish": ("kla.io.warehouse.Warehouse.picture", _is_district),
}


@pytest.mark.parametrize("step", PLANTS)
def test_a_fault_in_one_district_stops_no_other(step: str, own_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, code_of = PLANTS[step]
    module, name = place.rsplit(".", 1)
    owner = _resolve(module)
    monkeypatch.setattr(owner, name, _hits(getattr(owner, name), code_of))
    night = nightly(districts=[HIT, SPARED], as_of=DAYS, who="uji")
    assert night.status is NightStatus.PARTIAL
    assert {(trouble.district_code, trouble.step) for trouble in night.troubles} == {(HIT, step)}
    assert "ditanam oleh uji" in night.troubles[0].what
    spared = next(line for line in night.lines if line.district_code == SPARED)
    assert (spared.received, spared.loaded) == (1, 1)
    assert spared.score
    assert (own_var / "public" / SPARED / "2024" / "index.html").is_file()


def _resolve(path: str) -> Any:
    import importlib

    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise AssertionError(path)


def test_after_the_fault_is_gone_the_next_night_serves_the_district(monkeypatch: pytest.MonkeyPatch) -> None:
    from kla.io import suites

    with monkeypatch.context() as patch:
        patch.setattr(suites, "validate", _hits(suites.validate, PLANTS["validate"][1]))
        first = nightly(districts=[HIT, SPARED], as_of=DAYS, who="uji")
    second = nightly(districts=[HIT, SPARED], as_of=DAYS, who="uji")
    assert first.status is NightStatus.PARTIAL
    assert second.status is NightStatus.COMPLETE
    assert {line.district_code: line.received for line in second.lines} == {HIT: 1, SPARED: 0}


def test_a_full_disk_of_ours_is_told_as_ours_and_the_next_night_takes_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from kla.io import archive

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(archive, "keep", full)
        first = nightly(districts=[HIT, SPARED], as_of=DAYS, who="uji")
    second = nightly(districts=[HIT, SPARED], as_of=DAYS, who="uji")
    assert first.status is NightStatus.PARTIAL
    assert {(it.step, it.district_code, it.who) for it in first.troubles} == {
        ("receive", code, "_rekap/mandiri/kartu.xlsx") for code in DAYS
    }
    assert all(it.what.startswith("tidak dapat disimpan di arsip") and "[Errno 28]" in it.what for it in first.troubles)
    assert second.status is NightStatus.COMPLETE
    assert {line.district_code: line.received for line in second.lines} == {HIT: 1, SPARED: 1}


def test_counts_that_cannot_be_kept_cost_no_fact(own_var: Path) -> None:
    (own_var / "docs").write_text("no folder", encoding="ascii")
    night = nightly(districts=[HIT, SPARED], as_of=DAYS, who="uji")
    assert night.status is NightStatus.PARTIAL
    assert {(it.step, it.district_code) for it in night.troubles} == {("docs", "")}
    assert {line.district_code: line.loaded for line in night.lines} == {HIT: 1, SPARED: 1}


def test_a_check_that_finds_something_fails_the_run_its_row_says_so_and_people_are_told(
    own_var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kla.io.notices import kept
    from kla.io.warehouse import Warehouse, open_warehouse

    monkeypatch.setattr(Warehouse, "failed_checks", lambda _self: (("total_is_the_sum", ({"key": "1.P1"},)),))
    with pytest.raises(NightFailedError) as failed:
        nightly(districts=[HIT], as_of=DAYS, who="uji")
    night = failed.value.night
    assert night.status is NightStatus.FAILED
    with open_warehouse(f"sqlite:///{own_var / 'warehouse.db'}") as warehouse:
        run = warehouse.run(night.run_id)
    assert (run.status, run.who) == ("failed", "uji")
    assert "total_is_the_sum" in run.message
    (notice,) = kept()
    assert notice.kind == "failed"
    assert notice.title.startswith(f"Proses gagal: malam · {HIT}")
    assert "total_is_the_sum" in notice.body


def test_a_dry_night_writes_nothing_and_says_what_would_change(own_var: Path) -> None:
    before = sorted(own_var.rglob("*"))
    night = nightly(districts=[HIT], as_of=DAYS, who="uji", dry_run=True)
    assert night.is_dry_run
    assert any("menjadi 765,81" in change for change in night.changes)
    assert [line.score for line in night.lines]
    assert sorted(own_var.rglob("*")) == before
