"""Asks Great Expectations which rows of a table fail which rules. The only module that imports it.

It takes its time over every rule and every column it is handed, however few the rows. So it is asked no more than it must
be: the rows of a condition are looked up once for all its rules and handed over with the columns these look at, a rule
that is asked of no row is not run, and only of a rule that was found broken is it asked which rows break it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from kla.errors import RuleError
from kla.findings import Severity
from kla.io import settings
from kla.io.data_docs import Result, Witness, scrubbed
from kla.io.rules import Rule, Suite

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 200_000
_WHETHER = {"result_format": "BOOLEAN_ONLY"}
_WHICH = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
_SEVERITY_NAMES = {Severity.BLOCKING: "critical", Severity.WARNING: "warning", Severity.INFO: "info"}
# What Great Expectations names for distributions, charts and schemas that no rule of ours asks for.
_UNUSED = ("scipy.stats", "altair", "jsonschema")
_CONDITION = frozenset({"row_condition", "condition_parser"})


class _GreatExpectations:
    """An ephemeral context: nothing on disk, no analytics, no progress bars; made once per process."""

    def __init__(self) -> None:
        settings.suggest_to_others({"GX_ANALYTICS_ENABLED": "false"})
        for name in _UNUSED:
            _put_off(name)
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig
        from great_expectations.expectations.registry import get_expectation_impl

        self._gx: Any = gx
        self._expectation: Any = get_expectation_impl
        context: Any = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        asset = context.data_sources.add_pandas("rows").add_dataframe_asset("frame")
        self._batches = asset.add_batch_definition_whole_dataframe("batch")

    def failed(self, rules: Sequence[Rule], table: pd.DataFrame) -> dict[str, list[int]]:
        """Return code -> index labels for each of the rules that the table fails.

        Raises:
            RuleError: an expectation cannot be built or raised.
        """
        built = {rule.code: self._built(rule) for rule in rules}
        batch = self._batches.get_batch({"dataframe": table})
        broken = [it for it, passed in self._told(batch, rules, built, _WHETHER) if not passed.success]
        return {
            it.code: list(told.result["unexpected_index_list"]) for it, told in self._told(batch, broken, built, _WHICH)
        }

    def _built(self, rule: Rule) -> Any:
        kwargs = {name: value for name, value in rule.kwargs.items() if name not in _CONDITION}
        try:
            return self._expectation(rule.type)(
                **kwargs, severity=_SEVERITY_NAMES[rule.severity], meta={"code": rule.code}
            )
        except (LookupError, TypeError, ValueError, self._gx.exceptions.GreatExpectationsError) as error:
            raise RuleError(_where(rule), f"{rule.type} cannot be built: {error}", "Correct type or kwargs.") from error

    def _told(
        self, batch: Any, rules: Sequence[Rule], built: Mapping[str, Any], form: Mapping[str, object]
    ) -> list[tuple[Rule, Any]]:
        """Return each rule with what was said of it, in the given form."""
        if not rules:
            return []
        suite = self._gx.ExpectationSuite(name=rules[0].frame, expectations=[built[rule.code] for rule in rules])
        by_code = {it.expectation_config.meta["code"]: it for it in batch.validate(suite, result_format=form).results}
        for rule in rules:
            if cause := _raised(by_code[rule.code].exception_info):
                raise _raising(rule, cause)
        return [(rule, by_code[rule.code]) for rule in rules]


def _put_off(name: str) -> None:
    """Let a module be imported when something of it is first used, though others import it before.

    importlib's LazyLoader would do for `from scipy import stats`, not for `import altair`, which asks for its __spec__.
    """
    package, _, child = name.rpartition(".")
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is None:
        return
    standing_in = ModuleType(name)
    standing_in.__spec__, standing_in.__file__ = spec, spec.origin  # who looks through all modules asks for these

    def first_used(attribute: str) -> Any:
        if sys.modules.get(name) is standing_in:
            del sys.modules[name]
        return getattr(importlib.import_module(name), attribute)

    standing_in.__dict__["__getattr__"] = first_used
    sys.modules[name] = standing_in
    if package:
        setattr(sys.modules[package], child, standing_in)


def _where(rule: Rule) -> str:
    return f"expectations/{rule.frame}.yaml, {rule.code}"


def _raising(rule: Rule, cause: object) -> RuleError:
    return RuleError(_where(rule), f"the expectation raised: {cause}", "Correct its columns and kwargs.")


def _raised(info: Mapping[str, Any] | None) -> str:
    """Return what an expectation raised; it is told either directly or once per metric."""
    entries = [info or {}, *(entry for entry in (info or {}).values() if isinstance(entry, Mapping))]
    messages = [str(entry.get("exception_message")) for entry in entries if entry.get("raised_exception")]
    return "; ".join(sorted(set(messages)))


@cache
def _engine() -> _GreatExpectations:
    return _GreatExpectations()


def prepare() -> None:
    """Import Great Expectations (about 5 s) and make its context; worth a thread while child processes still read."""
    _engine()


def _by_condition(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(str(rule.kwargs.get("row_condition") or ""), []).append(rule)
    return found


def _asked(table: pd.DataFrame, condition: str, rules: Sequence[Rule]) -> pd.DataFrame:
    """Return the rows for which a condition holds, under the labels they have in the table, with what the rules look at."""
    columns = [name for name in table.columns if any(name in rule.columns() for rule in rules)]
    if not condition:
        return table[columns]
    named = [name for name in table.columns if name in condition]  # a name within another costs a column, no more
    try:
        return table.loc[cast("pd.Series[bool]", table[named].eval(condition)), columns]
    except Exception as error:
        raise _raising(rules[0], error) from error


def failing_rows(
    suite: Suite, table: pd.DataFrame, chunk_rows: int = CHUNK_ROWS, witness: Witness | None = None
) -> dict[str, list[int]]:
    """Return code -> index labels of the rows that fail it, the table run through the suite in chunks.

    `witness` is told how many rows each rule looked at and how many failed it.

    Raises:
        RuleError: an expectation cannot be built or raised; names code, frame and cause.
    """
    failed: dict[str, list[int]] = {}
    for start in range(0, len(table), chunk_rows):
        chunk = table.iloc[start : start + chunk_rows]
        for condition, rules in _by_condition(suite.rules).items():
            asked = _asked(chunk, condition, rules)
            broken = _engine().failed(rules, asked) if len(asked) else {}
            if witness:
                witness.see(suite.name, [_counted(rule, len(asked), broken.get(rule.code)) for rule in rules])
            for code, labels in broken.items():
                failed.setdefault(code, []).extend(labels)
    return failed


def unfailing(suite: Suite, table: pd.DataFrame) -> list[Result]:
    """Return what rules that no row can fail would say of a table: how many rows each asks, and that none failed."""
    return [
        _counted(rule, len(_asked(table, condition, rules)), None)
        for condition, rules in _by_condition(suite.rules).items()
        for rule in rules
    ]


def _counted(rule: Rule, asked: int, failed: Sequence[int] | None) -> Result:
    return scrubbed(rule, failed is None, {"element_count": asked, "unexpected_count": len(failed or ())})
