"""What a workbook says is shown in the Prefect page, never obeyed."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks import artifacts

HOSTILE = [
    "[klik di sini](https://contoh.test)",
    "<img src=x onerror=alert(1)>",
    "https://contoh.test/unduh",
    "![gambar](x)",
    "| sel | baru |",
    "**tebal** _miring_ `kode`",
    "surat@contoh.test",
    "&lt;b&gt;",
    "\\[x\\]",
]
MARKUP = set("\\`*_{}[]()<>|!~@:/")


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_a_cell_is_shown_as_text(text: str) -> None:
    shown = artifacts.shown(text)
    assert not MARKUP & set(shown)
    assert unescape(shown) == text


@given(st.text(max_size=280))
def test_any_text_survives_on_one_line(text: str) -> None:
    shown = artifacts.shown(text)
    assert "\n" not in shown
    assert not MARKUP & set(shown)


def test_a_table_has_as_many_columns_in_every_row_whatever_the_cells_hold() -> None:
    lines = artifacts.table(["Sel", "Temuan"], [("B2", "a | b"), ("B3", "c\n| d |")]).splitlines()
    assert {line.count("|") for line in lines} == {3}


def test_a_long_text_is_cut_and_says_so() -> None:
    assert artifacts.shown("a" * 400).endswith("…")
