"""Decisions kept and read, and names that wait for one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, text

from kla.decisions import Decision, DecisionKind, aliases, in_force
from kla.district import District
from kla.errors import WarehouseError
from kla.io.warehouse.exact import moment_text
from kla.io.warehouse.tables import decision
from kla.picture import PendingAlias
from kla.submission import NearMatch


def add(connection: Connection, one: Decision) -> str:
    """Keep a decision and return its id; the same decision twice is one.

    Raises:
        WarehouseError: a withdrawal names a decision that this district does not have.
    """
    if one.kind is DecisionKind.WITHDRAWAL and not _is_there(connection, one.withdraws, one.district_code):
        raise WarehouseError(f"decision {one.withdraws}", "it is not in the warehouse", "See `kla decisions`.")
    days = {name: day and day.isoformat() for name, day in (("from_on", one.from_on), ("until_on", one.until_on))}
    facts = asdict(one) | days | {"kind": one.kind.value, "at": moment_text(one.at), "decision_id": one.decision_id}
    names = [column.name for column in decision.columns]
    sql = (
        f"INSERT INTO decision ({', '.join(names)}) SELECT {', '.join(f'CAST(:{name} AS {_type(name)})' for name in names)} "  # noqa: S608
        "WHERE NOT EXISTS (SELECT 1 FROM decision WHERE decision_id = :decision_id)"
    )
    connection.execute(text(sql), {name: facts[name] for name in names})
    return one.decision_id


def _type(name: str) -> str:
    return "INTEGER" if name == "cycle" else "TEXT"


def _is_there(connection: Connection, decision_id: str, district_code: str) -> bool:
    of_district = (decision.c.decision_id == decision_id) & (decision.c.district_code == district_code)
    return connection.execute(select(decision.c.decision_id).where(of_district)).first() is not None


def read(
    connection: Connection, district: District, cycle: int | None = None, as_of: date | None = None
) -> tuple[Decision, ...]:
    """Return a district's decisions, oldest first, moments in its zone.

    With `cycle` only that cycle's; with `as_of` only those in force on that day (then without withdrawals).
    """
    of_district = decision.c.district_code == district.code
    found = connection.execute(select(decision).where(of_district).order_by(decision.c.at, decision.c.decision_id))
    taken = tuple(_decision(dict(row), district) for row in found.mappings())
    of_cycle = tuple(one for one in taken if cycle in (None, one.cycle))
    return of_cycle if as_of is None else in_force(of_cycle, as_of)


def read_all(connection: Connection, districts: Mapping[str, District]) -> Mapping[str, tuple[Decision, ...]]:
    """Return the decisions of several districts by code, each as `read` gives them, asked once for all."""
    found: dict[str, list[Decision]] = {code: [] for code in districts}
    for row in connection.execute(select(decision).order_by(decision.c.at, decision.c.decision_id)).mappings():
        if row["district_code"] in found:
            found[row["district_code"]].append(_decision(dict(row), districts[row["district_code"]]))
    return {code: tuple(taken) for code, taken in found.items()}


def _decision(row: dict[str, Any], district: District) -> Decision:
    del row["decision_id"]
    days = {name: row[name] and date.fromisoformat(row[name]) for name in ("from_on", "until_on")}
    at = datetime.fromisoformat(row["at"]).astimezone(district.zone)
    return Decision(**{**row, **days, "kind": DecisionKind(row["kind"]), "at": at})


def queue(
    connection: Connection, district_code: str, near: Iterable[NearMatch], sha256: str, file_name: str, run_id: str
) -> int:
    """Queue names that are new to the district; return how many. The file in which one was first seen stays with it."""
    sql = text(
        "INSERT INTO alias_queue "
        "(alias_id, district_code, kind, text, candidate, score, sha256, file_name, sheet, cell, run_id) VALUES "
        "(:alias_id, :district_code, :kind, :text, :candidate, :score, :sha256, :file_name, :sheet, :cell, :run_id) "
        "ON CONFLICT DO NOTHING"
    )
    added = 0
    for one in near:
        digest = hashlib.sha256(
            "\0".join((district_code, one.kind, one.text)).encode("utf-8", "surrogatepass")
        ).digest()
        facts = asdict(one) | {
            "alias_id": int.from_bytes(digest[:8], "big") >> 1,
            "district_code": district_code,
            "sha256": sha256,
            "file_name": file_name,
            "run_id": run_id,
        }
        added += connection.execute(sql, facts).rowcount
    return added


def pending(
    connection: Connection, district: District, known: Mapping[str, Mapping[str, str]]
) -> tuple[PendingAlias, ...]:
    """Return the queued names no decision speaks of yet (`known`, as `learned`), the nearest first."""
    sql = text(
        "SELECT kind, text, candidate, score, sheet, cell, sha256, file_name FROM alias_queue "
        "WHERE district_code = :district_code ORDER BY score DESC, kind, text"
    )
    return tuple(
        PendingAlias(
            NearMatch(row["kind"], row["text"], row["candidate"], row["score"], row["sheet"], row["cell"]),
            row["sha256"],
            row["file_name"],
        )
        for row in connection.execute(sql, {"district_code": district.code}).mappings()
        if row["text"] not in known.get(row["kind"], {})
    )


def learned(connection: Connection, district: District, as_of: date | None = None) -> dict[str, dict[str, str]]:
    """Return what stewards said texts mean in a district: kind -> text -> meaning ("": nothing we know)."""
    return aliases(read(connection, district), as_of or date.max)
