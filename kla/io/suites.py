"""Runs the suites of expectations/ once over all rows of a run. The only module that imports Great Expectations."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from kla.decisions import Decision, Settlement
from kla.district import District
from kla.errors import RuleError
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
from kla.io import settings
from kla.io.data_docs import Result, Witness, scrubbed
from kla.io.frames import Frame, file_frames, hand_over, standing_frames
from kla.io.rule_data import load_limits
from kla.io.rules import Rule, Suite, load_rules, load_suites, rule_digests
from kla.io.sentences import findings_of
from kla.rule_life import severity_on, trial_ends_on
from kla.submission import Reading, Receipt
from kla.wording import date_text

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 200_000
_RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
_SEVERITY_NAMES = {Severity.BLOCKING: "critical", Severity.WARNING: "warning", Severity.INFO: "info"}
_SEVERITY_ORDER = tuple(Severity)


class _Engine(Protocol):
    """Great Expectations, as far as it is used here."""

    def run(self, suite: Suite, table: pd.DataFrame, witness: Witness) -> dict[str, list[int]]: ...


class _GreatExpectations:
    """An ephemeral context: nothing on disk, no analytics, no progress bars; made once per process."""

    def __init__(self) -> None:
        settings.suggest_to_others({"GX_ANALYTICS_ENABLED": "false"})
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig
        from great_expectations.expectations.registry import get_expectation_impl

        self._gx: Any = gx
        self._expectation: Any = get_expectation_impl
        context: Any = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        asset = context.data_sources.add_pandas("rows").add_dataframe_asset("frame")
        self._batches = asset.add_batch_definition_whole_dataframe("batch")

    def _built(self, rule: Rule) -> Any:
        try:
            return self._expectation(rule.type)(
                **rule.kwargs, severity=_SEVERITY_NAMES[rule.severity], meta={"code": rule.code}
            )
        except (LookupError, TypeError, ValueError, self._gx.exceptions.GreatExpectationsError) as error:
            raise RuleError(_where(rule), f"{rule.type} cannot be built: {error}", "Correct type or kwargs.") from error

    def _results(self, suite: Suite, table: pd.DataFrame) -> list[Any]:
        with warnings.catch_warnings():  # conditions as text are deprecated for its next major version, not ours
            warnings.simplefilter("ignore", DeprecationWarning)
            built = self._gx.ExpectationSuite(name=suite.name, expectations=[self._built(rule) for rule in suite.rules])
            batch = self._batches.get_batch({"dataframe": table})
            return list(batch.validate(built, result_format=_RESULT_FORMAT).results)

    def run(self, suite: Suite, table: pd.DataFrame, witness: Witness) -> dict[str, list[int]]:
        """Return code -> index labels of the rows that fail it; raises RuleError when an expectation raised."""
        rules = {rule.code: rule for rule in suite.rules}
        failed: dict[str, list[int]] = {}
        for result in self._results(suite, table):
            rule = rules[result.expectation_config.meta["code"]]
            if cause := _raised(result.exception_info):
                raise RuleError(_where(rule), f"the expectation raised: {cause}", "Correct its columns and kwargs.")
            witness.see(suite.name, [scrubbed(rule, bool(result.success), result.result)])
            if not result.success:
                failed[rule.code] = list(result.result["unexpected_index_list"])
        return failed


def _where(rule: Rule) -> str:
    return f"expectations/{rule.frame}.yaml, {rule.code}"


def _raised(info: Mapping[str, Any] | None) -> str:
    """Return what an expectation raised; it is told either directly or once per metric."""
    entries = [info or {}, *(entry for entry in (info or {}).values() if isinstance(entry, Mapping))]
    messages = [str(entry.get("exception_message")) for entry in entries if entry.get("raised_exception")]
    return "; ".join(sorted(set(messages)))


@cache
def _engine() -> _Engine:
    return _GreatExpectations()


def prepare() -> None:
    """Import Great Expectations (about 5 s) and make its context; worth a thread while child processes still read."""
    _engine()


def failing_rows(
    suite: Suite, table: pd.DataFrame, chunk_rows: int = CHUNK_ROWS, witness: Witness | None = None
) -> dict[str, list[int]]:
    """Return code -> index labels of the rows that fail it, the table run through the suite in chunks.

    `witness` is told how many rows each rule looked at and how many failed it.

    Raises:
        RuleError: an expectation cannot be built or raised; names code, frame and cause.
    """
    failed: dict[str, list[int]] = {}
    for start in range(0, len(table), chunk_rows):
        for code, labels in _engine().run(suite, table.iloc[start : start + chunk_rows], witness or Witness()).items():
            failed.setdefault(code, []).extend(labels)
    return failed


def _that_can_fail(suite: Suite, frame: Frame) -> Suite:
    """Return the suite without rules that look for kinds of problem no row has; each would cost 20 ms to say so."""
    if frame.name != "problems":
        return suite
    seen = set(frame.table["kind"])
    return replace(
        suite, rules=tuple(rule for rule in suite.rules if seen & set(cast(list[str], rule.kwargs["value_set"])))
    )


def _idle(rule: Rule, frame: Frame) -> Result:
    """Return what the rule would have said: so counts do not depend on how the files of a night were cut into parts."""
    condition = rule.kwargs.get("row_condition")
    rows = len(frame.table.query(str(condition))) if condition else len(frame.table)
    return scrubbed(rule, True, {"element_count": rows, "unexpected_count": 0})


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
        suite = _that_can_fail(suites[frame.name], frame)
        witness.see(frame.name, [_idle(rule, frame) for rule in suites[frame.name].rules if rule not in suite.rules])
        if not suite.rules:
            continue
        failed = failing_rows(suite, frame.table, witness=witness)
        placed = [
            (index, rule.code, lives.aged(rule, finding))
            for rule in suite.rules
            for index, finding in findings_of(rule, frame, failed.get(rule.code, ()))
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
