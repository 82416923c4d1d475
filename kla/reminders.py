"""Whom to remind, of what, and when: only offices that still owe something, each with its own; then those above. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from kla.deadlines import mark_of
from kla.district import District
from kla.holidays import Holidays
from kla.letters import Kind, Letter
from kla.night import Trouble
from kla.picture import OfficeLine, Picture

# Of an office that has one of these at the open form stage, a file is still awaited.
AWAITED = frozenset({"expected", "overdue", "empty", "returned", "refused"})


class Level(StrEnum):
    """Who is addressed."""

    OFFICE = "office"  # about itself only
    COORDINATOR = "coordinator"  # the office that runs the gugus tugas, about all that still owe
    SEKDA = "sekda"  # the district's secretary, about the same, later


@dataclass(frozen=True, slots=True)
class ReminderRules:
    """districts/pengingat.yaml: on which marks, at which hours, and from when on those above are told.

    `marks` are days before the deadline. Nobody is reminded from `quiet_from` to `quiet_until` local time, nor on days
    nobody works, but for the last `always_within` days. Levels above are told once so few days are left.
    """

    marks: tuple[int, ...]
    quiet_from: time
    quiet_until: time
    is_quiet_on_holidays: bool
    always_within: int
    coordinator_within: int
    sekda_within: int

    def is_quiet(self, now: datetime, days_left: int, holidays: Holidays) -> bool:
        """Whether nobody is to be disturbed at a local moment."""
        hour = now.time()
        if self.quiet_from <= self.quiet_until:
            is_night = self.quiet_from <= hour < self.quiet_until
        else:
            is_night = hour >= self.quiet_from or hour < self.quiet_until
        return is_night or self.is_quiet_on(now.date(), days_left, holidays)

    def is_quiet_on(self, day: date, days_left: int, holidays: Holidays) -> bool:
        """Whether nobody is to be disturbed on a day at all."""
        return self.is_quiet_on_holidays and days_left > self.always_within and not holidays.is_working(day)


@dataclass(frozen=True, slots=True)
class Digest:
    """What one office still owes. `is_awaited`: at the open form stage no sound file of it is here; `has_sent` any at all."""

    letter: Letter
    is_awaited: bool
    has_sent: bool

    @property
    def opd_code(self) -> str:
        """The office."""
        return self.letter.office.code

    @property
    def points(self) -> Decimal:
        """The points at stake by what is missing."""
        return self.letter.owed_points


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to tell one addressee: an office its own digest, those above the digests of all that owe.

    `opd_code` is the office addressed ("" for the Sekda); `mark` the H- mark it belongs to, counted to `deadline_on`.
    """

    level: Level
    district: District
    cycle: int
    stage: str
    opd_code: str
    mark: int
    days_left: int
    deadline_on: date
    as_of: date
    digests: tuple[Digest, ...]

    def occasion(self, address: str) -> str:
        """Return 24 hex digits that name this occasion at one address: told once, never told again."""
        parts = (
            self.district.code,
            str(self.cycle),
            self.stage,
            self.deadline_on.isoformat(),
            f"H-{self.mark}",
            self.level.value,
            self.opd_code,
            address,
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def digests_of(picture: Picture, letters: Sequence[Letter]) -> tuple[Digest, ...]:
    """Return a digest of each office that still owes something, in the order of the district's list.

    An office owes what loses points without anything new being achieved, findings to be mended, and, while the form stage
    counts down, a sound file. `letters` are those of the picture (`kla.letters.letters_of`).
    """
    lines = {line.opd_code: line for line in picture.offices}
    is_form_stage = picture.deadline_stage == picture.instrument.stages[0]
    found = []
    for letter in letters:
        line = lines.get(letter.office.code)
        is_awaited = is_form_stage and line is not None and line.status in AWAITED
        if is_awaited or letter.kind is Kind.OWES:
            found.append(Digest(letter, is_awaited, _has_sent(line)))
    return tuple(found)


def _has_sent(line: OfficeLine | None) -> bool:
    return line is not None and line.submission is not None


def reminders_of(picture: Picture, letters: Sequence[Letter], rules: ReminderRules) -> tuple[Reminder, ...]:
    """Return whom to remind on the picture's day: offices first, then those above; () before the first mark, when the
    deadline is over or none is set, and when nobody owes anything any more."""
    if picture.deadline_on is None or picture.days_left is None:
        return ()
    mark, digests = mark_of(picture.days_left, rules.marks), digests_of(picture, letters)
    if mark is None or not digests:
        return ()
    levels: list[tuple[Level, str, tuple[Digest, ...]]] = [(Level.OFFICE, one.opd_code, (one,)) for one in digests]
    if picture.days_left <= rules.coordinator_within:
        levels.append((Level.COORDINATOR, picture.district.coordinator, digests))
    if picture.days_left <= rules.sekda_within:
        levels.append((Level.SEKDA, "", digests))
    return tuple(
        Reminder(
            level=level,
            district=picture.district,
            cycle=picture.cycle,
            stage=picture.deadline_stage,
            opd_code=opd_code,
            mark=mark,
            days_left=picture.days_left,
            deadline_on=picture.deadline_on,
            as_of=picture.as_of,
            digests=told,
        )
        for level, opd_code, told in levels
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A reminder that went out, or in a dry run would go. `address` names a variable or `berkas`, never an address itself."""

    reminder: Reminder
    address: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of reminders did. `silent` maps district code to why nobody was told there: a key of `silent` in
    reports/reminder.id.yaml (no_deadline, over, early, done, told, quiet, unscored)."""

    run_id: str
    is_dry_run: bool
    sent: tuple[Sent, ...]
    silent: dict[str, str]
    troubles: tuple[Trouble, ...]
