"""What lies before a district, arranged for its pages: worked out once each, only where something has to be shown.

Everything comes from the picture and from the planning data, so that the fingerprint of both tells whether it is new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from kla.comparison import Step, Waterfall, YearComparison
from kla.coordination import Coordination, MovedLead, coordination_of, moved_leads
from kla.deadlines import Countdown, countdown
from kla.findings import Finding
from kla.io.holidays import load_holidays
from kla.io.outlook import Ground, Wish, cycle_scores, ground_from, needs, route, safety, waterfalls, years
from kla.io.page_lines import NOTHING, grouped
from kla.io.page_losses import FallSum, LossSum, by_cause, by_cause_and_office, fall_sums
from kla.io.planning import basis_text, load_efforts
from kla.needs import Need
from kla.picture import Picture
from kla.predikat import points_to, predikat_for
from kla.route import Route, Task
from kla.safe_score import SafeAnswer, SafeScore

WRONG_LEAD = "X08"
SILENT_LEAD = "X02"


@dataclass(frozen=True, slots=True)
class OfficeWay:
    """What one office does on the way to the target: points won (weighed by certainty, and when all succeeds), days."""

    opd_code: str
    tasks: tuple[Task, ...]
    sure_gain: Decimal
    gain: Decimal
    effort_days: Decimal
    starts_on: date
    done_on: date


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One cycle's result at a stage; `change` from the cycle before at that stage, `missing` to the target (0: reached).

    `is_public`: only the total is known, as published. `predikat` by the bands, not as awarded.
    """

    cycle: int
    stage: str
    points: Decimal
    predikat: str | None
    change: Decimal | None
    missing: Decimal
    is_public: bool


@dataclass(frozen=True)
class Outlook:
    """The outlook of one picture. Before anything is scored there is none: lists are empty, the rest None."""

    picture: Picture

    @cached_property
    def ground(self) -> Ground | None:
        """What all of it rests on."""
        return ground_from(self.picture)

    @cached_property
    def falls(self) -> tuple[Waterfall, ...]:
        """The way from each stage to the next."""
        return waterfalls(self.ground) if self.ground else ()

    @cached_property
    def last_fall(self) -> Waterfall | None:
        """The way to the current stage from the one before."""
        return self.falls[-1] if self.falls else None

    @cached_property
    def steps_of_office(self) -> Mapping[str, tuple[Step, ...]]:
        """What the last fall took or gave, by office."""
        return grouped((step.opd_code, step) for step in (self.last_fall.steps if self.last_fall else ()))

    @cached_property
    def steps_of_block(self) -> Mapping[str, tuple[Step, ...]]:
        """What the last fall took or gave, by block."""
        return grouped((step.block_code, step) for step in (self.last_fall.steps if self.last_fall else ()))

    def fall_by(self, fall: Waterfall, part: str) -> tuple[FallSum, ...]:
        """Return a fall summed by `block_code`, `indicator_number`, `opd_code` or `change`, the largest loss first."""
        return fall_sums(fall.steps, lambda step: str(getattr(step, part)))

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """What each loss of the current stage needs, dearest first; they sum to maximum - score."""
        return needs(self.ground, self.picture.as_of) if self.ground else ()

    @cached_property
    def losses(self) -> tuple[LossSum, ...]:
        """Lost points by cause."""
        return by_cause(self.needs)

    @cached_property
    def office_losses(self) -> tuple[LossSum, ...]:
        """Lost points by cause and office."""
        return by_cause_and_office(self.needs)

    @cached_property
    def block_losses(self) -> Mapping[str, tuple[LossSum, ...]]:
        """What each block loses by office and cause: what each brings to its meeting, the office that loses most first."""
        return {
            code: _offices_together(by_cause_and_office(needs))
            for code, needs in grouped((need.gap.block_code, need) for need in self.needs).items()
        }

    @cached_property
    def safety(self) -> SafeScore | None:
        """How much of the current stage's score will stand."""
        return safety(self.ground) if self.ground else None

    @cached_property
    def safe_answers(self) -> Mapping[str, SafeAnswer]:
        """Claimed, supported and at-risk points by question id."""
        return {answer.question_id: answer for answer in (self.safety.answers if self.safety else ())}

    def at_risk(self, block_code: str) -> Decimal:
        """Return the points of one block that are at risk at the next stage."""
        return sum((it.at_risk for it in self.safe_answers.values() if it.block_code == block_code), NOTHING)

    @property
    def basis(self) -> str:
        """The sentence that says what the expected score rests on."""
        return basis_text(self.safety.expectation if self.safety else None)

    @cached_property
    def route(self) -> Route | None:
        """The cheapest way to the target; None without score, calendar or band, and once the deadline is over."""
        shown = self.picture
        known = any(band.predikat == shown.target_predikat for band in shown.instrument.bands)
        if self.ground is None or shown.deadline_on is None or shown.deadline_on < shown.as_of or not known:
            return None
        return route(self.ground, Wish(shown.target_predikat, shown.as_of, shown.deadline_on))

    @cached_property
    def verdict(self) -> str:
        """Whether the target can be reached, a key of `path.verdict` in the texts."""
        found = self.route
        if not self.picture.stages:
            return "unscored"
        if not self.picture.points_to_target:
            return "reached"
        if found is None:
            return "no_calendar" if self.picture.deadline_on is None else "over"
        if found.is_reachable:
            return "reachable"
        return "thin" if found.is_target_reached else "unreachable"

    @cached_property
    def margin(self) -> Decimal:
        """The points above the target's bound that a safe way leaves."""
        return load_efforts().margin

    @cached_property
    def ways(self) -> tuple[OfficeWay, ...]:
        """What each office does on the way, those that win most first."""
        by_office = grouped((task.option.opd_code, task) for task in (self.route.tasks if self.route else ()))
        found = [_way(code, tasks) for code, tasks in by_office.items()]
        return tuple(sorted(found, key=lambda it: (-it.sure_gain, it.opd_code)))

    @cached_property
    def way_of(self) -> Mapping[str, OfficeWay]:
        """The same by office."""
        return {way.opd_code: way for way in self.ways}

    def block_tasks(self, code: str) -> tuple[Task, ...]:
        """Return the tasks on the way that lie in one block, by office, then by date."""
        return tuple(task for task in (self.route.tasks if self.route else ()) if task.option.block_code == code)

    @cached_property
    def milestones(self) -> tuple[Countdown, ...]:
        """The countdown to each milestone of the cycle, in order of time."""
        shown = self.picture
        windows = shown.district.windows(shown.cycle)
        return countdown(windows, shown.as_of, shown.district.zone, load_holidays())

    @cached_property
    def trend(self) -> tuple[TrendLine, ...]:
        """Each cycle's result at each stage, oldest first, where at least two cycles are known."""
        if self.ground is None:
            return ()
        lines = [line for stage in self.picture.instrument.stages for line in self._trend_of(self.ground, stage)]
        order = self.picture.instrument.stages
        lines.sort(key=lambda line: (line.cycle, order.index(line.stage)))
        return tuple(lines) if len({line.cycle for line in lines}) > 1 else ()

    def _trend_of(self, ground: Ground, stage: str) -> list[TrendLine]:
        bands, lines = ground.instrument.bands, []
        before: Decimal | None = None
        for score in cycle_scores(ground, stage):
            total = score.total
            lines.append(
                TrendLine(
                    cycle=score.cycle,
                    stage=stage,
                    points=total,
                    predikat=predikat_for(total, bands),
                    change=None if before is None else total - before,
                    missing=self._missing(total),
                    is_public=not score.questions,
                )
            )
            before = total
        return lines

    def _missing(self, points: Decimal) -> Decimal:
        try:
            return points_to(self.picture.target_predikat, points, self.picture.instrument.bands)
        except KeyError:
            return NOTHING

    @cached_property
    def last_verified(self) -> TrendLine | None:
        """The newest verified result of an earlier cycle, while this cycle's own verification is still to come."""
        stages = self.picture.instrument.stages
        if len(self.picture.stages) != 1 or self.picture.current_stage != stages[0]:
            return None
        found = [line for line in self.trend if line.cycle < self.picture.cycle and line.stage != stages[0]]
        return found[-1] if found else None

    @cached_property
    def years(self) -> tuple[YearComparison, ...]:
        """Why the totals of two cycles differ, stage by stage."""
        if self.ground is None:
            return ()
        return tuple(it for stage in self.picture.instrument.stages for it in years(self.ground, stage))

    @cached_property
    def team(self) -> Coordination:
        """Who works with whom."""
        return coordination_of(self.picture)

    @cached_property
    def moved(self) -> tuple[MovedLead, ...]:
        """Questions the district has given to another lead than the instrument names."""
        return moved_leads(self.picture.district, self.picture.instrument)

    @cached_property
    def wrong_leads(self) -> tuple[Finding, ...]:
        """Findings that say a question lies with the wrong office, still open."""
        return self._open(WRONG_LEAD)

    @cached_property
    def silent_leads(self) -> tuple[Finding, ...]:
        """Findings that say others have answered and the lead has not, still open."""
        return self._open(SILENT_LEAD)

    def _open(self, code: str) -> tuple[Finding, ...]:
        return tuple(it for it in self.picture.findings if it.code == code and it.status == "open")


def _offices_together(losses: Sequence[LossSum]) -> tuple[LossSum, ...]:
    """Return the losses by office, that which loses most first."""
    lost: dict[str, Decimal] = {}
    for it in losses:
        lost[it.opd_code] = lost.get(it.opd_code, NOTHING) + it.lost_points
    return tuple(sorted(losses, key=lambda it: (-lost[it.opd_code], it.opd_code)))


def _way(code: str, tasks: tuple[Task, ...]) -> OfficeWay:
    return OfficeWay(
        opd_code=code,
        tasks=tasks,
        sure_gain=sum((task.option.sure_gain for task in tasks), NOTHING),
        gain=sum((task.option.gain for task in tasks), NOTHING),
        effort_days=sum((task.option.effort_days for task in tasks), Decimal(0)),
        starts_on=min(task.starts_on for task in tasks),
        done_on=max(task.done_on for task in tasks),
    )
