"""What Great Expectations said of a run, kept as its own JSON without a single value, and as a page in Bahasa Indonesia.

Only counts and our own rules are kept (see docs/decisions): nothing an office wrote can be in them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from kla.errors import SettingsError
from kla.io import project
from kla.io.lone_pages import renew
from kla.io.rules import Rule, load_suites, rules_version
from kla.io.yaml_text import Value, read_mapping

PAGE = "pemeriksaan.html"
LATEST = "latest"
KEPT_RUNS = 30  # results of older runs are taken away: what they found is in the warehouse
_WORDS = "data_docs.id.yaml"
_SHOWN = "…"

Result = dict[str, Any]


def scrubbed(rule: Rule, is_success: bool, counts: Mapping[str, Any]) -> Result:
    """Return a result in Great Expectations' own form, with our rule and its counts and nothing of a workbook.

    What is kept is named here; whatever else its result holds, values above all, is left out.
    """
    kept = {key: int(counts[key]) for key in ("element_count", "unexpected_count")}
    config = {"type": rule.type, "kwargs": dict(rule.kwargs), "meta": {"code": rule.code}}
    return {"success": is_success, "expectation_config": config, "result": kept}


class Witness:
    """Collects what the suites said: results of the same rule over several tables add up."""

    def __init__(self) -> None:
        self._results: dict[str, dict[str, Result]] = {}

    def see(self, suite: str, results: Iterable[Result]) -> None:
        """Take in scrubbed results of one suite."""
        known = self._results.setdefault(suite, {})
        for result in results:
            code = result["expectation_config"]["meta"]["code"]
            known[code] = _added(known[code], result) if code in known else result

    def merge(self, other: Witness) -> None:
        """Take in all that another one has seen."""
        for suite, results in other._results.items():
            self.see(suite, results.values())

    @property
    def suites(self) -> list[Result]:
        """What was seen, suite by suite, in the order of Great Expectations' own result documents."""
        found = []
        for suite, results in sorted(self._results.items()):
            passed = sum(result["success"] for result in results.values())
            statistics = {"evaluated_expectations": len(results), "successful_expectations": passed}
            ordered = [results[code] for code in sorted(results)]
            found.append(
                {
                    "suite_name": suite,
                    "success": passed == len(results),
                    "statistics": statistics,
                    "results": ordered,
                }
            )
        return found


def _added(one: Result, other: Result) -> Result:
    counts = {
        key: one["result"].get(key, 0) + other["result"].get(key, 0) for key in {**one["result"], **other["result"]}
    }
    return {**one, "success": one["success"] and other["success"], "result": counts}


def keep(docs: Path, run_id: str, part: str, witness: Witness) -> None:
    """Keep what one part of a run showed under docs/<run>/<part>.json, and remember that this run is the latest.

    The latest KEPT_RUNS runs are kept; a run's id begins with its moment, so ids sort as time.
    """
    from kla.io.staging import replace_file

    is_new = not (docs / run_id).is_dir()
    _write(docs, run_id, part, witness)
    replace_file(docs / LATEST, run_id.encode())
    if is_new:
        for old in sorted(folder for folder in docs.iterdir() if folder.is_dir())[:-KEPT_RUNS]:
            if old.name != run_id:
                shutil.rmtree(old, ignore_errors=True)


def keep_also(docs: Path, run_id: str, part: str, witness: Witness) -> None:
    """Keep another part of a run, if that run is the latest; else it only looked again at what was there."""
    pointer = docs / LATEST
    if pointer.is_file() and pointer.read_text(encoding="utf-8") == run_id:
        _write(docs, run_id, part, witness)


def _write(docs: Path, run_id: str, part: str, witness: Witness) -> None:
    from kla.io.staging import replace_file

    content = {"rules_version": rules_version(), "suites": witness.suites}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    replace_file(docs / run_id / f"{part}.json", text.encode())


def publish(docs: Path, public: Path) -> None:
    """Write the page of the latest run's validation to public/pemeriksaan.html, where it differs."""
    suites = _latest(docs)
    renew(public / PAGE, suites, lambda: _page(suites))


def _latest(docs: Path) -> list[Result]:
    pointer = docs / LATEST
    if not pointer.is_file():
        return []
    folder, witness = docs / pointer.read_text(encoding="utf-8").strip(), Witness()
    for path in sorted(folder.glob("*.json")):
        for suite in json.loads(path.read_text(encoding="utf-8"))["suites"]:
            witness.see(suite["suite_name"], suite["results"])
    return witness.suites


@dataclass(frozen=True, slots=True)
class Line:
    """One rule on the page; `checked` and `failed` count rows, both 0 where no row asked for the rule."""

    code: str
    phase: str
    severity: str
    told: str
    source: str
    checked: int
    failed: int


@dataclass(frozen=True, slots=True)
class Section:
    """One suite on the page."""

    name: str
    lines: tuple[Line, ...]

    @property
    def failed(self) -> int:
        """How many of its rules were broken."""
        return sum(line.failed > 0 for line in self.lines)


@cache
def words() -> Mapping[str, Value]:
    """Return reports/data_docs.id.yaml."""
    return read_mapping(project.data("reports") / _WORDS, f"reports/{_WORDS}", SettingsError)


def pattern_of(rule: Rule) -> str:
    """Return the rule's sentence with every value left out.

    >>> from kla.io.rules import load_rules
    >>> next(pattern_of(rule) for rule in load_rules() if rule.code == "A30")
    'Nilai … untuk … … negatif.'
    """
    return "".join(text + (_SHOWN if name else "") for text, name, _, _ in Formatter().parse(rule.tell))


def _line(rule: Rule, result: Result | None) -> Line:
    counts = result["result"] if result else {}
    checked, failed = int(counts.get("element_count", 0)), int(counts.get("unexpected_count", 0))
    return Line(rule.code, rule.phase, rule.severity.value, pattern_of(rule), rule.source, checked, failed)


def _sections(suites: Iterable[Result]) -> tuple[Section, ...]:
    seen = {
        (suite["suite_name"], result["expectation_config"]["meta"]["code"]): result
        for suite in suites
        for result in suite["results"]
    }
    return tuple(
        Section(suite.name, tuple(_line(rule, seen.get((suite.name, rule.code))) for rule in suite.rules))
        for suite in load_suites()
    )


def _page(suites: list[Result]) -> bytes:
    from kla.io.rendering import desk

    return desk().page("data_docs.html.j2", sections=_sections(suites), w=words(), version=rules_version())
