"""What is asked of a run is refused with a sentence where it cannot be meant, and taken where only one thing can be."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from flows.parameters import DistrictCode, DistrictCodes


@pytest.mark.parametrize(("given", "meant"), [("63.10", "63.10"), (63.1, "63.10"), (17.04, "17.04")])
def test_a_code_that_a_command_line_took_for_a_number_is_the_district_it_can_mean(given: object, meant: str) -> None:
    assert TypeAdapter(DistrictCode).validate_python(given) == meant
    assert TypeAdapter(DistrictCodes).validate_python([given]) == [meant]


@pytest.mark.parametrize("given", ["63.1", 63.11, 63.104, 6310, "", True])
def test_what_is_no_district_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(DistrictCode).validate_python(given)


def test_an_empty_list_of_a_form_names_no_district() -> None:
    assert TypeAdapter(DistrictCodes).validate_python([]) is None
