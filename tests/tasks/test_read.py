"""A fault of ours while reading costs the offices it hits; the others' files are read, in the order in which they came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from kla.submission import Layout, Receipt
from tasks import read as task
from tasks.batch import Batch

AT = datetime(2025, 5, 1, tzinfo=UTC)
HIT = "DINKES"


def _receipt(code: str, opd: str, name: str) -> Receipt:
    return Receipt(f"{name:0>64}", code, opd, opd, "", None, Layout.FORM, f"{name}.xlsx", "", 1, AT)


RECEIPTS = (
    _receipt("63.10", HIT, "1"),
    _receipt("63.10", "DP3A", "2"),
    _receipt("53.71", HIT, "3"),
    _receipt("63.10", HIT, "4"),
    _receipt("63.10", "DP3A", "5"),
)


def _hit(receipts: Sequence[Receipt], _plan: Any) -> tuple[str, ...]:
    if any((it.district_code, it.folder_opd) == ("63.10", HIT) for it in receipts):
        raise RuntimeError("ditanam oleh uji")
    return tuple(it.file_name for it in receipts)


def test_a_fault_costs_the_office_it_hits_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "_read", _hit)
    found = task.read.fn(Batch(RECEIPTS, number=7), None)
    assert [it.file_name for it in found.receipts] == ["2.xlsx", "3.xlsx", "5.xlsx"]
    assert list(found.readings) == ["2.xlsx", "3.xlsx", "5.xlsx"]
    (trouble,) = found.troubles
    assert (trouble.step, trouble.district_code, trouble.who) == ("read", "63.10", HIT)
    assert trouble.what.startswith("RuntimeError: ditanam oleh uji [#")
    assert found.number == 7


def test_a_fault_that_may_pass_is_left_to_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise ConnectionResetError("putus")

    monkeypatch.setattr(task, "_read", lost)
    with pytest.raises(ConnectionResetError):
        task.read.fn(Batch(RECEIPTS), None)
