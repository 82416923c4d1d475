"""Taking a decision: one function per kind, each refusing what may not be decided with a sentence for the steward."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from kla.decisions.record import Decision, DecisionKind, DecisionWords
from kla.findings import Finding, Severity
from kla.submission import Repair


@dataclass(frozen=True, slots=True)
class OfficeStage:
    """An office at a stage of a cycle: what a decision speaks of. `opd_code` "" is the district itself."""

    district_code: str
    cycle: int
    stage: str
    opd_code: str


def waive(
    about: OfficeStage,
    words: DecisionWords,
    *,
    code: str,
    who: str,
    requested_by: str,
    at: datetime,
    reason: str,
    from_on: date,
    until_on: date | None,
    question_id: str = "",
) -> Decision:
    """Return a waiver: the rule `code` does not hold for the office from `from_on` to `until_on`, both included.

    Raises:
        DecisionError: no requester, or the approver is the requester; no end; it ends before it begins or before the
            day it is given; it lasts longer than a cycle; no rule, name or reason.
    """
    if not requested_by.strip():
        raise words.refusal("no_requester")
    if _person(who) == _person(requested_by):
        raise words.refusal("own_request", who=who)
    if until_on is None:
        raise words.refusal("no_expiry")
    if until_on < max(from_on, at.date()):
        raise words.refusal("period_over", until=until_on.isoformat())
    if (until_on - from_on).days + 1 > words.waiver_days:
        raise words.refusal("period_too_long", days=words.waiver_days)
    if not code:
        raise words.refusal("no_rule")
    return replace(
        decision_of(DecisionKind.WAIVER, about, words, who, at, reason),
        requested_by=requested_by.strip(),
        code=code,
        question_id=question_id,
        from_on=from_on,
        until_on=until_on,
    )


def acknowledge(
    finding: Finding,
    cycle: int,
    words: DecisionWords,
    *,
    who: str,
    at: datetime,
    reason_code: str,
    rule_digest: str,
    reason: str = "",
) -> Decision:
    """Return the acknowledgement of a warning: seen, and right as it stands, for as long as value and rule stay the same.

    `cycle` is the district's current one, for a finding whose file does not say its own.

    Raises:
        DecisionError: the finding blocks or is only shown, or the reason code is unknown; no name.
    """
    if finding.severity is not Severity.WARNING:
        raise words.refusal("not_a_warning", code=finding.code)
    if reason_code not in words.reasons:
        raise words.refusal("unknown_reason", code=reason_code, known=", ".join(words.reasons))
    return replace(
        decision_of(
            DecisionKind.ACKNOWLEDGEMENT,
            OfficeStage(finding.district_code, finding.cycle or cycle, finding.stage, finding.opd_code),
            words,
            who,
            at,
            reason,
            reason_code,
        ),
        question_id=finding.question_id,
        code=finding.code,
        sheet=finding.sheet,
        cell=finding.cell,
        value=finding.value,
        rule_digest=rule_digest,
        sha256=finding.sha256,
    )


def accept(
    about: OfficeStage,
    words: DecisionWords,
    *,
    who: str,
    at: datetime,
    reason: str,
    question_id: str = "",
    sha256: str = "",
) -> Decision:
    """Return an acceptance: of one answer, or of all that the office has sent by then. DecisionError without name or reason."""
    return replace(
        decision_of(DecisionKind.ACCEPTANCE, about, words, who, at, reason), question_id=question_id, sha256=sha256
    )


def send_back(
    about: OfficeStage,
    words: DecisionWords,
    *,
    who: str,
    at: datetime,
    reason: str,
    question_id: str = "",
    content: str = "",
    sha256: str = "",
) -> Decision:
    """Return a return: what the office wrote (`content`, see QuestionState) does not count until it writes something else.

    Without `content` all rows of the version `sha256` go back.

    Raises:
        DecisionError: no reason or name; neither content nor version says what goes back.
    """
    if not content and not sha256:
        raise words.refusal("nothing_to_return")
    return replace(
        decision_of(DecisionKind.RETURN, about, words, who, at, reason),
        question_id=question_id,
        value=content,
        sha256=sha256,
    )


def reject_repair(
    about: OfficeStage, repair: Repair, words: DecisionWords, *, who: str, at: datetime, reason: str, sha256: str = ""
) -> Decision:
    """Return the rejection of an automatic change: its cell blocks until it says something else. DecisionError without reason."""
    return replace(
        decision_of(DecisionKind.REJECTED_REPAIR, about, words, who, at, reason),
        question_id=repair.question_id,
        code=repair.rule,
        sheet=repair.sheet,
        cell=repair.cell,
        value=repair.original,
        result=repair.result,
        sha256=sha256,
    )


def learn_alias(
    district_code: str,
    cycle: int,
    words: DecisionWords,
    *,
    kind: str,
    text: str,
    meaning: str,
    who: str,
    at: datetime,
    reason: str,
) -> Decision:
    """Return an alias: in this district `text` means `meaning` ("": nothing we know). DecisionError without text or kind."""
    if not kind or not text.strip():
        raise words.refusal("no_alias")
    about = OfficeStage(district_code, cycle, "", "")
    return replace(
        decision_of(DecisionKind.ALIAS, about, words, who, at, reason), code=kind, value=text, result=meaning
    )


def withdraw(decision: Decision, words: DecisionWords, *, who: str, at: datetime, reason: str) -> Decision:
    """Return the withdrawal of an earlier decision.

    Raises:
        DecisionError: it is itself a withdrawal, or was taken later; no name or reason.
    """
    if decision.kind is DecisionKind.WITHDRAWAL or decision.at > at:
        raise words.refusal("cannot_withdraw")
    about = OfficeStage(decision.district_code, decision.cycle, decision.stage, decision.opd_code)
    return replace(
        decision_of(DecisionKind.WITHDRAWAL, about, words, who, at, reason),
        question_id=decision.question_id,
        withdraws=decision.decision_id,
    )


def _person(name: str) -> str:
    return " ".join(name.casefold().split())


def decision_of(
    kind: DecisionKind,
    about: OfficeStage,
    words: DecisionWords,
    who: str,
    at: datetime,
    reason: str,
    reason_code: str = "",
) -> Decision:
    """Return the bare decision once it says who, when (with a zone) and why; each kind adds what it speaks of."""
    if not who.strip():
        raise words.refusal("no_name")
    if not reason.strip() and not reason_code:
        raise words.refusal("no_reason", kind=words.kinds[kind])
    if at.tzinfo is None:
        raise words.refusal("no_zone")
    return Decision(
        kind=kind,
        district_code=about.district_code,
        cycle=about.cycle,
        stage=about.stage,
        opd_code=about.opd_code,
        who=who.strip(),
        at=at,
        reason=" ".join(reason.split()),
        reason_code=reason_code,
    )
