"""Runs the suites of expectations/ once over all rows of a run, and tells what they found as findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import cast

from kla.decisions import Decision, Settlement
from kla.district import District
from kla.errors import KlaError
from kla.findings import (
    CheckedFile,
    Finding,
    PreviousAnswers,
    Severity,
    StandingRow,
    first_causes,
    outcome_of,
)
from kla.instrument import Instrument
from kla.io import expecting
from kla.io.data_docs import Witness
from kla.io.expecting import failing_rows, unfailing
from kla.io.frames import Frame, file_frames, hand_over, standing_frames
from kla.io.rule_data import load_limits
from kla.io.rules import Rule, Suite, load_rules, load_suites, rule_digests
from kla.io.sentences import findings_of
from kla.rule_life import severity_on, trial_ends_on
from kla.submission import Reading, Receipt
from kla.wording import date_text

_SEVERITY_ORDER = tuple(Severity)


def _cut(suite: Suite, frame: Frame) -> tuple[Suite, Suite]:
    """Return the suite's rules that can fail, and those that look for kinds of problem no row has."""
    if frame.name != "problems":
        return suite, replace(suite, rules=())
    seen = set(frame.table["kind"])
    can_fail = tuple(rule for rule in suite.rules if seen & set(cast(list[str], rule.kwargs["value_set"])))
    idle = tuple(rule for rule in suite.rules if rule not in can_fail)
    return replace(suite, rules=can_fail), replace(suite, rules=idle)


def prepare() -> None:
    """Import Great Expectations and read the rules, so that processes forked from this one have both."""
    expecting.prepare()
    with suppress(KlaError):  # who needs a rule that cannot be read is told so then
        load_suites()
        rule_digests()


class _Lives:
    """On which rules are still on trial for a district on the day its files are looked at (kla.rule_life)."""

    def __init__(self, districts: Mapping[str, District], as_of: Mapping[str, date]) -> None:
        self._as_of = as_of
        self._closings = {
            code: [window.closes_on for windows in district.calendar.values() for window in windows]
            for code, district in districts.items()
        }

    def aged(self, rule: Rule, finding: Finding) -> Finding:
        """Return the finding as its rule's life has it: on trial it never blocks, and says until when."""
        as_of = self._as_of.get(finding.district_code)
        if as_of is None or (rule.since is None and rule.trial_until is None):
            return finding
        closings = self._closings.get(finding.district_code, ())
        last = trial_ends_on(rule.since, rule.trial_until, as_of, closings)
        if last is None:
            return finding
        severity = severity_on(rule.severity, rule.since, rule.trial_until, as_of, closings)
        words = load_limits().trial.format(date=date_text(last))
        return replace(finding, severity=severity, tell=f"{finding.tell.removesuffix('.')} {words}.")


def _found(frames: Iterable[Frame], suites: Mapping[str, Suite], lives: _Lives, witness: Witness) -> list[Finding]:
    """Return all findings of all frames, echoes included, in the order of frames and rows."""
    found: list[Finding] = []
    for frame in frames:
        if not len(frame.table):
            continue
        suite, idle = _cut(suites[frame.name], frame)
        # They are told too: so counts do not depend on how the files of a night were cut into parts.
        witness.see(frame.name, unfailing(idle, frame.table))
        failed = failing_rows(suite, frame.table, witness=witness)
        placed = [
            (index, rule.code, lives.aged(rule, finding))
            for rule in suite.rules
            if rule.code in failed
            for index, finding in findings_of(rule, frame, failed[rule.code])
        ]
        found += [finding for _, _, finding in sorted(placed, key=lambda entry: entry[:2])]
    return found


def _rank(finding: Finding) -> tuple[int, int]:
    """Return what orders findings of one file: the file first, then severity; else as they stand in the file."""
    return (1 if finding.row_key else 0, _SEVERITY_ORDER.index(finding.severity))


def _without_echoes(findings: Iterable[Finding]) -> list[Finding]:
    rules = load_rules()
    silences, phases = {rule.code: rule.silences for rule in rules}, {rule.code: rule.phase for rule in rules}
    return sorted(first_causes(findings, silences, phases), key=_rank)


def validate(
    pairs: Sequence[tuple[Receipt, Reading]],
    districts: Mapping[str, District],
    instruments: Mapping[int, Instrument],
    as_of: Mapping[str, date],
    previous: PreviousAnswers | None = None,
    decisions: Mapping[str, Sequence[Decision]] | None = None,
    witness: Witness | None = None,
) -> tuple[CheckedFile, ...]:
    """Return every file with its findings and outcome, in the given order; the suites run once over all of them.

    Findings come the file's own first, then blocking, warning, info; within these in the order of the rows.

    Args:
        pairs: receipt and reading of each file of the run.
        districts: by code, at least those of the receipts.
        instruments: by cycle, at least each district's current one.
        as_of: by district code, the local day on which the files are looked at.
        previous: what offices answered the cycle before; without it nothing is held against another cycle.
        decisions: by district code, all that its stewards decided; they act before one finding silences another.
        witness: is told what the suites said, once all of them ran.

    Raises:
        RuleError: a rule is wrong or raised while it was run.
    """
    settlement = _settlement(decisions, districts, as_of)
    pairs = [(receipt, settlement.prepared(receipt, reading)) for receipt, reading in pairs]
    handed = hand_over(pairs, districts, instruments, as_of, previous)
    suites = {suite.name: suite for suite in load_suites()}
    by_file: dict[tuple[str, ...], list[Finding]] = {}
    seen = Witness()
    found = settlement.settled(_found(file_frames(handed), suites, _Lives(districts, as_of), seen))
    if witness:
        witness.merge(seen)
    for finding in _without_echoes(found):
        by_file.setdefault((finding.district_code, finding.opd_code, finding.sha256, finding.file_name), []).append(
            finding
        )
    checked = []
    for one in handed:
        key = (one.subject.district_code, one.subject.opd_code, one.subject.sha256, one.subject.file_name)
        findings = tuple(by_file.get(key, ()))
        under = settlement.digest(one.receipt, one.reading)
        checked.append(CheckedFile(one.receipt, one.reading, findings, outcome_of(findings), under))
    return tuple(checked)


def _settlement(
    decisions: Mapping[str, Sequence[Decision]] | None,
    districts: Mapping[str, District],
    as_of: Mapping[str, date],
) -> Settlement:
    cycles = {code: district.cycle for code, district in districts.items()}
    return Settlement(decisions or {}, as_of, cycles, rule_digests() if decisions else {})


def validate_standing(
    rows: Sequence[StandingRow],
    districts: Mapping[str, District],
    instruments: Mapping[int, Instrument],
    as_of: Mapping[str, date] | None = None,
    decisions: Mapping[str, Sequence[Decision]] | None = None,
    witness: Witness | None = None,
) -> tuple[Finding, ...]:
    """Return the findings across offices over all current answers of each district, cycle and stage that has rows.

    They belong to no file of this run (sha256 ""), their frame is "questions", their row_key the question id.

    Raises:
        RuleError: a rule is wrong or raised while it was run.
    """
    suites = {suite.name: suite for suite in load_suites()}
    frames = standing_frames(rows, districts, instruments)
    found = _found(frames, suites, _Lives(districts, as_of or {}), witness or Witness())
    return tuple(_without_echoes(_settlement(decisions, districts, as_of or {}).settled(found)))
