"""The steps of a backfill, and what a district's cycle counts to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select

from kla.backfill import Counts, Step
from kla.district import District
from kla.io.warehouse.backfill_tables import backfill_step
from kla.io.warehouse.rejudging import archived
from kla.io.warehouse.store import Warehouse
from kla.io.warehouse.tables import finding, score, standing_finding, submission
from kla.submission import Receipt


def steps(warehouse: Warehouse, backfill_id: str) -> tuple[Step, ...]:
    """Return the steps that were begun, by district and cycle."""
    key = backfill_step.c
    sql = select(backfill_step).where(key.backfill_id == backfill_id).order_by(key.district_code, key.cycle)
    with warehouse.reading() as connection:
        return tuple(
            Step(
                district_code=row["district_code"],
                cycle=row["cycle"],
                run_id=row["run_id"],
                rule_sets=tuple(row["rule_sets"].split()),
                judged=row["judged"],
                before=Counts.from_json(row["before"]),
                after=Counts.from_json(row["after"]) if row["after"] else None,
            )
            for row in connection.execute(sql).mappings()
        )


def keep(warehouse: Warehouse, backfill_id: str, step: Step) -> None:
    """Write a step as begun, or as done; what it counted before it was first begun stays."""
    place = {"backfill_id": backfill_id, "district_code": step.district_code, "cycle": step.cycle}
    now = {"run_id": step.run_id, "judged": step.judged, "after": step.after.to_json() if step.after else ""}
    mine = [backfill_step.c[name] == value for name, value in place.items()]
    with warehouse.writing() as connection:
        if not connection.execute(backfill_step.update().where(*mine).values(now)).rowcount:
            first = {"rule_sets": " ".join(step.rule_sets), "before": step.before.to_json()}
            connection.execute(backfill_step.insert().values({**place, **now, **first}))


def cycles_of(warehouse: Warehouse, district_code: str) -> tuple[int, ...]:
    """Return the cycles for which a district ever sent something, the earliest first."""
    sql = select(submission.c.cycle).where(submission.c.district_code == district_code).distinct()
    with warehouse.reading() as connection:
        return tuple(sorted(connection.execute(sql).scalars()))


def due(
    warehouse: Warehouse, district: District, cycle: int, archive: Path, rules_now: str, rule_sets: Sequence[str]
) -> tuple[tuple[Receipt, ...], tuple[str, ...]]:
    """Return the files of a cycle that were last judged under other rules than today's, and under which.

    With `rule_sets` only the files judged under one of these, today's included.
    """
    held = submission.c
    is_old = held.suite_version.in_(rule_sets) if rule_sets else held.suite_version != rules_now
    sql = select(held.sha256, held.file_name, held.opd_code, held.suite_version)
    with warehouse.reading() as connection:
        rows = connection.execute(sql.where(held.district_code == district.code, held.cycle == cycle, is_old)).all()
    wanted = {(row[0], row[1], row[2]) for row in rows}
    receipts = archived(warehouse, district, archive) if wanted else ()
    found = tuple(it for it in receipts if (it.sha256, it.file_name, it.opd_code) in wanted)
    return found, tuple(sorted({row[3] for row in rows}))


def count(warehouse: Warehouse, district_code: str, cycle: int) -> Counts:
    """Return how a district and cycle stands now: every version of every file counts, each once."""
    place = (submission.c.district_code == district_code) & (submission.c.cycle == cycle)
    of_files = (
        select(finding.c.severity, func.count())
        .select_from(finding.join(submission, submission.c.submission_id == finding.c.submission_id))
        .where(place)
        .group_by(finding.c.severity)
    )
    of_place = (standing_finding.c.district_code == district_code) & (standing_finding.c.cycle == cycle)
    standing = select(standing_finding.c.severity, func.count()).where(of_place).group_by(standing_finding.c.severity)
    totals = select(score.c.stage, score.c.points_hundredths).where(
        score.c.district_code == district_code, score.c.cycle == cycle, score.c.level == "total"
    )
    with warehouse.reading() as connection:
        by_outcome = select(submission.c.outcome, func.count()).where(place).group_by(submission.c.outcome)
        outcomes = dict(connection.execute(by_outcome).tuples().all())
        weights: dict[str, int] = {}
        for sql in (of_files, standing):
            for severity, number in connection.execute(sql).tuples():
                weights[severity] = weights.get(severity, 0) + number
        points = {row[0]: Decimal(row[1]) / 100 for row in connection.execute(totals)}
    return Counts(
        files=sum(outcomes.values()),
        accepted=outcomes.get("accepted", 0),
        returned=outcomes.get("returned", 0),
        refused=outcomes.get("refused", 0),
        blocking=weights.get("blocking", 0),
        warnings=weights.get("warning", 0),
        points=dict(sorted(points.items())),
    )
