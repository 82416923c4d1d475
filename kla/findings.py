"""What a rule found, what it means for the file, and which findings are only the echo of another."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does.

    BLOCKING (Great Expectations' `critical`): the row does not load; on a file, none of its rows do.
    WARNING: loads and counts, and is shown until mended or acknowledged. INFO: is shown.
    """

    BLOCKING = "blocking"
    WARNING = "warning"
    INFO = "info"


class Outcome(StrEnum):
    """What became of a file; exactly one of them."""

    ACCEPTED = "accepted"  # every row loads
    RETURNED = "returned"  # read, but at least one row goes back to the office
    REFUSED = "refused"  # nothing of it can be used


@dataclass(frozen=True, slots=True)
class Finding:
    """One place, one cause, one remedy, one code.

    `tell` and `fix` are finished Indonesian sentences; `sheet` and `cell` are "" where the finding is about a whole file.
    `frame` and `row_key` name the row it belongs to ("answers", "12.P1"), "" for the file as a whole.
    `points_at_stake` is the maximum of the question concerned, 0 where there is none.
    """

    code: str
    severity: Severity
    sha256: str
    district_code: str
    opd_code: str
    cycle: int | None
    stage: str
    file_name: str
    sheet: str
    cell: str
    question_id: str
    value: str
    tell: str
    fix: str
    frame: str
    row_key: str
    points_at_stake: Decimal = Decimal(0)
