"""Whoever looks at sample data is told so, whichever run published them."""

from __future__ import annotations

from pathlib import Path

from kla.io.sample_marks import sample_notices, stamp_path
from kla.io.samples import build_inbox


def test_a_sample_inbox_says_which_districts_are_made_up(tmp_path: Path) -> None:
    build_inbox(tmp_path / "inbox", ["16.10"])
    assert sample_notices(tmp_path / "inbox") == {"16.10": ("published_card",)}


def test_an_inbox_without_samples_has_nothing_to_say(tmp_path: Path) -> None:
    assert sample_notices(tmp_path / "inbox") == {}
    stamp_path(tmp_path / "inbox").write_text("{", encoding="utf-8")
    assert sample_notices(tmp_path / "inbox") == {}


def test_samples_made_before_notices_were_kept_count_as_made_up(tmp_path: Path) -> None:
    stamp_path(tmp_path / "inbox").write_text('{"63.10": {"digest": "x", "files": []}}', encoding="utf-8")
    assert sample_notices(tmp_path / "inbox") == {"63.10": ("sample",)}
