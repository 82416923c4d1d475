"""A closed stage opened again: a late slot for one office, a repair window for a whole stage. Both end by themselves.

They are decisions like any other: only added, withdrawn where wrong. A file counts as it arrived: what came while it was
open stays admitted, what came later does not, on whatever day it is judged. `value` is the first moment after which a file
needs it (never before the stage has closed), `result` the last at which it still holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kla.decisions.record import Decision, DecisionKind, DecisionWords
from kla.decisions.taking import OfficeStage, decision_of
from kla.district import District, StageWindow
from kla.submission import Problem
from kla.wording import moment_text

ADMITTED = "late_admitted"  # kind of Problem
OPENING = frozenset({DecisionKind.LATE_SLOT, DecisionKind.REPAIR_WINDOW})


@dataclass(frozen=True, slots=True)
class Opening:
    """When a closed stage takes files again: after `from_at`, up to and with `until_at`; `opd_code` "" means every office."""

    kind: DecisionKind
    stage: str
    opd_code: str
    from_at: datetime
    until_at: datetime
    who: str
    reason: str
    decision_id: str

    def admits(self, opd_code: str, received_at: datetime) -> bool:
        """Whether a file of an office that arrived then is taken though the stage had closed."""
        return self.opd_code in ("", opd_code) and self.from_at < received_at <= self.until_at


def late_slot(
    about: OfficeStage,
    window: StageWindow | None,
    district: District,
    words: DecisionWords,
    *,
    until: datetime,
    who: str,
    at: datetime,
    reason: str,
) -> Decision:
    """Return a late slot: what the office sends after the stage closed counts until a moment; files here already, too.

    Raises:
        DecisionError: no office, the stage has no closing, the slot ends before that or before it is given, or it lasts
            longer than allowed; no name or reason.
    """
    if not about.opd_code:
        raise words.refusal("no_office")
    closes_at = _closing(about, window, district, words)
    if until <= max(closes_at, at):
        raise words.refusal("slot_over", until=moment_text(until, district.zone))
    if until - max(closes_at, at) > timedelta(days=words.slot_days):
        raise words.refusal("slot_too_long", days=words.slot_days)
    bare = decision_of(DecisionKind.LATE_SLOT, about, words, who, at, reason)
    return replace(bare, value=_text(closes_at), result=_text(until))


def repair_window(
    about: OfficeStage,
    window: StageWindow | None,
    district: District,
    words: DecisionWords,
    *,
    from_at: datetime,
    who: str,
    at: datetime,
    reason: str,
) -> Decision:
    """Return a repair window of 2 x 24 hours: every office may mend and add; it closes by itself.

    Source: regions had 2 x 24 hours after their field verification (Tasikmalaya 2022, Kotawaringin Timur 2023).

    Raises:
        DecisionError: the stage has no closing, or is open still when the window would end; no name or reason.
    """
    closes_at = _closing(about, window, district, words)
    until = from_at + timedelta(hours=words.window_hours)
    if until <= closes_at:
        raise words.refusal("stage_open", until=moment_text(closes_at, district.zone))
    bare = decision_of(DecisionKind.REPAIR_WINDOW, replace(about, opd_code=""), words, who, at, reason)
    return replace(bare, value=_text(max(from_at, closes_at)), result=_text(until))


def openings(decisions: Iterable[Decision]) -> tuple[Opening, ...]:
    """Return the openings among decisions in force (`in_force`), in the given order."""
    return tuple(
        Opening(
            one.kind,
            one.stage,
            one.opd_code,
            datetime.fromisoformat(one.value),
            datetime.fromisoformat(one.result),
            one.who,
            one.reason,
            one.decision_id,
        )
        for one in decisions
        if one.kind in OPENING
    )


def spans(opened: Iterable[Opening]) -> tuple[Opening, ...]:
    """Return the times in which a stage is open again, in order; openings that touch are one, named after the first."""
    found: list[Opening] = []
    for one in sorted(opened, key=lambda it: (it.from_at, it.until_at)):
        if found and one.from_at <= found[-1].until_at:
            found[-1] = replace(found[-1], until_at=max(found[-1].until_at, one.until_at))
        else:
            found.append(one)
    return tuple(found)


def admission(decisions: Iterable[Decision], opd_code: str, received_at: datetime) -> Problem | None:
    """Return the note that a file was taken by a late slot or repair window, the one open longest; None where by none.

    `decisions` are those in force that concern the file's office and stage.
    """
    admitting = [one for one in openings(decisions) if one.admits(opd_code, received_at)]
    if not admitting:
        return None
    last = max(admitting, key=lambda it: (it.until_at, it.decision_id))
    return Problem(ADMITTED, value=moment_text(last.until_at, received_at.tzinfo), expected=last.reason)


def _closing(about: OfficeStage, window: StageWindow | None, district: District, words: DecisionWords) -> datetime:
    if window is None:
        raise words.refusal("no_closing", stage=about.stage, cycle=about.cycle)
    return window.closes_at(district.zone)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
