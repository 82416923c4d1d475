"""The contract between the one who writes forms and the one who reads them."""

from __future__ import annotations

import ast
import sys
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

import kla.layout
from kla import layout
from kla.instrument import AnswerKind, Level, Question, Scale


def _question(answer: AnswerKind, measure: str = "any", periods: int = 1, has_amount: bool = False) -> Question:
    scale = Scale("s", answer, (Level("a", "A", Decimal(0)), Level("b", "B", Decimal(1))), has_amount=has_amount)
    return Question("1.P1", "x", measure, scale, Decimal(3), ("DP3A",), (), "1", "K0", periods)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (_question(AnswerKind.CHOICE), {"answer", "note"}),
        (_question(AnswerKind.CHOICE, "count"), {"answer", "value_t2", "value_t1", "note"}),
        (_question(AnswerKind.CHOICE, has_amount=True), {"answer", "value_t2", "value_t1", "note"}),
        (_question(AnswerKind.RATIO), {"value_t1", "denominator_t1", "note"}),
        (
            _question(AnswerKind.RATIO, periods=2),
            {"value_t2", "denominator_t2", "value_t1", "denominator_t1", "note"},
        ),
        (_question(AnswerKind.COUNT), {"value_t2", "value_t1", "note"}),
    ],
)
def test_a_question_asks_only_for_what_its_scale_needs(question: Question, asked: set[str]) -> None:
    assert layout.asked_inputs(question) == asked
    assert layout.asked_inputs(replace(question)) <= set(layout.ANSWER_INPUTS)


def test_the_checksum_tells_apart_any_two_identities_and_the_order_of_questions() -> None:
    base = ("63.10", "DINKES", 2024, "mandiri", "1", ("12.P1", "12.P2"))
    others = [
        ("63.11", *base[1:]),
        (base[0], "DINSOS", *base[2:]),
        (*base[:2], 2023, *base[3:]),
        (*base[:3], "vlh", *base[4:]),
        (*base[:4], "2", base[5]),
        (*base[:5], ("12.P2", "12.P1")),
        (*base[:5], ("12.P1",)),
    ]
    sums = [layout.checksum(*parts) for parts in (base, *others)]
    assert all(one != other for one, other in combinations(sums, 2))
    assert layout.checksum("63.10", "DINKES", "2024", "mandiri", "1", ["12.P1", "12.P2"]) == sums[0]


def test_every_machine_key_has_one_header_of_its_own() -> None:
    for keys, headers in (
        (layout.ANSWER_KEYS, layout.ANSWER_HEADERS),
        (layout.EVIDENCE_KEYS, layout.EVIDENCE_HEADERS),
    ):
        shown = layout.header_texts(headers, (2022, 2023))
        assert tuple(shown) == keys
        assert len(set(shown.values())) == len(keys)
    assert set(layout.NUMBER_KEYS) < set(layout.ANSWER_INPUTS) < set(layout.ANSWER_KEYS)


def test_the_layout_imports_nothing_heavy() -> None:
    tree = ast.parse(Path(kla.layout.__file__).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names} == {"kla.instrument"}
