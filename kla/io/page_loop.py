"""The loop of return, mending and decision, arranged for its pages. No sentences and no markup here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from kla.decisions import Decision, DecisionKind
from kla.findings import Finding, Severity
from kla.io.attempt_files import AttemptFiles
from kla.io.decision_words import decision_words
from kla.io.delta_chart import Chart, chart_of
from kla.io.page_lines import grouped, natural
from kla.io.page_words import word
from kla.picture import Attempt, OfficeDelta, Picture, RepairLine
from kla.states import QuestionState, State
from kla.submission import Repair
from kla.wording import date_text, number_text

EXPIRING_DAYS = 30


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One attempt, and its files inside the district's folder (None where they are not published)."""

    attempt: Attempt
    files: AttemptFiles | None


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision, and every question it was taken about in the same move."""

    decision: Decision
    question_ids: tuple[str, ...]


def _line(rows: Sequence[Decision]) -> DecisionLine:
    asked = {one.question_id for one in rows if one.question_id}
    return DecisionLine(rows[0], tuple(sorted(asked, key=natural)))


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """What of one office waits for a steward: questions by state, warnings nobody answered for yet."""

    opd_code: str
    corrected: int
    received: int
    returned: int
    warnings: int


@dataclass(frozen=True, slots=True)
class DeltaSum:
    """Findings that came and went."""

    new: int
    returned: int
    fixed: int
    persisting: int


@dataclass(frozen=True)
class Loop:
    """Decisions, states, attempts and changes of one picture, by office; `files` are those of the attempts."""

    picture: Picture
    files: tuple[AttemptFiles, ...] = ()
    expiring_days = EXPIRING_DAYS

    @cached_property
    def decision_of(self) -> Mapping[str, Decision]:
        """Decisions in force by their id."""
        return {one.decision_id: one for one in self.picture.decisions}

    @cached_property
    def waivers(self) -> tuple[Decision, ...]:
        """Waivers in force, those that end first before others."""
        held = [one for one in self.picture.decisions if one.kind is DecisionKind.WAIVER]
        return tuple(sorted(held, key=lambda one: (str(one.until_on or ""), one.opd_code, one.code, one.decision_id)))

    @cached_property
    def waivers_of(self) -> Mapping[str, tuple[Decision, ...]]:
        """Waivers in force by office."""
        return grouped((one.opd_code, one) for one in self.waivers)

    @cached_property
    def others_of(self) -> Mapping[str, tuple[DecisionLine, ...]]:
        """All other decisions in force by office, the newest first; names stewards have settled are not an office's.

        What was decided about many questions in one move is one line.
        """
        silent = (DecisionKind.WAIVER, DecisionKind.ALIAS)
        moves: dict[tuple[object, ...], list[Decision]] = {}
        for one in reversed(self.picture.decisions):
            if one.kind not in silent:
                place = (one.sheet, one.cell) if one.cell else ()
                move = (one.opd_code, one.kind, one.who, one.at, one.reason_code, one.reason, one.code, *place)
                moves.setdefault(move, []).append(one)
        return grouped((rows[0].opd_code, _line(rows)) for rows in moves.values())

    def days_to(self, waiver: Decision) -> int | None:
        """Return the days until a waiver ends, 0 on its last day."""
        return None if waiver.until_on is None else (waiver.until_on - self.picture.as_of).days

    @cached_property
    def expiring(self) -> tuple[Decision, ...]:
        """Waivers that end within EXPIRING_DAYS."""
        return tuple(one for one in self.waivers if (days := self.days_to(one)) is not None and days <= EXPIRING_DAYS)

    def reason_of(self, decision: Decision) -> str:
        """Return why something was decided, as people read it."""
        return decision_words().reason_of(decision)

    def kind_of(self, decision: Decision) -> str:
        """Return the name of a decision's kind."""
        return decision_words().kinds[decision.kind.value]

    @cached_property
    def states_of(self) -> Mapping[str, Mapping[str, QuestionState]]:
        """The state of each question, by office, then question id."""
        by_office = grouped((one.opd_code, one) for one in self.picture.states)
        return {code: {one.question_id: one for one in rows} for code, rows in by_office.items()}

    def counts_of(self, code: str) -> tuple[tuple[State, int], ...]:
        """Return how many of an office's questions are in each state, in the order of a question's way."""
        count = Counter(one.state for one in self.states_of.get(code, {}).values())
        return tuple((state, count[state]) for state in State if count[state])

    @cached_property
    def _attempts(self) -> Mapping[str, tuple[AttemptLine, ...]]:
        places = {(it.attempt.opd_code, it.attempt.stage, it.attempt.version): it for it in self.files}
        return grouped(
            (one.opd_code, AttemptLine(one, places.get((one.opd_code, one.stage, one.version))))
            for one in self.picture.attempts
        )

    def attempt_of(self, code: str, stage: str, version: int) -> AttemptLine | None:
        """Return one attempt of an office; None where the warehouse tells none."""
        found = (
            it for it in self._attempts.get(code, ()) if (it.attempt.stage, it.attempt.version) == (stage, version)
        )
        return next(found, None)

    @cached_property
    def repairs_of(self) -> Mapping[str, tuple[RepairLine, ...]]:
        """What was read as something other than written, by office."""
        return grouped((line.opd_code, line) for line in self.picture.repairs)

    @cached_property
    def deltas_of(self) -> Mapping[str, tuple[OfficeDelta, ...]]:
        """The last runs of each office at the form stage, oldest first; a recap's under ""."""
        return grouped((one.opd_code, one) for one in self.picture.deltas)

    def chart_of(self, code: str) -> Chart | None:
        """Return the chart of an office's last runs; None where there were none."""
        runs = self.deltas_of.get(code, ())
        return chart_of(runs) if runs else None

    @cached_property
    def last_deltas(self) -> tuple[OfficeDelta, ...]:
        """What the last run that changed any finding changed, what came back or is new first."""
        last = max((one.run_id for one in self.picture.deltas), default="")
        told = [one for one in self.picture.deltas if one.run_id == last]
        return tuple(sorted(told, key=lambda one: (-one.returned, -one.new, -one.fixed, -one.persisting, one.opd_code)))

    @cached_property
    def last_sum(self) -> DeltaSum:
        """The findings that came and went in that run, all offices together."""
        rows = self.last_deltas
        return DeltaSum(
            sum(one.new for one in rows),
            sum(one.returned for one in rows),
            sum(one.fixed for one in rows),
            sum(one.persisting for one in rows),
        )

    @cached_property
    def waiting(self) -> tuple[WaitingLine, ...]:
        """Offices of which something waits for a steward, those with most corrected questions first."""
        states = Counter((one.opd_code, one.state) for one in self.picture.states)
        warnings = Counter(it.opd_code for it in self.picture.findings if is_to_acknowledge(it))
        codes = dict.fromkeys([*(line.opd_code for line in self.picture.offices), *warnings])
        lines = [
            WaitingLine(
                opd_code=code,
                corrected=states[code, State.CORRECTED],
                received=states[code, State.RECEIVED],
                returned=states[code, State.RETURNED],
                warnings=warnings[code],
            )
            for code in codes
        ]
        found = [line for line in lines if line.corrected or line.received or line.returned or line.warnings]
        return tuple(sorted(found, key=lambda it: (-it.corrected, -it.returned, -it.warnings, -it.received)))


def read_as(repair: Repair) -> str:
    """Return what a cell was read as, the way people write it; the warehouse keeps numbers and dates as programs do.

    >>> from kla.submission import Repair
    >>> read_as(Repair("Klaster I", "F7", "answers", "value_t1", "Klaster I!7", "1.P1", " 961,86", "961.86", "number"))
    '961,86'
    """
    rules = repair.rule.split("+")
    try:
        if "number" in rules:
            return number_text(Decimal(repair.result))
        if "date" in rules:
            return date_text(date.fromisoformat(repair.result))
    except (ValueError, ArithmeticError):
        return repair.result
    return repair.result


def rule_of(repair: Repair) -> str:
    """Return what the program did to a cell, as people read it; several rules at once stand side by side."""
    return "; ".join(word(f"repair_rule.{rule}") for rule in repair.rule.split("+"))


def is_to_acknowledge(finding: Finding) -> bool:
    """Whether a finding is a warning nobody has answered for yet."""
    return finding.severity is Severity.WARNING and finding.status == "open"
