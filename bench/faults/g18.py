"""G18: deadlines in WIB, WITA and WIT one second before, at and after 23:59:59 local; a clock that jumps back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bench.faults.goal import Budget, Figure, judged
from kla.deadlines import current_window, days_left, is_on_time
from kla.district import StageWindow

TITLE = "deadlines in three zones, to the second"
SECONDS, LONG_SECONDS = 5, 20
ZONES = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}
DAYS = tuple(date(2024, 1, 1) + timedelta(days=step) for step in range(0, 731, 5))


def run(budget: Budget) -> Figure:
    """Ask of each zone and day, at three seconds and seen from other zones, whether a file is on time."""
    faults: list[str] = []
    asked = 0
    for name, hours in ZONES.items():
        zone = ZoneInfo(name)
        for day in DAYS:
            window = StageWindow("mandiri", day - timedelta(days=30), day)
            last = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC) - timedelta(hours=hours)
            for seconds, expected in ((-1, True), (0, True), (1, False)):
                for seen_from in (zone, UTC, ZoneInfo("America/New_York")):
                    moment = (last + timedelta(seconds=seconds)).astimezone(seen_from)
                    asked += 1
                    if is_on_time(moment, window, zone) is not expected:
                        faults.append(f"{name} {day} {seconds:+} s")
            faults += _days(window, day, name)
    faults += _clock_jumps_back(budget)
    return judged("G18", f"{asked} moments in 3 zones judged right, clock set back: same verdicts", faults)


def _days(window: StageWindow, day: date, name: str) -> list[str]:
    wrong = days_left(day, day) != 0 or days_left(day, day - timedelta(days=1)) != 1
    wrong = wrong or current_window((window,), day) is not window
    return [f"{name} {day}: days left"] if wrong else []


def _clock_jumps_back(budget: Budget) -> list[str]:
    """Receive a file, set its own times and the machine's idea of now back, and look again: nothing may change."""
    import os

    from bench.faults.places import inbox_of
    from kla.io.intake import receive

    place = inbox_of(budget.room / "clock", {"DINKES/a.xlsx": b"PK\x03\x04 one"})
    first = receive(place.inbox, place.archive, place.districts, place.as_of, lambda *_: False)
    file = place.inbox / place.code / "DINKES" / "a.xlsx"
    os.utime(file, (0, 0))
    earlier = {place.code: place.as_of[place.code] - timedelta(days=3)}
    known = {(receipt.district_code, receipt.sha256) for receipt in first.receipts}
    second = receive(place.inbox, place.archive, place.districts, earlier, lambda code, _, sha: (code, sha) in known)
    if len(first.receipts) != 1 or second.receipts:
        return ["a clock that jumped back changed what was received"]
    return []
