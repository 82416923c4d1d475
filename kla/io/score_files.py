"""scores.json and manifest.json: the figures for other programs, and what everything published was made from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import orjson

from kla.io.page_views import PictureView
from kla.scoring import ScoreSheet, SumScore

SCORES = "scores.json"


def as_json(content: object) -> bytes:
    """Return readable JSON, keys in the order given, ending in a newline. Decimals are written as text by the caller."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def scores_json(view: PictureView) -> bytes:
    """Return scores.json: points of every stage, block, indicator and question.

    Points are text with two decimals ("800.38"), so that no reader turns them into binary floats.
    """
    shown = view.picture
    return as_json(
        {
            "district": shown.district.code,
            "name": shown.district.name,
            "cycle": shown.cycle,
            "as_of": shown.as_of.isoformat(),
            "current_stage": shown.current_stage,
            "target": {"predikat": shown.target_predikat, "points_to_target": _points(shown.points_to_target)},
            "deadline": {
                "stage": shown.deadline_stage,
                "on": shown.deadline_on.isoformat() if shown.deadline_on else None,
                "days_left": shown.days_left,
            },
            "stages": [_stage(sheet) for sheet in shown.stages],
        }
    )


def manifest_json(
    view: PictureView,
    made_from: str,
    standing: str,
    digests: Mapping[str, str],
    carried: Mapping[str, str],
    overview: Mapping[str, object],
) -> bytes:
    """Return manifest.json: what the pages were made from, the sha256 of each file (`digests`), the district's line.

    `made_from` is the digest of picture and templates together: the same digest, the same pages; `standing` that of all
    but the day. `carried` is the digest of what a file was made from, for those that the next drawing need not make again.
    """
    shown = view.picture
    handed = sorted(shown.submissions, key=lambda row: (row.opd_code, row.stage, row.version, row.sha256))
    return as_json(
        {
            "made_from": made_from,
            "standing": standing,
            "district": shown.district.code,
            "cycle": shown.cycle,
            "as_of": shown.as_of.isoformat(),
            "instrument_version": shown.instrument.version,
            "suite_version": shown.suite_version,
            "code_version": shown.code_version,
            "last_run_id": shown.last_run_id,
            "submissions": [
                {
                    "sha256": row.sha256,
                    "opd": row.opd_code,
                    "stage": row.stage,
                    "version": row.version,
                    "outcome": row.outcome.value,
                    "file": row.file_name,
                }
                for row in handed
            ],
            "overview": overview,
            "carried": dict(sorted(carried.items())),
            "files": {name: digests[name] for name in sorted(digests)},
        }
    )


def redated_manifest(
    manifest: Mapping[str, object],
    as_of: date,
    made_from: str,
    digests: Mapping[str, str],
    overview: Mapping[str, object],
) -> bytes:
    """Return manifest.json for another day: all else as the manifest of the day before tells it."""
    day = {"made_from": made_from, "as_of": as_of.isoformat(), "overview": overview}
    return as_json({**manifest, **day, "files": {name: digests[name] for name in sorted(digests)}})


def _points(points: Decimal) -> str:
    return f"{points:.2f}"


def _sum(row: SumScore) -> dict[str, str]:
    return {"key": row.key, "points": _points(row.points), "max_points": _points(row.max_points)}


def _stage(sheet: ScoreSheet) -> dict[str, object]:
    return {
        "stage": sheet.stage,
        "points": _points(sheet.total.points),
        "max_points": _points(sheet.total.max_points),
        "predikat": sheet.predikat,
        "blocks": [_sum(row) for row in sheet.blocks],
        "indicators": [_sum(row) for row in sheet.indicators],
        "questions": [
            {
                "id": row.question_id,
                "points": _points(row.points),
                "claimed_points": _points(row.claimed_points),
                "max_points": _points(row.max_points),
                "cause": row.cause.value,
                "opd": row.opd_code,
            }
            for row in sheet.questions
        ],
    }
