"""Districts are cut into parts: in order, each once, of about the same weight."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.io.intake import receive
from tasks.parts import DRAWING, LEAST_WORK, REDATING, Part, cut, is_cut, is_much, news, parts_of
from tasks.plan import Places, Plan, make_plan

SIX = ("16.10", "17.04", "53.71", "62.02", "63.10", "64.02")


@given(
    weights=st.dictionaries(st.text(min_size=1, max_size=5), st.integers(0, 900), min_size=1, max_size=60),
    count=st.integers(0, 40),
)
def test_every_district_is_in_one_part_and_in_its_order(weights: dict[str, int], count: int) -> None:
    parts = cut(weights, count)
    assert [code for part in parts for code in part] == list(weights)
    assert all(parts)
    assert len(parts) <= max(1, count)


@given(sizes=st.lists(st.integers(20, 40), min_size=40, max_size=300), count=st.sampled_from([2, 4, 6]))
def test_parts_of_even_districts_differ_by_no_more_than_two_districts(sizes: list[int], count: int) -> None:
    weights = {str(number): size for number, size in enumerate(sizes)}
    loads = [sum(weights[code] for code in part) for part in cut(weights, count)]
    assert max(loads) - min(loads) <= 2 * max(sizes)
    assert len(loads) == count


def test_one_worker_means_that_all_is_served_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLA_WORKERS", "1")
    assert parts_of(make_plan(["64.02", "17.04"], "2024-05-20", None)) == []


def test_a_part_can_be_halved_until_one_district_is_left() -> None:
    first, second = Part(["a", "b", "c"]).halves()
    assert (first.codes, second.codes) == (("a",), ("b", "c"))


def _plan(tmp_path: Path, *codes: str) -> Plan:
    plan = make_plan(codes or ["64.02"], "2024-05-20", None)
    return Plan(
        plan.districts, plan.moments, (), Places("", tmp_path / "inbox", tmp_path / "archive", tmp_path / "public")
    )


def test_a_file_that_landed_after_the_overview_is_news_and_one_before_is_not(tmp_path: Path) -> None:
    plan = _plan(tmp_path)
    (tmp_path / "inbox/64.02/DINKES").mkdir(parents=True)
    (tmp_path / "inbox/64.02/DINKES/a.xlsx").write_bytes(b"x")
    assert news(plan) == {"64.02": 1}
    (tmp_path / "public").mkdir()
    overview = tmp_path / "public/index.html"
    overview.write_bytes(b"")
    later = (tmp_path / "inbox/64.02/DINKES/a.xlsx").lstat().st_ctime + 5
    os.utime(overview, (later, later))
    assert news(plan) == {"64.02": 0}
    os.utime(overview, (later - 60, later - 60))
    assert news(plan) == {"64.02": 1}


def test_a_file_that_was_read_since_is_no_news_though_the_overview_stayed_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kla.io.seen_files.SETTLED_NS", -(10**12))
    plan = _plan(tmp_path)
    form = tmp_path / "inbox/64.02/DINKES/a.xlsx"
    form.parent.mkdir(parents=True)
    form.write_bytes(b"x")
    receive(plan.places.inbox, plan.places.archive, plan.districts, plan.moments, lambda *_: False)
    assert news(plan) == {"64.02": 0}
    form.write_bytes(b"y")
    assert news(plan) == {"64.02": 1}


def test_what_is_at_rest_weighs_nothing_and_one_new_file_makes_no_more_than_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _plan(tmp_path, *SIX)
    monkeypatch.setenv("KLA_WORKERS", "2")
    monkeypatch.setattr("tasks.parts.LEAST_WORK", 2 * DRAWING)
    (tmp_path / "public").mkdir()
    (tmp_path / "public/index.html").write_bytes(b"")
    assert [part.codes for part in parts_of(plan)] == [SIX[:3], SIX[3:]], "all are drawn: another day"
    for code in SIX:
        shown = tmp_path / "riwayat" / code / str(plan.districts[code].cycle) / "2024-05-20.json"
        shown.parent.mkdir(parents=True)
        shown.write_bytes(b"{}")
    assert parts_of(plan) == []
    plan = _plan(tmp_path, *SIX)
    (tmp_path / "inbox/63.10/DINKES").mkdir(parents=True)
    (tmp_path / "inbox/63.10/DINKES/a.xlsx").write_bytes(b"x")
    os.utime(tmp_path / "public/index.html", (0, 0))
    assert [part.codes for part in parts_of(plan)] == [SIX]


def test_pages_that_are_there_weigh_less_than_those_that_are_to_be_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _plan(tmp_path, *SIX)
    monkeypatch.setenv("KLA_WORKERS", "2")
    monkeypatch.setattr("tasks.parts.LEAST_WORK", REDATING)
    for code in SIX[:5]:
        (tmp_path / "public" / code / str(plan.districts[code].cycle)).mkdir(parents=True)
    assert [len(part.codes) for part in parts_of(plan)] == [4, 2]


@pytest.mark.parametrize("count", [1, 2 * LEAST_WORK // DRAWING + 1])
def test_whether_a_night_is_cut_is_told_as_it_is_cut(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLA_WORKERS", "2")
    one = _plan(tmp_path)
    codes = [f"{number:05}" for number in range(count)]
    plan = Plan(
        dict.fromkeys(codes, one.districts["64.02"]), dict.fromkeys(codes, one.moments["64.02"]), (), one.places
    )
    assert is_cut(plan) == bool(parts_of(plan)) == (count > 1)


@pytest.mark.parametrize(("workers", "count", "told"), [(2, 39, False), (2, 40, True), (4, 40, False), (1, 513, False)])
def test_a_night_of_many_districts_is_served_in_parts_whatever_came(
    workers: int, count: int, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLA_WORKERS", str(workers))
    assert is_much(count) is told


def test_where_all_is_drawn_anew_the_inbox_is_not_looked_into_to_tell_that_a_night_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLA_WORKERS", "2")
    monkeypatch.setattr("tasks.parts.news", lambda _plan: pytest.fail("looked"))
    one = _plan(tmp_path)
    codes = [f"{number:05}" for number in range(LEAST_WORK)]
    plan = Plan(
        dict.fromkeys(codes, one.districts["64.02"]), dict.fromkeys(codes, one.moments["64.02"]), (), one.places
    )
    assert is_cut(plan)
