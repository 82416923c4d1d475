"""What lies before a district: stage comparisons, skor aman, needs, the way to the target; from what the warehouse holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from kla.back_test import BackTest, back_test
from kla.causes import classify
from kla.comparison import CycleScore, Waterfall, YearComparison, compare_cycles, compare_stages
from kla.deadlines import deadline_of, watched_window
from kla.district import District
from kla.gaps import find_gaps
from kla.improvements import options_for
from kla.instrument import Instrument
from kla.io import project
from kla.io.holidays import load_holidays
from kla.io.knapsack import cheapest
from kla.io.planning import RAISE, load_causes, load_drops, load_efforts
from kla.io.solver import solve
from kla.measures import Action
from kla.needs import Need, needs_of
from kla.picture import OtherCycle, Picture, StageReason
from kla.predikat import points_to
from kla.route import Days, Route, RouteProblem, find_route
from kla.safe_score import Drop, SafeScore, cut_rates, expected_score, safe_score
from kla.scoring import ScoreSheet

if TYPE_CHECKING:
    from kla.io.warehouse.store import Warehouse


@dataclass(frozen=True)
class Ground:
    """What all of this rests on: a district and cycle's sheets in order (at least one), and each stage's reasons."""

    district: District
    instrument: Instrument
    cycle: int
    sheets: tuple[ScoreSheet, ...]
    reasons: Mapping[str, Mapping[str, str]]  # stage -> question id -> the recap's text
    other_cycles: tuple[OtherCycle, ...] = ()

    @property
    def current(self) -> ScoreSheet:
        """The last stage with a score."""
        return self.sheets[-1]

    @property
    def previous(self) -> ScoreSheet | None:
        """The stage before the current one."""
        return self.sheets[-2] if len(self.sheets) > 1 else None


def ground_of(warehouse: Warehouse, district: District, instrument: Instrument, cycle: int) -> Ground | None:
    """Return what the warehouse knows of a district and cycle; None before anything was scored."""
    from kla.io.warehouse import picture

    sheets = warehouse.sheets(district.code, instrument, cycle)
    if not sheets:
        return None
    with warehouse.reading() as connection:
        reasons = picture.reasons(connection, district.code, instrument, cycle)
        others = picture.other_cycles(connection, district.code, instrument, cycle)
    return Ground(district, instrument, cycle, sheets, _by_stage(reasons), others)


def ground_from(picture: Picture) -> Ground | None:
    """Return the same from a picture; None before anything was scored."""
    if not picture.stages:
        return None
    return Ground(
        picture.district,
        picture.instrument,
        picture.cycle,
        picture.stages,
        _by_stage(picture.reasons),
        picture.other_cycles,
    )


def _by_stage(reasons: Sequence[StageReason]) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for reason in reasons:
        found.setdefault(reason.stage, {})[reason.question_id] = reason.text
    return found


def fall_between(ground: Ground, from_stage: str, to_stage: str) -> Waterfall:
    """Return the way from one stage to a later one, by what the later one's recap says.

    Raises:
        KeyError: one of the stages has no score.
    """
    sheets = {sheet.stage: sheet for sheet in ground.sheets}
    told = partial(classify, words=load_causes().changes)
    return compare_stages(sheets[from_stage], sheets[to_stage], ground.reasons.get(to_stage, {}), told)


def waterfalls(ground: Ground) -> tuple[Waterfall, ...]:
    """Return the way from each stage to the next; () while there is only one."""
    return tuple(fall_between(ground, before.stage, after.stage) for before, after in pairwise(ground.sheets))


def verifiers_needs(ground: Ground) -> Mapping[str, tuple[str, Action]]:
    """Return (key of the cause, what it asks for) for each question the current stage gave less than the one before."""
    words = load_causes().changes
    steps = fall_between(ground, ground.previous.stage, ground.current.stage).steps if ground.previous else ()
    return {
        step.question_id: (step.change.value, Action(words[step.change].needs))
        for step in steps
        if step.points < 0 and words[step.change].needs != RAISE
    }


def needs(ground: Ground, as_of: date) -> tuple[Need, ...]:
    """Return what each loss of the current stage needs, dearest first; the losses sum to maximum - score."""
    return needs_of(
        find_gaps(ground.current, ground.previous),
        ground.instrument,
        verifiers_needs(ground),
        load_causes().actions(),
        load_efforts(),
        as_of,
        last_day(ground, as_of),
    )


def last_day(ground: Ground, as_of: date) -> date | None:
    """Return the day until which something can be done: the deadline people look at; None without a calendar."""
    window = watched_window(ground.district.windows(ground.cycle), as_of)
    return deadline_of(window, as_of) if window else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What `kla path` is asked: a predikat, days, and how certain a single improvement must be at least (0 to 1)."""

    target: str
    as_of: date
    by: date
    holidays: frozenset[date] | None = None  # None: those of districts/libur
    min_certainty: Decimal = Decimal(0)
    is_weighed: bool = True


def route_problem(ground: Ground, wish: Wish) -> RouteProblem:
    """Return the question `kla.route` answers: reach the target's lower bound and the configured margin.

    Raises:
        KeyError: no band is called `wish.target`.
    """
    table = load_efforts()
    asked = {question_id: action for question_id, (_, action) in verifiers_needs(ground).items()}
    options = options_for(ground.instrument, ground.current, ground.previous, asked, table)
    score = ground.current.total.points
    missing = points_to(wish.target, score, ground.instrument.bands)
    return RouteProblem(
        options=tuple(option for option in options if option.certainty >= wish.min_certainty),
        current=score,
        target=score + missing,
        goal=score + missing + table.margin if missing else score,
        days=Days(wish.as_of, wish.by, load_holidays().dates if wish.holidays is None else wish.holidays),
        capacity={code: table.capacity_of(ground.district, code) for code in {option.opd_code for option in options}},
        prerequisites=table.prerequisites,
        standing={
            question.question_id: (question.points, question.max_points) for question in ground.current.questions
        },
        is_weighed=wish.is_weighed,
    )


def route(ground: Ground, wish: Wish) -> Route:
    """Return the cheapest way to the target by a day, or the best that can be reached by then."""
    return find_route(route_problem(ground, wish), solve, cheapest)


def safety(ground: Ground) -> SafeScore:
    """Return the current stage's skor aman, learned from this district's other cycles and the public pairs."""
    past = load_drops()
    own, sheets = own_history(ground)
    keys = {(drop.cycle, drop.from_stage, drop.to_stage) for drop in own}
    code = ground.district.code
    public = [
        drop
        for drop in past.drops
        if drop.district_code != code
        or (drop.cycle != str(ground.cycle) and (drop.cycle, drop.from_stage, drop.to_stage) not in keys)
    ]
    stage = ground.current.stage
    expected = expected_score(
        ground.current.total.points, stage, code, [*own, *public], past.summaries, past.prior_pairs
    )
    like = [(before, after) for before, after in sheets if before.stage == stage]
    return safe_score(ground.instrument, ground.current, expected, cut_rates(ground.instrument, like))


def back_tests(ground: Ground) -> tuple[BackTest, ...]:
    """Return how well the public pairs foretell each other: strictly, then with the summary that may hold them too."""
    past = load_drops()
    like = [drop for drop in past.drops if drop.from_stage == ground.current.stage]
    summaries = [one for one in past.summaries if one.from_stage == ground.current.stage]
    strict = back_test(like, (), past.prior_pairs)
    return (strict, back_test(like, summaries, past.prior_pairs)) if summaries else (strict,)


def own_history(ground: Ground) -> tuple[list[Drop], list[tuple[ScoreSheet, ScoreSheet]]]:
    """Return the district's falls in its other cycles, as totals and as whole sheets."""
    drops, pairs = [], []
    district = ground.district
    for other in ground.other_cycles:
        for before, after in pairwise(other.sheets):
            if before.total.points > 0:
                total = after.total.points
                names = district.code, district.name, str(other.cycle), before.stage, after.stage
                drops.append(Drop(*names, before.total.points, total, total))
                pairs.append((before, after))
    return drops, pairs


def years(ground: Ground, stage: str) -> tuple[YearComparison, ...]:
    """Return the way from each cycle's result at a stage to the next; see `cycle_scores`."""
    return tuple(compare_cycles(earlier, later) for earlier, later in pairwise(cycle_scores(ground, stage)))


def cycle_scores(ground: Ground, stage: str) -> tuple[CycleScore, ...]:
    """Return each cycle's result at a stage, oldest first; public totals fill the cycles without questions."""
    found = {score.cycle: score for score in _public_cycles(ground.district.code, stage)}
    for other in (*ground.other_cycles, OtherCycle(ground.cycle, ground.sheets)):
        for sheet in other.sheets:
            if sheet.stage == stage:
                found[other.cycle] = CycleScore(other.cycle, stage, sheet.total.points, sheet.questions)
    return tuple(found[cycle] for cycle in sorted(found))


def _public_cycles(district_code: str, stage: str) -> list[CycleScore]:
    """Return the totals that were published of a district at a stage, exact ones only."""
    found = []
    for drop in load_drops().drops:
        if drop.district_code == district_code and drop.cycle.isdigit():
            if drop.from_stage == stage:
                found.append(CycleScore(int(drop.cycle), stage, drop.before))
            if drop.to_stage == stage and drop.is_exact:
                found.append(CycleScore(int(drop.cycle), stage, drop.after_low))
    return found


def report_day(district_code: str, cycle: int) -> date | None:
    """Return the day as of which the pages of a district and cycle were published; None before they were."""
    manifest = project.public() / district_code / str(cycle) / "manifest.json"
    if not manifest.is_file():
        return None
    return date.fromisoformat(json.loads(manifest.read_text(encoding="utf-8"))["as_of"])
