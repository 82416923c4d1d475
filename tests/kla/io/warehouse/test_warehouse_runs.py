"""Runs: how they end, several at once, and the same rows whatever the engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kla.errors import WarehouseError
from kla.io.warehouse import Warehouse, open_warehouse
from tests.kla.io.warehouse.district_of_tests import INSTRUMENT, district, finding, recap, stated
from tests.kla.io.warehouse.test_warehouse_loading import GOOD, OTHER, begin, facts

pytest_plugins = ["tests.kla.io.warehouse.engines"]


def test_a_run_ends_in_one_of_three_ways(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    assert (warehouse.run(run_id).status, warehouse.run(run_id).finished_at) == ("running", None)
    with pytest.raises(WarehouseError, match="status"):
        warehouse.finish_run(run_id, "done")
    with pytest.raises(WarehouseError, match="ledger"):
        warehouse.finish_run("unknown", "complete")
    warehouse.finish_run(run_id, "partial", "DINKES")
    assert warehouse.run(run_id).status == "partial"


def test_runs_at_once_store_each_file_once(url: str, warehouse: Warehouse) -> None:
    def load() -> tuple[int, int, int]:
        with open_warehouse(url) as own:
            loaded = own.load_many((GOOD, OTHER), begin(own))
        return len(loaded.stored), len(loaded.known), len(loaded.failed)

    with ThreadPoolExecutor(4) as pool:
        results = [future.result() for future in [pool.submit(load) for _ in range(4)]]
    assert [sum(column) for column in zip(*results, strict=True)] == [2, 6, 0]
    assert len(facts(warehouse)["receipt"]) == 2


def test_both_engines_hold_the_same_rows(warehouse: Warehouse, tmp_path: Path) -> None:
    files = (GOOD, OTHER, recap("administrasi", stated("1.P1", 4, "300.50"), stated("1.P2", 5, None)))
    with open_warehouse(f"sqlite:///{tmp_path / 'reference.db'}") as reference:
        for each in (warehouse, reference):
            run_id = begin(each)
            each.load_many(files, run_id)
            each.rescore(district(), INSTRUMENT, 2024, run_id)
            each.replace_standing_findings(
                "63.10", 2024, "mandiri", (finding(GOOD.receipt, "X01", "questions", ""),), run_id
            )
        assert facts(warehouse, without=("run_id",)) == facts(reference, without=("run_id",))
