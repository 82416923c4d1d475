"""`kla migrate` and `kla roles apply`: what the login that owns the warehouse does; every other one only uses it."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.frame import USAGE, Command, Group, out, stop
from kla.io.desk_words import say

cli = typer.Typer(cls=Group, name="roles", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def migrate(
    to: Annotated[
        str | None, typer.Option("--to", metavar="REVISI", help=say("option.migrate_to"), show_default=False)
    ] = None,
) -> None:
    """Bring the warehouse to this version, or down to an older one's revision before that older version is installed."""
    from kla.io import project
    from kla.io.warehouse import schema
    from kla.io.warehouse.engine import connect

    engine = connect(project.warehouse_url())
    try:
        if to is None:
            schema.ensure(engine)
        elif to in schema.revisions():
            schema.go_to(engine, to)
        else:
            stop(say("migrate.unknown", revision=to, known=", ".join(schema.revisions())), USAGE)
    finally:
        engine.dispose()
    out(say("migrate.done", revision=to or schema.head()))


@cli.command("apply", cls=Command, help=say("help.roles_apply"), short_help=say("help.roles_apply"))
def apply() -> None:
    """Bring the warehouse to this version and grant the roles what they may do."""
    from kla.io.warehouse import open_warehouse, roles

    with open_warehouse() as warehouse, warehouse.writing() as connection:
        if not roles.apply(connection):
            stop(say("roles.no_logins"))
    out(say("roles.done", roles=", ".join(roles.ROLES)))
