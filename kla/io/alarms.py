"""Alarms from the ledger of runs: told once when they begin, once a day while they last, and once when they are over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from kla.io import project, settings
from kla.io.districts import district_codes, regencies
from kla.io.notices import FOLDER, Notice, send
from kla.io.run_words import say, zone_name
from kla.io.staging import replace_file
from kla.io.warehouse import Warehouse
from kla.io.warehouse.watching import runs_since
from kla.watching import Alarm, AlarmKind, alarms
from kla.wording import moment_text

LOOKED_BACK = timedelta(days=30)
TOLD_AGAIN = timedelta(hours=24)
FILE = "alarm.json"
NATION = "Asia/Jakarta"  # whose clock tells of what concerns all zones


def zones() -> tuple[str, ...]:
    """Return the zones in which a district with a folder lives, in the order of their codes."""
    known = regencies()
    return tuple(dict.fromkeys(str(known[code].zone) for code in district_codes() if code in known))


def current(warehouse: Warehouse, now: datetime, hours: int | None = None) -> tuple[Alarm, ...]:
    """Return what is wrong with the nights at a moment; `hours` (default: KLA_ALARM_HOURS) without a good one is too long."""
    most = timedelta(hours=settings.current().alarm_hours if hours is None else hours)
    return alarms(runs_since(warehouse, now - LOOKED_BACK), zones(), now, most)


def told(alarm: Alarm) -> str:
    """Return an alarm as a sentence that says what to do."""
    zone = ZoneInfo(alarm.zone or NATION)
    since = moment_text(alarm.since, zone) if alarm.since else ""
    key = "never" if alarm.kind is AlarmKind.SILENT and not since else alarm.kind.value
    return say(f"alarm.{key}", zone=zone_name(alarm.zone), since=since, run_id=alarm.run_id)


def raise_new(found: Sequence[Alarm], now: datetime) -> tuple[str, ...]:
    """Send what was not told before, or not for a day, and that others are over; return the sentences that were sent."""
    before = _read()
    texts = {_key(alarm): told(alarm) for alarm in found}
    new = [key for key in texts if key not in before or now - before[key] >= TOLD_AGAIN]
    over = sorted(set(before) - set(texts))
    sent = [*(texts[key] for key in new), *(say("alarm.over", what=key) for key in over)]
    for sentence in sent:
        send(Notice("alarm", say("alarm.title"), sentence))
    if new or over:
        _write({key: now if key in new else before[key] for key in texts})
    return tuple(sent)


def _key(alarm: Alarm) -> str:
    return " ".join(part for part in (say(f"alarm.kind.{alarm.kind}"), zone_name(alarm.zone), alarm.run_id) if part)


def _path() -> Path:
    return project.var() / FOLDER / FILE


def _read() -> Mapping[str, datetime]:
    try:
        return {key: datetime.fromisoformat(at) for key, at in json.loads(_path().read_bytes()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write(told_at: Mapping[str, datetime]) -> None:
    held = {key: at.astimezone(UTC).isoformat() for key, at in sorted(told_at.items())}
    replace_file(_path(), json.dumps(held, ensure_ascii=False, indent=1).encode())
