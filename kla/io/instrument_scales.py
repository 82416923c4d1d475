"""Builds the scales of an instrument and refuses one whose shares run against its direction."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from kla.errors import InstrumentError
from kla.instrument import AnswerKind, Level, Scale
from kla.io.instrument_files import Entry
from kla.io.yaml_text import Fields, Value

_DIRECTIONS = ("higher_is_better", "lower_is_better")


def build_scale(code: str, entry: Entry) -> Scale:
    """Return one scale, its levels in the order of `kla.instrument.Scale`.

    Raises:
        InstrumentError: an unknown key or answer kind, levels that repeat, shares outside 0 to 1 or against the direction.
    """
    known = ("answer", "direction", "is_per_year", "has_amount", "is_scored", "levels")
    fields = Fields(entry.values, entry.where, known, InstrumentError)
    answer = fields.text("answer")
    if answer not in tuple(AnswerKind):
        raise fields.refuse("answer", f'"{answer}" is not known', f"Use one of {', '.join(AnswerKind)}.")
    kind = AnswerKind(answer)
    levels = tuple(_level(values, entry.where, kind) for values in fields.mappings("levels"))
    scale = Scale(
        code=code,
        answer=kind,
        levels=levels,
        is_per_year=fields.flag("is_per_year", False),
        has_amount=fields.flag("has_amount", False),
        is_scored=fields.flag("is_scored", True),
    )
    _refuse_levels(fields, scale)
    _refuse_direction(fields, scale)
    return scale


def _level(values: dict[str, Value], where: str, kind: AnswerKind) -> Level:
    is_ratio = kind is AnswerKind.RATIO
    known = ("key", "label", "share", "at_least") if is_ratio else ("key", "label", "share")
    fields = Fields(values, f"{where}, level {values.get('key', '?')}", known, InstrumentError)
    share = fields.decimal("share")
    if not 0 <= share <= 1:
        raise fields.refuse("share", f"{share} is outside 0 to 1", "Write the part of the maximum, e.g. 0.25.")
    return Level(fields.text("key"), fields.text("label"), share, fields.decimal("at_least") if is_ratio else None)


def _refuse_levels(fields: Fields, scale: Scale) -> None:
    """Refuse levels that repeat, cannot reach the full maximum, or leave a percentage or a change without a level."""
    keys, labels = [level.key for level in scale.levels], [level.label.casefold() for level in scale.levels]
    if len(keys) < 2 or len(set(keys)) != len(keys) or len(set(labels)) != len(labels):
        raise fields.refuse("levels", f"{', '.join(keys) or 'none'}: fewer than two, or repeated", "Name each once.")
    best = scale.best_share
    if best != (1 if scale.is_scored else 0):
        raise fields.refuse("levels", f"the best share is {best}", "Scored scales reach 1, unscored ones give 0.")
    if scale.answer is AnswerKind.COUNT and set(keys) != {"turun", "tetap", "naik"}:
        raise fields.refuse("levels", f"{', '.join(keys)}", "A count scale holds turun, tetap and naik.")
    if scale.answer is AnswerKind.RATIO:
        bounds = [level.at_least or Decimal(0) for level in scale.levels]
        if bounds[0] != 0 or bounds[-1] > 100 or any(low >= high for low, high in pairwise(bounds)):
            what = f"at_least runs {', '.join(map(str, bounds))}"
            raise fields.refuse("levels", what, "Start at 0 and rise, up to 100.")


def _refuse_direction(fields: Fields, scale: Scale) -> None:
    """Refuse shares that run against the direction: printed order on choices, percentage on ratios, change on counts."""
    if scale.answer is AnswerKind.CHOICE:
        if fields.has("direction"):
            raise fields.refuse("direction", "choices run from worst to best as printed", "Remove the key.")
        _refuse_fall(fields, [level.share for level in scale.levels], "from worst to best")
        return
    direction = fields.text("direction")
    if direction not in _DIRECTIONS:
        raise fields.refuse("direction", f'"{direction}" is not known', f"Use one of {', '.join(_DIRECTIONS)}.")
    order = ["turun", "tetap", "naik"] if scale.answer is AnswerKind.COUNT else [level.key for level in scale.levels]
    shares = [scale.level(key).share for key in order]
    _refuse_fall(fields, shares if direction == "higher_is_better" else shares[::-1], direction)


def _refuse_fall(fields: Fields, shares: Sequence[Decimal], direction: str) -> None:
    for worse, better in pairwise(shares):
        if better < worse:
            what = f"shares {', '.join(map(str, shares))} fall from {worse} to {better} against the direction ({direction})"
            raise fields.refuse("levels", what, "Correct the shares or their order.")
