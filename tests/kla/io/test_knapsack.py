"""What the tables choose is exactly what trying every choice finds, though most of it never comes into a table."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from kla.choice import Choice, Row, satisfies
from kla.io.knapsack import cheapest

Item = tuple[int, int]  # effort and gain

# Small numbers make many choices alike; large ones differ, so that most of them cannot be in the wanted choice.
alike = st.tuples(st.integers(0, 3), st.integers(0, 3))
apart = st.tuples(st.sampled_from((10, 25, 100, 300, 1000)), st.integers(1, 400))
groups = st.one_of(*(st.lists(st.lists(item, max_size=3), max_size=6) for item in (alike, apart)))
shares = st.fractions(0, 1, max_denominator=20)
# Of these most rows that leave some tenths are broken at first.
busy = st.lists(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9)), min_size=1, max_size=2), min_size=4, max_size=6
)
tenths = st.sampled_from([Fraction(number, 10) for number in range(4, 10)])


def choice(items: Sequence[Sequence[Item]], share: Fraction, rows: Sequence[Row] = ()) -> Choice:
    """Return the question to reach a share of all that can be gained, and of a share above 1 more than that."""
    flat = [item for group in items for item in group]
    ends = [sum(map(len, items[: place + 1])) for place in range(len(items))]
    places = tuple(tuple(range(end - len(group), end)) for group, end in zip(items, ends, strict=True))
    most = sum(max((gain for _, gain in group), default=0) for group in items)
    efforts, gains = tuple(effort for effort, _ in flat), tuple(gain for _, gain in flat)
    return Choice(places, efforts, gains, max(int(most * share), 1), tuple(rows))


def wanted(asked: Choice) -> tuple[int, ...]:
    """Return the wanted choice by trying all; among equals the last group decides first: nothing, else the earliest."""

    def rank(taken: Sequence[int]) -> tuple[int, ...]:
        gain, effort = sum(asked.gains[it] for it in taken), sum(asked.efforts[it] for it in taken)
        is_short = gain < asked.need
        worth = sum(asked.worth(it) for it in taken)
        order = [max(set(group).intersection(taken), default=-1) for group in reversed(asked.groups)]
        return (is_short, -gain if is_short else 0, effort, -worth, *order)

    choices = ([it for it in places if it >= 0] for places in product(*((-1, *group) for group in asked.groups)))
    ones = ((taken, [int(place in taken) for place in range(len(asked.gains))]) for taken in choices)
    best = min((taken for taken, chosen in ones if satisfies(chosen, asked.rows)), key=rank)
    return tuple(int(place in best) for place in range(len(asked.gains)))


@settings(max_examples=300, deadline=None)
@given(groups, shares)
def test_a_table_equals_trying_every_choice(items: list[list[Item]], share: Fraction) -> None:
    asked = choice(items, share)
    assert cheapest(asked) == wanted(asked)


@settings(max_examples=100, deadline=None)
@given(groups, st.sampled_from((Fraction(1), Fraction(2))))
def test_what_gains_the_most_takes_the_least_effort(items: list[list[Item]], share: Fraction) -> None:
    asked = choice(items, share)
    assert cheapest(asked) == wanted(asked)


@settings(max_examples=200, deadline=None)
@given(busy, tenths, tenths, tenths, st.integers(2, 7), st.booleans())
def test_days_that_do_not_suffice_are_kept(
    items: list[list[Item]], share: Fraction, room: Fraction, less: Fraction, every: int, is_most: bool
) -> None:
    free = choice(items, share)
    own = dict(enumerate(free.efforts))
    waiting = {place: effort for place, effort in own.items() if (place % every > 0) == is_most}
    days = int(sum(own.values()) * room / 2)
    rows = [Row(own, high=days), Row(waiting, high=int(days * less))]
    asked = choice(items, share, rows)
    chosen, best = cheapest(asked), wanted(asked)
    assert chosen is not None
    assert satisfies(chosen, asked.rows)

    def sums(taken: Sequence[int]) -> tuple[int, int]:
        return sum(map(int.__mul__, taken, asked.efforts)), sum(asked.worth(it) for it, one in enumerate(taken) if one)

    assert sums(chosen) == sums(best)
