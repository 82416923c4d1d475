"""`kla letters`, `kla pack`, `kla print`: letters to the offices, packs for the verification, the gap report on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.forms import DistrictArgument
from desk.frame import USAGE, known_district, out, stop
from desk.ground import picture_for
from kla.io import project
from kla.io.desk_words import say

if TYPE_CHECKING:
    from kla.needs import Need
    from kla.picture import Picture

Cycle = Annotated[int | None, typer.Option("--cycle", metavar="SIKLUS", help=say("option.cycle"), show_default=False)]
Day = Annotated[str | None, typer.Option("--as-of", metavar="HARI", help=say("option.paper_as_of"), show_default=False)]


def letters(
    district_code: DistrictArgument,
    opd: Annotated[list[str] | None, typer.Option("--opd", metavar="OPD", help=say("option.opd"))] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help=say("option.letters_out"), show_default=False)
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="BERKAS", help=say("option.letter_template"), show_default=False),
    ] = None,
    cycle: Cycle = None,
    as_of: Day = None,
) -> None:
    """Write the letters to the offices, or the template they are made from."""
    from kla.io.letter_template import template_bytes
    from kla.io.letters import write_letters
    from kla.io.steady_xlsx import write_bytes
    from kla.letters import Kind, letters_of

    code = known_district(district_code)
    if template is not None:
        write_bytes(template, template_bytes())
        out(say("letters.template_done", file=template))
        return
    picture, needs = _seen(code, cycle, as_of)
    chosen = {_office(picture, text) for text in opd or ()}
    written = [it for it in letters_of(picture, needs) if not chosen or it.office.code in chosen]
    folder = folder or _out(picture, "surat")
    count = write_letters(written, folder)
    owing = sum(1 for it in written if it.kind is Kind.OWES)
    out(say("letters.done", count=count, owing=owing, folder=folder))


def pack(
    district_code: DistrictArgument,
    klaster: Annotated[
        list[str] | None, typer.Option("--klaster", metavar="KLASTER", help=say("option.klaster"), show_default=False)
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help=say("option.pack_out"), show_default=False)
    ] = None,
    cycle: Cycle = None,
    as_of: Day = None,
) -> None:
    """Write the packs for the field verification."""
    from kla.io.steady_xlsx import write_bytes
    from kla.io.vlh_pack import delivered_files, evidence_rows, pack_bytes
    from kla.io.warehouse import open_reader

    picture, needs = _seen(known_district(district_code), cycle, as_of)
    blocks = {block.code: block for block in picture.instrument.blocks}
    chosen = [text.strip().upper() for text in klaster or blocks]
    for code in chosen:
        if code not in blocks:
            stop(say("pack.unknown_klaster", klaster=code, known=", ".join(blocks)), USAGE)
    folder = folder or _out(picture, "paket")
    beside = delivered_files(project.inbox(), picture.district)
    with open_reader() as warehouse:
        evidence = evidence_rows(warehouse, picture.district, picture.instrument, picture.cycle)
    for code in dict.fromkeys(chosen):
        content = pack_bytes(picture, blocks[code], needs, evidence, beside)
        write_bytes(folder / f"VLH-{picture.district.code}-{code}.zip", content)
    out(say("pack.done", count=len(set(chosen)), folder=folder))


def print_(
    district_code: DistrictArgument,
    file: Annotated[
        Path | None, typer.Option("--out", metavar="BERKAS", help=say("option.print_out"), show_default=False)
    ] = None,
    cycle: Cycle = None,
    as_of: Day = None,
) -> None:
    """Write the gap report as PDF."""
    from kla.io.printing import gap_pdf
    from kla.io.steady_xlsx import write_bytes

    picture, needs = _seen(known_district(district_code), cycle, as_of)
    file = file or _out(picture, "cetak") / "laporan.pdf"
    write_bytes(file, gap_pdf(picture, needs))
    out(say("print.done", file=file))


def _out(picture: Picture, kind: str) -> Path:
    return project.var() / kind / picture.district.code / str(picture.cycle)


def _office(picture: Picture, text: str) -> str:
    from kla.district import resolve_office

    office = resolve_office(picture.district, text)
    if office is None or office not in picture.district.expected_offices(picture.instrument):
        known = ", ".join(it.code for it in picture.district.expected_offices(picture.instrument))
        stop(say("letters.unknown_opd", opd=text, district=picture.district.name, known=known), USAGE)
    return office.code


def _seen(code: str, cycle: int | None, as_of: str | None) -> tuple[Picture, tuple[Need, ...]]:
    """Return a district and cycle as of a day: by default that of its last report."""
    from kla.io.outlook import ground_from, needs

    picture = picture_for(code, cycle, as_of)
    ground = ground_from(picture)
    return picture, needs(ground, picture.as_of) if ground else ()
