"""Reads districts/libur/<year>.yaml: national holidays and joint leave, the same for every district."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from kla.errors import DistrictError
from kla.holidays import Holiday, Holidays
from kla.io import project
from kla.io.yaml_text import Fields, read_mapping

_KINDS = {"national": False, "joint_leave": True}


@cache
def load_holidays() -> Holidays:
    """Return the holidays of every year that has a file (kept in memory); DistrictError as `load_holidays_from`."""
    return load_holidays_from(project.data("districts") / "libur")


def load_holidays_from(folder: Path) -> Holidays:
    """Return the holidays of a folder with one file per year; none when there is no folder.

    Raises:
        DistrictError: a file that is not named after its year, a day of another year, not a date or given twice.
    """
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    days: dict[date, Holiday] = {}
    for path in files:
        where = f"districts/libur/{path.name}"
        if not (path.stem.isascii() and path.stem.isdigit()):
            raise DistrictError(where, "is not named after a year", "Name it like 2024.yaml.")
        for holiday in _holidays(path, where):
            if holiday.on in days:
                raise DistrictError(f"{where}, {holiday.on}", "is given twice", "Keep one of them.")
            days[holiday.on] = holiday
    return Holidays(days, frozenset(int(path.stem) for path in files))


def _holidays(path: Path, where: str) -> Iterator[Holiday]:
    document = read_mapping(path, where, DistrictError)
    Fields(document, where, ("source", "assumed", *_KINDS), DistrictError).text("source")
    for kind, is_joint_leave in _KINDS.items():
        listed = document.get(kind)
        if not isinstance(listed, dict):
            raise DistrictError(f"{where}, {kind}", "is not a list of days", "Write `2024-05-09: name` lines.")
        for text, name in listed.items():
            yield Holiday(_day(text, path.stem, f"{where}, {kind}, {text}"), str(name), is_joint_leave)


def _day(text: str, year: str, where: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DistrictError(where, "is not a date", "Write it like 2024-05-09.") from None
    if str(day.year) != year:
        raise DistrictError(where, f"does not fall in {year}", "Move it to the file of its year.")
    return day
