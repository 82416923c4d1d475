"""What the ledger of runs says about the nights: which are done already, and which stay away, come late or hang. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

NIGHTLY = "nightly"
GOOD = frozenset({"complete", "partial"})
RUNNING = "running"
NIGHT_BEGINS = time(1, 0)  # as the schedules of prefect.yaml say, in each zone
LATE_AFTER = timedelta(hours=2)
LONGEST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the ledger: `zone` None for all zones, `districts` None for all; `is_dead`: running, but nobody holds it."""

    run_id: str
    kind: str
    zone: str | None
    districts: tuple[str, ...] | None
    status: str
    started_at: datetime
    finished_at: datetime | None = None
    is_dead: bool = False
    message: str = ""

    def serves(self, zone: str | None) -> bool:
        """Whether it was to serve every district of a zone (None: of all zones)."""
        return self.districts is None and self.zone in (None, zone)

    @property
    def is_good(self) -> bool:
        """Whether it came through, be it in part."""
        return self.status in GOOD


def newest_good(runs: Iterable[Run], kind: str, zone: str | None) -> Run | None:
    """Return the good run of a kind that served a zone and started last."""
    good = [run for run in runs if run.kind == kind and run.is_good and run.serves(zone)]
    return max(good, key=lambda run: (run.started_at, run.run_id), default=None)


def superseding(runs: Iterable[Run], kind: str, zone: str | None, scheduled_at: datetime) -> Run | None:
    """Return the good run that makes a scheduled one needless: it started at or after the moment that one was due.

    A run sees everything that lies there when it starts, so of all that came due while the server was down one is enough.
    """
    found = newest_good(runs, kind, zone)
    return found if found is not None and found.started_at >= scheduled_at else None


class AlarmKind(StrEnum):
    """SILENT: no good night for too long. LATE: tonight's has not begun. STUCK: one runs too long, or died running."""

    SILENT = "silent"
    LATE = "late"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something is wrong with the nights of a zone: `since` None when there never was a good one."""

    kind: AlarmKind
    zone: str
    since: datetime | None
    run_id: str = ""


def alarms(runs: Sequence[Run], zones: Iterable[str], now: datetime, most: timedelta) -> tuple[Alarm, ...]:
    """Return what is wrong with the nights of the zones at a moment; `most` is how long one may be without a good one."""
    found: list[Alarm] = []
    for zone in zones:
        good = newest_good(runs, NIGHTLY, zone)
        if good is None or now - (good.finished_at or good.started_at) > most:
            found.append(Alarm(AlarmKind.SILENT, zone, good.finished_at or good.started_at if good else None))
        due = datetime.combine(now.astimezone(ZoneInfo(zone)).date(), NIGHT_BEGINS, ZoneInfo(zone))
        has_begun = any(run.kind == NIGHTLY and run.serves(zone) and run.started_at >= due for run in runs)
        if now - due > LATE_AFTER and not has_begun:
            found.append(Alarm(AlarmKind.LATE, zone, due))
    return (*found, *_stuck(runs, now))


def _stuck(runs: Sequence[Run], now: datetime) -> list[Alarm]:
    """Return a run each that is dead or takes too long, whatever its kind; one alarm names its zone, if it has one."""
    hanging = [run for run in runs if run.status == RUNNING and (run.is_dead or now - run.started_at > LONGEST)]
    return [Alarm(AlarmKind.STUCK, run.zone or "", run.started_at, run.run_id) for run in hanging]
