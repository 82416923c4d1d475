"""The cheapest way to a target: which answers to improve so that the score is reached with the least effort. Pure.

The choice is an exact integer program (hundredths throughout); whoever solves it is handed in, its answer is checked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cached_property

from kla.choice import Choice, IntegerProgram, Row, Shortcut, Solver, satisfies
from kla.improvements import NOTHING, Option
from kla.measures import Prerequisite


@dataclass(frozen=True)
class Days:
    """The days from the day after `as_of` to `by`, both local; Saturdays, Sundays and `holidays` are no working days."""

    as_of: date
    by: date
    holidays: frozenset[date] = frozenset()

    @cached_property
    def working(self) -> tuple[date, ...]:
        """All working days in order."""
        days = (self.as_of + timedelta(days=ahead) for ahead in range(1, (self.by - self.as_of).days + 1))
        return tuple(day for day in days if day.weekday() < 5 and day not in self.holidays)

    def working_until(self, wait_days: int) -> int:
        """Return how many working days are left for work that must then wait so many calendar days."""
        last = self.by - timedelta(days=wait_days)
        return bisect_right(self.working, last)


@dataclass(frozen=True)
class RouteProblem:
    """What is asked. Points: `current` now, `target` the predikat's lower bound, `goal` to be reached (with the margin).

    `capacity` maps office to days of work per working day; `standing` maps question id to (points, maximum) now.
    `is_weighed`: points count by their certainty; else in full. Options come in the order of the card.
    """

    options: tuple[Option, ...]
    current: Decimal
    target: Decimal
    goal: Decimal
    days: Days
    capacity: Mapping[str, Decimal]
    prerequisites: tuple[Prerequisite, ...]
    standing: Mapping[str, tuple[Decimal, Decimal]]
    is_weighed: bool = True

    @cached_property
    def efforts(self) -> tuple[int, ...]:
        """The effort of each option in hundredths of a day."""
        return tuple(_hundredths(option.effort_days) for option in self.options)

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The places of each question's options."""
        groups: dict[str, list[int]] = {}
        for place, option in enumerate(self.options):
            groups.setdefault(option.question_id, []).append(place)
        return tuple(map(tuple, groups.values()))

    def gain(self, option: Option) -> Decimal:
        """Return the points an option counts for."""
        return option.sure_gain if self.is_weighed else option.gain


@dataclass(frozen=True, slots=True)
class Task:
    """A chosen improvement with its local dates: work begins, and the points are there (after any waiting)."""

    option: Option
    starts_on: date
    done_on: date


@dataclass(frozen=True, slots=True)
class Route:
    """The cheapest way when `is_reachable`, else the best that can still be reached by the day, at the least effort.

    Points: `expected_score` weighs each gain by its certainty, `full_score` is reached when everything succeeds.
    `score` is the one that was asked to reach the `goal`. `tasks` are by office, then by date.
    """

    is_reachable: bool
    is_target_reached: bool  # the predikat itself, whether or not the margin is left
    current: Decimal
    target: Decimal
    goal: Decimal
    score: Decimal
    expected_score: Decimal
    full_score: Decimal
    effort_days: Decimal
    working_days: int
    tasks: tuple[Task, ...]


def find_route(problem: RouteProblem, solve: Solver, shortcut: Shortcut | None = None) -> Route:
    """Return the way of least effort to the goal; among equals the one of most points, then the first in the card.

    `shortcut` is asked before `solve`: it saves time, never another answer.

    Raises:
        ArithmeticError: the solver's answer does not satisfy the program it was given.
    """
    gains = tuple(_hundredths(problem.gain(option)) for option in problem.options)
    need = _hundredths(problem.goal - problem.current)
    asked = Choice(problem.groups, problem.efforts, gains, need, conditions(problem))
    chosen = shortcut(asked) if shortcut and need > 0 else None
    if chosen is None:
        chosen = _wanted(asked, solve)
    taken = [option for option, is_taken in zip(problem.options, chosen, strict=True) if is_taken]
    return _route(problem, taken, is_reachable=_total(gains, chosen) >= need)


def _wanted(asked: Choice, solve: Solver) -> tuple[int, ...]:
    """Return the wanted choice."""
    chosen = _cheapest(asked, solve)
    if chosen is None:
        most = _least(tuple(-gain for gain in asked.gains), asked.rows, solve) or (0,) * len(asked.gains)
        chosen = _cheapest(replace(asked, need=_total(asked.gains, most)), solve) or most
    return chosen


def _cheapest(asked: Choice, solve: Solver) -> tuple[int, ...] | None:
    """Return the wanted choice; None when the need cannot be reached."""
    if asked.need <= 0:
        return (0,) * len(asked.gains)
    chosen = _least(asked.efforts, (*asked.rows, _at_least(asked.gains, asked.need)), solve)
    return chosen and _first_of_equals(asked, chosen, solve)


def _first_of_equals(asked: Choice, chosen: Sequence[int], solve: Solver) -> tuple[int, ...]:
    """Return, among choices of the same effort, the one of most points, then the one earliest in the card."""
    ceiling = Row(dict(enumerate(asked.efforts)), high=_total(asked.efforts, chosen))
    cost = tuple(-asked.worth(place) for place in range(len(asked.gains)))
    return _least(cost, (*asked.rows, ceiling), solve) or tuple(chosen)


def conditions(problem: RouteProblem) -> tuple[Row, ...]:
    """Return what every choice must satisfy: one improvement per question, each office's days, prerequisites."""
    return (*_one_per_question(problem), *_capacities(problem), *_prerequisites(problem))


def _one_per_question(problem: RouteProblem) -> list[Row]:
    return [Row(dict.fromkeys(group, 1), high=1) for group in problem.groups if len(group) > 1]


def _capacities(problem: RouteProblem) -> list[Row]:
    """Work that must wait w days has to be done by then: per office and w, all work of that wait or more must fit.

    This is exact: working in the order of the longest wait meets every date whenever any order does.
    """
    rows = []
    places: dict[str, list[int]] = {}
    for place, option in enumerate(problem.options):
        places.setdefault(option.opd_code, []).append(place)
    for opd_code, own in sorted(places.items()):
        capacity = _hundredths(problem.capacity[opd_code])
        waits = [problem.options[place].wait_days for place in own]
        for wait in sorted(set(waits)):
            work = {place: problem.efforts[place] for place, its in zip(own, waits, strict=True) if its >= wait}
            days = problem.days.working_until(wait)
            rows.append(Row(work, high=capacity * days))
            # Work of no effort still needs a day on which to be done.
            if days == 0:
                rows.append(Row(dict.fromkeys(work, 1), high=0))
    return rows


def _prerequisites(problem: RouteProblem) -> list[Row]:
    rows = []
    for rule in problem.prerequisites:
        points, most = problem.standing.get(rule.needs_id, (NOTHING, NOTHING))
        if rule.needs_id not in problem.standing or points >= rule.share * most:
            continue
        opening = {
            place: 1
            for place, option in enumerate(problem.options)
            if option.question_id == rule.needs_id and option.points >= rule.share * most
        }
        for place, option in enumerate(problem.options):
            if option.question_id == rule.question_id and option.is_raise:
                rows.append(Row({**opening, place: opening.get(place, 0) - 1}, low=0))
    return rows


def _least(cost: tuple[int, ...], rows: Sequence[Row], solve: Solver) -> tuple[int, ...] | None:
    chosen = solve(IntegerProgram(cost, tuple(rows)))
    if chosen is not None and not satisfies(chosen, rows):
        raise ArithmeticError("the solver's answer breaks a condition of the program")
    return chosen


def _at_least(values: Sequence[int], low: int) -> Row:
    return Row(dict(enumerate(values)), low=low)


def _total(values: Sequence[int], chosen: Sequence[int]) -> int:
    return sum(value * taken for value, taken in zip(values, chosen, strict=True))


def _hundredths(number: Decimal) -> int:
    return int(number.scaleb(2).to_integral_value())


def _route(problem: RouteProblem, chosen: Sequence[Option], is_reachable: bool) -> Route:
    expected = problem.current + sum((option.sure_gain for option in chosen), NOTHING)
    full = problem.current + sum((option.gain for option in chosen), NOTHING)
    score = expected if problem.is_weighed else full
    return Route(
        is_reachable=is_reachable,
        is_target_reached=score >= problem.target,
        current=problem.current,
        target=problem.target,
        goal=problem.goal,
        score=score,
        expected_score=expected,
        full_score=full,
        effort_days=sum((option.effort_days for option in chosen), Decimal(0)),
        working_days=len(problem.days.working),
        tasks=schedule(problem, chosen),
    )


def schedule(problem: RouteProblem, chosen: Sequence[Option]) -> tuple[Task, ...]:
    """Return the chosen improvements with dates, by office then by date.

    An office does first what waits longest, then what brings most per day of work. What needs another question
    first is not done before that one is.
    """
    tasks: dict[str, Task] = {}
    for opd_code in sorted({option.opd_code for option in chosen}):
        done = Decimal(0)
        for option in sorted((it for it in chosen if it.opd_code == opd_code), key=lambda it: _urgency(problem, it)):
            tasks[option.question_id] = _dated(problem, option, done)
            done += option.effort_days
    for _ in problem.prerequisites:  # chains are no longer than the list
        for rule in problem.prerequisites:
            after, before = tasks.get(rule.question_id), tasks.get(rule.needs_id)
            if after and before and after.option.is_raise and after.done_on < before.done_on:
                tasks[rule.question_id] = Task(after.option, after.starts_on, before.done_on)
    return tuple(sorted(tasks.values(), key=lambda it: (it.option.opd_code, it.done_on, it.starts_on)))


def _urgency(problem: RouteProblem, option: Option) -> tuple[int, Decimal]:
    return -option.wait_days, -problem.gain(option) / max(option.effort_days, Decimal("0.01"))


def _dated(problem: RouteProblem, option: Option, done: Decimal) -> Task:
    """Return an option's dates when its office begins it after `done` days of other work."""
    working, pace = problem.days.working, problem.capacity[option.opd_code]
    first = int(done // pace)
    last = max(int(((done + option.effort_days) / pace).to_integral_value(ROUND_CEILING)) - 1, first)
    return Task(option, working[min(first, len(working) - 1)], working[last] + timedelta(days=option.wait_days))
