"""A night over forms full of hostile texts: nothing in what it publishes is alive, and a browser complains of nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from reports.browser import CHROMIUM, Browser, browser

from bench.faults import hostile, quick

TEXTS = (
    "<script>window.terkena=1</script>",
    "<img src=x onerror=window.terkena=1>",
    '"><svg onload=window.terkena=1>',
    "' onmouseover='window.terkena=1",
    "</td></table><h1>x",
    "<a href=//x.y>klik</a>",
    "<style>*{display:none}</style>",
    "<base href=//x.y>",
    "<iframe src=//x.y>",
    '=HYPERLINK("http://x.y","klik")',
    "javascript:window.terkena=1",
    "{{ 7*7 }}",
)
INDEX, FINDINGS = "index.html", "findings.html"
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(root / "var"))
        patch.setenv("KLA_WAREHOUSE_URL", "")
        assert len(hostile.inbox(root, TEXTS, quick.OFFICES[:1])) == len(TEXTS)
        world = quick.sqlite_world(root)
        world.fresh()
        assert quick.night().status == "complete"
        yield world.var / "public"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def test_nothing_that_was_published_is_alive_and_every_text_stands_as_written(public: Path) -> None:
    files, alive, said = hostile.alive(public)
    assert alive == []
    assert files > 40
    assert [text for text in TEXTS if text not in said] == []


@needs_browser
def test_no_page_breaks_its_policy_or_runs_what_an_office_wrote(tab: Browser, public: Path) -> None:
    pages = sorted(public.rglob("*.html"))
    wrong = {}
    for page in pages:
        tab.open(page, 1280)
        ran = tab.ask("typeof window.terkena")
        if tab.complaints or ran != "undefined":
            wrong[page.relative_to(public).as_posix()] = [ran, *tab.complaints]
    assert wrong == {}
    assert len(pages) > 30


@needs_browser
@pytest.mark.parametrize("name", [INDEX, FINDINGS])
@pytest.mark.parametrize(
    "planted", ["<script>window.terkena=1</script>", "<img src=data:, onerror=window.terkena=1>", "<base href=//x.y>"]
)
def test_a_page_with_something_planted_in_it_does_not_run_it_and_says_so(
    tab: Browser, public: Path, tmp_path: Path, name: str, planted: str
) -> None:
    page = shutil.copy(public / quick.CODE / "2024" / name, tmp_path / name)
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("</main>", f"{planted}</main>", 1), encoding="utf-8")
    tab.open(page, 1280)
    assert tab.ask("typeof window.terkena") == "undefined"
    assert [it for it in tab.complaints if "Content Security Policy" in it]
