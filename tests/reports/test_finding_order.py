"""Of findings with the same points at stake, those of the stage that closes first come first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from factory import picture

from kla.findings import Severity
from kla.io.page_findings import placed_findings


@pytest.mark.parametrize(
    ("as_of", "stages"),
    [
        (date(2025, 4, 20), ["mandiri", "administrasi", "vlh"]),
        (date(2025, 5, 10), ["administrasi", "vlh", "mandiri"]),
        (date(2025, 5, 25), ["vlh", "administrasi", "mandiri"]),
    ],
)
def test_equal_points_come_by_days_left_and_closed_stages_last(as_of: date, stages: list[str]) -> None:
    shown = picture(office_count=2, questions_per_block=2)
    one = replace(next(it for it in shown.findings if it.severity is Severity.WARNING), points_at_stake=Decimal(3))
    owed = tuple(replace(one, stage=stage) for stage in ("vlh", "mandiri", "administrasi"))
    dearer = replace(one, stage="vlh", points_at_stake=Decimal(9))
    placed = placed_findings(replace(shown, as_of=as_of, findings=(*owed, dearer)))
    assert [it.finding.points_at_stake for it in placed] == [9, 3, 3, 3]
    assert [it.finding.stage for it in placed[1:]] == stages
