"""Charts: real text, nothing a strict page would refuse, the same bytes each time."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from kla.io.charts import Bar, Mark, bars_svg

BARS = (Bar("Klaster I", "57,50 dari 115", 0.5), Bar("Klaster V", "240,00 dari 240", 1.0))
MARKS = (Mark("", 0.601), Mark("Target Utama 801", 0.801, is_target=True))


def drawn(key: str = "stages", **changes: object) -> str:
    asked = {"title": "Judul", "description": "Uraian", "bars": BARS, "marks": MARKS} | changes
    return bars_svg(key, **asked)  # type: ignore[arg-type]


def test_the_same_figures_give_the_same_bytes() -> None:
    assert drawn() == drawn()


def test_a_chart_holds_no_style_prolog_script_or_link() -> None:
    text = drawn()
    assert text.startswith("<svg ")
    assert not re.search(r"style|<\?xml|<!DOCTYPE|<script|href|url\(", text)


def test_a_chart_has_a_name_and_a_description_for_those_who_cannot_see_it() -> None:
    root = ElementTree.fromstring(drawn())
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert named == {"stages-title": "Judul", "stages-desc": "Uraian"}
    assert root.get("aria-labelledby", "").split() == list(named)


def test_two_charts_on_a_page_share_no_id() -> None:
    ids = [set(re.findall(r'id="([^"]+)"', drawn(key))) for key in ("stages", "blocks")]
    assert not ids[0] & ids[1]


def test_labels_stay_text_and_the_bar_is_as_long_as_its_share() -> None:
    text = drawn()
    assert ">57,50 dari 115</text>" in text
    assert ">Target Utama 801</text>" in text
    assert "L 190 " in text  # half of 380


@pytest.mark.parametrize("text", ["<b>tebal</b>", "$x^2$", "a & b", "]]>", '"><script>', "{0}", "{widths[0]}", "}"])
def test_a_hostile_text_stays_the_text_it_is(text: str) -> None:
    root = ElementTree.fromstring(drawn(title=text, description=text, bars=(Bar(text, text, 0.1),)))
    assert [element.text for element in root.iter()].count(text) == 4
    assert not [element for element in root.iter() if element.tag.endswith(("}b", "}script"))]


@pytest.mark.parametrize("share", [0.0, 1 / 3, 0.5, 0.123456789, 2 / 7])
def test_a_bar_ends_where_the_edge_of_a_mark_is_drawn(share: float) -> None:
    text = drawn(bars=(Bar("x", "1", share + 0.75 / 380),), marks=(Mark("", share),))
    rail, bar, mark = re.findall(r"M \S+ \S+  L (\S+) ", text)
    assert (rail, bar) == ("380", mark)


def test_charts_of_one_kind_differ_in_what_they_say() -> None:
    one, other = (drawn(bars=(Bar("x", value, share),), description=value) for value, share in (("a", 0.1), ("b", 0.2)))
    assert one.replace(">a<", ">b<").replace(" 38 ", " 76 ") == other != one


def test_a_share_beyond_the_rail_is_drawn_to_its_end() -> None:
    assert "L 380 " in drawn(bars=(Bar("x", "1", 3.0),))
    assert "760" not in drawn(bars=(Bar("x", "1", 2.0),), marks=())
