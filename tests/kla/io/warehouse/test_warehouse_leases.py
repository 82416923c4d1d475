"""One run at a time writes about a district; the dead are taken over, and who was thought dead writes nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from kla.errors import BusyError, LeaseLostError
from kla.io.alive import is_dead, this_process
from kla.io.warehouse import Warehouse, lease, open_warehouse
from tests.kla.io.warehouse.district_of_tests import INSTRUMENT, district
from tests.kla.io.warehouse.test_warehouse_loading import GOOD, facts

pytest_plugins = ["tests.kla.io.warehouse.engines"]
CODE = "63.10"


def begin(warehouse: Warehouse, districts: Sequence[str] | None = (CODE,)) -> str:
    return warehouse.begin_run(
        kind="nightly", who="Sari", as_of="2024-05-20", code_version="c", suite_version="s", districts=districts
    )


def kill(warehouse: Warehouse, run_id: str, process: str = "") -> None:
    """Make a run look as one whose process was killed, or whose leases ran out."""
    with warehouse.writing() as connection:
        if process:
            connection.execute(text("UPDATE run SET process = :it WHERE run_id = :id"), {"it": process, "id": run_id})
        else:
            connection.execute(text("UPDATE lease SET expires_at = '2020' WHERE run_id = :id"), {"id": run_id})


def ended_process() -> str:
    program = "from kla.io.alive import this_process; print(this_process())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_process_knows_itself_and_the_dead() -> None:
    assert not is_dead(this_process())
    assert is_dead(ended_process())
    machine, _, _ = this_process().split(" ")
    assert not is_dead("elsewhere 1 5")
    assert is_dead(f"{machine} 1 5") or this_process().split(" ")[1] == "1"  # the same id, born at another moment


def test_a_run_of_a_zone_without_districts_is_left_alone_while_it_lives(warehouse: Warehouse) -> None:
    empty = begin(warehouse, ())
    other = begin(warehouse)
    assert (warehouse.run(empty).status, warehouse.run(other).status) == ("running", "running")
    with warehouse.writing() as connection:
        connection.execute(
            text("UPDATE run SET started_at = '2020-01-01T00:00:00+00:00' WHERE run_id = :id"), {"id": empty}
        )
    warehouse.finish_run(other, "complete", "")
    begin(warehouse)
    assert warehouse.run(empty).status == "abandoned"


def test_a_killed_process_that_nobody_has_taken_note_of_is_dead() -> None:
    program = "from kla.io.alive import this_process; print(this_process(), flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert not is_dead(name)
    child.kill()
    deadline = time.monotonic() + 10
    while not is_dead(name) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_dead(name)
    child.wait()


def test_the_second_run_is_told_who_is_at_work_and_leaves_no_trace(warehouse: Warehouse) -> None:
    first = begin(warehouse)
    with pytest.raises(BusyError, match=rf"63\.10: sedang dikerjakan .*{first}.*Sari.*Jalankan lagi"):
        begin(warehouse)
    with warehouse.reading() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM run")).scalar() == 1
    warehouse.finish_run(first, "complete")
    assert warehouse.leased(begin(warehouse)) == {CODE}


def test_who_must_wait_for_many_districts_is_told_some_by_name_and_how_many_more(warehouse: Warehouse) -> None:
    codes = [f"11.{number:02}" for number in range(1, 11)]
    begin(warehouse, codes)
    with pytest.raises(BusyError, match=r"^11\.01, 11\.02, .*11\.08 dan 2 daerah lain: sedang dikerjakan"):
        begin(warehouse, codes)


def test_of_several_districts_a_run_gets_those_that_are_free(warehouse: Warehouse) -> None:
    first = begin(warehouse, ["17.04"])
    second = begin(warehouse, ["17.04", CODE])
    assert (warehouse.leased(first), warehouse.leased(second)) == ({"17.04"}, {CODE})
    assert {code: held.run_id for code, held in warehouse.held_by_others(["17.04", CODE], second).items()} == {
        "17.04": first
    }


@pytest.mark.parametrize("is_expired", [True, False])
def test_a_dead_run_is_taken_over_and_written_down_as_abandoned(warehouse: Warehouse, is_expired: bool) -> None:
    first = begin(warehouse)
    kill(warehouse, first, "" if is_expired else ended_process())
    assert warehouse.held_by_others([CODE]) == {}
    second = begin(warehouse)
    assert warehouse.run(first).status == "abandoned"
    assert warehouse.run(second).token > warehouse.run(first).token > 0


def test_a_renewed_lease_is_not_taken_over(warehouse: Warehouse) -> None:
    first = begin(warehouse)
    kill(warehouse, first)
    warehouse.beat(first)
    with pytest.raises(BusyError):
        begin(warehouse)


def test_a_run_that_lost_its_lease_writes_nothing(warehouse: Warehouse) -> None:
    first = begin(warehouse)
    kill(warehouse, first)
    second = begin(warehouse)
    before = facts(warehouse)
    for write in (
        lambda: warehouse.load(GOOD, first),
        lambda: warehouse.rescore(district(), INSTRUMENT, 2024, first),
        lambda: warehouse.replace_standing_findings(CODE, 2024, "mandiri", (), first),
        lambda: warehouse.guard(first, CODE),
    ):
        with pytest.raises(LeaseLostError, match="diambil alih"):
            write()
    assert facts(warehouse) == before
    warehouse.finish_run(first, "complete")
    assert warehouse.run(first).status == "abandoned"
    assert len(warehouse.load(GOOD, second).stored) == 1
    warehouse.finish_run(second, "complete")


def test_a_late_run_is_still_shut_out_when_the_one_after_it_is_through(warehouse: Warehouse) -> None:
    first = begin(warehouse)
    kill(warehouse, first)
    warehouse.finish_run(begin(warehouse), "complete")
    with pytest.raises(LeaseLostError):
        warehouse.load(GOOD, first)


def test_a_run_without_leases_writes_only_where_nobody_holds_one(warehouse: Warehouse) -> None:
    rehearsing = begin(warehouse, None)
    assert len(warehouse.load(GOOD, rehearsing).stored) == 1
    begin(warehouse)
    with pytest.raises(LeaseLostError):
        warehouse.rescore(district(), INSTRUMENT, 2024, rehearsing)


def test_whoever_is_just_writing_is_waited_for(url: str, warehouse: Warehouse) -> None:
    from threading import Thread

    first = begin(warehouse)
    kill(warehouse, first)
    order: list[str] = []

    def take_over() -> None:
        with open_warehouse(url) as own:
            begin(own)
        order.append("taken over")

    thread = Thread(target=take_over)
    with warehouse.writing() as connection:
        lease.fence(connection, first, CODE)
        thread.start()
        thread.join(0.3)
        order.append("written")
    thread.join()
    assert order == ["written", "taken over"]
