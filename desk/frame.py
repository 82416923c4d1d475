"""How the command talks: Bahasa Indonesia around typer's own English, plain tables, exit codes."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn, cast

import typer
from typer.core import TyperCommand, TyperGroup

from kla.io.desk_words import entry, say

OK, FAILED, USAGE, PARTIAL, BUSY = 0, 1, 2, 3, 4


def _in_indonesian(text: str) -> str:
    for english, indonesian in cast(dict[str, str], entry("frame")).items():
        text = text.replace(english, indonesian)
    return text


class Command(TyperCommand):
    """A command whose help is in Bahasa Indonesia, and shows no types of the language it is written in."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what stands behind the command's name: [PILIHAN] and its arguments, optional ones in brackets."""
        return [say("usage.options"), *(_argument(it) for it in self.get_params(ctx) if _is_argument(it))]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the tables of arguments and options."""
        for title, is_meant in (("usage.arguments", True), ("usage.option_list", False)):
            params = [param for param in self.get_params(ctx) if _is_argument(param) is is_meant]
            rows = [row for param in params if (row := param.get_help_record(ctx))]
            rows = [(_TYPE.sub("", name), _in_indonesian(told)) for name, told in rows]
            if rows:
                with formatter.section(say(title)):
                    formatter.write_dl(rows)

    def get_help(self, ctx: Any) -> str:
        """Return the help text."""
        return _in_indonesian(super().get_help(ctx))


_TYPE = re.compile(r" <[^>]*>$")


def _is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def _argument(param: Any) -> str:
    name = param.metavar + ("..." if param.nargs != 1 else "")
    return name if param.required else f"[{name}]"


class Group(TyperGroup):
    """The list of commands, in the order in which they are used rather than by name."""

    def get_help(self, ctx: Any) -> str:
        """Return the help text."""
        return _in_indonesian(super().get_help(ctx))


def usage_text(english: str) -> str:
    """Return a usage error in Bahasa Indonesia; what no pattern knows is said as it is."""
    for pattern, indonesian in cast(list[list[str]], entry("usage_error")):
        if found := re.match(pattern, english, re.DOTALL):
            return indonesian.format(*found.groups())
    return english


def out(text: str = "") -> None:
    """Print a line to standard output; what the terminal cannot encode is replaced, never an error."""
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(text.encode(encoding, "replace").decode(encoding))


def err(text: str) -> None:
    """Print a line to standard error."""
    encoding = sys.stderr.encoding or "utf-8"
    typer.echo(text.encode(encoding, "replace").decode(encoding), err=True)


def stop(message: str, code: int = FAILED) -> NoReturn:
    """Say why nothing can be done and end with an exit code."""
    err(say("problem", message=message))
    raise typer.Exit(code)


def known_district(code: str) -> str:
    """Return a district's code; without a folder for it, end as a usage error that says which there are."""
    from kla.io.districts import district_codes

    if code not in (known := district_codes()):
        stop(say("district.unknown", code=code, known=", ".join(known)), USAGE)
    return code


def meant_districts(codes: Sequence[str] | None) -> tuple[list[str], int]:
    """Return the districts named, else all whose folders hold together; and the exit code, once the others are told."""
    from kla.errors import DistrictError
    from kla.io.districts import district_codes, load_district

    if codes:
        return [known_district(code) for code in codes], OK
    sound, code = [], OK
    for district_code in district_codes():
        try:
            sound.append(load_district(district_code).code)
        except DistrictError as fault:
            err(say("district.unsound", code=district_code, message=str(fault)))
            code = PARTIAL
    return sound, code


def known_offices(district_code: str, names: Sequence[str]) -> list[str]:
    """Return the codes of the offices some texts mean; one that means none ends as a usage error."""
    from kla.district import resolve_office
    from kla.io.districts import load_district

    district = load_district(district_code)
    found = [(name, resolve_office(district, name)) for name in names]
    for name, office in found:
        if office is None:
            known = ", ".join(it.code for it in district.offices)
            stop(say("decide.unknown_opd", opd=name, district=district.name, known=known), USAGE)
    return [office.code for _, office in found if office is not None]


def known_moment(as_of: str | None) -> None:
    """End as a usage error where a text is neither a day nor a moment. Nothing is imported: a server waits to be started."""
    try:
        if as_of is not None:
            datetime.fromisoformat(as_of)
    except ValueError:
        stop(say("status.bad_day", text=as_of), USAGE)


def known_cycle(cycle: int) -> int:
    """Return a cycle; without an instrument for it, end as a usage error that says which there are."""
    from kla.io.instruments import available_cycles

    if cycle not in (known := available_cycles()):
        stop(say("decide.unknown_cycle", cycle=cycle, known=", ".join(map(str, known))), USAGE)
    return cycle


def known_stage(stage: str, stages: Sequence[str]) -> str:
    """Return one of a cycle's stages; any other text ends as a usage error that says which there are."""
    if stage not in stages:
        stop(say("decide.unknown_stage", stage=stage, known=", ".join(stages)), USAGE)
    return stage


def me() -> str:
    """Return the name of the person at the machine, as it knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "kla"


def time_left(days: int | None) -> str:
    """Return what is left until a deadline, as people say it; a dash without one."""
    if days is None:
        return say("night.none")
    if days == 0:
        return say("days.today")
    return say("days.over", days=-days) if days < 0 else say("days.left", days=days)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """Return a plain table with aligned columns; `right` are the columns of figures.

    >>> print(table(["Nama", "Nilai"], [["Kaur", "300,12"], ["Ogan Ilir", "7,00"]], frozenset({1})))
    Nama        Nilai
    ---------  ------
    Kaur       300,12
    Ogan Ilir    7,00
    """
    lines = [[*header], *[[*row] for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
