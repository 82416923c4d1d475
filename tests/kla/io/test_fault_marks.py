"""A fault of ours is one line with an id; the log says where it was raised and nothing of what an office wrote."""

from __future__ import annotations

import logging

import pytest

from kla.io.fault_marks import mark_of, said_of


def _raised(message: str, kind: type[Exception] = ValueError) -> Exception:
    try:
        raise kind(message)
    except kind as error:
        return error


def test_the_same_fault_has_the_same_id_whatever_it_says_and_another_kind_has_another() -> None:
    first, second, other = _raised("a"), _raised("b"), _raised("a", KeyError)
    assert mark_of(first) == mark_of(second) != mark_of(other)


def test_a_fault_is_told_in_one_line_with_its_id() -> None:
    error = _raised("rusak\nbaris kedua")
    assert said_of(error) == f"ValueError: rusak [#{mark_of(error)}]"
    assert said_of(_raised("")).startswith("ValueError [#")


def test_a_number_of_a_person_that_a_message_quotes_is_unreadable() -> None:
    assert "6402155005100001" not in said_of(_raised("could not convert string to float: '6402155005100001'"))


def test_the_log_says_where_under_the_same_id_and_not_what(caplog: pytest.LogCaptureFixture) -> None:
    error = _raised("Siti 3201234567890123")
    with caplog.at_level(logging.ERROR):
        said_of(error)
    (line,) = (it.getMessage() for it in caplog.records)
    assert line.startswith(f"#{mark_of(error)} ValueError: tests/kla/io/test_fault_marks.py:")
    assert "Siti" not in line
