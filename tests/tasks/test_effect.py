"""An effect is tried again where that can help, also where Prefect does not see it."""

from __future__ import annotations

import pytest

from tasks import effect as module
from tasks.effect import effect, plainly
from tasks.policy import one_by_one


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DELAYS", (0.0, 0.0))


def test_a_fault_that_passes_is_tried_again_plainly() -> None:
    tries: list[int] = []

    @effect("coba")
    def work() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionResetError("putus")
        return "jadi"

    with plainly():
        assert work() == "jadi"
    assert len(tries) == 3


def test_a_fault_that_stays_is_raised_after_the_last_try_and_one_of_our_own_at_once() -> None:
    tries: list[int] = []

    @effect("coba")
    def work(error: Exception) -> None:
        tries.append(1)
        raise error

    with plainly():
        with pytest.raises(ConnectionResetError):
            work(ConnectionResetError("putus"))
        assert len(tries) == 3
        with pytest.raises(ValueError, match="ours"):
            work(ValueError("ours"))
        assert len(tries) == 4


def test_a_district_whose_fault_stays_becomes_a_trouble_on_the_last_try_only() -> None:
    tries: list[int] = []

    def fails(code: str) -> str:
        tries.append(1)
        raise TimeoutError(code)

    @effect("coba")
    def work() -> list[str]:
        done, troubles = one_by_one("load", ["64.02"], fails)
        assert not done
        return [it.what for it in troubles]

    with plainly():
        assert [text.partition(" [#")[0] for text in work()] == ["TimeoutError: 64.02"]
    assert len(tries) == 3


def test_inside_a_flow_the_same_function_is_a_task_run_with_its_name(prefect_home: object) -> None:
    from prefect import flow
    from prefect.runtime import task_run

    @effect("muat", "muat {code}")
    def work(code: str) -> tuple[str, int]:
        return task_run.name, task_run.run_count

    @flow(name="coba-efek", persist_result=False)
    def run() -> tuple[str, int]:
        return work("64.02")

    assert run() == ("muat 64.02", 1)
