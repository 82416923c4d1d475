"""Who may write about a district: one run at a time, by a lease with an expiry that every writing transaction looks at.

The lease and the run's number (`token`) stand in the warehouse, so that any process of a run holds them by naming the
run. What a run may not write it is refused inside the very transaction: a run that was thought dead cannot do harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Connection, RowMapping, bindparam, func, select, text

from kla.errors import BusyError, LeaseLostError
from kla.io.alive import is_dead
from kla.io.desk_words import entry, say
from kla.io.warehouse.exact import moment_text
from kla.io.warehouse.tables import lease, run
from kla.wording import moment_text as told_moment

LEASE_SECONDS = 90.0
BEAT_SECONDS = 15.0
MOST_NAMED = 8  # districts in a sentence
_LEASES = 640_217_047  # names of PostgreSQL's own locks: held while leases are given, renewed or taken back,
SHARED_PAGES = 640_217_048  # and while pages that speak of all districts are written
# Made once, for every file that is loaded asks it. Renewing does not wait for this lock; taking over does.
_HOLDER = (
    select(lease.c.run_id).where(lease.c.district_code == bindparam("code")).with_for_update(read=True, key_share=True)
)


@dataclass(frozen=True, slots=True)
class Held:
    """A district that another living run holds."""

    district_code: str
    run_id: str
    kind: str
    who: str
    started_at: datetime

    def told(self) -> str:
        """Return the sentence for whoever has to wait."""
        return say(
            "lease.held",
            code=self.district_code,
            run=self.run_id,
            kind=_kinds().get(self.kind, self.kind),
            who=self.who or say("lease.nobody"),
            since=told_moment(self.started_at.astimezone()),
        )


def _kinds() -> Mapping[str, object]:
    return cast(dict[str, object], entry("lease.kind"))


def take(connection: Connection, run_id: str, codes: Sequence[str]) -> tuple[Held, ...]:
    """Lease the districts to a run that is being begun; return those that another living run holds.

    Dead runs lose theirs and are written down as abandoned. The run gets its number: higher than any before.

    Raises:
        BusyError: there are districts, and others hold them all.
    """
    alone(connection)
    now = now_of(connection)
    _bury(connection, now)
    held = held_by_others(connection, run_id, codes)
    if codes and len(held) == len(codes):
        raise BusyError(_named(codes), held[0].told(), say("lease.wait"))
    token = 1 + (connection.execute(select(func.max(run.c.token))).scalar() or 0)
    connection.execute(run.update().where(run.c.run_id == run_id).values(token=token))
    until = moment_text(now + timedelta(seconds=LEASE_SECONDS))
    taken = {it.district_code for it in held}
    new = [
        {"district_code": code, "run_id": run_id, "token": token, "expires_at": until}
        for code in codes
        if code not in taken
    ]
    if new:
        connection.execute(lease.insert(), new)
    return held


def _named(codes: Sequence[str]) -> str:
    """Return some codes by name, the others by their number."""
    more = len(codes) - MOST_NAMED
    named = ", ".join(codes[:MOST_NAMED])
    return say("lease.more", codes=named, count=more) if more > 0 else named


def living(connection: Connection, run_id: str, codes: Sequence[str]) -> dict[str, Held]:
    """Return those of the districts that another living run holds; nothing is written."""
    dead = set(stale_runs(connection))
    return {it.district_code: it for it in held_by_others(connection, run_id, codes) if it.run_id not in dead}


def held_by_others(connection: Connection, run_id: str, codes: Sequence[str]) -> tuple[Held, ...]:
    """Return those of the districts that another run holds, dead or alive."""
    holders = {row["district_code"]: _held(row) for row in _leases(connection)}
    return tuple(holders[code] for code in codes if code in holders and holders[code].run_id != run_id)


def beat(connection: Connection, run_id: str) -> None:
    """Renew a run's leases."""
    alone(connection)
    until = moment_text(now_of(connection) + timedelta(seconds=LEASE_SECONDS))
    connection.execute(lease.update().where(lease.c.run_id == run_id).values(expires_at=until))


def give_back(connection: Connection, run_id: str) -> None:
    """End a run's leases."""
    alone(connection)
    connection.execute(lease.delete().where(lease.c.run_id == run_id))


def codes_of(connection: Connection, run_id: str) -> frozenset[str]:
    """Return the districts a run holds."""
    return frozenset(connection.execute(select(lease.c.district_code).where(lease.c.run_id == run_id)).scalars())


def fence(connection: Connection, run_id: str, district_code: str) -> None:
    """Make sure, inside a transaction that writes about a district, that the run may: nobody can take over until it ends.

    A run that took no leases (a rehearsal) may write wherever nobody holds one.

    Raises:
        LeaseLostError: another run holds the district, or this one held it and no longer does.
    """
    holder = connection.execute(_HOLDER, {"code": district_code}).scalar()
    if holder == run_id:
        return
    token = connection.execute(select(run.c.token).where(run.c.run_id == run_id)).scalar()
    if holder is None and not token:
        return
    raise LeaseLostError(district_code, say("lease.lost", run=run_id), say("lease.lost_then"))


def now_of(connection: Connection) -> datetime:
    """Return the moment by the clock that all who use this warehouse share: the server's, else this machine's."""
    if connection.dialect.name == "postgresql":
        found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return found.astimezone(UTC)
    return datetime.now(UTC)


def alone(connection: Connection, key: int = _LEASES) -> None:
    """Let one transaction at a time do what a key stands for; on SQLite a writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def stale_runs(connection: Connection) -> tuple[str, ...]:
    """Return the runs that are written down as running and are not: their process is dead or their leases ran out."""
    return tuple(row["run_id"] for row in _stale(connection, now_of(connection)))


def _leases(connection: Connection) -> Iterable[RowMapping]:
    sql = select(lease.c.district_code, lease.c.expires_at, run).join(run, run.c.run_id == lease.c.run_id)
    return connection.execute(sql.order_by(lease.c.district_code)).mappings().all()


def _held(row: RowMapping) -> Held:
    started_at = datetime.fromisoformat(row["started_at"])
    return Held(row["district_code"], row["run_id"], row["kind"], row["who"], started_at)


def _stale(connection: Connection, now: datetime) -> list[RowMapping]:
    last = select(func.max(lease.c.expires_at)).where(lease.c.run_id == run.c.run_id).scalar_subquery()
    running = select(run.c.run_id, run.c.process, run.c.token, run.c.started_at, last.label("expires_at")).where(
        run.c.status == "running"
    )
    return [
        row
        for row in connection.execute(running).mappings()
        if not row["process"]  # begun before there were leases
        or is_dead(row["process"])
        or (row["token"] and (row["expires_at"] or _without_leases(row)) < moment_text(now))
    ]


def _without_leases(row: RowMapping) -> str:
    """Return until when a run that leased nothing (a zone without districts) is taken to be alive."""
    return moment_text(datetime.fromisoformat(row["started_at"]) + timedelta(seconds=LEASE_SECONDS))


def _bury(connection: Connection, now: datetime) -> None:
    """Write down dead runs as abandoned and free what they held; whoever is just writing for one is waited for."""
    dead = [row["run_id"] for row in _stale(connection, now)]
    if not dead:
        return
    own = lease.c.run_id.in_(dead)
    connection.execute(select(lease.c.district_code).where(own).order_by(lease.c.district_code).with_for_update()).all()
    connection.execute(lease.delete().where(own))
    ended = {"status": "abandoned", "finished_at": moment_text(now), "message": say("lease.abandoned")}
    connection.execute(run.update().where(run.c.run_id.in_(dead)).values(ended))
