"""What the recaps of a district state now: points of questions, why they were cut, the predikat they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from kla.io.warehouse.exact import decimal
from kla.io.warehouse.standing import Place, rows
from kla.predikat import StatedPredikat
from kla.scoring import Cause, StatedPoints
from kla.submission import StatedLevel

Row = Mapping[str, Any]
Recaps = Mapping[str, Sequence[Row]]  # by stage
_IN_FORCE = text(
    "SELECT * FROM current_stated WHERE district_code = :district_code AND cycle = :cycle ORDER BY stage, stated_id"
)


def in_force(connection: Connection, district_code: str, cycle: int) -> Recaps:
    """Return what the view `current_stated` holds of a district and cycle, by stage; a stage without any is not there."""
    found: dict[str, list[Row]] = {}
    for row in connection.execute(_IN_FORCE, {"district_code": district_code, "cycle": cycle}).mappings():
        found.setdefault(row["stage"], []).append(dict(row))
    return found


def of_questions(current: Iterable[Row]) -> list[Row]:
    """Return those of a stage's rows in force that speak of a question."""
    return [row for row in current if row["level"] == StatedLevel.QUESTION.value]


def points(connection: Connection, place: Place) -> tuple[dict[str, StatedPoints], dict[str, Cause]]:
    """Return (points that count, why the others do not) per question, as the recaps of a stage state them."""
    return points_of(connection, place, in_force(connection, place.district_code, place.cycle).get(place.stage, ()))


def points_of(
    connection: Connection, place: Place, current: Sequence[Row]
) -> tuple[dict[str, StatedPoints], dict[str, Cause]]:
    """Return the same from the stage's rows in force (`in_force`).

    A row without points is BLANK; one that was sent back, with no earlier one in force, ANSWER_RETURNED.
    """
    uncounted = {row["key"]: Cause.BLANK for row in of_questions(current)}
    for row in of_questions(rows(connection, "stated_row", place, "stated_id")):
        if row["is_quarantined"]:
            uncounted[row["key"]] = Cause.ANSWER_RETURNED
    counted = {}
    for row in of_questions(current):
        points = decimal(row["points"])
        if points is not None:
            counted[row["key"]] = StatedPoints(row["key"], row["stated_id"], points)
    return counted, {key: cause for key, cause in uncounted.items() if key not in counted}


def predikat(current: Sequence[Row]) -> tuple[StatedPredikat, Row] | None:
    """Return the predikat that a stage's rows in force give, and the row it stands in; None where none does."""
    for row in current:
        if row["level"] == StatedLevel.PREDIKAT.value:
            return StatedPredikat(row["stated_id"], row["label"]), row
    return None
