"""Where one office's answer to one question stands, and the only ways from one state to the next."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The state of (office, question) at a stage; Indonesian names are in reports/text.id.yaml."""

    EXPECTED = "expected"  # owed, nothing came
    RECEIVED = "received"  # came, nothing blocks it, not yet accepted by a steward
    RETURNED = "returned"  # sent back, by a rule or by a steward
    CORRECTED = "corrected"  # came again after a return, nothing blocks it
    ACCEPTED = "accepted"  # accepted by a steward
    WAIVED = "waived"  # need not be answered for the period of a waiver
    LOCKED = "locked"  # the stage is closed


class Event(StrEnum):
    """What moves an answer from one state to another."""

    SOUND_VERSION = "sound_version"  # a version whose row is not blocked, and differs from the row before
    BLOCKED_VERSION = "blocked_version"  # a version whose row is blocked
    SAME_VERSION = "same_version"  # a new version with the same content in this row
    ACCEPT = "accept"
    RETURN = "return"
    WAIVE = "waive"
    END_WAIVER = "end_waiver"
    LOCK = "lock"
    UNLOCK = "unlock"  # a repair window or a late slot opens
