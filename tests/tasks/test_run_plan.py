"""Time enters once, in each district's own zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from kla.errors import SettingsError
from tasks.plan import make_plan, moment_of

WITA = ZoneInfo("Asia/Makassar")


@pytest.mark.parametrize("day", [date(2025, 5, 20), "2025-05-20"])
def test_a_date_means_its_last_second_in_the_districts_zone(day: date | str) -> None:
    assert moment_of(day, WITA).isoformat() == "2025-05-20T23:59:59+08:00"


def test_a_moment_without_zone_is_local_and_one_with_zone_is_the_same_instant() -> None:
    assert moment_of("2025-05-20T18:00", WITA).isoformat() == "2025-05-20T18:00:00+08:00"
    assert moment_of("2025-05-20T18:00+07:00", WITA).isoformat() == "2025-05-20T19:00:00+08:00"
    assert moment_of(datetime(2025, 5, 20, 18), WITA).isoformat() == "2025-05-20T18:00:00+08:00"


def test_what_is_no_date_is_refused_with_an_example() -> None:
    with pytest.raises(SettingsError, match="2025-05-20"):
        moment_of("kemarin", WITA)


def test_each_district_can_have_its_own_day() -> None:
    plan = make_plan(["17.04", "63.10"], {"17.04": "2024-05-03", "63.10": "2025-05-20"}, None)
    assert plan.days == {"17.04": date(2024, 5, 3), "63.10": date(2025, 5, 20)}


def test_a_zone_chooses_the_districts_that_live_in_it() -> None:
    assert set(make_plan(None, "2025-05-20", "Asia/Makassar").districts) == {"53.71", "63.10", "64.02"}
    assert not make_plan(None, "2025-05-20", "Asia/Jayapura").districts


def test_an_unknown_district_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"99\.99"):
        make_plan(["99.99"], None, None)
