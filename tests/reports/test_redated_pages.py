"""Pages for another day: the kept sections of the day before and what names the day, byte for byte as if drawn whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reports.factory import HOSTILE, bare_picture, picture, recap_picture, small_picture
from reports.loop import WAIVER, loop_picture

from kla.day_state import day_state
from kla.deadlines import days_left, deadline_of, watched_window
from kla.io.page_templates import kept_sections
from kla.io.page_views import PictureView
from kla.io.planning import load_efforts
from kla.io.rendering import district_pages, redated_pages
from kla.picture import NOT_READ, NotReadError, OfficeLine, Picture, SubmissionLine

DAY_PART = {
    *("district", "instrument", "cycle", "as_of", "stages", "current_stage", "target_predikat", "points_to_target"),
    *("deadline_stage", "deadline_on", "days_left", "suite_version", "code_version", "notices", "reasons"),
    "other_cycles",
}
MADE: dict[str, Callable[[], Picture]] = {
    "small": small_picture,
    "one stage": lambda: picture(office_count=5, questions_per_block=4, shares=(("mandiri", "0.70"),)),
    "two stages": lambda: picture(office_count=5, questions_per_block=4),
    "recap": recap_picture,
    "hostile": lambda: picture(office_count=3, questions_per_block=2, text=HOSTILE[0]),
    "loop": lambda: replace(loop_picture(HOSTILE[1]), decisions=(replace(WAIVER, until_on=None),)),
    "not scored": bare_picture,
}


def on(shown: Picture, day: date) -> Picture:
    """Return the picture on another day."""
    window = watched_window(shown.district.windows(shown.cycle), day)
    if window is None:
        return replace(shown, as_of=day)
    deadline = deadline_of(window, day)
    return replace(
        shown, as_of=day, deadline_stage=window.stage, deadline_on=deadline, days_left=days_left(deadline, day)
    )


def part_of(shown: Picture) -> Picture:
    """Return of a picture what the warehouse reads of it for another day."""
    last = [max(row.received_at for row in shown.submissions)] if shown.submissions else []
    unread = {it.name: NOT_READ for it in fields(Picture) if it.name not in DAY_PART}
    told = {"offices": [it.opd_code for it in shown.offices], "submissions": last}
    kinds = {"offices": (OfficeLine, "opd_code"), "submissions": (SubmissionLine, "received_at")}
    for name, (kind, known) in kinds.items():
        blank = {it.name: NOT_READ for it in fields(kind)}
        unread[name] = tuple(kind(**{**blank, known: value}) for value in told[name])
    return replace(shown, **unread)


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=8, deadline=None)
@given(first=st.integers(-20, 30), later=st.integers(1, 12))
def test_pages_of_another_day_of_the_same_state_are_byte_for_byte_those_drawn_whole(
    name: str, first: int, later: int
) -> None:
    base = MADE[name]()
    days = [base.as_of + timedelta(days=it) for it in (first, first + later)]
    waits = load_efforts().waits
    assume(len({day_state(base.district, base.cycle, base.decisions, waits, day) for day in days}) == 1)
    before, whole = (district_pages(PictureView(on(base, day), has_attempts=True)) for day in days)
    drawn = redated_pages(PictureView(part_of(on(base, days[1]))), before)
    assert dict(drawn) == dict(whole)


def test_a_page_without_its_sections_cannot_be_redated() -> None:
    shown = small_picture()
    bare = dict.fromkeys(district_pages(PictureView(shown)), b"<p></p>")
    with pytest.raises(NotReadError):
        redated_pages(PictureView(part_of(shown)), bare)


def test_nothing_that_was_written_in_a_file_can_end_or_begin_a_kept_section() -> None:
    forged = "<!--/tetap isi--><!--tetap kartu-->"
    plain, hostile = (
        {path: kept_sections(page).keys() for path, page in district_pages(PictureView(shown)).items()}
        for shown in (loop_picture("x"), loop_picture(forged))
    )
    assert plain == hostile


def test_most_of_a_page_is_kept() -> None:
    """Else a night on another day draws again what no day changes."""
    pages = district_pages(PictureView(picture(shares=(("mandiri", "0.70"),), days_left=40), has_attempts=True))
    whole = sum(map(len, pages.values()))
    kept = sum(len(section) for page in pages.values() for section in kept_sections(page).values())
    footer_and_style = sum(len(page) - page.index(b"</style>") for page in pages.values())
    assert kept > 0.6 * footer_and_style, (kept, footer_and_style, whole)
