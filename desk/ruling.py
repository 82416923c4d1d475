"""`kla rules preview`: what the rules as they are now would change for files that were accepted. Writes nothing."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.frame import Command, Group, known_district, out, table
from desk.steward import AsOf, Json
from kla.io.desk_words import items, say
from kla.io.page_words import word

if TYPE_CHECKING:
    from kla.rule_life import CodeChange

cli = typer.Typer(cls=Group, name="rules", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@cli.command("preview", cls=Command, help=say("help.rules_preview"), short_help=say("help.rules_preview"))
def preview(
    districts: Annotated[
        list[str] | None,
        typer.Option("--district", metavar="KABKOTA", help=say("option.districts"), show_default=False),
    ] = None,
    as_of: AsOf = None,
    is_json: Json = False,
) -> None:
    """Print by code how many findings would be new and how many would vanish."""
    from kla.io.previewing import preview as look
    from kla.io.rules import load_rules, rules_version
    from tasks.plan import make_plan

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    plan = make_plan([known_district(code) for code in districts] if districts else None, as_of, None)
    try:
        seen = look(plan.warehouse, plan.districts, plan.days, plan.places.archive)
    finally:
        plan.close()
    if is_json:
        changes = [{"code": it.code, "new": it.new, "vanished": it.vanished} for it in seen.changes]
        out(json.dumps({"rules": rules_version(), "files": seen.files, "missing": seen.missing, "changes": changes}))
        return
    severities = {rule.code: word(f"severity.{rule.severity}.name") for rule in load_rules()}
    out(say("rules.seen", files=seen.files, version=rules_version(), judged=", ".join(seen.judged_under) or "–"))
    if seen.missing:
        out(say("rules.missing", count=seen.missing))
    rows = [_row(it, severities) for it in seen.changes]
    out(table(items("rules.header"), rows, frozenset({2, 3})) if rows else say("rules.same"))


def _row(it: CodeChange, severities: dict[str, str]) -> list[Any]:
    return [it.code, severities.get(it.code, say("rules.gone")), str(it.new), str(it.vanished)]
