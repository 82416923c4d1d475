"""The life of a rule: on trial until its day, and never first blocking shortly before a deadline; what a change would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from kla.findings import Finding, Severity

# No rule may first block within so many days before a stage closes, nor on that day.
QUIET_DAYS = 14


def blocks_from(since: date | None, trial_until: date | None, closings: Iterable[date]) -> date | None:
    """Return the first day on which a rule may block; None when it has always done so.

    That is the day it came into being or the day after its trial, whichever is later. Where that day falls within the
    14 days before a closing, or on it, it is the day after that closing (and so on, should that be too close to the next).

    >>> blocks_from(None, date(2024, 6, 5), [date(2024, 6, 15)])
    datetime.date(2024, 6, 16)
    """
    after_trial = trial_until + timedelta(days=1) if trial_until else None
    first = max((day for day in (since, after_trial) if day), default=None)
    if first is None:
        return None
    for closing in sorted(closings):
        if closing - timedelta(days=QUIET_DAYS) <= first <= closing:
            first = closing + timedelta(days=1)
    return first


def trial_ends_on(since: date | None, trial_until: date | None, as_of: date, closings: Iterable[date]) -> date | None:
    """Return the last day of the trial a rule is on at `as_of`; None when it is on none."""
    first = blocks_from(since, trial_until, closings)
    return first - timedelta(days=1) if first and as_of < first else None


def severity_on(
    rule_severity: Severity, since: date | None, trial_until: date | None, as_of: date, closings: Iterable[date]
) -> Severity:
    """Return what a rule does on a day: a blocking one only warns until its trial, and the quiet days, are over.

    Args:
        rule_severity: what the rule says.
        since: the day it came into being; None for the first set of rules.
        trial_until: the last day on which it is only tried; None when it never was.
        as_of: the local day on which the file is looked at.
        closings: the days on which the district's stages close.

    >>> severity_on(Severity.BLOCKING, None, date(2024, 6, 5), date(2024, 6, 10), [date(2024, 6, 15)])
    <Severity.WARNING: 'warning'>
    """
    if rule_severity is not Severity.BLOCKING or trial_ends_on(since, trial_until, as_of, closings) is None:
        return rule_severity
    return Severity.WARNING


@dataclass(frozen=True, slots=True)
class CodeChange:
    """What another set of rules would change for one code: how many findings would be new, how many would vanish."""

    code: str
    new: int
    vanished: int


def _places(findings: Iterable[Finding]) -> set[tuple[str, ...]]:
    """Return what makes each finding the same one under two sets of rules; how it blocks is part of it."""
    return {
        (
            it.district_code,
            it.opd_code,
            str(it.cycle),
            it.stage,
            it.sha256,
            it.file_name,
            it.code,
            it.severity,
            it.sheet,
            it.row_key,
            it.cell,
        )
        for it in findings
    }


def code_changes(stored: Iterable[Finding], rejudged: Iterable[Finding]) -> tuple[CodeChange, ...]:
    """Return, by code, what judging the same files again would bring and take away; codes without change are left out.

    A finding that stays but changes its severity counts as vanished and new.
    """
    before, after = _places(stored), _places(rejudged)
    new = Counter(place[6] for place in after - before)
    vanished = Counter(place[6] for place in before - after)
    return tuple(CodeChange(code, new[code], vanished[code]) for code in sorted(new | vanished))
