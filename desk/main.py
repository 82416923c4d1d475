"""The `kla` command: one module per group of commands; what a command does not need is not imported."""

from __future__ import annotations

from typing import Annotated

import typer

from desk import (
    answering,
    backing,
    checking,
    decided,
    deciding,
    doctor,
    explaining,
    extending,
    forms,
    granting,
    hosting,
    letters,
    looking,
    outlook,
    plan,
    rebuilding,
    reminding,
    ruling,
    running,
    settings,
    watching,
)
from desk.frame import FAILED, USAGE, Command, Group, err, usage_text
from kla import __version__
from kla.errors import KlaError
from kla.io import run_words
from kla.io.desk_words import say
from kla.io.garbage import collect_rarely

cli = typer.Typer(
    cls=Group,
    name="kla",
    help=say("help.kla"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 120},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kla {__version__}")
        raise typer.Exit


@cli.callback()
def _kla(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=say("help.version"))
    ] = False,
) -> None: ...


for name, command in {
    "template": forms.template,
    "sample": forms.sample,
    "nightly": running.nightly,
    "rerun": running.rerun,
    "backfill": watching.backfill,
    "alarm": watching.alarm,
    "check": checking.check,
    "status": looking.status,
    "trace": looking.trace,
    "explain": explaining.explain,
    "waive": deciding.waive,
    "acknowledge": deciding.acknowledge,
    "return": answering.return_,
    "accept": answering.accept,
    "days": extending.days,
    "remind": reminding.remind,
    "slot": extending.slot,
    "window": extending.window,
    "decisions": decided.decisions,
    "repairs": decided.repairs,
    "aliases": decided.aliases,
    "path": plan.path,
    "whatif": plan.whatif,
    "compare": outlook.compare,
    "years": outlook.years,
    "safe": outlook.safe,
    "gaps": outlook.gaps,
    "coordination": outlook.coordination,
    "letters": letters.letters,
    "pack": letters.pack,
    "print": letters.print_,
    "doctor": doctor.doctor,
    "export": rebuilding.export,
    "rebuild": rebuilding.rebuild,
    "init": forms.init,
    "backup": backing.backup,
    "migrate": granting.migrate,
    "settings": settings.settings,
}.items():
    told = say(f"help.{name}")
    cli.command(name, cls=Command, help=told, short_help=told)(command)
cli.add_typer(hosting.cli, name="server", help=run_words.say("server.help"), short_help=run_words.say("server.help"))
cli.add_typer(granting.cli, help=say("help.roles"), short_help=say("help.roles"))
cli.add_typer(ruling.cli, help=say("help.rules"), short_help=say("help.rules"))


def app(arguments: list[str] | None = None) -> None:
    """Run `kla`: exit codes 0 complete, 1 failed, 2 usage, 3 partial, 4 busy. Our own errors are told in one line."""
    collect_rarely()
    try:
        code = cli(arguments, prog_name="kla", standalone_mode=False)
    except typer.Exit as done:
        raise SystemExit(done.exit_code) from None
    except (typer.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(FAILED) from None
    except KlaError as error:
        err(say("problem", message=str(error)))
        raise SystemExit(FAILED) from None
    except Exception as error:
        # typer's usage errors have no public base class; each knows how to format itself.
        if not hasattr(error, "format_message"):
            raise
        err(say("error", message=usage_text(error.format_message())))
        context = getattr(error, "ctx", None)
        err(say("see_help", command=context.command_path if context else "kla"))
        raise SystemExit(USAGE) from None
    raise SystemExit(code or 0)


if __name__ == "__main__":
    app()
