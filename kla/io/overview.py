"""One line per district and cycle for the page over all of them, kept in each manifest so that no warehouse is asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from kla.findings import Outcome
from kla.io.page_lines import is_by_recap, is_in
from kla.io.page_outlook import Outlook
from kla.picture import Picture

MANIFEST = "manifest.json"
NO_CALENDAR = 10_000  # days: after every real number of them
VERDICTS = ("reached", "reachable", "thin", "unreachable", "over", "no_calendar", "unscored")


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """Where one district and cycle stands. `points` None before anything is scored.

    `offices_received` counts offices whose latest form came, `offices_accepted` those accepted whole,
    empty ones left out. `is_by_recap`: the score comes from recaps alone. `verdict` says whether the target can be
    reached (a key of `path.verdict` in the texts), `expected_points` what the way to it leads to; None without a way.
    """

    district_code: str
    district_name: str
    province_name: str
    cycle: int
    as_of: date
    stage: str
    points: Decimal | None
    max_points: Decimal
    predikat: str | None
    target_predikat: str
    points_to_target: Decimal
    deadline_stage: str
    deadline_on: date | None
    days_left: int | None
    offices_expected: int
    offices_received: int
    offices_accepted: int
    is_by_recap: bool
    notices: tuple[str, ...]
    verdict: str
    expected_points: Decimal | None


def overview_line(picture: Picture, outlook: Outlook | None = None) -> OverviewLine:
    """Return the line of one picture; `outlook` is its outlook where that was worked out already."""
    outlook = outlook or Outlook(picture)
    sheet = next((sheet for sheet in picture.stages if sheet.stage == picture.current_stage), None)
    came = [line for line in picture.offices if line.submission is not None]
    return OverviewLine(
        district_code=picture.district.code,
        district_name=picture.district.name,
        province_name=picture.district.province_name,
        cycle=picture.cycle,
        as_of=picture.as_of,
        stage=picture.current_stage,
        points=sheet.total.points if sheet else None,
        max_points=picture.instrument.max_points,
        predikat=sheet.predikat if sheet else None,
        target_predikat=picture.target_predikat,
        points_to_target=picture.points_to_target,
        deadline_stage=picture.deadline_stage,
        deadline_on=picture.deadline_on,
        days_left=picture.days_left,
        offices_expected=len(picture.offices),
        offices_received=len(came),
        offices_accepted=sum(
            is_in(line) and line.submission.outcome is Outcome.ACCEPTED for line in came if line.submission
        ),
        is_by_recap=is_by_recap(picture),
        notices=picture.notices,
        verdict=outlook.verdict,
        expected_points=outlook.route.score if outlook.route else None,
    )


def redated(line: OverviewLine, picture: Picture, outlook: Outlook) -> OverviewLine:
    """Return a district's line on another day, all else the same; of the picture its day part is looked at."""
    route = outlook.route
    return replace(
        line,
        as_of=picture.as_of,
        days_left=picture.days_left,
        verdict=outlook.verdict,
        expected_points=route.score if route else None,
    )


def to_json(line: OverviewLine) -> dict[str, object]:
    """Return a line as plain JSON values; points and dates as text, several of something as a list."""
    values = {name: getattr(line, name) for name in OverviewLine.__slots__}
    return {name: str(value) if isinstance(value, Decimal | date) else value for name, value in values.items()}


def from_json(values: Mapping[str, object]) -> OverviewLine:
    """Return the line that `to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: the values are not a line's.
    """

    def text(name: str) -> str:
        return str(values[name])

    def number(name: str) -> int:
        return int(text(name))

    notices = values["notices"]
    if not isinstance(notices, list | tuple):
        raise TypeError("notices is no list")
    return OverviewLine(
        district_code=text("district_code"),
        district_name=text("district_name"),
        province_name=text("province_name"),
        cycle=number("cycle"),
        as_of=date.fromisoformat(text("as_of")),
        stage=text("stage"),
        points=None if values["points"] is None else Decimal(text("points")),
        max_points=Decimal(text("max_points")),
        predikat=None if values["predikat"] is None else text("predikat"),
        target_predikat=text("target_predikat"),
        points_to_target=Decimal(text("points_to_target")),
        deadline_stage=text("deadline_stage"),
        deadline_on=None if values["deadline_on"] is None else date.fromisoformat(text("deadline_on")),
        days_left=None if values["days_left"] is None else number("days_left"),
        offices_expected=number("offices_expected"),
        offices_received=number("offices_received"),
        offices_accepted=number("offices_accepted"),
        is_by_recap=values["is_by_recap"] is True,
        notices=tuple(str(key) for key in notices),
        verdict=text("verdict"),
        expected_points=None if values["expected_points"] is None else Decimal(text("expected_points")),
    )


def published_lines(public: Path) -> tuple[OverviewLine, ...]:
    """Return the line of every district and cycle published under `public`, by code and cycle.

    A folder whose manifest cannot be read is left out: its district is published anew on the next run. So is what is
    hidden: another run may be writing it.
    """
    lines = []
    for path in sorted(public.glob(f"[0-9]*/[0-9]*/{MANIFEST}")):
        try:
            lines.append(from_json(json.loads(path.read_bytes())["overview"]))
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
            continue
    return tuple(sorted(lines, key=lambda line: (line.district_code, line.cycle)))


def ranked(lines: Iterable[OverviewLine]) -> Sequence[tuple[OverviewLine, tuple[OverviewLine, ...]]]:
    """Return each district's latest cycle with its earlier ones: the nearest to its target first, of these the least time.

    Those that have reached theirs follow, the highest score first, then those without a score.
    """
    by_district: dict[str, list[OverviewLine]] = {}
    for line in sorted(lines, key=lambda line: -line.cycle):
        by_district.setdefault(line.district_code, []).append(line)
    rows = [(lines[0], tuple(lines[1:])) for lines in by_district.values()]
    return sorted(rows, key=lambda row: _rank(row[0]))


def _rank(line: OverviewLine) -> tuple[int, Decimal, int, str]:
    if line.points is None:
        return 2, Decimal(0), 0, line.district_code
    if not line.points_to_target:
        return 1, -line.points, 0, line.district_code
    left = NO_CALENDAR if line.days_left is None or line.days_left < 0 else line.days_left
    return 0, line.points_to_target, left, line.district_code


def counts(rows: Iterable[tuple[OverviewLine, object]]) -> Mapping[str, int]:
    """Return how many districts have each verdict, in the order of the texts' keys; verdicts of none are left out."""
    found = Counter(line.verdict for line, _ in rows)
    return {key: found[key] for key in VERDICTS if found[key]}
