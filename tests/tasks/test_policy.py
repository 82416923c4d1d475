"""Only what can pass is tried again; no district stops another."""

from __future__ import annotations

import errno
import sqlite3

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from tasks import policy


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("select", {}, sqlite3.OperationalError("database is locked")),
        OSError(errno.EIO, "share"),
        TimeoutError(),
        ConnectionResetError(),
    ],
)
def test_a_locked_database_or_a_stumbling_share_is_tried_again(error: Exception) -> None:
    assert policy.may_pass(error)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "full"),
        PermissionError(errno.EACCES, "no"),
        ValueError("ours"),
        IntegrityError("insert", {}, sqlite3.IntegrityError("unique")),
    ],
)
def test_what_will_not_pass_is_not_tried_again(error: Exception) -> None:
    assert not policy.may_pass(error)


def test_one_district_that_fails_stops_no_other() -> None:
    def work(code: str) -> str:
        if code == "17.04":
            raise ValueError("rusak\nbaris kedua")
        return code.lower()

    done, troubles = policy.one_by_one("score", ["16.10", "17.04", "63.10"], work)
    assert list(done) == ["16.10", "63.10"]
    assert [(it.step, it.district_code, it.what[:20]) for it in troubles] == [
        ("score", "17.04", "ValueError: rusak [#")
    ]


def test_outside_a_run_a_passing_fault_is_told_at_once() -> None:
    def work(_code: str) -> None:
        raise ConnectionResetError("putus")

    (trouble,) = policy.one_by_one("load", ["63.10"], work)[1]
    assert trouble.what.startswith("ConnectionResetError: putus [#")
