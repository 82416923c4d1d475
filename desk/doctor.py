"""`kla doctor`: what ails inbox, archive, warehouse, pages and Prefect's home, and what to do about each."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import typer

from desk.frame import FAILED, OK, out
from desk.looking import Json
from kla.io import project, settings

if TYPE_CHECKING:
    from kla.io.doctor import Health


def doctor(is_json: Json = False) -> None:
    """Examine, say what was found, and end with 1 when something needs doing."""
    health = examine()
    if is_json:
        out(json.dumps(health.facts(), ensure_ascii=False))
    else:
        _tell(health)
    raise typer.Exit(OK if health.is_well else FAILED)


def examine() -> Health:
    """Return what ails the project's own places; nothing is changed, made or migrated."""
    import flows  # noqa: F401 - settles PREFECT_HOME
    from kla.io import doctor_files, doctor_warehouse
    from kla.io.doctor import Area, Chart, examined
    from kla.io.sample_marks import sample_notices

    url, opening = project.warehouse_url(), Chart()
    held = doctor_warehouse.opened(opening, url)
    home = settings.prefect_home()
    samples = sample_notices(project.inbox()).keys()
    today = datetime.now().astimezone().date()

    def carried(chart: Chart) -> None:
        chart.found += opening.found

    try:
        return examined(
            [
                (Area.WAREHOUSE, carried),
                (Area.INBOX, partial(doctor_files.inbox, folder=project.inbox(), warehouse=held)),
                (Area.ARCHIVE, partial(doctor_files.archive, folder=project.archive(), warehouse=held)),
                (Area.WAREHOUSE, partial(doctor_warehouse.warehouse, held=held, url=url)),
                (Area.PAGES, partial(doctor_warehouse.pages, public=project.public(), today=today, samples=samples)),
                (Area.PREFECT, partial(doctor_warehouse.prefect, home=home)),
                (Area.ARCHIVE, partial(doctor_warehouse.disk, var=project.var())),
            ]
        )
    finally:
        if held is not None:
            held.close()


def _tell(health: Health) -> None:
    from kla.io.doctor import area_name, word

    for it in health.ailments:
        out(f"{word(it.level)} · {area_name(it.area)} · {it.tell}")
        out(f"    {it.fix}")
    counts = {name: health.looked_at.get(name, 0) for name in ("inbox", "archive", "files", "runs", "pages")}
    out(word("looked_at").format(**counts))
    out(word("well" if health.is_well else "ill"))
