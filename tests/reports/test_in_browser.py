"""The published sample pages in a real browser: nothing runs over the edge, nothing is complained of, all of it prints."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from reports.browser import CHROMIUM, Browser, browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

DISTRICTS = ("16.10", "17.04", "53.71", "62.02", "63.10", "64.02")
ROOMS = ("jalan.html", "antartahap.html", "kehilangan.html", "findings.html", "wali-data.html")
PAGES = (
    "index.html",
    *(f"{code}/2024/index.html" for code in DISTRICTS),
    *(f"{code}/2024/{room}" for code in ("17.04", "63.10") for room in ROOMS),
    "62.02/2023/index.html",
    *(f"63.10/2024/klaster/{block}.html" for block in ("k0", "k5", "kd")),
    "63.10/2024/opd/dinkes.html",
    "17.04/2024/opd/disdikbud.html",
)
PAPER = 703  # A4 less its margins, in CSS pixels
# What sticks out to the right of the window, as "tag.class: text".
OVER = """(() => { const unseen = e => e && (getComputedStyle(e).position === 'absolute' || unseen(e.parentElement));
  return [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length
  && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
  && !unseen(e))
  .map(e => `${e.tagName}.${e.getAttribute('class')}: ${e.textContent.trim().slice(0, 40)}`).slice(0, 5); })()"""
# Figures whose digits stand on more than one line.
BROKEN = """(() => { const found = [];
  for (const cell of document.querySelectorAll('td.num')) for (const node of cell.childNodes) {
    if (node.nodeType !== 3 || !/^\\s*[+−-]?[\\d.,]+%?\\s*$/.test(node.textContent)) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1) found.push(node.textContent.trim()); }
  return found.slice(0, 5); })()"""
# Figures of a table's last line that lost the heading above them, where cells stand below one another.
UNNAMED = """[...document.querySelectorAll('table.stack tfoot td.num')]
  .filter(e => e.getClientRects().length && !e.dataset.label).map(e => e.textContent).slice(0, 5)"""
# Text of the page that is not shown, or that is no part of a line: what must be found again on paper.
TOLD = """[...document.querySelectorAll('h1, h2, h3, caption:not(.unseen), main td:first-child, main td:last-child')]
  .filter(e => e.getClientRects().length).map(e => e.textContent)"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="module")
def public(sample_night) -> Path:
    return sample_night.var / "public"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_runs_over_the_edge_or_complains(tab: Browser, public: Path, page: str, width: int) -> None:
    tab.open(public / page, width)
    assert tab.ask("document.documentElement.scrollWidth") == width
    assert tab.ask(OVER) == []
    assert tab.complaints == []
    assert tab.ask("document.querySelectorAll('h1').length") == 1


@pytest.mark.parametrize(
    "page", ["index.html", "63.10/2024/index.html", "17.04/2024/jalan.html", "63.10/2024/klaster/k5.html"]
)
def test_a_page_prints_with_all_its_sections_and_no_table_cut(tab: Browser, public: Path, page: str) -> None:
    tab.open(public / page, PAPER, is_printed=True)
    assert tab.ask(OVER) == []
    told = tab.ask(TOLD)
    assert isinstance(told, list)
    assert told
    reader = PdfReader(io.BytesIO(tab.pdf()))
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    printed = squeezed("".join(sheet.extract_text() for sheet in reader.pages))
    assert [text for text in told if squeezed(text) not in printed] == []


@pytest.mark.parametrize(
    "page",
    ["62.02/2024/opd/dinkes.html", "17.04/2024/jalan.html", "63.10/2024/klaster/k3.html", "63.10/2024/index.html"],
)
def test_no_figure_is_broken_over_two_lines_on_paper(tab: Browser, public: Path, page: str) -> None:
    tab.open(public / page, PAPER, is_printed=True)
    assert tab.ask(BROKEN) == []


@pytest.mark.parametrize(
    "page",
    ["63.10/2024/index.html", "63.10/2024/klaster/k3.html", "63.10/2024/kehilangan.html", "17.04/2024/index.html"],
)
def test_on_a_phone_every_figure_of_a_sum_says_what_it_is(tab: Browser, public: Path, page: str) -> None:
    tab.open(public / page, 360)
    assert tab.ask(UNNAMED) == []


@pytest.mark.parametrize("page", ["63.10/2024/index.html", "63.10/2024/klaster/k5.html", "63.10/2024/opd/dinkes.html"])
def test_what_is_read_stands_out_from_its_ground(tab: Browser, public: Path, page: str) -> None:
    """WCAG 2.2, 1.4.3: text of any size has a contrast of 4.5 at least."""
    tab.open(public / page, 1280)
    assert tab.ask(FAINT) == []


def squeezed(text: str) -> str:
    """Return a text without what line breaks, ligatures and a PDF's own spacing change."""
    return re.sub(r"[\s\u00ad-]+", "", unicodedata.normalize("NFKC", text))


FAINT = """(() => {
  const lit = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(n => n / 255)
    .map(n => n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .filter(e => !e.closest('svg') && e.getClientRects().length)
    .map(e => { const [a, b] = [lit(getComputedStyle(e).color), lit(ground(e))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), e.textContent.trim().slice(0, 40)]; })
    .filter(([ratio]) => ratio < 4.5).slice(0, 5);
})()"""
