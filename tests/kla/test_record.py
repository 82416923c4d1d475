"""A record is a dataclass in all but that nobody hinders an assignment: equal by its fields, hashable, slotted, picklable."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace

import pytest

from kla.record import record


@record(frozen=True, slots=True)
class Point:
    across: int
    up: int = 0


def test_a_record_is_what_its_fields_say() -> None:
    one = Point(1, up=2)
    assert (one, hash(one)) == (Point(1, 2), hash(Point(1, 2)))
    assert (replace(one, up=3), pickle.loads(pickle.dumps(one))) == (Point(1, 3), one)
    assert [it.name for it in fields(Point)] == ["across", "up"]
    with pytest.raises(AttributeError):
        one.aside = 1  # type: ignore[attr-defined]
