"""Counts of who has sent never exceed those expected, and a file without an answer is never complete."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.findings import Outcome
from kla.turnout import Turnout, turnout


@dataclass(frozen=True)
class Sent:
    opd_code: str
    version: int = 1
    outcome: Outcome = Outcome.ACCEPTED
    is_on_time: bool | None = True
    stage: str = "mandiri"


OFFICES = ("DINKES", "DINSOS", "DISDIK")
CODES = st.sampled_from([*OFFICES, "ASING", ""])
VERSIONS = st.lists(
    st.builds(
        Sent,
        CODES,
        st.integers(1, 9),
        st.sampled_from(Outcome),
        st.sampled_from([True, False, None]),
        st.sampled_from(["mandiri", "vlh"]),
    ),
    max_size=30,
)


def counted(*versions: Sent, answered: dict[str, int] | None = None) -> Turnout:
    given = dict.fromkeys(OFFICES, 5) if answered is None else answered
    return turnout("mandiri", OFFICES, versions, given, has_deadline=True)


def test_each_office_counts_once_however_often_it_sends():
    assert counted(Sent("DINKES"), Sent("DINKES", 2), Sent("DINSOS")) == Turnout("mandiri", 3, 2, 2, 2)


def test_who_is_not_expected_and_other_stages_do_not_count():
    assert counted(Sent("ASING"), Sent("DINKES", stage="vlh")) == Turnout("mandiri", 3, 0, 0, 0)


def test_a_file_without_an_answer_has_come_but_is_neither_valid_nor_in_time():
    assert counted(Sent("DINKES"), answered={}) == Turnout("mandiri", 3, 1, 0, 0)
    everybody = [Sent(code) for code in OFFICES]
    assert not counted(*everybody, answered={"DINKES": 3, "DINSOS": 1}).is_complete
    assert counted(*everybody).is_complete


@pytest.mark.parametrize(
    ("newest", "valid", "on_time"), [(Outcome.ACCEPTED, 1, 1), (Outcome.RETURNED, 0, 1), (Outcome.REFUSED, 0, 1)]
)
def test_the_newest_version_says_whether_it_is_valid_an_earlier_one_whether_it_was_in_time(newest, valid, on_time):
    late = Sent("DINKES", 2, newest, is_on_time=False)
    found = counted(late, Sent("DINKES", 1, Outcome.RETURNED))
    assert (found.received, found.valid, found.on_time) == (1, valid, on_time)


def test_a_refused_file_was_never_in_time():
    assert counted(Sent("DINKES", outcome=Outcome.REFUSED)).on_time == 0


@given(
    versions=VERSIONS,
    answered=st.dictionaries(CODES, st.integers(0, 9)),
    expected=st.lists(CODES, max_size=8),
    has=st.booleans(),
)
def test_no_count_is_ever_more_than_all(versions, answered, expected, has):
    found = turnout("mandiri", expected, versions, answered, has_deadline=has)
    assert 0 <= found.valid <= found.received <= found.expected == len(set(expected))
    assert (found.on_time is None) is not has
    assert 0 <= (found.on_time or 0) <= found.received
    for count in (found.received, found.valid, found.on_time):
        share = found.share(count)
        assert share is None or 0 <= share <= 1
    assert not found.is_complete or all(answered.get(code, 0) > 0 for code in expected)


@given(versions=VERSIONS, answered=st.dictionaries(CODES, st.integers(0, 9)), order=st.randoms(use_true_random=False))
def test_the_order_in_which_files_are_told_does_not_matter(versions, answered, order):
    unique = list({(it.opd_code, it.stage, it.version): it for it in versions}.values())
    shuffled = unique.copy()
    order.shuffle(shuffled)
    assert counted(*unique, answered=answered) == counted(*shuffled, answered=answered)
