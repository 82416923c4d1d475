"""The archive's journal: each arrival once, the first moment counts, and a line cut short costs nothing."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kla.io import archive_journal
from kla.submission import Layout, Receipt

AT = datetime(2024, 5, 20, 8, tzinfo=UTC)
AS_OF = AT + timedelta(hours=12)
CODE = "63.10"


def receipt(sha256: str = "aa" * 32, folder: str = "DINKES", received_at: datetime = AT) -> Receipt:
    return Receipt(sha256, CODE, folder, folder, "", None, Layout.FORM, "isian.xlsx", "", 10, received_at)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def test_an_arrival_is_written_once_and_keeps_its_first_moment(archive: Path) -> None:
    assert archive_journal.remember(archive, CODE, [receipt()], AS_OF) == (receipt(),)
    later = receipt(received_at=AT + timedelta(hours=3))
    assert archive_journal.remember(archive, CODE, [later], AS_OF) == (receipt(),)
    (kept,) = archive_journal.arrivals(archive, CODE)
    assert (kept.receipt.received_at, kept.as_of) == (AT, AS_OF)
    assert kept.receipt.path == str(archive / "aa" / ("aa" * 32))


def test_the_same_bytes_in_another_folder_are_another_arrival(archive: Path) -> None:
    archive_journal.remember(archive, CODE, [receipt(), receipt(folder="DP3A")], AS_OF)
    assert len(archive_journal.arrivals(archive, CODE)) == 2
    assert archive_journal.districts_of(archive) == (CODE,)


def test_a_moment_after_the_day_looked_at_does_not_count(archive: Path) -> None:
    archive_journal.remember(archive, CODE, [receipt(received_at=AT)], AS_OF)
    earlier = replace(receipt(), received_at=AT - timedelta(days=3))
    found = archive_journal.remember(archive, CODE, [earlier], AT - timedelta(days=2))
    assert found == (earlier,)


@pytest.mark.parametrize("cut", [1, 20, 150])
def test_a_line_cut_short_is_passed_over_and_the_next_one_is_whole(archive: Path, cut: int) -> None:
    archive_journal.remember(archive, CODE, [receipt(), receipt("bb" * 32)], AS_OF)
    path = archive / archive_journal.FOLDER / f"{CODE}.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    archive_journal.remember(archive, CODE, [receipt("bb" * 32), receipt("cc" * 32)], AS_OF)
    assert {it.receipt.sha256[:2] for it in archive_journal.arrivals(archive, CODE)} == {"aa", "bb", "cc"}
    assert dict(archive_journal.torn_lines(archive)) == ({} if cut == 1 else {f"{CODE}.jsonl": 1})


def test_what_was_recorded_is_kept_once_in_its_order(archive: Path) -> None:
    rows = [("decision", {"decision_id": "b"}), ("decision", {"decision_id": "a", "until_on": None})]
    assert (archive_journal.record(archive, rows), archive_journal.record(archive, rows)) == (2, 0)
    assert list(archive_journal.records(archive)) == rows


def test_only_the_owner_may_read_it(archive: Path) -> None:
    archive_journal.remember(archive, CODE, [receipt()], AS_OF)
    path = archive / archive_journal.FOLDER / f"{CODE}.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
