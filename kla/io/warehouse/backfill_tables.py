"""How far a backfill has come, and which pages were published when."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint, Table

from kla.io.warehouse.columns import METADATA, count, means, of_run, text

backfill_step = Table(
    "backfill_step",
    METADATA,
    text("backfill_id", "digest of what was wished and of the rules it was done under"),
    text("district_code", "Kemendagri code"),
    count("cycle", "of the evaluation"),
    of_run("the run that did it, or is at it"),
    text("rule_sets", "the rule sets its files were judged under before, separated by blanks"),
    count("judged", "files judged again"),
    text("before", "counts before, JSON"),
    text("after", "counts after, JSON; '' until it is done"),
    PrimaryKeyConstraint("backfill_id", "district_code", "cycle"),
    info=means("The steps of backfills: one interrupted goes on with the step it was at."),
)

published = Table(
    "published",
    METADATA,
    of_run("the run that published them"),
    text("district_code", "Kemendagri code"),
    count("cycle", "of the evaluation"),
    text("as_of", "the day they are of"),
    text("sha256", "digest of every file of the district's folder, its manifest aside"),
    PrimaryKeyConstraint("run_id", "district_code", "cycle"),
    info=means("Which pages were published for which day: what a replay of that day must give again."),
)
