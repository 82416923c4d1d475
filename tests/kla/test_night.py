"""How a night ended: by whom it cost, not by how much was told."""

from __future__ import annotations

import pytest

from kla.night import COST_NOBODY, DistrictLine, Night, NightStatus, Trouble

LINE = DistrictLine("63.10", "Kabupaten Tanah Bumbu", "mandiri", None, None, "Nindya", None, None)


def night(*troubles: Trouble, lines: tuple[DistrictLine, ...] = (LINE,)) -> NightStatus:
    return Night("run", False, lines, troubles, "").status


def test_a_night_without_trouble_is_complete() -> None:
    assert night() is NightStatus.COMPLETE


def test_what_cost_a_district_leaves_the_night_partial() -> None:
    assert night(Trouble("load", "63.10", "", "x")) is NightStatus.PARTIAL


def test_what_cost_everybody_fails_the_night() -> None:
    assert night(Trouble("checks", "", "", "x")) is NightStatus.FAILED


@pytest.mark.parametrize("step", sorted(COST_NOBODY))
def test_what_cost_nobody_leaves_the_night_partial_unless_nobody_was_served(step: str) -> None:
    trouble = Trouble(step, "", "", "x")
    assert night(trouble) is NightStatus.PARTIAL
    assert night(trouble, Trouble("publish", "", "", "x")) is NightStatus.FAILED
    assert night(trouble, lines=()) is NightStatus.FAILED
