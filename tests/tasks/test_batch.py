"""New files are cut so that a province fits in memory and a district stays whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from kla.io.child import Errand, nothing_read
from kla.submission import Layout, Problem, Receipt
from tasks.batch import Batch, batches, by_cycle, groups


def _receipts(counts: list[int]) -> list[Receipt]:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    return [
        Receipt(f"{code}-{number}", str(code), "DINKES", "DINKES", "", None, Layout.FORM, "x.xlsx", "", 1, moment)
        for code, count in enumerate(counts)
        for number in range(count)
    ]


@given(st.lists(st.integers(0, 60), max_size=12))
def test_no_file_is_lost_or_doubled_or_reordered(counts: list[int]) -> None:
    receipts = _receipts(counts)
    assert [it for batch in batches(receipts, size=25) for it in batch.receipts] == receipts


@given(st.lists(st.integers(0, 60), max_size=12))
def test_no_batch_is_larger_than_asked(counts: list[int]) -> None:
    assert all(0 < len(batch.receipts) <= 25 for batch in batches(_receipts(counts), size=25))


def test_a_district_that_fits_stays_whole() -> None:
    assert [batch.codes for batch in batches(_receipts([20, 20, 5]), size=25)] == [("0",), ("1", "2")]


@given(st.integers(0, 600))
def test_a_flow_never_has_more_groups_than_a_small_server_bears(count: int) -> None:
    codes = [str(code) for code in range(count)]
    made = groups(codes)
    assert [code for group in made for code in group.codes] == codes
    assert len(made) <= 10


@given(st.lists(st.sampled_from([None, 2023, 2024]), max_size=20))
def test_cycles_come_oldest_first_and_a_file_without_one_is_of_its_districts_current(cycles: list[int | None]) -> None:
    receipts = [replace(it, cycle=cycle) for it, cycle in zip(_receipts([len(cycles)]), cycles, strict=True)]
    readings = [nothing_read(Errand(it.sha256, "", it.layout, None, ""), Problem("empty")) for it in receipts]
    parts = by_cycle(Batch(receipts, readings), {"0": 2024})
    assert [part.cycle for part in parts] == sorted({cycle or 2024 for cycle in cycles})
    assert all((receipt.cycle or 2024) == part.cycle for part in parts for receipt in part.receipts)
    assert sorted(it.sha256 for part in parts for it in part.receipts) == sorted(it.sha256 for it in receipts)
