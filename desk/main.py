"""The `kla` command: one module per group of commands; what a command does not need is not imported."""

from __future__ import annotations

from typing import Annotated, Any

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
from desk.surroundings import said_of_surroundings
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
    """Run `kla`: exit codes 0 complete, 1 failed, 2 usage, 3 partial, 4 busy. Our own errors, a full disk, a missing
    permission and a database that does not answer are told in one line; a fault in the program keeps its traceback."""
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
        if hasattr(error, "format_message"):
            _tell_usage(error.format_message(), getattr(error, "ctx", None))
            raise SystemExit(USAGE) from None
        if not (said := said_of_surroundings(error)):
            raise
        err(say("problem", message=said))
        raise SystemExit(FAILED) from None
    raise SystemExit(code or 0)


def _tell_usage(message: str, context: Any) -> None:
    """Say what is wrong with a call; one that names no command is answered with its help, and that is all."""
    if context is not None and message == context.get_help():
        err(message)
        return
    err(say("error", message=usage_text(message)))
    err(say("see_help", command=context.command_path if context else "kla"))


if __name__ == "__main__":
    app()
