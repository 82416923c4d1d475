"""Prints the gap report as PDF with Typst: no system package, fonts of its own, text handed over as data, never as markup."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import typst

from kla.errors import SettingsError
from kla.io import project
from kla.io.letter_words import PRINT, action_word, cause_words, entry, say
from kla.io.planning import load_efforts
from kla.io.printing_outlook import outlook_data
from kla.needs import Need
from kla.picture import Picture
from kla.wording import date_text, points_text

TEMPLATE = "print/gap.typ"
_WORDS = (
    *("title", "by_cause", "by_office", "by_block", "all", "none", "assumed", "page", "of"),
    *("cause_header", "office_header", "block_header", "gap_header"),
    *("path_header", "path_tasks", "path_task_header", "fall_header", "fall_all", "safe", "safe_header"),
)


def gap_pdf(picture: Picture, needs: Sequence[Need]) -> bytes:
    """Return the gap report of the current stage as PDF; the same picture and template give the same bytes.

    Raises:
        SettingsError: the template does not compile, or a text is missing.
    """
    path = project.data("reports") / TEMPLATE
    content = json.dumps(report_data(picture, needs), ensure_ascii=False)
    try:
        return typst.compile(
            path.read_bytes(), format="pdf", sys_inputs={"data": content}, ignore_system_fonts=True, pdf_standards="1.7"
        )
    except typst.TypstError as fault:
        raise SettingsError(f"reports/{TEMPLATE}", f"does not compile: {fault}", "Correct the template.") from fault


def report_data(picture: Picture, needs: Sequence[Need]) -> dict[str, object]:
    """Return what the template shows: finished texts only, losses summed by cause, office and block."""
    district, total = picture.district, picture.current.total
    lost = sum((need.gap.lost_points for need in needs), Decimal("0.00"))
    names = {office.code: office.name for office in district.offices}
    blocks = {block.code: block for block in picture.instrument.blocks}
    day = picture.as_of
    return {
        "words": {key: entry(key, PRINT) for key in _WORDS},
        "day": [day.year, day.month, day.day],
        "subtitle": say(
            "subtitle",
            PRINT,
            district=district.name,
            cycle=picture.cycle,
            stage=say(f"stage.{picture.current_stage}"),
            as_of=date_text(day),
        ),
        "facts": _facts(picture, lost),
        "causes": _sums(
            needs, lambda need: (cause_words(need.cause, need.is_verifiers).label, action_word(need.action))
        ),
        "offices": _sums(needs, lambda need: _office(need, names)),
        "blocks": _sums(needs, lambda need: (blocks[need.gap.block_code].sheet, blocks[need.gap.block_code].name)),
        "gaps": [_gap(need, picture) for need in needs],
        **outlook_data(picture),
        "check": say(
            "check",
            PRINT,
            maximum=points_text(total.max_points),
            score=points_text(total.points),
            lost=points_text(lost),
        ),
    }


def _facts(picture: Picture, lost: Decimal) -> list[list[str]]:
    to_target = picture.points_to_target
    return [
        [say("score", PRINT), points_text(picture.current.total.points)],
        [say("predikat", PRINT), picture.current.predikat or say("no_predikat", PRINT)],
        [
            say("target", PRINT, target=picture.target_predikat),
            points_text(to_target) if to_target else say("reached", PRINT),
        ],
        [say("lost", PRINT), points_text(lost)],
        [say("deadline", PRINT), date_text(picture.deadline_on) if picture.deadline_on else say("no_deadline", PRINT)],
    ]


def _office(need: Need, names: dict[str, str]) -> tuple[str, str]:
    code = need.gap.opd_code
    return (code, names.get(code, "")) if code else (say("no_office", PRINT), "")


def _sums(needs: Iterable[Need], key: Callable[[Need], tuple[str, str]]) -> list[list[str]]:
    """Return (name, more, questions, points) per key, dearest first, then by name, and their sum."""
    found: dict[tuple[str, str], tuple[set[str], Decimal]] = {}
    for need in needs:
        questions, points = found.get(key(need), (set(), Decimal("0.00")))
        found[key(need)] = questions | {need.gap.question_id}, points + need.gap.lost_points
    ordered = sorted(found.items(), key=lambda it: (-it[1][1], it[0]))
    rows = [[*names, str(len(questions)), points_text(points)] for names, (questions, points) in ordered]
    whole = sum((points for _, points in found.values()), Decimal("0.00"))
    return [*rows, [say("sum", PRINT), "", "", points_text(whole)]]


def _gap(need: Need, picture: Picture) -> list[str]:
    gap = need.gap
    until = date_text(need.deadline_on) if need.deadline_on else say("no_deadline", PRINT)
    return [
        gap.question_id,
        picture.instrument.question(gap.question_id).label,
        gap.opd_code or say("no_office", PRINT),
        cause_words(need.cause, need.is_verifiers).label,
        action_word(need.action),
        load_efforts().class_labels[need.effort_class],
        until if need.is_possible else say("not_possible", PRINT),
        points_text(gap.lost_points),
    ]
