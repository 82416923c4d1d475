"""Districts are cut into parts: in order, each once, of about the same weight."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.parts import Part, cut, has_news, parts_of
from tasks.plan import Places, Plan, make_plan


@given(
    weights=st.dictionaries(st.text(min_size=1, max_size=5), st.integers(0, 900), min_size=1, max_size=60),
    workers=st.integers(2, 8),
)
def test_every_district_is_in_one_part_and_in_its_order(weights: dict[str, int], workers: int) -> None:
    parts = cut(weights, workers, 60, 750)
    assert [code for part in parts for code in part] == list(weights)
    assert all(parts)


@given(st.lists(st.integers(20, 40), min_size=40, max_size=300))
def test_parts_of_even_districts_differ_by_no_more_than_two_districts(sizes: list[int]) -> None:
    weights = {str(number): size for number, size in enumerate(sizes)}
    parts = cut(weights, 2, 60, 750)
    loads = [sum(weights[code] for code in part) for part in parts]
    assert max(loads) - min(loads) <= 2 * max(sizes)
    assert len(parts) % 2 == 0
    assert max(loads) <= 750 + 2 * max(sizes)


def test_one_worker_means_that_all_is_served_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLA_WORKERS", "1")
    assert parts_of(make_plan(["64.02", "17.04"], "2024-05-20", None)) == []


def test_a_part_can_be_halved_until_one_district_is_left() -> None:
    first, second = Part(["a", "b", "c"]).halves()
    assert (first.codes, second.codes) == (("a",), ("b", "c"))


def _plan(tmp_path: Path) -> Plan:
    plan = make_plan(["64.02"], "2024-05-20", None)
    return Plan(
        plan.districts, plan.moments, (), Places("", tmp_path / "inbox", tmp_path / "archive", tmp_path / "public")
    )


def test_a_file_that_landed_after_the_overview_is_news_and_one_before_is_not(tmp_path: Path) -> None:
    plan = _plan(tmp_path)
    (tmp_path / "inbox/64.02/DINKES").mkdir(parents=True)
    (tmp_path / "inbox/64.02/DINKES/a.xlsx").write_bytes(b"x")
    assert has_news(plan)
    (tmp_path / "public").mkdir()
    overview = tmp_path / "public/index.html"
    overview.write_bytes(b"")
    later = (tmp_path / "inbox/64.02/DINKES/a.xlsx").lstat().st_ctime + 5
    os.utime(overview, (later, later))
    assert not has_news(plan)
    os.utime(overview, (later - 60, later - 60))
    assert has_news(plan)
