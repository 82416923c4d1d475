"""What stewards decide: waivers, acknowledgements, acceptances, returns, rejected repairs, aliases. Only added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DecisionKind(StrEnum):
    """What was decided."""

    WAIVER = "waiver"  # a rule does not hold for an office for a while
    ACKNOWLEDGEMENT = "acknowledgement"  # a warning was seen and is right as it stands
    ACCEPTANCE = "acceptance"  # the steward accepts an office's answers
    RETURN = "return"  # the steward sends answers back
    REJECTED_REPAIR = "rejected_repair"  # an automatic change was wrong
    ALIAS = "alias"  # this text means that office or header
    WITHDRAWAL = "withdrawal"  # an earlier decision no longer holds


class DecisionError(ValueError):
    """A decision that may not be taken; the message is an Indonesian sentence for the steward."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: who, when, why. Fields that do not belong to its kind are "" (or None).

    `decision_id` is the digest of all other fields: the same decision twice is one. `who` decides; `requested_by` asked
    (waivers: never the same person). `question_id` "" means all questions of the office; `code` names a rule.
    `value` is the cell's content that was acknowledged, or the original text of a repair or alias; `result` what the alias
    or repair made of it. `rule_digest` is the digest of the rule acknowledged. `from_on` to `until_on` (inclusive) is a
    waiver's period. `withdraws` names the decision a withdrawal ends. `reason_code` is a key of reports/decisions.id.yaml.
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
