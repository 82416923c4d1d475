"""The way of least effort is exactly what trying every choice finds, and its dates can be kept."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kla.choice import IntegerProgram, Shortcut, satisfies
from kla.improvements import Option
from kla.io.knapsack import cheapest
from kla.io.solver import solve
from kla.measures import Action, Prerequisite
from kla.route import Days, RouteProblem, Task, find_route

MONDAY = date(2024, 5, 6)
FRIDAY = MONDAY + timedelta(days=-3)


def option(question: str, opd: str = "A", gain: str = "1", effort: str = "1", wait: int = 0, sure: str = "") -> Option:
    points = Decimal(gain)
    return Option(
        question_id=question,
        opd_code=opd,
        block_code="K0",
        actions=(Action.DO,),
        level="",
        points=points,
        gain=points,
        sure_gain=Decimal(sure or gain),
        effort_days=Decimal(effort),
        wait_days=wait,
        certainty=Decimal(1),
        is_raise=True,
        is_estimate=False,
    )


def problem(options: Sequence[Option], goal: str = "3", days: int = 7, **changes: object) -> RouteProblem:
    base = RouteProblem(
        options=tuple(options),
        current=Decimal(0),
        target=Decimal(goal),
        goal=Decimal(goal),
        days=Days(FRIDAY, FRIDAY + timedelta(days=days)),
        capacity={"A": Decimal(1), "B": Decimal("0.5")},
        prerequisites=(),
        standing={question: (Decimal(0), Decimal(4)) for question in {it.question_id for it in options}},
    )
    return replace(base, **changes)


def can_be_done(asked: RouteProblem, chosen: Sequence[Option]) -> bool:
    """Judge a choice from the words of the issue, not from the rows of the program."""
    questions = [it.question_id for it in chosen]
    if len(set(questions)) < len(questions):
        return False
    for opd in {it.opd_code for it in chosen}:
        done = Decimal(0)
        for it in sorted((it for it in chosen if it.opd_code == opd), key=lambda it: -it.wait_days):
            done += it.effort_days
            working = [d for d in asked.days.working if d + timedelta(days=it.wait_days) <= asked.days.by]
            if not working or done > asked.capacity[opd] * len(working):
                return False
    for rule in asked.prerequisites:
        points, most = asked.standing.get(rule.needs_id, (Decimal(0), Decimal(0)))
        has = [points, *(it.points for it in chosen if it.question_id == rule.needs_id)]
        is_wanted = any(it.question_id == rule.question_id and it.is_raise for it in chosen)
        if rule.needs_id in asked.standing and is_wanted and max(has) < rule.share * most:
            return False
    return True


def every_choice(asked: RouteProblem) -> Iterator[list[Option]]:
    for taken in product((False, True), repeat=len(asked.options)):
        chosen = [it for it, is_taken in zip(asked.options, taken, strict=True) if is_taken]
        if can_be_done(asked, chosen):
            yield chosen


def gain(asked: RouteProblem, chosen: Sequence[Option]) -> Decimal:
    return sum((asked.gain(it) for it in chosen), Decimal(0))


def effort(chosen: Sequence[Option]) -> Decimal:
    return sum((it.effort_days for it in chosen), Decimal(0))


cents = st.integers(0, 400).map(lambda number: Decimal(number).scaleb(-2))
options = st.builds(
    lambda place, opd, points, share, days, wait: option(
        f"1.P{place}", opd, str(points), str(days), wait, str((points * share / 4).quantize(Decimal("0.01")))
    ),
    st.integers(1, 5),
    st.sampled_from("AB"),
    cents.filter(lambda number: number > 0),
    st.integers(1, 4),
    st.sampled_from([Decimal(n).scaleb(-2) for n in (0, 10, 25, 50, 100, 150, 333)]),
    st.integers(0, 9),
)
rules = st.builds(
    lambda a, b, share: Prerequisite(f"1.P{a}", f"1.P{b}", Decimal(share) / 2, ""),
    st.integers(1, 5), st.integers(1, 6), st.integers(0, 2),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(options, max_size=8),
    cents,
    st.integers(0, 12),
    st.lists(rules, max_size=3),
    st.booleans(),
    st.sampled_from((None, cheapest)),
)
def test_the_solver_equals_trying_every_choice(
    given_options: list[Option],
    goal: Decimal,
    days: int,
    given_rules: list[Prerequisite],
    is_weighed: bool,
    shortcut: Shortcut | None,
) -> None:
    asked = problem(given_options, str(goal * 2), days, prerequisites=tuple(given_rules), is_weighed=is_weighed)
    found = find_route(asked, solve, shortcut)
    choices = list(every_choice(asked))
    enough = [it for it in choices if gain(asked, it) >= asked.goal]
    assert found.is_reachable == bool(enough)
    chosen = [task.option for task in found.tasks]
    assert can_be_done(asked, chosen)
    if enough:
        least = min(map(effort, enough))
        most = max(gain(asked, it) for it in enough if effort(it) == least) if asked.goal > 0 else Decimal(0)
    else:
        most = max(gain(asked, it) for it in choices)
        least = min(effort(it) for it in choices if gain(asked, it) == most)
    assert (found.effort_days, found.score) == (least, most)


@settings(max_examples=60, deadline=None)
@given(st.lists(options, max_size=8), cents, st.lists(rules, max_size=2))
def test_every_date_can_be_kept(given_options: list[Option], goal: Decimal, given_rules: list[Prerequisite]) -> None:
    asked = problem(given_options, str(goal), 10, prerequisites=tuple(given_rules))
    tasks = find_route(asked, solve).tasks
    done = {task.option.question_id: task.done_on for task in tasks}
    for task in tasks:
        assert asked.days.as_of < task.starts_on <= task.done_on <= asked.days.by
        assert task.starts_on in asked.days.working
    for rule in given_rules:
        if rule.question_id in done and rule.needs_id in done and rule.question_id != rule.needs_id:
            is_circle = any(it.question_id == rule.needs_id and it.needs_id == rule.question_id for it in given_rules)
            assert is_circle or done[rule.question_id] >= done[rule.needs_id]


@settings(max_examples=60, deadline=None)
@given(st.lists(options, max_size=14), cents, st.integers(2, 12))
def test_the_shortcut_finds_what_the_solver_finds(given_options: list[Option], goal: Decimal, days: int) -> None:
    asked = problem(sorted(given_options, key=lambda it: it.question_id), str(goal), days)
    short, long = find_route(asked, solve, cheapest), find_route(asked, solve)

    def rank(tasks: Sequence[Task]) -> int:
        return sum(asked.options.index(task.option) for task in tasks)

    assert (short.effort_days, short.score) == (long.effort_days, long.score)
    assert len(set(asked.options)) < len(asked.options) or rank(short.tasks) == rank(long.tasks)


def test_an_office_whose_days_do_not_suffice_needs_no_integer_program() -> None:
    def solver(program: IntegerProgram) -> tuple[int, ...] | None:
        raise AssertionError(program)

    full = [option(f"1.P{n}", "A", gain="2", effort="2", wait=n % 3) for n in range(6)]
    other = [option(f"2.P{n}", "B", effort="1") for n in range(3)]
    # A would do three for 6 points, and has five working days: B does the rest.
    found = find_route(problem([*full, *other], goal="6"), solver, cheapest)
    assert [task.option.question_id for task in found.tasks] == ["1.P1", "1.P0", "2.P0", "2.P1"]


@settings(max_examples=60, deadline=None)
@given(st.lists(options, max_size=14), st.integers(0, 5000).map(lambda n: Decimal(n).scaleb(-2)), st.integers(1, 16))
def test_what_waits_differently_long_needs_no_integer_program(
    given_options: list[Option], goal: Decimal, days: int
) -> None:
    def solver(program: IntegerProgram) -> tuple[int, ...] | None:
        raise AssertionError(program)

    asked = problem(sorted(given_options, key=lambda it: it.question_id), str(goal), days)
    short, long = find_route(asked, solver, cheapest), find_route(asked, solve)
    assert short.is_reachable == long.is_reachable
    assert (short.effort_days, short.score) == (long.effort_days, long.score)


def test_the_same_question_asked_twice_gets_the_same_answer() -> None:
    many = [option(f"1.P{n}", "AB"[n % 2], effort="0.25") for n in range(12)]
    first, again = (find_route(problem(many), solve) for _ in range(2))
    assert first == again
    assert [task.option.question_id for task in first.tasks] == ["1.P0", "1.P2", "1.P1"] or len(first.tasks) == 3
    chance = random.Random(7)
    assert {it.option.question_id for it in first.tasks} == {"1.P0", "1.P1", "1.P2"}
    chance.shuffle(many)
    assert find_route(problem(many), solve).effort_days == first.effort_days


def test_what_is_out_of_reach_says_so_and_gives_the_best_that_is_not() -> None:
    found = find_route(problem([option("1.P1", gain="2", wait=3), option("1.P2", gain="2", wait=30)], goal="3"), solve)
    assert (found.is_reachable, found.is_target_reached, found.score) == (False, False, Decimal(2))
    assert [task.option.question_id for task in found.tasks] == ["1.P1"]
    assert find_route(problem([], goal="3"), solve).tasks == ()


def test_a_target_reached_without_its_margin_is_told_apart() -> None:
    found = find_route(problem([option("1.P1", gain="4")], goal="6", target=Decimal(3)), solve)
    assert (found.is_reachable, found.is_target_reached) == (False, True)


def test_nothing_is_to_be_done_for_a_target_that_is_reached() -> None:
    found = find_route(problem([option("1.P1")], goal="0"), solve)
    assert found.is_reachable
    assert found.tasks == ()


def test_the_decree_comes_before_what_rests_on_it() -> None:
    rule = Prerequisite("2.P4", "2.P1", Decimal(1), "")
    both = [option("2.P1", "A", "4", "1", 4), option("2.P4", "B", "4", "0.5", 0)]
    found = find_route(problem(both, goal="4", prerequisites=(rule,)), solve)
    assert [(t.option.question_id, t.done_on) for t in found.tasks] == [("2.P1", MONDAY + timedelta(days=4))]
    found = find_route(problem(both, goal="8", prerequisites=(rule,)), solve)
    assert [(t.option.question_id, t.done_on.day) for t in found.tasks] == [("2.P1", 10), ("2.P4", 10)]
    no_decree = problem(both[1:], goal="4", prerequisites=(rule,), standing={"2.P1": (Decimal(0), Decimal(4))})
    assert not find_route(no_decree, solve).is_reachable


def test_holidays_and_weekends_are_no_working_days() -> None:
    days = Days(date(2024, 5, 3), date(2024, 5, 31), frozenset({date(2024, 5, 9), date(2024, 5, 10)}))
    assert len(days.working) == 18
    assert days.working_until(0) == 18
    assert days.working_until(21) == 3  # until 10 May
    assert Days(date(2024, 5, 3), date(2024, 5, 1)).working == ()


def test_an_answer_that_breaks_a_condition_is_refused() -> None:
    def careless(program: IntegerProgram) -> tuple[int, ...]:
        return (1,) * len(program.cost)

    with pytest.raises(ArithmeticError):
        find_route(problem([option("1.P1", gain="1"), option("1.P1", gain="2")], goal="2"), careless)


def test_a_task_never_ends_before_its_work_is_done() -> None:
    found = find_route(problem([option("1.P1", "B", "3", "1.2")]), solve)
    assert found.tasks == (Task(found.tasks[0].option, MONDAY, MONDAY + timedelta(days=2)),)
    assert satisfies((1,), ())
