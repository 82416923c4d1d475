"""`kla template`, `kla sample`, `kla init`: forms to hand out, a sample inbox, a new district's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desk.frame import USAGE, known_district, known_stage, out, stop
from kla.io import project
from kla.io.desk_words import say

DistrictArgument = Annotated[str, typer.Argument(metavar="KABKOTA", help=say("option.district"), show_default=False)]


def template(
    district: DistrictArgument,
    opd: Annotated[list[str] | None, typer.Option("--opd", metavar="OPD", help=say("option.opd"))] = None,
    folder: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help=say("option.out"))] = None,
    stage: Annotated[str, typer.Option("--stage", metavar="TAHAP", help=say("option.stage_form"))] = "mandiri",
) -> None:
    """Write one form per office."""
    from kla.district import resolve_office
    from kla.io.districts import load_district
    from kla.io.forms import write_forms
    from kla.io.instruments import load_instrument

    place = load_district(known_district(district))
    instrument = load_instrument(place.cycle)
    known_stage(stage, instrument.stages)
    owing = place.expected_offices(instrument)
    chosen = []
    for code in opd or ():
        office = resolve_office(place, code)
        if office is None or office not in owing:
            stop(say("template.unknown_opd", opd=code, district=place.name), USAGE)
        chosen.append(office)
    folder = folder or project.var() / "formulir" / place.code
    written = write_forms(place, instrument, stage, folder, chosen or None)
    out(say("template.done", count=len(written), folder=folder))


def sample(
    codes: Annotated[list[str] | None, typer.Argument(metavar="KABKOTA", help=say("option.sample_codes"))] = None,
    is_quiet: Annotated[bool, typer.Option("--quiet", help=say("option.quiet"))] = False,
) -> None:
    """Build the sample inbox."""
    from kla.io.samples import build_inbox, sample_codes

    for code in codes or ():
        if code not in (known := sample_codes()):
            stop(say("sample.unknown", code=code, known=", ".join(known)), USAGE)
    inbox = project.inbox()
    build_inbox(inbox, codes or None)
    if not is_quiet:
        count = sum(1 for path in inbox.rglob("*") if path.is_file())
        out(say("sample.done", count=count, inbox=inbox))


def init(district: DistrictArgument) -> None:
    """Write the folder of a new district."""
    from kla.io.districts import create_district, meant, regencies

    folder = project.data("districts")
    if district not in regencies():
        likely = meant(district)
        hint = say("init.meant", code=likely.code, name=likely.name) if likely else say("init.codes")
        stop(say("init.unknown", code=district, hint=hint), USAGE)
    if (folder / district).exists():
        stop(say("init.exists", code=district, name=regencies()[district].name, folder=folder / district), USAGE)
    out(say("init.done", folder=create_district(district, folder)))
