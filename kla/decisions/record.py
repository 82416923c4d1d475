"""The record of a decision, and which decisions hold on a day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property


class DecisionKind(StrEnum):
    """What was decided."""

    WAIVER = "waiver"  # a rule does not hold for an office for a while
    ACKNOWLEDGEMENT = "acknowledgement"  # a warning was seen and is right as it stands
    ACCEPTANCE = "acceptance"  # the steward accepts an office's answers
    RETURN = "return"  # the steward sends answers back
    REJECTED_REPAIR = "rejected_repair"  # an automatic change was wrong
    ALIAS = "alias"  # this text means that office or header
    LATE_SLOT = "late_slot"  # an office may send until a moment after the stage has closed
    REPAIR_WINDOW = "repair_window"  # every office may, for 2 x 24 hours
    WITHDRAWAL = "withdrawal"  # an earlier decision no longer holds


# Kinds that change the verdict on a file; an alias changes how files of its district are read.
JUDGING = frozenset(
    {
        DecisionKind.WAIVER,
        DecisionKind.ACKNOWLEDGEMENT,
        DecisionKind.RETURN,
        DecisionKind.REJECTED_REPAIR,
        DecisionKind.ALIAS,
        DecisionKind.LATE_SLOT,
        DecisionKind.REPAIR_WINDOW,
    }
)


class DecisionError(ValueError):
    """A decision that may not be taken; the message is an Indonesian sentence for the steward."""


@dataclass(frozen=True)
class Decision:
    """One decision: who, when, why. Fields that do not belong to its kind are "" (or None).

    `decision_id` is the digest of all other fields: the same decision twice is one. `who` decides; `requested_by` asked
    (waivers: never the same person). `question_id` "" means all questions of the office; `stage` "" all stages.
    `code` names a rule; of a repair it is the repair's rule, of an alias what the text names (office, header ...).
    `value` is the cell's content that was acknowledged, the digest of what was sent back (`kla.delta.content_of`; "":
    all that stands in the version `sha256`), or the original text of a repair or alias; `result` what the alias or
    repair made of it. Of a late slot or repair window they are its two moments (`kla.decisions.opening`). `rule_digest`
    is the digest of the rule acknowledged. `from_on` to `until_on` (inclusive) is a waiver's period. `withdraws` names
    the decision a withdrawal ends. `reason_code` is a key of reports/decisions.id.yaml.
    """

    kind: DecisionKind
    district_code: str
    cycle: int
    stage: str
    opd_code: str
    who: str
    at: datetime
    reason: str
    reason_code: str = ""
    requested_by: str = ""
    question_id: str = ""
    code: str = ""
    sheet: str = ""
    cell: str = ""
    value: str = ""
    result: str = ""
    rule_digest: str = ""
    from_on: date | None = None
    until_on: date | None = None
    withdraws: str = ""
    sha256: str = ""  # the version of the office's file it speaks of, where it speaks of one

    @cached_property
    def decision_id(self) -> str:
        """24 hex digits over every field; the moment counts as an instant, whatever zone it is told in."""
        facts = asdict(self) | {"at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]

    def concerns(self, district_code: str, cycle: int | None, stage: str, opd_code: str) -> bool:
        """Whether it speaks of this office at this stage; `cycle` None is a file that could not say its own."""
        is_meant = opd_code != "" if self.kind is DecisionKind.REPAIR_WINDOW else self.opd_code == opd_code
        return (
            self.district_code == district_code
            and is_meant
            and self.stage in ("", stage)
            and cycle in (None, self.cycle)
        )


def in_force(decisions: Iterable[Decision], as_of: date) -> tuple[Decision, ...]:
    """Return the decisions that hold on a day, oldest first: taken by then, not withdrawn by then, within their period.

    A decision's day is that of its moment in the zone it is told in. Withdrawals themselves are not returned.
    """
    taken = [one for one in decisions if one.at.date() <= as_of]
    ended = {one.withdraws for one in taken if one.kind is DecisionKind.WITHDRAWAL}
    holding = [
        one
        for one in taken
        if one.kind is not DecisionKind.WITHDRAWAL
        and one.decision_id not in ended
        and (one.from_on is None or one.from_on <= as_of)
        and (one.until_on is None or as_of <= one.until_on)
    ]
    return tuple(sorted(holding, key=lambda one: (one.at, one.decision_id)))


def digest_of(
    decisions: Iterable[Decision], as_of: date, district_code: str, cycle: int | None, stage: str, opd_code: str
) -> str:
    """Return a digest of the decisions under which an office's file is judged on a day; "" when there are none.

    A stored verdict whose digest is another one was given under other decisions and has to be given again.
    """
    ids = [
        one.decision_id
        for one in in_force(decisions, as_of)
        if one.kind in JUDGING
        and (
            one.concerns(district_code, cycle, stage, opd_code)
            or (one.kind is DecisionKind.ALIAS and one.district_code == district_code)
        )
    ]
    return hashlib.sha256("\0".join(sorted(ids)).encode()).hexdigest()[:16] if ids else ""


def aliases(decisions: Iterable[Decision], as_of: date) -> dict[str, dict[str, str]]:
    """Return what texts mean by a steward's choice: kind -> text -> meaning; the last choice counts.

    A meaning of "" says that the text means nothing we know.
    """
    found: dict[str, dict[str, str]] = {}
    for one in in_force(decisions, as_of):
        if one.kind is DecisionKind.ALIAS:
            found.setdefault(one.code, {})[one.value] = one.result
    return found


@dataclass(frozen=True, slots=True)
class DecisionWords:
    """reports/decisions.id.yaml: names of the kinds, reasons by code, a sentence per refusal, how long things may last."""

    kinds: Mapping[str, str]
    reasons: Mapping[str, str]
    refusals: Mapping[str, str]
    waiver_days: int = field(default=366)
    slot_days: int = field(default=31)
    window_hours: int = field(default=48)

    def refusal(self, key: str, **fields: object) -> DecisionError:
        """Return the error to raise, its sentence filled."""
        return DecisionError(self.refusals[key].format(**fields))

    def reason_of(self, decision: Decision) -> str:
        """Return why, as people read it: the reason code's label, the steward's own words, or both."""
        parts = (self.reasons.get(decision.reason_code, decision.reason_code), decision.reason)
        return ": ".join(part for part in parts if part)
