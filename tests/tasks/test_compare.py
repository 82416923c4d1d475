"""What came back and what is new stands first in a run's changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kla.night import OfficeChange
from tasks.compare import by_news

COUNTS = st.integers(0, 5)
CHANGES = st.builds(
    OfficeChange, st.sampled_from(["17.04", "63.10"]), st.just(2024), st.just("mandiri"), st.sampled_from("ABC"),
    COUNTS, COUNTS, COUNTS, COUNTS,
)  # fmt: skip


@given(st.lists(CHANGES, max_size=12))
def test_no_office_stands_before_one_to_which_more_came_back(changes: list[OfficeChange]) -> None:
    ordered = by_news(changes)
    ranks = [(-it.returned, -it.new, -it.fixed) for it in ordered]
    assert ranks == sorted(ranks)
    assert sorted(map(repr, ordered)) == sorted(map(repr, changes))
