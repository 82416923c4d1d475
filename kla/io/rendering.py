"""Templates into pages: one compiled environment, everything escaped, one stylesheet allowed by its hash.

The stylesheet is copied into each page, so that a page sent on its own through WhatsApp or opened from a USB stick
still looks right, and is allowed by its hash: 'self' means nothing for files, and 'unsafe-inline' would allow more.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Any, TypeVar

import jinja2
from markupsafe import Markup, escape

from kla.errors import SettingsError
from kla.io import project
from kla.io.overview import OverviewLine, counts
from kla.io.page_lines import GAPS_SHOWN, HOLDING_SHOWN, TASKS_SHOWN
from kla.io.page_loop import read_as, rule_of
from kla.io.page_outlook_words import FILTERS
from kla.io.page_templates import (
    KEPT,
    TEXTS,
    KeptSections,
    PageTemplates,
    Texts,
    WrittenTexts,
    empty_sections,
    kept_sections,
    with_sections,
)
from kla.io.page_views import PictureView
from kla.io.page_words import FILE, word, words
from kla.wording import (
    change_text,
    date_text,
    day_text,
    limit_text,
    moment_text,
    number_text,
    percent_text,
    points_text,
    written_text,
)

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@cache
def _texts() -> Texts:
    return Texts.of(words())


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page needs: the compiled templates, the stylesheet, the policy that allows it."""

    environment: jinja2.Environment
    css: str
    policy: str

    def page(self, template: str, kept: Mapping[str, bytes] | None = None, **given: object) -> bytes:
        """Return one page as UTF-8; a name the template does not know is an error, never a blank.

        `kept` are the sections that stay as they were drawn before.
        """
        read = {name: Texts.of(it) if isinstance(it, dict) else it for name, it in given.items()}
        read[KEPT] = empty_sections(kept or {})
        text = self.environment.get_template(template).render(css=self.css, policy=self.policy, **read)
        return with_sections(text.encode("utf-8"), kept or {})


@dataclass(frozen=True, slots=True)
class Cells:
    """The rendered (escaped) table cells of each question by its id: what is asked, and what was answered and earned."""

    question: Mapping[str, Markup]
    score: Mapping[str, Markup]


_Key = TypeVar("_Key", bound=Hashable)


class _Each(dict[_Key, Markup]):
    """A piece of a page for each key, rendered when it is first asked for: the same links stand in many rows and pages."""

    def __init__(self, render: Callable[[_Key], Markup]) -> None:
        self._render = render

    def __missing__(self, key: _Key) -> Markup:
        made = self[key] = self._render(key)
        return made


@dataclass(frozen=True, slots=True)
class Links:
    """Links out of the pages of one folder: to offices by their codes, a question by its id, the row of its answer."""

    office: Mapping[str, Markup]
    offices: Mapping[tuple[str, ...], Markup]
    question: Mapping[str, Markup]
    answer: Mapping[str, Markup]


def _share_of(part: Decimal, whole: Decimal) -> str:
    """Return how much of a rail of 100 units a part fills."""
    return f"{min(max(part / whole * 100, Decimal(0)), Decimal(100)):.1f}" if whole else "0"


def _status(key: str) -> object:
    """Return the name and tone of an office's status."""
    known = _texts()["status"]
    if not isinstance(known, Texts):
        raise SettingsError(f"reports/{FILE}", "status holds no keys", "Write name and tone of each status.")
    return known.get(key) or known["unknown"]


def _joined(texts: Iterable[str], separator: str) -> str:
    """Return the texts that are not empty, with a separator between them."""
    return separator.join(filter(None, texts))


def _pills(template: jinja2.Template, texts: Texts) -> Texts:
    """Return the pill of everything that has a name and a tone, under the text's own path."""
    made = Texts()
    for key, line in texts.items():
        if isinstance(line, Texts):
            has_pill = {"name", "tone"} <= line.keys()
            made[key] = escape(template.make_module({"line": line})) if has_pill else _pills(template, line)
    made.__dict__ = made
    return made


def is_escaped(_template: str | None) -> bool:
    """Whether text is escaped in a template: in every one."""
    return True


@cache
def desk() -> Desk:
    """Return the templates of reports/templates, compiled once per process."""
    folder = project.data("reports")
    environment = PageTemplates(
        loader=jinja2.FileSystemLoader(folder / "templates"),
        autoescape=is_escaped,  # it is on for every template
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=[WrittenTexts, KeptSections],
    )
    environment.filters.update(
        points=points_text,
        change=change_text,
        limit=limit_text,
        number=number_text,
        percent=percent_text,
        date=date_text,
        day=day_text,
        read_as=read_as,
        rule_of=rule_of,
        written=written_text,
        moment=moment_text,
        share_of=_share_of,
        joined=_joined,
        **FILTERS,
    )
    environment.globals |= {TEXTS: _texts(), "status": _status}
    environment.globals["pill"] = _pills(environment.get_template("pill.html.j2"), _texts())
    environment.globals |= {"tasks_shown": TASKS_SHOWN, "gaps_shown": GAPS_SHOWN, "holding_shown": HOLDING_SHOWN}
    css = _COMMENT.sub("", (folder / "report.css").read_text(encoding="utf-8"))
    css = "\n".join(line.strip() for line in css.splitlines() if line.strip())
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return Desk(environment, css, policy)


def warm() -> None:
    """Compile every template and import what draws: worth doing once before many processes are forked."""
    import kla.io.page_charts  # noqa: F401 - district_pages will

    environment = desk().environment
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)


def district_pages(view: PictureView) -> Mapping[str, bytes]:
    """Return every page of one district and cycle by its path inside the district's folder."""
    # The library that draws takes half a second to import, which pages without charts need not wait for.
    from kla.io.page_charts import charts

    return {path: draw({}) for path, draw in _pages(view, charts(view)).items()}


def redated_pages(view: PictureView, pages: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return the same pages for another day, the kept sections as they stand on `pages`, those of the day before.

    Of the picture only its day part is looked at (`kla.io.warehouse.picture.day_part`).

    Raises:
        NotReadError: a section is not there and would have to be drawn.
        KeyError: a page is not there.
    """
    return {path: draw(kept_sections(pages[path])) for path, draw in _pages(view, {}).items()}


_Draw = Callable[[Mapping[str, bytes]], bytes]


def _pages(view: PictureView, charts: Mapping[str, object]) -> Mapping[str, _Draw]:
    """Return by its path what draws each page, given its kept sections."""
    parts = vars(desk().environment.get_template("parts.html.j2").module)

    def drawer(root: str, template: str, **given: object) -> _Draw:
        return lambda kept: desk().page(template, kept, v=view, link=link[root], footer=footer[root], **given)

    link = {root: links_of(view, root) for root in ("", "../")}
    footer = {root: parts["footer"](view, f"{root}../../") for root in link}
    page, lower = partial(drawer, ""), partial(drawer, "../", cells=_cells(parts, view, link["../"]))
    pages = {
        "index.html": page("index.html.j2", charts=charts),
        "findings.html": page("findings.html.j2"),
        "wali-data.html": page("steward.html.j2"),
        "jalan.html": page("path.html.j2"),
        "antartahap.html": page("falls.html.j2"),
        "kehilangan.html": page("losses.html.j2"),
    }
    for block in view.picture.instrument.blocks:
        pages[f"klaster/{view.block_pages[block.code]}"] = lower("block.html.j2", block=block)
    for line in view.picture.offices:
        pages[f"opd/{view.office_pages[line.opd_code]}"] = lower("office.html.j2", line=line)
    return pages


def links_of(view: PictureView, root: str) -> Links:
    """Return the links out of the pages of one folder, which lies `root` below the district's."""
    parts = vars(desk().environment.get_template("parts.html.j2").module)
    office, question, answer = (
        _Each(partial(parts[f"{name}_link"], view, root)) for name in ("office", "question", "answer")
    )
    return Links(office, _Each(partial(_several, office)), question, answer)


def _several(link: Mapping[str, Markup], codes: Sequence[str]) -> Markup:
    """Return the links to some offices beside one another, where there is none, the words for that."""
    return Markup(", ").join([link[code] for code in codes]) if codes else escape(word("words.no_office"))


def _cells(parts: Mapping[str, Any], view: PictureView, link: Links) -> Cells:
    """Return the cells of every question: its block's page and each owner's page show the same ones, rendered once."""
    question, score = parts["question_cell"], parts["score_cells"]
    return Cells(_Each(lambda key: question(view.lines[key], link)), _Each(lambda key: score(view, view.lines[key])))


def overview_page(rows: Sequence[tuple[OverviewLine, Sequence[OverviewLine]]]) -> bytes:
    """Return the page over all districts; each row is the line of a district's latest cycle and its earlier ones."""
    return desk().page("overview.html.j2", rows=rows, counts=counts(rows))
