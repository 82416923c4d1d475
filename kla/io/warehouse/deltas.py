"""How findings come and go, run by run: the log is its own memory, so judging again tells the truth too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from kla.delta import Change, FindingChange, FindingKey, changes, keyed
from kla.district import District
from kla.findings import Finding
from kla.io.warehouse import findings, freshness
from kla.io.warehouse.changes import replace_rows
from kla.io.warehouse.rows import FORM_STAGE
from kla.io.warehouse.standing import OF_STAGE, Place
from kla.io.warehouse.tables import finding_change
from kla.picture import OfficeDelta

RUNS_SHOWN = 10


def record(connection: Connection, place: Place, run_id: str) -> int:
    """Write what this run changed in the findings of each office at a stage; return how many rows changed.

    An office to which the run brought neither a file nor a change gets no row. Written again within the same run, the
    last word counts.
    """
    now: dict[str, list[Finding]] = {}
    for finding in findings.current(connection, place.district_code, place.cycle):
        if (finding.stage or FORM_STAGE) == place.stage:
            now.setdefault(finding.opd_code, []).append(finding)
    history = _history(connection, place, run_id)
    brought = _brought(connection, place, run_id)
    wanted = []
    for opd_code in sorted({*now, *history, *brought}):
        told = changes(history.get(opd_code, {}), keyed(now.get(opd_code, ())))
        if opd_code in brought or any(one.change is not Change.PERSISTING for one in told):
            wanted += [_row(place, run_id, opd_code, one) for one in told]
    changed = replace_rows(connection, finding_change, {"run_id": run_id, **place.parameters()}, wanted)
    if changed:
        freshness.touch(connection, place.district_code)
    return changed


def _history(connection: Connection, place: Place, run_id: str) -> dict[str, dict[FindingKey, FindingChange]]:
    """Return the last change of each finding of each office, as runs before this one left it."""
    sql = text(
        "SELECT c.* FROM finding_change AS c INNER JOIN run AS r ON r.run_id = c.run_id "  # noqa: S608
        f"WHERE {OF_STAGE} AND c.run_id <> :run_id ORDER BY r.started_at, r.run_id"
    )
    found: dict[str, dict[FindingKey, FindingChange]] = {}
    for row in connection.execute(sql, {**place.parameters(), "run_id": run_id}).mappings():
        one = _change(row)
        found.setdefault(row["opd_code"], {})[one.key] = one
    return found


def _brought(connection: Connection, place: Place, run_id: str) -> frozenset[str]:
    """Return the offices of which the run received a file."""
    sql = text(
        "SELECT DISTINCT s.opd_code FROM receipt AS r INNER JOIN submission AS s ON s.receipt_id = r.receipt_id "
        "WHERE r.run_id = :run_id AND s.district_code = :district_code AND s.cycle = :cycle AND s.stage = :stage"
    )
    return frozenset(row[0] for row in connection.execute(sql, {**place.parameters(), "run_id": run_id}))


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
        "SELECT c.stage, c.opd_code, c.run_id, r.started_at, n.received_at, "  # noqa: S608
        f"{_COUNTS} FROM finding_change AS c INNER JOIN run AS r ON r.run_id = c.run_id "
        "LEFT JOIN (SELECT e.run_id, s.district_code, s.cycle, s.stage, s.opd_code, MAX(e.received_at) AS received_at "
        "FROM receipt AS e INNER JOIN submission AS s ON s.receipt_id = e.receipt_id "
        "GROUP BY e.run_id, s.district_code, s.cycle, s.stage, s.opd_code) AS n "
        "ON n.run_id = c.run_id AND n.district_code = c.district_code AND n.cycle = c.cycle AND n.stage = c.stage "
        "AND n.opd_code = c.opd_code WHERE c.district_code = :district_code AND c.cycle = :cycle "
        "GROUP BY c.stage, c.opd_code, c.run_id, r.started_at, n.received_at "
        "ORDER BY c.stage, c.opd_code, r.started_at, c.run_id"
    )
    found: dict[tuple[str, str], list[OfficeDelta]] = {}
    for row in connection.execute(sql, {"district_code": district.code, "cycle": cycle}).mappings():
        runs = found.setdefault((row["stage"], row["opd_code"]), [])
        moment = row["received_at"] and datetime.fromisoformat(row["received_at"]).astimezone(district.zone)
        counts = {it.name.lower(): int(row[it.name.lower()]) for it in Change}
        day = moment.date() if moment else None
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
