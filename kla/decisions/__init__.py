"""What stewards decide: waivers, acknowledgements, acceptances, returns, rejected repairs, aliases, late slots. Only added to."""

from kla.decisions.opening import ADMITTED, Opening, late_slot, openings, repair_window, spans
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
    "ADMITTED",
    "JUDGING",
    "REPAIR_REJECTED",
    "RETURNED",
    "Decision",
    "DecisionError",
    "DecisionKind",
    "DecisionWords",
    "OfficeStage",
    "Opening",
    "Settlement",
    "accept",
    "acknowledge",
    "aliases",
    "digest_of",
    "in_force",
    "late_slot",
    "learn_alias",
    "openings",
    "reject_repair",
    "repair_window",
    "send_back",
    "settle",
    "spans",
    "stage_of",
    "waive",
    "with_decisions",
    "withdraw",
]
