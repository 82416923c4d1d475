"""How the nights stand: a page and a JSON file beside what is published, written anew by every run.

They alone hold clock readings and run ids of runs that changed nothing; every other page stays as it was on a quiet
night, says of which day its data is, and leads here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from kla.io import alarms
from kla.io.run_words import entry, say, zone_name
from kla.io.staging import replace_file
from kla.io.warehouse import Warehouse
from kla.io.warehouse.watching import runs_since
from kla.watching import NIGHTLY, Run, newest_good
from kla.wording import moment_text

FOLDER = "keadaan"  # of var/public
LOOKED_BACK = timedelta(days=60)
SHOWN_RUNS = 20


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """When a zone was last served well: `moment` and `run_id` are "" when never within the days looked back."""

    zone: str
    name: str
    moment: str
    run_id: str
    status: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One of the last runs, as people read it; what went wrong names offices and files, and stays in the ledger."""

    run_id: str
    kind: str
    whom: str
    started: str
    status: str


@dataclass(frozen=True, slots=True)
class NightsStatus:
    """All that the page of the nights shows."""

    written_at: str
    zones: tuple[ZoneLine, ...]
    runs: tuple[RunRow, ...]
    alarms: tuple[str, ...]


def status_of(warehouse: Warehouse, now: datetime) -> NightsStatus:
    """Return how the nights stand at a moment, from the ledger alone."""
    runs = runs_since(warehouse, now - LOOKED_BACK)
    newest = sorted(runs, key=lambda run: (run.started_at, run.run_id), reverse=True)[:SHOWN_RUNS]
    return NightsStatus(
        written_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        zones=tuple(_line(zone, newest_good(runs, NIGHTLY, zone)) for zone in alarms.zones()),
        runs=tuple(_row(run) for run in newest),
        alarms=tuple(alarms.told(alarm) for alarm in alarms.current(warehouse, now)),
    )


def publish(warehouse: Warehouse, public: Path, now: datetime) -> None:
    """Write <public>/keadaan/index.html and status.json; each in one move.

    Raises:
        OSError: they could not be written; the old ones are still there.
    """
    from kla.io.rendering import desk

    found = status_of(warehouse, now)
    page = desk().page("status.html.j2", status=found, written=moment(now, alarms.NATION), w=entry("status"))
    replace_file(public / FOLDER / "index.html", page)
    replace_file(public / FOLDER / "status.json", _json(found))


def _json(found: NightsStatus) -> bytes:
    zones = {
        it.zone: {"name": it.name, "last_good_at": it.moment, "run_id": it.run_id, "status": it.status}
        for it in found.zones
    }
    told = {"written_at": found.written_at, "zones": zones, "alarms": list(found.alarms)}
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _line(zone: str, good: Run | None) -> ZoneLine:
    if good is None:
        return ZoneLine(zone, zone_name(zone), "", "", "")
    return ZoneLine(zone, zone_name(zone), moment(good.finished_at or good.started_at, zone), good.run_id, good.status)


def _row(run: Run) -> RunRow:
    zone = run.zone or alarms.NATION
    whom = ", ".join(run.districts or ()) or (zone_name(run.zone) if run.zone else say("name.everybody"))
    status = "dead" if run.is_dead else run.status
    kinds = cast(dict[str, str], entry("status.kind"))
    return RunRow(run.run_id, kinds.get(run.kind, run.kind), whom, moment(run.started_at, zone), status)


def moment(at: datetime, zone: str) -> str:
    """Return a moment as people read it in a zone.

    >>> moment(datetime(2025, 5, 19, 18, 7, tzinfo=UTC), "Asia/Jakarta")
    '20 Mei 2025, 01.07 WIB'
    """
    return moment_text(at, ZoneInfo(zone))
