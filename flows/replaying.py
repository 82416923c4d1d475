"""A past day once more, from the archive: the same runs, each with what had arrived and been decided, in a place of its own.

The warehouse and the pages of today are not touched. What comes out is held, file by file, against what was published on
that day; it is the same unless rules, instrument or program have changed since.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from flows.part import serve
from kla.io import history
from kla.io.rules import rules_version
from kla.io.run_words import say
from kla.io.sample_marks import stamp_path
from kla.io.warehouse.publications import newest
from kla.io.warehouse.replays import PastRun, copy_decisions, copy_run, runs_until
from kla.night import Night, Trouble
from tasks.batch import Batch
from tasks.effect import plainly
from tasks.plan import Places, Plan

FOLDER = "putar-ulang"  # of var


@dataclass(frozen=True, slots=True)
class Replay:
    """A day made again: where its pages lie, and per cycle which files differ from those published (None: none were)."""

    pages: Path
    differing: dict[int, tuple[str, ...] | None]
    rules: frozenset[str]
    served: tuple[Trouble, ...]


def replay(real: Plan, code: str) -> Replay:
    """Make the report of one district's day again under var/putar-ulang/<code>/<day> and hold it against the archived one."""
    day = real.day(code)
    past = runs_until(real.warehouse, real.districts[code], real.real_archive, day)
    target = real.places.public.with_name(FOLDER) / code / day.isoformat()
    shutil.rmtree(target, ignore_errors=True)
    troubles: list[Trouble] = []
    with tempfile.TemporaryDirectory(prefix="kla-putar-") as folder:
        places = _places(real, Path(folder), target / "public")
        for one in past:
            plan = _plan_of(one, real, code, places)
            plan.is_rehearsal = one is not past[-1]
            try:
                troubles += _again(one, plan, real, code)
            finally:
                plan.close()
    return Replay(
        target / "public", _compared(real, code, target / "public"), frozenset(it.rules for it in past), tuple(troubles)
    )


def _places(real: Plan, folder: Path, public: Path) -> Places:
    """Return places of their own; the inbox is empty, but what pages say of samples they still say."""
    inbox = folder / "inbox"
    if stamp_path(real.places.inbox).is_file():
        shutil.copy(stamp_path(real.places.inbox), stamp_path(inbox))
    return Places(f"sqlite:///{folder / 'warehouse.db'}", inbox, folder / "archive", public)


def _plan_of(one: PastRun, real: Plan, code: str, places: Places) -> Plan:
    zone = real.districts[code].zone
    plan = Plan({code: real.districts[code]}, {code: datetime.combine(one.day, time(23, 59, 59), zone)}, (), places)
    plan.real_archive = real.real_archive
    plan.seen_in = real.warehouse
    plan.__dict__["reader"] = plan.warehouse  # pages of this very place, whatever KLA_READER_URL says
    return plan


def _again(one: PastRun, plan: Plan, real: Plan, code: str) -> list[Trouble]:
    """Do what a run did: with the decisions taken by then, the files it received, and its own id."""
    until = min(one.started_at, plan.moments[code])
    copy_run(real.warehouse, plan.warehouse, one.run_id)
    copy_decisions(real.warehouse, plan.warehouse, [it for it in real.decisions[code] if it.at <= until])
    with plainly():
        return serve(plan, one.run_id, Batch(one.receipts)).troubles


def _compared(real: Plan, code: str, public: Path) -> dict[int, tuple[str, ...] | None]:
    day = real.day(code).isoformat()
    known = newest(real.warehouse, day)
    found: dict[int, tuple[str, ...] | None] = {}
    for cycle, manifest in history.manifests(public, code).items():
        now, kept = history.digests_of(manifest), history.place(real.places.public, code, cycle, day)
        if (code, cycle) not in known or not kept.is_file():
            found[cycle] = None
            continue
        then = history.digests_of(kept.read_bytes())
        is_same = history.digest(now) == known[code, cycle].sha256
        found[cycle] = () if is_same else history.differing(now, then)
    return found


def told(found: Replay, code: str, day: str) -> tuple[str, ...]:
    """Return what a replay says: the same, or which files differ and why that may be."""
    lines = [say("replay.pages", pages=found.pages / code)]
    for cycle, names in sorted(found.differing.items()):
        key = "unknown" if names is None else "other" if names else "same"
        shown = ", ".join((names or ())[:5])
        lines.append(say(f"replay.{key}", code=code, cycle=cycle, day=day, count=len(names or ()), names=shown))
    if found.rules - {rules_version()}:
        lines.append(say("replay.rules", rules=", ".join(sorted(found.rules))))
    return tuple(lines)


def night_of(found: Replay, code: str, day: str, run_id: str) -> Night:
    """Return a replay as a run: what it says are its changes."""
    return Night(run_id, False, (), (), "", changes=told(found, code, day))
