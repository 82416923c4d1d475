"""The lists of holidays hold together: each in its year, as many as the decrees count."""

from datetime import date
from pathlib import Path

import pytest

from kla.errors import DistrictError
from kla.io.holidays import load_holidays, load_holidays_from


@pytest.mark.parametrize(("year", "national", "joint_leave"), [(2024, 17 + 2, 10), (2025, 17, 10 + 1), (2026, 17, 8)])
def test_each_year_has_as_many_days_as_the_decrees_count(year, national, joint_leave):
    of_year = [it for it in load_holidays().days.values() if it.on.year == year]
    assert sum(not it.is_joint_leave for it in of_year) == national
    assert sum(it.is_joint_leave for it in of_year) == joint_leave


def test_joint_leave_never_falls_on_a_weekend():
    assert [it for it in load_holidays().days.values() if it.is_joint_leave and it.on.weekday() >= 5] == []


def test_kaur_has_sixteen_working_days_in_may_2024_and_tanah_bumbu_ten_until_its_verification():
    known = load_holidays()
    assert len(known.working_days(date(2024, 5, 3), date(2024, 5, 31))) == 16
    assert len(known.working_days(date(2025, 5, 20), date(2025, 6, 5))) == 10


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("national: {2023-05-09: Kenaikan}\njoint_leave: {}", "does not fall in 2024"),
        ("national: {9 Mei: Kenaikan}\njoint_leave: {}", "is not a date"),
        ("national: {2024-05-09: Kenaikan}\njoint_leave: {2024-05-09: Kenaikan}", "is given twice"),
        ("national: {2024-05-09: Kenaikan}", "is not a list of days"),
    ],
)
def test_a_list_that_does_not_hold_together_is_refused(tmp_path: Path, text: str, told: str):
    (tmp_path / "2024.yaml").write_text(f"source: SKB\n{text}\n", encoding="utf-8")
    with pytest.raises(DistrictError, match=told):
        load_holidays_from(tmp_path)


def test_without_lists_nothing_is_known(tmp_path: Path):
    assert load_holidays_from(tmp_path / "none").years == frozenset()
