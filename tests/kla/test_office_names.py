"""Which office a folder's name means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kla.district import office_words
from kla.io.districts import district_codes, load_district
from kla.io.layout_words import load_limits
from kla.office_names import meant_office
from kla.resolving import Certainty, Way

DISTRICT = load_district("63.10")
LIMITS = load_limits()["office"]


@pytest.mark.parametrize(
    "text", ["Dinas Kesehtan", "dinas kesehatann", "Dinas Kesehtan Tanah Bumbu", "Dinas Kesehtan Kab. Tanah Bumbu"]
)
def test_a_misspelt_office_is_taken_with_the_districts_name_or_without(text: str) -> None:
    found = meant_office(DISTRICT, text, {}, LIMITS)
    assert (found.candidate, found.way) == ("DINKES", Way.SIMILAR)


@pytest.mark.parametrize("text", ["DINKESS", "Dinas Kesehatan Daerah"])
def test_a_near_name_is_proposed_and_not_taken(text: str) -> None:
    found = meant_office(DISTRICT, text, {}, LIMITS)
    assert (found.certainty, found.candidate) == (Certainty.NEAR, "DINKES")


def test_a_stewards_choice_counts() -> None:
    found = meant_office(DISTRICT, "Kantor Sehat", {"kantor sehat": "DINKES"}, LIMITS)
    assert (found.candidate, found.way) == ("DINKES", Way.LEARNED)


@pytest.mark.parametrize("code", district_codes())
def test_no_office_is_ever_taken_for_another_by_likeness(code: str) -> None:
    district = load_district(code)
    for office in district.offices:
        others = [it for it in district.offices if it is not office]
        without = replace(district, offices=tuple(others), owner_overrides={})
        for word in office_words(office):
            found = meant_office(without, word, {}, LIMITS)
            assert found.way is not Way.SIMILAR, (word, found)
