"""Checks: the questions of sql/checks, each of which must select nothing."""

from __future__ import annotations

from prefect import task

from kla.io.desk_words import items, say
from kla.night import Trouble
from tasks import artifacts
from tasks.plan import Plan
from tasks.policy import EFFECT


@task(name="uji", task_run_name="uji isi gudang", timeout_seconds=1800, **EFFECT)
def check_warehouse(plan: Plan) -> list[Trouble]:
    """Return a trouble that costs everybody for each check that found something."""
    failed = plan.warehouse.failed_checks()
    rows = [(name, len(found)) for name, found in failed]
    shown = artifacts.table(items("artifact.checks_header"), rows) if rows else say("artifact.checks_clean")
    artifacts.keep("uji-isi-gudang", shown, say("artifact.checks"))
    return [
        Trouble("checks", "", "", say("night.failed_check", name=name, count=len(found), example=found[0]))
        for name, found in failed
    ]
