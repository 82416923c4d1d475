"""The printed report's part about what lies ahead: finished texts and rectangles only, as the template shows them."""

from __future__ import annotations

from kla.io.letter_words import PRINT, action_word, say
from kla.io.page_outlook import Outlook
from kla.io.page_outlook_words import certainty_text, change_name, outlook_charts
from kla.io.page_rows import RowChart
from kla.io.page_words import word
from kla.picture import Picture
from kla.wording import change_text, date_text, day_text, limit_text, number_text, points_text


def outlook_data(picture: Picture) -> dict[str, object]:
    """Return verdict, way, fall and skor aman of a picture; what there is nothing to say about is empty."""
    outlook = Outlook(picture)
    return {**_way(outlook), **_fall(outlook), **_safe(outlook)}


def _way(outlook: Outlook) -> dict[str, object]:
    shown, found = outlook.picture, outlook.route
    verdict = word(
        f"path.verdict.{outlook.verdict}",
        predikat=shown.target_predikat,
        by=date_text(shown.deadline_on) if shown.deadline_on else "",
        margin=number_text(outlook.margin),
        missing=points_text(shown.points_to_target),
    )
    return {
        "verdict": verdict,
        "detail": _detail(outlook),
        "path_title": say("path", PRINT, target=shown.target_predikat),
        "ways": [
            [
                way.opd_code,
                ", ".join(task.option.question_id for task in way.tasks),
                number_text(way.effort_days),
                f"{day_text(way.starts_on)} – {day_text(way.done_on)}",
                change_text(way.sure_gain),
            ]
            for way in outlook.ways
        ],
        "tasks": [
            [
                task.option.opd_code,
                task.option.question_id,
                shown.instrument.question(task.option.question_id).label,
                ", ".join(action_word(action) for action in task.option.actions),
                f"{day_text(task.starts_on)} – {day_text(task.done_on)}",
                certainty_text(task.option.certainty),
                change_text(task.option.gain),
            ]
            for task in (found.tasks if found else ())
        ],
    }


def _detail(outlook: Outlook) -> str:
    found = outlook.route
    if found is None or not found.tasks:
        return ""
    return word(
        "path.detail_short" if outlook.verdict == "unreachable" else "path.detail",
        count=number_text(len(found.tasks)),
        offices=number_text(len(outlook.ways)),
        effort=number_text(found.effort_days),
        score=points_text(found.score),
        full=points_text(found.full_score),
        short=points_text(found.target - found.score),
        at_least=limit_text(found.target),
    )


def _fall(outlook: Outlook) -> dict[str, object]:
    fall = outlook.last_fall
    if fall is None:
        return {"falls": [], "fall_title": "", "fall_told": "", "fall_charts": []}
    question = outlook.picture.instrument.question
    charts = outlook_charts(outlook)
    stages = {"before_stage": word(f"stage.{fall.from_stage}"), "after_stage": word(f"stage.{fall.to_stage}")}
    told = say(
        "fall_told",
        PRINT,
        before=points_text(fall.before),
        after=points_text(fall.after),
        change=change_text(fall.difference),
        count=number_text(len(fall.steps)),
        residual=points_text(fall.residual),
    )
    steps = sorted(fall.steps, key=lambda step: step.points)
    return {
        "falls": [
            [
                step.question_id,
                question(step.question_id).label,
                step.opd_code or say("no_office", PRINT),
                change_name(step.change),
                change_text(step.points),
            ]
            for step in steps
        ],
        "fall_title": say("fall", PRINT, **stages),
        "fall_told": told,
        "fall_charts": [_drawn(charts["fall_causes"]), _drawn(charts["fall_blocks"])],
    }


def _safe(outlook: Outlook) -> dict[str, object]:
    found = outlook.safety
    if found is None:
        return {"safe": [], "safe_chart": None, "basis": ""}
    sums = {sum_.key: sum_.points for sum_ in outlook.picture.current.blocks}
    rows = [
        [block.sheet, points_text(sums[block.code]), points_text(outlook.at_risk(block.code))]
        for block in outlook.picture.instrument.blocks
    ]
    rows.append([say("sum", PRINT), points_text(found.supported), points_text(found.at_risk)])
    return {"safe": rows, "safe_chart": _drawn(outlook_charts(outlook)["safe"]), "basis": outlook.basis}


def _drawn(chart: RowChart) -> dict[str, object]:
    return {
        "height": chart.height,
        "texts": [{"label": it.label, "value": it.value, "line": it.line} for it in chart.texts],
        "pieces": [
            {"kind": it.kind, "left": float(it.left), "top": it.top, "width": float(it.width), "height": it.height}
            for it in chart.pieces
        ],
    }
