"""The digest of a picture tells any two pictures apart, and is the same for the same one however it came about."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

import pytest
from reports.factory import bare_picture, picture, recap_picture, small_picture

from kla.io.page_digest import digest_of
from kla.picture import Picture


def others(value: object) -> Iterator[object]:
    """Yield values that differ from this one in a single place, the first and the last of several."""
    if isinstance(value, Enum):
        yield from (it for it in type(value) if it is not value)
    elif value is None:
        yield ""
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield from (f"{value}\ud800", f"{value}'", "None" if not value else "")
    elif isinstance(value, int | Decimal):
        yield value + 1
        yield value.scaleb(1).scaleb(-1) + Decimal("0.000") if isinstance(value, Decimal) else -1
    elif isinstance(value, datetime):
        yield from (value + timedelta(microseconds=1), value.astimezone(ZoneInfo("Asia/Tokyo")))
    elif isinstance(value, date):
        yield value + timedelta(days=1)
    elif isinstance(value, ZoneInfo):
        yield ZoneInfo("Asia/Tokyo")
    elif isinstance(value, frozenset):
        yield value | {"lain"}
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield from ({**value, key: other} for other in others(held))
    elif isinstance(value, tuple):
        yield from [(*value, value[-1]), value[:-1]] if value else []
        for place in {0, len(value) - 1} if value else ():
            yield from ((*value[:place], other, *value[place + 1 :]) for other in others(value[place]))
    else:
        assert is_dataclass(value)
        for field in fields(value):
            if field.name != "instrument":
                yield from (replace(value, **{field.name: it}) for it in others(getattr(value, field.name)))


@pytest.mark.parametrize("shown", [small_picture(), recap_picture()], ids=["form", "recap"])
def test_no_two_pictures_that_differ_anywhere_have_one_digest(shown: Picture) -> None:
    seen = {digest_of(shown): repr(shown)}
    for other in others(shown):
        if repr(other) != repr(shown):
            assert isinstance(other, Picture)
            assert seen.setdefault(digest_of(other), repr(other)) == repr(other)
    assert len(seen) > 200


@pytest.mark.parametrize("shown", [picture(), bare_picture()], ids=["full", "bare"])
def test_a_picture_taken_apart_and_put_together_has_the_same_digest(shown: Picture) -> None:
    assert digest_of(pickle.loads(pickle.dumps(shown))) == digest_of(shown)
    assert digest_of(shown, has_attempts=True) != digest_of(shown)
