"""The order in which findings are shown: whose they are, then what to mend first."""

from __future__ import annotations

from collections import defaultdict

from kla.findings import Finding, Severity
from kla.io.page_lines import PlacedFinding, cell_order
from kla.picture import Picture

SEVERITIES = tuple(Severity)


def placed_findings(picture: Picture) -> tuple[PlacedFinding, ...]:
    """Return all findings, each with its anchor: by office as listed, recaps last, in the order to mend them.

    What is still owed first, what is only shown next, what a decision has settled last; of what is owed first what
    holds up a whole file, then by points at stake and days left.
    """
    rank = {line.opd_code: place for place, line in enumerate(picture.offices)}
    days = _days_left(picture)

    def order(finding: Finding) -> tuple[object, ...]:
        holds_all = finding.severity is Severity.BLOCKING and not finding.row_key
        return (
            rank.get(finding.opd_code, len(rank)),
            finding.opd_code,
            (not finding.is_owed) + (finding.status != "open"),
            not holds_all,
            -finding.points_at_stake,
            days.get(finding.stage, (True, 0)),
            SEVERITIES.index(finding.severity),
            finding.stage,
            finding.file_name,
            finding.sheet,
            cell_order(finding.cell),
            finding.code,
            finding.question_id,
            finding.value,
            finding.tell,
        )

    count: dict[str, int] = defaultdict(int)
    placed = []
    for finding in sorted(picture.findings, key=order):
        count[finding.code] += 1
        placed.append(PlacedFinding(finding, f"{finding.code}-{count[finding.code]}"))
    return tuple(placed)


def _days_left(picture: Picture) -> dict[str, tuple[bool, int]]:
    """Return what sorts stages by days left: those still open first, the nearest closing before others."""
    windows = picture.district.windows(picture.cycle)
    days = {window.stage: (window.closes_on - picture.as_of).days for window in windows}
    return {stage: (left < 0, abs(left)) for stage, left in days.items()}
