"""What stewards decide: waivers, acknowledgements, acceptances, returns, rejected repairs, aliases. Only added to."""

from kla.decisions.record import (
    JUDGING,
    Decision,
    DecisionError,
    DecisionKind,
    DecisionWords,
    aliases,
    digest_of,
    in_force,
)
from kla.decisions.settling import REPAIR_REJECTED, RETURNED, Settlement, settle, stage_of, with_decisions
from kla.decisions.taking import (
    OfficeStage,
    accept,
    acknowledge,
    learn_alias,
    reject_repair,
    send_back,
    waive,
    withdraw,
)

__all__ = [
    "JUDGING",
    "REPAIR_REJECTED",
    "RETURNED",
    "Decision",
    "DecisionError",
    "DecisionKind",
    "DecisionWords",
    "OfficeStage",
    "Settlement",
    "accept",
    "acknowledge",
    "aliases",
    "digest_of",
    "in_force",
    "learn_alias",
    "reject_repair",
    "send_back",
    "settle",
    "stage_of",
    "waive",
    "with_decisions",
    "withdraw",
]
