"""Checks: the questions of sql/checks, each of which must select nothing."""

from __future__ import annotations

from kla.io.desk_words import items, say
from kla.night import Trouble
from tasks import artifacts
from tasks.effect import effect
from tasks.plan import Plan


@effect("uji", "uji isi gudang")
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
