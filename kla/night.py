"""What a night did, for whom, and what went wrong: what the flow returns and the command prints. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

# Steps without which everybody is served all the same: telling what may rest (all is drawn then), what the suites counted.
COST_NOBODY = frozenset({"rest", "docs"})


class NightStatus(StrEnum):
    """How a run ended.

    PARTIAL: a district, an office or a file could not be dealt with, all others were, or something that nobody waits for
    could not be done. FAILED: nobody was served, or the
    warehouse holds something that must not be.
    """

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that could not be done, and whom it cost.

    `district_code` is "" where it cost everybody, or nobody; `who` is an office, a file or "" for the whole district;
    `step` is one of receive, read, validate, load, score, publish, checks, or of COST_NOBODY; `what` is a sentence for the
    steward.
    """

    step: str
    district_code: str
    who: str
    what: str

    @property
    def is_everybodys(self) -> bool:
        """Whether it cost everybody."""
        return not self.district_code and self.step not in COST_NOBODY


@dataclass(frozen=True, slots=True)
class DistrictLine:
    """One row of the night's closing table. `score` None before anything is scored; `days_left` None without a calendar.

    `received` counts the files that came in this run, the next three what became of them.
    """

    district_code: str
    name: str
    stage: str
    score: Decimal | None
    predikat: str | None
    target_predikat: str
    points_to_target: Decimal | None
    days_left: int | None
    is_page_new: bool = False
    received: int = 0
    loaded: int = 0
    returned: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """How many findings of an office (`opd_code` "": of a recap, or of the whole district) came and went in this run."""

    district_code: str
    cycle: int
    stage: str
    opd_code: str
    new: int
    fixed: int
    persisting: int
    returned: int  # fixed once, and back

    @property
    def is_news(self) -> bool:
        """Whether anything came or went."""
        return bool(self.new or self.fixed or self.returned)


@dataclass(frozen=True, slots=True)
class Night:
    """A whole run: who was served, what went wrong, where the page lies ("" when nothing was published)."""

    run_id: str
    is_dry_run: bool
    lines: tuple[DistrictLine, ...]
    troubles: tuple[Trouble, ...]
    page: str
    changes: tuple[str, ...] = ()  # what a dry run would change, one sentence each
    deltas: tuple[
        OfficeChange, ...
    ] = ()  # the offices this run brought something for, what came back and what is new first
    notices: tuple[str, ...] = ()  # what a steward must know before the figures, one sentence each

    @property
    def status(self) -> NightStatus:
        """Return how the run ended: failed when nobody was served or a trouble cost everybody."""
        if any(trouble.is_everybodys for trouble in self.troubles) or (self.troubles and not self.lines):
            return NightStatus.FAILED
        return NightStatus.PARTIAL if self.troubles else NightStatus.COMPLETE


def told(night: Night) -> list[str]:
    """Return what went wrong, a line each: district, who, step, what."""
    return [
        " ".join(part for part in (it.district_code, it.who, f"[{it.step}]", it.what) if part) for it in night.troubles
    ]
