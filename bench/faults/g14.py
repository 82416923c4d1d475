"""G14: injection texts in every free-text field: no live formula, element, link or log line; the text survives unchanged."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

from openpyxl import load_workbook

from bench.faults import books, hostile, quick
from bench.faults.goal import Budget, Figure, judged
from kla.findings import Finding, Severity
from kla.submission import Repair

TITLE = "no text of a workbook comes alive"
SECONDS, LONG_SECONDS = 60, 90
MOST_EMPTY = 20  # pages of a district of which nothing is known
TEXTS = (
    *("=1+1", '=HYPERLINK("http://x.y","klik")', "=cmd|'/c calc'!A1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1"),
    *('=WEBSERVICE("http://x.y")', "=IMPORTXML(A1)", '=DDE("a";"b")', "{=1+1}", "'=1+1", '"=1+1"', ";=1+1", "|=1+1"),
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</td></table><h1>x",
        "<svg onload=alert(1)>",
        "<a href=//x>y",
    ),
    *(
        '"><script>1</script>',
        "' onmouseover='1",
        "<!--",
        "]]>",
        "<![CDATA[x",
        "&lt;b&gt;",
        "&#60;b&#62;",
        "<style>*{}</style>",
    ),
    *(
        "<base href=//x>",
        "<meta http-equiv=refresh content=0>",
        "<iframe src=//x>",
        "javascript:alert(1)",
        "data:text/html,x",
    ),
    *(
        "[klik](http://x.y)",
        "![x](http://x.y/z.png)",
        "<http://x.y>",
        "http://x.y",
        "www.x.y",
        "a@x.y",
        "**tebal**",
        "_miring_",
    ),
    *(
        "# Judul",
        "- butir",
        "1. butir",
        "> kutip",
        "`kode`",
        "| a | b |",
        "---",
        "\\n",
        "~~x~~",
        "$x$",
        ":smile:",
        "[^1]",
    ),
    *(
        "{{ 7*7 }}",
        "{% raw %}",
        "${7*7}",
        "#{7*7}",
        "%s%n%x",
        "{0.__class__}",
        "$(id)",
        "`id`",
        "a\nERROR palsu",
        "a\r\nb",
    ),
    *(
        "\x1b[31mmerah",
        "\x07bel",
        "a\x00b",
        "\u202eterbalik",
        "\u2028baris",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ),
)


class _Elements(HTMLParser):
    """Counts elements and links, and gathers the text."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.text: list[str] = []
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        self.seen.update(name for name, _ in attrs if name.startswith("on"))
        self.links |= {content or "" for name, content in attrs if name in ("href", "src")}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def run(budget: Budget) -> Figure:
    """Render every output with harmless texts and with hostile ones; then look at all that a night of them publishes."""
    faults: list[str] = []
    for text in TEXTS:
        for output in (_html, _xlsx, _artifact, _log):
            fault = output(text)
            faults += [f"{output.__name__[1:]} {text!r}: {fault}"] if fault else []
    figure = f"{len(TEXTS)} texts x {len(FIELDS)} fields in page, XLSX, artifact and log (no CSV is written): "
    figure += f"{len(faults)} came alive or were lost"
    files, wrong = _published(budget)
    return judged("G14", f"{figure}; a night of them: {files} published files, {len(wrong)} faults", [*faults, *wrong])


def _published(budget: Budget) -> tuple[int, list[str]]:
    """Publish a night over forms full of these texts; return how many files, what came alive and which text was lost."""
    written = hostile.inbox(budget.room, TEXTS)
    world = quick.sqlite_world(budget.room)
    world.fresh()
    night = quick.night()
    files, faults, said = hostile.alive(world.var / "public")
    told = _same(said)
    # A sign that turns the direction of what follows is taken out when a cell is read, as spaces at its edge are.
    faults += [f"lost in the pages: {text!r}" for text in written if _same(text.replace("\u202e", "")) not in told]
    faults += [] if len(night.lines) == 1 and files > MOST_EMPTY else [f"only {files} files: {night.troubles[:2]}"]
    return files, faults


FIELDS = ("file_name", "sheet", "value", "tell", "fix")


def _finding(text: str) -> Finding:
    found = Finding(
        *(
            "A01",
            Severity.WARNING,
            "a" * 64,
            books.CODE,
            books.offices()[0],
            2024,
            "mandiri",
            "f.xlsx",
            "Klaster I",
            "B2",
        ),
        *("1.P1", "nilai", "kalimat", "perbaikan", "answers", "Klaster I!2"),
    )
    return replace(found, **dict.fromkeys(FIELDS, text))


def _html(text: str) -> str:
    """Render the page macro that shows places and values of findings, as the pages do."""
    from kla.io.rendering import desk

    template = desk().environment.from_string(
        '<table>{% for f in found %}<tr title="{{ f.value }}"><td>{{ f.file_name }}|{{ f.sheet }}</td><td>{{ f.value|written }}'
        "</td><td>{{ f.tell }}</td><td>{{ f.fix }}</td></tr>{% endfor %}</table>"
    )
    calm, wild = _Elements(), _Elements()
    calm.feed(template.render(found=[_finding("biasa")]))
    wild.feed(template.render(found=[_finding(text)]))
    if calm.seen != wild.seen or calm.links != wild.links:
        return f"elements {wild.seen - calm.seen}"
    return "" if _same(text) in _same("".join(wild.text)) else "the text is not what it was"


def _same(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _xlsx(text: str) -> str:
    from kla.io.workbooks import findings_list

    repair = Repair(text, "B2", "answers", "note", "x!2", "1.P1", text, text, "trim")
    content = findings_list([_finding(text)], date(2024, 5, 20), text, [repair]).content()
    parts = books.parts_of(content)
    sheets = b"".join(body for name, body in parts.items() if "worksheets/sheet" in name)
    if b"<f>" in sheets or b"<f " in sheets:
        return "a formula"
    if b"<hyperlink" in sheets or any(b'TargetMode="External"' in body for body in parts.values()):
        return "a link"
    book = load_workbook(io.BytesIO(content))
    held = {
        str(cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    clean = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "\ufffd", text)
    return "" if any(_same(clean) in _same(one) for one in held) else "the text is not what it was"


def _artifact(text: str) -> str:
    from markdown_it import MarkdownIt

    from tasks.artifacts import table

    calm, wild = _Elements(), _Elements()
    markdown = MarkdownIt("gfm-like", {"linkify": False, "html": True})
    calm.feed(markdown.render(table(["a"], [["biasa"]])))
    wild.feed(markdown.render(table(["a"], [[text]])))
    if calm.seen != wild.seen or calm.links != wild.links:
        return f"elements {wild.seen - calm.seen}"
    shown = re.sub("[\x00-\x1f\x7f]", "", _same(text))
    return (
        ""
        if shown[:3] in re.sub("[\x00-\x1f\x7f\ufffd]", "", _same("".join(wild.text)))
        else "the text is not what it was"
    )


def _log(text: str) -> str:
    """Look at how a name travels into a log or onto a screen: one line, nothing that steers a terminal."""
    from kla.io.intake import told

    line = told(text)
    return "" if line.isprintable() and "\n" not in line else "a line or a control sign"
