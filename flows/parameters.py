"""What may be asked of a run: Prefect shows these types as a form, and refuses with a sentence what cannot be meant.

Titles, explanations and sentences are in reports/run.id.yaml. The form knows districts as they were when the deployment was
made only by their pattern, so that a new district needs no new deployment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from kla.errors import SettingsError
from kla.io.districts import district_codes
from kla.io.instruments import available_cycles, load_instrument
from kla.io.run_words import entry, say
from tasks.plan import AsOf, moment_of

ZONES = tuple(dict(entry("zone")))
MOST_NAMED = 12
_LAW = load_instrument(max(available_cycles()))
STAGES = tuple(_LAW.stages)
BLOCKS = tuple(block.code for block in _LAW.blocks)


def _field(name: str, **more: Any) -> Any:
    """Return title and explanation of a form's field; Prefect itself would show the bare name."""
    told = {"title": say(f"form.{name}.title"), "description": say(f"form.{name}.told")}
    return Field(json_schema_extra={**told, **more})


def _refused(key: str, **fields: object) -> PydanticCustomError:
    """Return the error that says, without a library's own words, why something cannot be meant."""
    return PydanticCustomError("kla", "{said}", {"said": say(f"wrong.{key}", **fields)})


def _filled(name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            raise _refused("blank", told=say(f"wrong.{name}"))
        return value.strip()

    return check


def _one_of(known: Sequence[object]) -> Callable[[Any], Any]:
    """Return a check of a value, or of each in a list; None is left alone."""

    def check(value: Any) -> Any:
        for one in value if isinstance(value, list | tuple) else [] if value is None else [value]:
            if one not in known:
                raise _refused("choice", value=one, known=", ".join(map(str, known)))
        return value

    return check


def _written(code: Any) -> Any:
    """Return a code that a command line took for a number: 63.1 can mean 63.10 alone."""
    written = f"{code:05.2f}" if isinstance(code, float) else ""
    return written if written and float(written) == code else code


def _district(value: Any) -> Any:
    """Check a code, or each of a list; an empty list, as a form gives it, means none was named."""
    known = district_codes()
    value = [_written(it) for it in value] if isinstance(value, list | tuple) else _written(value)
    for code in value if isinstance(value, list | tuple) else [] if value is None else [value]:
        if code not in known:
            raise _refused("district", value=code, known=", ".join(known[:MOST_NAMED]))
    return value if value != [] else None


def _moment(value: Any) -> Any:
    """Check a date or moment, or each of a mapping of district code to it."""
    for one in value.values() if isinstance(value, Mapping) else [value]:
        try:
            moment_of(one, ZoneInfo("UTC"))
        except (SettingsError, ValueError, TypeError, AttributeError):
            raise _refused("as_of", value=one) from None
    return value


_CODE = {"pattern": r"^\d\d\.\d\d$", "examples": ["63.10"]}
_DAY = {"type": "string", "title": say("form.as_of.title"), "examples": ["2025-05-20"]}

DistrictCode = Annotated[str, _field("district", **_CODE), BeforeValidator(_district)]
DistrictCodes = Annotated[list[str] | None, _field("districts"), BeforeValidator(_district)]
Zone = Annotated[Literal[ZONES] | None, _field("zone"), BeforeValidator(_one_of(ZONES))]  # type: ignore[valid-type]
Offices = Annotated[list[str] | None, _field("offices")]
Klaster = Annotated[list[Literal[BLOCKS]] | None, _field("klaster"), BeforeValidator(_one_of(BLOCKS))]  # type: ignore[valid-type]
Stage = Annotated[Literal[STAGES] | None, _field("stage"), BeforeValidator(_one_of(STAGES))]  # type: ignore[valid-type]
Cycles = Annotated[list[int] | None, _field("cycles"), BeforeValidator(_one_of(available_cycles()))]
RuleSets = Annotated[list[str] | None, _field("rule_sets")]
Day = Annotated[AsOf, _field("as_of", anyOf=[_DAY, {"type": "null"}]), BeforeValidator(_moment)]
Days = Annotated[AsOf, _field("as_of", anyOf=[_DAY, {"type": "object"}, {"type": "null"}]), BeforeValidator(_moment)]
Who = Annotated[str, _field("who", minLength=1, pattern=r"\S"), BeforeValidator(_filled("who"))]
Reason = Annotated[str, _field("reason", minLength=1, pattern=r"\S"), BeforeValidator(_filled("reason"))]
MaybeWho = Annotated[str, _field("who")]
MaybeReason = Annotated[str, _field("reason")]
RunId = Annotated[str, _field("run_id")]
DryRun = Annotated[bool, _field("dry_run")]
Hours = Annotated[int | None, _field("hours", exclusiveMinimum=0)]
