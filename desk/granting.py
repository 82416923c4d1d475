"""`kla roles apply`: the roles of sql/roles on PostgreSQL, by the login that owns the warehouse. It migrates, too."""

from __future__ import annotations

import typer

from desk.frame import Command, Group, out, stop
from kla.io.desk_words import say

cli = typer.Typer(cls=Group, name="roles", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@cli.command("apply", cls=Command, help=say("help.roles_apply"), short_help=say("help.roles_apply"))
def apply() -> None:
    """Bring the warehouse to this version and grant the roles what they may do."""
    from kla.io.warehouse import open_warehouse, roles

    with open_warehouse() as warehouse, warehouse.writing() as connection:
        if not roles.apply(connection):
            stop(say("roles.no_logins"))
    out(say("roles.done", roles=", ".join(roles.ROLES)))
