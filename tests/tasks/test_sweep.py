"""A run ends with nothing on its way out, also of a killed run before it; a rehearsal touches nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kla.io.sweeping import GONE
from tasks.plan import Places, Plan, make_plan
from tasks.sweep import begin_sweeping, swept


@pytest.mark.parametrize("is_rehearsal", [False, True])
def test_what_was_put_away_is_gone_after_a_run_but_not_after_a_rehearsal(is_rehearsal: bool, tmp_path: Path) -> None:
    made = make_plan(["64.02"], "2024-05-20", None)
    places = Places("", tmp_path / "inbox", tmp_path / "archive", tmp_path / "public")
    plan = Plan(made.districts, made.moments, (), places)
    plan.is_rehearsal = is_rehearsal
    page = tmp_path / GONE / "0123" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(b"old")
    begin_sweeping(plan)
    with swept(plan):
        pass
    assert (tmp_path / GONE).exists() == page.exists() == is_rehearsal
