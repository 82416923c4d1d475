"""Work done in forked children gives its result or its error, and a child that dies takes nobody along."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from kla.io.foreman import ChildDiedError, Foreman


@pytest.fixture(scope="module")
def foreman() -> Iterator[Foreman]:
    one = Foreman(["decimal", "kla.io.yaml_text"])
    yield one
    one.close()


def test_the_result_comes_back_from_another_process(foreman: Foreman) -> None:
    assert foreman.run(os.getpid) not in (os.getpid(), foreman.run(os.getpid))
    assert foreman.run(Decimal, "800.38") == Decimal("800.38")


def test_an_error_is_raised_here_with_the_childs_traceback_as_a_note(foreman: Foreman) -> None:
    with pytest.raises(ValueError, match="domain") as caught:
        foreman.run(math.sqrt, -1.0)
    assert "Traceback" in caught.value.__notes__[0]


def test_a_child_that_dies_is_told_and_the_next_one_works(foreman: Foreman) -> None:
    with pytest.raises(ChildDiedError):
        foreman.run(os._exit, 1)
    with pytest.raises(ChildDiedError):
        foreman.run(os.abort)
    assert foreman.run(abs, -2) == 2


def test_children_work_side_by_side(foreman: Foreman) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda number: foreman.run(abs, -number), range(12))) == list(range(12))


def test_what_was_named_is_imported_before_anybody_asks(foreman: Foreman) -> None:
    assert foreman.run(eval, "'kla.io.yaml_text' in __import__('sys').modules")
    assert not foreman.run(eval, "'prefect' in __import__('sys').modules")


def test_a_warm_up_that_fails_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    one = Foreman(["there.is.no.such.module"])
    with pytest.raises(ChildDiedError, match="while it imported"):
        one.run(abs, -1)
    one.close()
    assert "No module named" in capfd.readouterr().err


def _is_alive(pid: int) -> bool:
    try:
        with Path(f"/proc/{pid}/stat").open() as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_children_end_with_their_foreman() -> None:
    one = Foreman(["time"])
    with ThreadPoolExecutor(1) as pool:
        pid = one.run(os.getppid)
        waiting = pool.submit(one.run, time.sleep, 60)
        time.sleep(0.3)
        one.close()
        with pytest.raises(ChildDiedError):
            waiting.result(timeout=10)
    assert not _is_alive(pid)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_he_ends_with_his_master_though_a_fork_of_that_one_lives_on(tmp_path: Path) -> None:
    program = (
        "import os, sys, time; from pathlib import Path; from kla.io.foreman import Foreman;"
        "one = Foreman(['time']); told = one.run(os.getppid);"
        "os.fork() or (time.sleep(15), os._exit(0));"
        "Path(sys.argv[1]).write_text(str(told)); os.kill(os.getpid(), 9)"
    )
    told = tmp_path / "pid"
    subprocess.run([sys.executable, "-c", program, str(told)], check=False)
    until = time.monotonic() + 10
    while _is_alive(int(told.read_text())) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _is_alive(int(told.read_text()))
