"""Writes docs/reference/ from the data and code it describes: `python -m desk.reference`. A test holds the files to it."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sqlalchemy import Column, Table

from desk.markdown import bullets, table
from kla.findings import Severity
from kla.instrument import AnswerKind, Block, Indicator, Instrument, Question, Scale
from kla.io import project
from kla.io.instruments import available_cycles, load_instrument
from kla.io.rules import Rule, load_rules
from kla.io.warehouse.tables import METADATA

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
REMAKE = "make reference"
MADE = f"<!-- Made by `{REMAKE}`; do not edit. -->\n"

SUBJECTS: Mapping[str, tuple[str, str]] = {
    "F": ("File", "what arrived as bytes"),
    "W": ("Workbook", "whether it is our form, and whole"),
    "A": ("Answer", "one row of a question"),
    "D": ("Data dukung", "one row of evidence, or its absence"),
    "X": ("Across offices", "all current answers of a district; no file is returned for it"),
    "R": ("Roll-up", "the sums of a recap; only rows of questions count"),
    "P": ("Personal data", "somebody's number or name; the sheet is withheld"),
}
REFUSED = "The file is refused: nothing of it loads."
EFFECTS: Mapping[Severity, str] = {
    Severity.BLOCKING: "The row goes back and does not count; the other rows load.",
    Severity.WARNING: "Loads and counts; shown until mended.",
    Severity.INFO: "Shown only.",
}
EVIDENCE_BLOCKED = "The row goes back and supports nothing; the answer itself loads."
ANSWERED_BY = {
    AnswerKind.CHOICE: "one level, picked from a list",
    AnswerKind.RATIO: "numerator and denominator; the percentage of the later year decides",
    AnswerKind.COUNT: "a count per year; the change decides",
}


def _page(title: str, *parts: str) -> str:
    return "\n".join([f"# {title}\n", MADE, *parts])


# instrument.md


def instrument_page() -> str:
    """Return the instrument: the latest cycle in full, then where the other cycles differ."""
    cycles = [load_instrument(cycle) for cycle in available_cycles()]
    base = cycles[-1]
    intro = (
        f"Cycle {base.cycle}: {len(base.blocks)} blocks, {len(base.indicators)} scored rows, {len(base.questions)} questions, "
        f"{base.max_points} points. Data dukung must fall in {base.evidence_years[0]} or {base.evidence_years[1]}. "
        f"Read from `instrument/{base.cycle}/`; texts are quoted as they stand there, in Bahasa Indonesia.\n"
    )
    return _page(
        "The instrument",
        intro,
        f"## Where it comes from\n\nLegal basis: {'; '.join(base.legal_basis)}.\n\n{bullets(base.sources)}",
        f"## What is assumed\n\nPrinted in the footer of every report.\n\n{bullets(base.assumptions)}",
        _bands(base),
        _scales(base),
        _blocks(base),
        *(_questions(block, base) for block in base.blocks),
        _evidence_kinds(base),
        _roles(base),
        _other_cycles(base, cycles),
    )


def _bands(instrument: Instrument) -> str:
    rows = [(band.predikat, band.at_least) for band in instrument.bands]
    text = "A total keeps the highest predikat whose bound it reaches; below the first one there is none.\n"
    return f"## Predikat\n\n{text}\n{table(['predikat', '>points from'], rows)}"


def _scales(instrument: Instrument) -> str:
    head = "## Scales\n\nA scale turns an answer into a share of the question's maximum; the product is cut to hundredths.\n"
    return "\n".join([head, *(_scale(scale) for scale in instrument.scales.values())])


def _scale(scale: Scale) -> str:
    how = (
        ANSWERED_BY[scale.answer]
        if scale.is_scored
        else "one level, picked from a list; earns nothing, opens another question"
    )
    amount = " Carries an amount of money per year." if scale.has_amount else ""
    header = ["key", "label", ">share"]
    rows: list[tuple[object, ...]] = [(f"`{level.key}`", level.label, level.share) for level in scale.levels]
    return f"### `{scale.code}`\n\nAnswered by {how}.{amount}\n\n{table(header, rows)}"


def _blocks(instrument: Instrument) -> str:
    rows = [
        (f"`{block.code}`", block.sheet, block.name, len(block.indicators), len(block.questions), block.max_points)
        for block in instrument.blocks
    ]
    header = ["code", "sheet", "name", ">scored rows", ">questions", ">points"]
    return f"## Blocks\n\n{table(header, rows)}"


def _questions(block: Block, instrument: Instrument) -> str:
    name = block.sheet if block.name == block.sheet else f"{block.sheet}: {block.name}"
    head = f"## {name} ({block.max_points} points)\n"
    return "\n".join([head, *(_indicator(indicator, instrument) for indicator in block.indicators)])


def _indicator(indicator: Indicator, instrument: Instrument) -> str:
    rows = [_question(question, instrument) for question in indicator.questions]
    header = ["question", "text", ">points", "scale", "offices, the lead first", "data dukung", "notes"]
    return f"### {indicator.number}. {indicator.name} ({indicator.max_points} points)\n\n{table(header, rows)}"


def _question(question: Question, instrument: Instrument) -> tuple[object, ...]:
    lead, *support = question.owners or ("–",)
    kinds = ", ".join(instrument.evidence_kinds[kind].label for kind in question.evidence_kinds)
    notes = [
        "two years" if question.periods > 1 else "",
        "" if question.scale.is_scored else "not scored",
        f"opened by {question.gate_id}" if question.gate_id else "",
        f"condition: {question.condition}" if question.condition else "",
        question.note,
    ]
    owners = ", ".join([f"**{lead}**", *support])
    told = "; ".join(note for note in notes if note)
    return question.question_id, question.label, question.max_points, f"`{question.scale.code}`", owners, kinds, told


def _evidence_kinds(instrument: Instrument) -> str:
    rows = [(f"`{one.key}`", one.label, "yes" if one.is_dated else "no") for one in instrument.evidence_kinds.values()]
    return f"## Kinds of data dukung\n\n{table(['key', 'label', 'must be dated'], rows)}"


def _roles(instrument: Instrument) -> str:
    led: dict[str, int] = defaultdict(int)
    supported: dict[str, int] = defaultdict(int)
    for question in instrument.questions:
        for position, role in enumerate(question.owners):
            (supported if position else led)[role] += 1
    rows = [(f"`{role}`", name, led[role], supported[role]) for role, name in instrument.roles.items()]
    text = "Roles of the instrument; `districts/<code>/offices.yaml` says which office of a district fills them.\n"
    return f"## Roles\n\n{text}\n{table(['role', 'name', '>leads', '>supports'], rows)}"


def _other_cycles(base: Instrument, cycles: Iterable[Instrument]) -> str:
    parts = ["## Other cycles\n"]
    for other in cycles:
        if other is not base:
            first, last = other.evidence_years
            said = bullets(sentence for sentence in other.assumptions if sentence not in base.assumptions)
            years = f"Data dukung must fall in {first} or {last}."
            parts.append(f"### {other.cycle}\n\n{_count_changes(base, other)} {years}\n\n{said}")
    return "\n".join(parts)


def _count_changes(base: Instrument, other: Instrument) -> str:
    same = sum(other.has_question(one.question_id) and other.question(one.question_id) == one for one in base.questions)
    if same == len(base.questions) == len(other.questions):
        return f"The same questions, points and scales as {base.cycle}."
    return f"{same} of its {len(other.questions)} questions are those of {base.cycle} unchanged."


# findings.md


def findings_page() -> str:
    """Return every rule of expectations/, by subject and code."""
    rules = sorted(load_rules(), key=lambda rule: rule.code)
    counts = [
        (f"`{letter}`", name, about, *(_count(rules, letter, severity) for severity in Severity))
        for letter, (name, about) in SUBJECTS.items()
    ]
    intro = (
        f"{len(rules)} rules, read from `expectations/`. `kla explain CODE` says the same on a terminal. "
        "Words in braces are filled in from the row. Sentences are quoted as an office reads them.\n"
    )
    header = ["letter", "subject", "about", *(f">{severity.value}" for severity in Severity)]
    effects = [("blocking, about the whole file", REFUSED), ("blocking, about a line of data dukung", EVIDENCE_BLOCKED)]
    effects += [(severity.value, told) for severity, told in EFFECTS.items()]
    return _page(
        "Findings",
        intro,
        table(header, counts),
        f"## What a severity does\n\n{table(['severity', 'effect'], effects)}",
        *(_subject(letter, rules) for letter in SUBJECTS),
    )


def _count(rules: Iterable[Rule], letter: str, severity: Severity) -> int:
    return sum(rule.code.startswith(letter) and rule.severity is severity for rule in rules)


def _subject(letter: str, rules: Iterable[Rule]) -> str:
    name, _ = SUBJECTS[letter]
    return "\n".join([f"## {letter}: {name}\n", *(_rule(rule) for rule in rules if rule.code.startswith(letter))])


def effect_of(rule: Rule) -> str:
    """Return what a finding of this rule does, in one English sentence."""
    if rule.severity is Severity.BLOCKING and rule.scope == "file":
        return REFUSED
    return (
        EVIDENCE_BLOCKED if rule.severity is Severity.BLOCKING and rule.frame == "evidence" else EFFECTS[rule.severity]
    )


def _rule(rule: Rule) -> str:
    lines = [f"fix: {rule.fix}", f"source: {rule.source}", f"effect: {effect_of(rule)}"]
    lines.append(f"rule: `{rule.type}` on `{rule.frame}`")
    if rule.silences:
        lines.append(f"silences {', '.join(f'`{code}`' for code in rule.silences)}")
    if rule.together:
        lines.append(f"one finding for all rows with the same {rule.together}")
    return f"### {rule.code}\n\n**{rule.severity.value}** · {rule.tell}\n\n{bullets(lines)}"


# warehouse.md


def warehouse_page() -> str:
    """Return the data dictionary: tables and columns, then the views and checks of sql/."""
    intro = (
        "The same on SQLite (the default) and PostgreSQL. Points are whole hundredths (`_hundredths`), other decimals exact "
        "text, moments (`_at`) UTC in ISO text of one width, dates (`_on`) ISO text, flags 0 or 1, district codes text.\n"
    )
    return _page(
        "The warehouse",
        intro,
        *(_dictionary(stored) for stored in METADATA.tables.values()),
        _scripts("views", "Views", "what it holds", "Rebuilt from the files whenever they change."),
        _scripts(
            "checks",
            "Checks",
            "what must hold",
            "Run at the end of every run; each must select nothing, else the run fails.",
        ),
    )


def _dictionary(stored: Table) -> str:
    rows = [(f"`{column.name}`", column.type, _keys(column), column.doc or "") for column in stored.columns]
    means = stored.info.get("means", "")
    return f"## `{stored.name}`\n\n{means}\n\n{table(['column', 'type', 'key', 'meaning'], rows)}"


def _keys(column: Column[object]) -> str:
    found = ["primary"] if column.primary_key else []
    found += [f"→ `{key.target_fullname}`" for key in column.foreign_keys]
    found += ["may be NULL"] if column.nullable else []
    return ", ".join(found)


def _scripts(folder: str, title: str, header: str, text: str) -> str:
    paths = sorted((project.data("sql") / folder).glob("*.sql"))
    rows = [
        (f"`{path.stem.lstrip('0123456789_')}`", leading_comment(path.read_text(encoding="utf-8"))) for path in paths
    ]
    return f"## {title}\n\n{text}\n\n{table(['name', header], rows)}"


def leading_comment(script: str) -> str:
    """Return the `--` lines a script begins with, as one text; "" when it begins otherwise.

    >>> leading_comment("-- Points lost\\n-- per cause.\\nSELECT 1 -- not this\\n")
    'Points lost per cause.'
    """
    words = []
    for line in script.splitlines():
        if not line.startswith("--"):
            break
        words.append(line.removeprefix("--").strip())
    return " ".join(words)


PAGES: Mapping[str, Callable[[], str]] = {
    "instrument.md": instrument_page,
    "findings.md": findings_page,
    "warehouse.md": warehouse_page,
}


def main() -> None:
    """Write every page whose text changed and say which."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        path, text = FOLDER / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}\n")


if __name__ == "__main__":
    main()
