"""Publish: stages a district's pages and swaps them in one move; nothing is written where nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kla.io import data_docs
from kla.io.fault_marks import said_of
from kla.night import DistrictLine, Trouble
from tasks.batch import Group
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import one_by_one
from tasks.rest import keep_made, made_from
from tasks.score import Scored
from tasks.served import Served
from tasks.validate import docs_of

if TYPE_CHECKING:
    from kla.district import District
    from kla.instrument import Instrument
    from kla.picture import Picture


@effect("terbitkan", "terbitkan {group.label}", seconds=3600)
def publish(group: Group, plan: Plan, scored: Scored) -> Served:
    """Publish every scored cycle of some districts."""
    from kla.io.pages import publish_many

    # Asked first: what changes meanwhile is then another one, and the next night sees it. Asked of what pages are made
    # from: a reader's copy that is behind leaves its districts not at rest.
    source = made_from(plan, group.codes, plan.reader)
    redated = _redated(group, plan, scored)
    left = [code for code in group.codes if code not in redated]
    drawn, troubles = _pictures(left, plan, scored, plan.reader.picture)
    shown = [] if plan.is_rehearsal else [it for several in drawn.values() for it in several]
    made = publish_many(shown, plan.places.public, plan.workers, plan.real_archive)
    _guard(plan, drawn)
    troubles += [Trouble("publish", it.district_code, str(it.cycle), it.error) for it in made if it.error]
    failed = {it.district_code for it in made if it.error}
    changed = {it.district_code for it in made if it.is_changed} | redated.keys()
    pictures = {code: several for code, several in {**redated, **drawn}.items() if code not in failed}
    if not plan.is_rehearsal:
        keep_made(plan, tuple(pictures), source)
    lines = {code: line_of(several, is_page_new=code in changed) for code, several in pictures.items()}
    return Served(lines, troubles)


def _redated(group: Group, plan: Plan, scored: Scored) -> dict[str, list[Picture]]:
    """Redate the pages of those districts where that is enough, and return the pictures (day parts) of these.

    Who has to be drawn whole after all is left out: that works, or tells what is wrong.
    """
    from kla.io.pages import redate_many

    codes = [code for code in group.codes if code in scored.redated]
    found, _ = _pictures(codes, plan, scored, plan.reader.day_part) if codes else ({}, [])
    made = redate_many([it for several in found.values() for it in several], plan.places.public)
    _guard(plan, found)
    done = {key for key, it in made.items() if not it.error}
    return {code: several for code, several in found.items() if all((code, it.cycle) in done for it in several)}


def _pictures(
    codes: Sequence[str], plan: Plan, scored: Scored, picture_of: Callable[[District, Instrument, int, date], Picture]
) -> tuple[dict[str, list[Picture]], list[Trouble]]:
    """Return each district's pictures, a cycle each, its current one last; and what went wrong."""
    from kla.io.instruments import load_instrument
    from kla.io.sample_marks import sample_notices

    notices = sample_notices(plan.places.inbox)

    def work(code: str) -> list[Picture]:
        _guard(plan, [code])
        district = plan.districts[code]
        cycles = sorted(scored.cycles[code], key=lambda cycle: (cycle == district.cycle, cycle))
        day, said = plan.day(code), notices.get(code, ())
        return [replace(picture_of(district, load_instrument(cycle), cycle, day), notices=said) for cycle in cycles]

    return one_by_one("publish", [code for code in codes if code in scored.cycles], work)


def _guard(plan: Plan, codes: Iterable[str]) -> None:
    """Stop a run that was thought dead and taken over: its pages would be yesterday's."""
    for code in codes if plan.run_id else ():
        plan.warehouse.guard(plan.run_id, code)


def line_of(pictures: Sequence[Picture], *, is_page_new: bool) -> DistrictLine:
    """Return a district's line of the closing table, from the picture of its current cycle."""
    picture = pictures[-1]
    return DistrictLine(
        district_code=picture.district.code,
        name=picture.district.name,
        stage=picture.current_stage,
        score=picture.current.total.points,
        predikat=picture.current.predikat,
        target_predikat=picture.target_predikat,
        points_to_target=picture.points_to_target,
        days_left=picture.days_left,
        is_page_new=is_page_new,
    )


@effect("ikhtisar", seconds=600)
def publish_overview(plan: Plan) -> list[Trouble]:
    """Publish the page over all districts: those of this run and those published before."""
    from kla.io.pages import publish_overview as write_overview
    from kla.io.pages import published_lines

    if plan.is_rehearsal:
        return []
    try:
        with plan.warehouse.alone():  # nights of other districts write this page too
            data_docs.publish(docs_of(plan), plan.places.public)
            write_overview(published_lines(plan.places.public), plan.places.public)
    except OSError as error:
        return [Trouble("publish", "", "", said_of(error))]
    return []
