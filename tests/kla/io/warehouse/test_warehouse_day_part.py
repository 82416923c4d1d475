"""The day part of a picture is what the whole picture says; all else of it is not there, and says so."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from reports.test_redated_pages import DAY_PART

from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.samples import sample_days
from kla.io.warehouse import open_warehouse
from kla.picture import NOT_READ, NotReadError, Picture

if TYPE_CHECKING:
    from conftest import SampleNight


@pytest.mark.parametrize("code", sorted(sample_days()))
def test_each_field_of_the_day_part_is_that_of_the_whole_picture_or_not_there(
    sample_night: SampleNight, code: str
) -> None:
    district, day = load_district(code), sample_days()[code] + timedelta(days=1)
    with open_warehouse(f"sqlite:///{sample_night.var / 'warehouse.db'}") as warehouse:
        for cycle in warehouse.cycles(code):
            asked = (district, load_instrument(cycle), cycle, day)
            part, whole = warehouse.day_part(*asked), warehouse.picture(*asked)
            read = {it.name for it in fields(Picture) if getattr(part, it.name) is not NOT_READ}
            assert read == DAY_PART | {"offices", "submissions"}
            assert {name: getattr(part, name) for name in DAY_PART} == {name: getattr(whole, name) for name in DAY_PART}
            assert [it.opd_code for it in part.offices] == [it.opd_code for it in whole.offices]
            assert [it.received_at for it in part.submissions] == [max(it.received_at for it in whole.submissions)]


@pytest.mark.parametrize(
    "look", [bool, len, iter, str, list, lambda it: f"{it}", lambda it: it.name, lambda it: it == 1]
)
def test_to_look_into_what_was_not_read_is_an_error(look) -> None:
    with pytest.raises(NotReadError):
        look(NOT_READ)
