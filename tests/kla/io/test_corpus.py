"""Odd spreadsheets of other people's, when they are at hand (KLA_TEST_CORPUS, or a corpus folder beside the checkout)."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from kla.io.reading import FILE_SECONDS, read_files
from kla.submission import PROBLEM_KINDS, Layout, Receipt

CHECKOUT = Path(__file__).resolve().parents[3]
CORPUS = Path(os.environ.get("KLA_TEST_CORPUS") or CHECKOUT.parent / "shared" / "corpus")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not at hand")
def test_every_odd_file_gives_exactly_one_reading() -> None:
    paths = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    now = datetime(2025, 5, 20, tzinfo=UTC)
    receipts = [
        Receipt(str(n), "63.10", "", "", "", None, Layout.FORM, path.name, str(path), path.stat().st_size, now)
        for n, path in enumerate(paths)
    ]
    moments = [time.monotonic()]
    readings = read_files(receipts, on_progress=lambda _: moments.append(time.monotonic()))
    assert [reading.sha256 for reading in readings] == [receipt.sha256 for receipt in receipts]
    for path, reading in zip(paths, readings, strict=True):
        kinds = {problem.kind for problem in reading.problems}
        assert kinds, path
        assert kinds <= set(PROBLEM_KINDS), path
        assert (reading.answers, reading.evidence, reading.stated) == ((), (), ()), path
        assert reading.ledger.cells_read == sum(reading.ledger.ignored.values()), path
        deaths = [problem.value for problem in reading.problems if problem.kind == "reader_died"]
        assert not any(deaths), f"{path}: {deaths}"  # a named death is an exception of ours
    waits = [later - sooner for sooner, later in pairwise(moments)]
    assert max(waits, default=0) < FILE_SECONDS + 3
