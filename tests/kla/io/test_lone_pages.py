"""A page over all districts is drawn when it would come out another, or is not there as it was drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from kla.io import lone_pages
from kla.io.lone_pages import renew


class Drawn:
    """Draws one page, and counts."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> bytes:
        self.times += 1
        return b"halaman"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a page that was drawn once."""
    page = tmp_path / "public/index.html"
    assert renew(page, ("a",), Drawn())
    assert page.read_bytes() == b"halaman"
    return page


def test_a_page_from_the_same_source_is_not_drawn_again(page: Path) -> None:
    drawn = Drawn()
    assert not renew(page, ("a",), drawn)
    assert drawn.times == 0


def test_another_source_is_drawn_and_written_only_where_it_looks_another(page: Path) -> None:
    before, drawn = page.stat().st_mtime_ns, Drawn()
    assert not renew(page, ("b",), drawn)
    assert (drawn.times, page.stat().st_mtime_ns) == (1, before)
    assert renew(page, ("c",), lambda: b"lain")
    assert page.read_bytes() == b"lain"


def test_another_edition_of_code_rules_or_texts_draws_again(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Drawn()
    monkeypatch.setattr(lone_pages, "program_version", lambda: "lain")
    renew(page, ("a",), drawn)
    assert drawn.times == 1


@pytest.mark.parametrize("found", [b"", b"halaman!", None])
def test_a_page_that_was_changed_or_is_gone_is_put_back(page: Path, found: bytes | None) -> None:
    page.unlink()
    if found is not None:
        page.write_bytes(found)
    assert renew(page, ("a",), Drawn())
    assert page.read_bytes() == b"halaman"


def test_without_a_memory_the_page_is_drawn_and_stays_as_it_is(page: Path) -> None:
    (memory,) = (page.parents[1] / lone_pages.FOLDER).iterdir()
    drawn = Drawn()
    memory.unlink()
    memory.mkdir()  # nor can it be written
    assert not renew(page, ("a",), drawn)
    assert drawn.times == 1
