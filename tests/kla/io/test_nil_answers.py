"""Nought of nought is an answer where a reason stands beside it, and is asked back where none does."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from rows_of_tests import AS_OF, DISTRICTS, INSTRUMENT, RATIO, answer, form

from kla.findings import CheckedFile, Outcome
from kla.io.suites import validate
from kla.scoring import Cause, CountedAnswer, Standing, score

QUESTION = "14.P6"
NOUGHT = {"value_t1": "0", "denominator_t1": "0"}
EARLIER = {"value_t2": "0", "denominator_t2": "0"}
WRITTEN = {
    "no reason": ("", {}),
    "a second nil": ("nihil", {}),
    "a note": ("Tidak ada anak penderita pada tahun itu", {}),
    "in its own cell": ("", {"value_t1": "nihil, tidak ada anak penderita"}),
    "a share of nobody": ("Tidak ada anak penderita", {"value_t1": "3"}),
}


@pytest.fixture(scope="module")
def judged() -> Mapping[str, CheckedFile]:
    files = []
    for number, (note, written) in enumerate(WRITTEN.values()):
        numbers = RATIO | EARLIER | NOUGHT | ({"value_t1": "3"} if written.get("value_t1") == "3" else {})
        row = answer(QUESTION, 8, note=note, **numbers)
        row = row.__class__(**{name: getattr(row, name) for name in row.__slots__} | {"raw": {**row.raw, **written}})
        files.append(form([row], sha256=f"{number}" * 64))
    return dict(zip(WRITTEN, validate(files, DISTRICTS, {2024: INSTRUMENT}, AS_OF), strict=True))


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("no reason", {"A14", "A15"}),
        ("a second nil", {"A14", "A15"}),
        ("a note", set()),
        ("in its own cell", set()),
        ("a share of nobody", {"A14"}),
    ],
)
def test_nought_of_nought_is_asked_back_only_without_a_reason(judged, name, codes):
    found = judged[name]
    assert {it.code for it in found.findings if it.code in ("A14", "A15")} == codes
    assert (found.outcome is Outcome.RETURNED) == ("A14" in codes)


def test_nought_of_nought_counts_as_an_answer_of_nought_per_cent():
    figures = CountedAnswer(QUESTION, "DINKES", 7, "", *(Decimal(0),) * 4, is_blank=False)
    there = Standing("DINKES", figures, True, False, 1, 0)
    nobody = Standing("", None, False, False, 0, 0)
    standings = {it.question_id: nobody for it in INSTRUMENT.questions} | {QUESTION: there}
    (line,) = [it for it in score(INSTRUMENT, standings, "mandiri").questions if it.question_id == QUESTION]
    assert (line.cause, line.points, line.answer_id) == (Cause.BELOW_FULL, Decimal(0), 7)
