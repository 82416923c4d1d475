"""How findings come and go, run by run: the log is its own memory, so judging again tells the truth too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text

from kla.delta import Change, FindingChange, FindingKey, changes, keyed
from kla.district import District
from kla.findings import Finding
from kla.io.warehouse import findings, freshness
from kla.io.warehouse.changes import replace_rows
from kla.io.warehouse.rows import FORM_STAGE
from kla.io.warehouse.standing import OF_STAGE, Place
from kla.io.warehouse.tables import finding_change, run
from kla.picture import OfficeDelta

RUNS_SHOWN = 10
_GIVEN_UP = frozenset({"abandoned", "failed"})
_Moment = tuple[str, str]  # when a run began, and its id: runs in their order
_NEVER: _Moment = ("", "")


@dataclass(frozen=True, slots=True)
class _Arrival:
    """The newest file that a run received of an office at a stage."""

    run: _Moment
    is_given_up: bool
    received_at: str


def record(connection: Connection, place: Place, run_id: str) -> int:
    """Write what this run changed in the findings of each office at a stage; return how many rows changed.

    An office to which the run brought neither a file nor a change gets no row. What a run received that was given up before
    it came to this is told as if this one had brought it. Written again within the same run, the
    last word counts.
    """
    now: dict[str, list[Finding]] = {}
    for finding in findings.current(connection, place.district_code, place.cycle):
        if (finding.stage or FORM_STAGE) == place.stage:
            now.setdefault(finding.opd_code, []).append(finding)
    history, last_told = _history(connection, place, run_id)
    this = _moment_of(connection, run_id)
    arrived = _arrivals(connection, place.district_code, place.cycle)
    brought = {
        opd_code
        for (stage, opd_code), files in arrived.items()
        if stage == place.stage and _told_of(files, this, last_told.get(opd_code, _NEVER))
    }
    wanted = []
    for opd_code in sorted({*now, *history, *brought}):
        told = changes(history.get(opd_code, {}), keyed(now.get(opd_code, ())))
        if opd_code in brought or any(one.change is not Change.PERSISTING for one in told):
            wanted += [_row(place, run_id, opd_code, one) for one in told]
    changed = replace_rows(connection, finding_change, {"run_id": run_id, **place.parameters()}, wanted)
    if changed:
        freshness.touch(connection, place.district_code)
    return changed


def _history(
    connection: Connection, place: Place, run_id: str
) -> tuple[dict[str, dict[FindingKey, FindingChange]], dict[str, _Moment]]:
    """Return, per office, the last change of each finding, as runs before this one left it, and which run told last."""
    sql = text(
        "SELECT c.*, r.started_at FROM finding_change AS c INNER JOIN run AS r ON r.run_id = c.run_id "  # noqa: S608
        f"WHERE {OF_STAGE} AND c.run_id <> :run_id ORDER BY r.started_at, r.run_id"
    )
    found: dict[str, dict[FindingKey, FindingChange]] = {}
    last: dict[str, _Moment] = {}
    for row in connection.execute(sql, {**place.parameters(), "run_id": run_id}).mappings():
        one = _change(row)
        found.setdefault(row["opd_code"], {})[one.key] = one
        last[row["opd_code"]] = (row["started_at"], row["run_id"])
    return found, last


def _moment_of(connection: Connection, run_id: str) -> _Moment:
    return connection.execute(select(run.c.started_at).where(run.c.run_id == run_id)).scalar_one(), run_id


def _arrivals(connection: Connection, district_code: str, cycle: int) -> dict[tuple[str, str], list[_Arrival]]:
    """Return what each run received, by stage and office."""
    sql = text(
        "SELECT s.stage, s.opd_code, r.started_at, r.run_id, r.status, MAX(e.received_at) AS received_at "
        "FROM submission AS s INNER JOIN receipt AS e ON e.receipt_id = s.receipt_id "
        "INNER JOIN run AS r ON r.run_id = e.run_id WHERE s.district_code = :district_code AND s.cycle = :cycle "
        "GROUP BY s.stage, s.opd_code, r.started_at, r.run_id, r.status"
    )
    found: dict[tuple[str, str], list[_Arrival]] = {}
    for row in connection.execute(sql, {"district_code": district_code, "cycle": cycle}).mappings():
        one = _Arrival((row["started_at"], row["run_id"]), row["status"] in _GIVEN_UP, row["received_at"])
        found.setdefault((row["stage"], row["opd_code"]), []).append(one)
    return found


def _told_of(arrivals: Iterable[_Arrival], this: _Moment, last_told: _Moment) -> list[str]:
    """Return when the files came that a run tells of: its own, and those of runs given up since somebody told last.

    A run that was killed between loading and comparing leaves its files to the next: to an office nothing was broken off.
    """
    return [it.received_at for it in arrivals if it.run == this or (it.is_given_up and last_told < it.run < this)]


def _change(row: RowMapping) -> FindingChange:
    place = "" if row["question_id"] else f"{row['sheet']}!{row['cell']}"
    key = FindingKey(row["code"], row["frame"], row["question_id"], place, row["position"])
    return FindingChange(key, Change(row["change"]), row["sheet"], row["cell"])


def _row(place: Place, run_id: str, opd_code: str, one: FindingChange) -> dict[str, Any]:
    key = one.key
    names = (place.district_code, str(place.cycle), place.stage, opd_code, key.code, key.frame, key.question_id)
    digest = hashlib.sha256("\0".join((*names, key.place, str(key.position))).encode("utf-8", "surrogatepass")).digest()
    return {
        "run_id": run_id,
        "change_id": int.from_bytes(digest[:8], "big") >> 1,
        **place.parameters(),
        "opd_code": opd_code,
        "code": key.code,
        "frame": key.frame,
        "question_id": key.question_id,
        "sheet": one.sheet,
        "cell": one.cell,
        "position": key.position,
        "change": one.change.value,
    }


_COUNTS = ", ".join(f"SUM(CASE WHEN c.change = '{it.value}' THEN 1 ELSE 0 END) AS {it.name.lower()}" for it in Change)


def of_offices(connection: Connection, district: District, cycle: int) -> tuple[OfficeDelta, ...]:
    """Return the last runs that changed something for each office, by stage, office and run."""
    sql = text(
        "SELECT c.stage, c.opd_code, c.run_id, r.started_at, "  # noqa: S608
        f"{_COUNTS} FROM finding_change AS c INNER JOIN run AS r ON r.run_id = c.run_id "
        "WHERE c.district_code = :district_code AND c.cycle = :cycle "
        "GROUP BY c.stage, c.opd_code, c.run_id, r.started_at ORDER BY c.stage, c.opd_code, r.started_at, c.run_id"
    )
    arrived = _arrivals(connection, district.code, cycle)
    last_told: dict[tuple[str, str], _Moment] = {}
    found: dict[tuple[str, str], list[OfficeDelta]] = {}
    for row in connection.execute(sql, {"district_code": district.code, "cycle": cycle}).mappings():
        office, this = (row["stage"], row["opd_code"]), (row["started_at"], row["run_id"])
        runs = found.setdefault(office, [])
        moments = _told_of(arrived.get(office, ()), this, last_told.get(office, _NEVER))
        last_told[office] = this
        counts = {it.name.lower(): int(row[it.name.lower()]) for it in Change}
        day = datetime.fromisoformat(max(moments)).astimezone(district.zone).date() if moments else None
        runs.append(OfficeDelta(row["opd_code"], row["stage"], row["run_id"], len(runs) + 1, day, **counts))
    return tuple(one for runs in found.values() for one in runs[-RUNS_SHOWN:])


def of_run(connection: Connection, place: Place, run_id: str | None = None) -> dict[str, tuple[FindingChange, ...]]:
    """Return each office's changes in a run, or, without one, in the last run that changed something for the office."""
    sql = text(
        "SELECT c.* FROM finding_change AS c INNER JOIN run AS r ON r.run_id = c.run_id "  # noqa: S608
        f"WHERE {OF_STAGE} ORDER BY r.started_at, r.run_id, c.code, c.question_id, c.sheet, c.cell, c.position"
    )
    found: dict[str, tuple[str, list[FindingChange]]] = {}
    for row in connection.execute(sql, place.parameters()).mappings():
        if run_id not in (None, row["run_id"]):
            continue
        if found.get(row["opd_code"], ("", []))[0] != row["run_id"]:
            found[row["opd_code"]] = (row["run_id"], [])
        found[row["opd_code"]][1].append(_change(row))
    return {opd_code: _told(told) for opd_code, (_, told) in found.items()}


def _told(told: Iterable[FindingChange]) -> tuple[FindingChange, ...]:
    order = {
        change: place for place, change in enumerate((Change.RETURNED, Change.NEW, Change.PERSISTING, Change.FIXED))
    }
    return tuple(sorted(told, key=lambda one: order[one.change]))
