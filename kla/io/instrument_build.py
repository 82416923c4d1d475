"""Builds the Instrument from what its files say, and refuses what does not hold together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kla.errors import InstrumentError
from kla.instrument import Band, Block, EvidenceKind, Indicator, Instrument, Question, Scale
from kla.io.instrument_files import CycleFiles, Entry
from kla.io.instrument_scales import build_scale
from kla.io.yaml_text import Fields, near

_HEAD_KEYS = (
    "cycle",
    "extends",
    "max_points",
    "legal_basis",
    "evidence_years",
    "stages",
    "bands",
    "sources",
    "assumptions",
)
_QUESTION_KEYS = (
    "id",
    "label",
    "measure",
    "scale",
    "max_points",
    "owners",
    "evidence_kinds",
    "periods",
    "note",
    "condition",
    "gate_id",
)


@dataclass(frozen=True)
class Vocabulary:
    """What questions may refer to."""

    scales: Mapping[str, Scale]
    evidence_kinds: Mapping[str, EvidenceKind]
    roles: Mapping[str, str]


def build_instrument(files: CycleFiles, version: str) -> Instrument:
    """Return the instrument that the files describe.

    Raises:
        InstrumentError: file, key, what is wrong with the figures, what to do.
    """
    head = _fields(files.head, _HEAD_KEYS)
    words = _vocabulary(files.flat)
    entries = sorted(files.head.children.values(), key=lambda entry: str(entry.values["code"]))
    blocks = tuple(_block(entry, words) for entry in entries)
    _refuse_repeats(entries)
    _refuse_gates(blocks, entries)
    max_points = _points(head)
    _refuse_sum(files.head.where, "block", [block.max_points for block in blocks], max_points)
    return Instrument(
        cycle=_cycle(head, files.head.where),
        max_points=max_points,
        evidence_years=_evidence_years(head),
        stages=_stages(head),
        bands=_bands(head, max_points),
        scales=words.scales,
        evidence_kinds=words.evidence_kinds,
        blocks=blocks,
        roles=words.roles,
        legal_basis=head.texts("legal_basis"),
        sources=head.texts("sources"),
        assumptions=head.texts("assumptions"),
        version=version,
    )


def _fields(entry: Entry, known: Iterable[str]) -> Fields:
    return Fields(entry.values, entry.where, known, InstrumentError)


def _points(fields: Fields) -> Decimal:
    """Return max_points: zero or more, at most two decimals."""
    points = fields.decimal("max_points")
    if not 0 <= points <= 1_000_000 or points != points.quantize(Decimal("0.01")):
        what = f"{points} is negative, enormous or has more than two decimals"
        raise fields.refuse("max_points", what, "Write e.g. 4.5.")
    return points


def _refuse_sum(where: str, kind: str, parts: Iterable[Decimal], whole: Decimal) -> None:
    total = sum(parts, Decimal(0))
    if total != whole:
        what = f"its {kind}s sum to {total} but max_points is {whole}"
        raise InstrumentError(where, what, f"Correct a {kind} or max_points.")


def _vocabulary(flat: Mapping[str, Entry]) -> Vocabulary:
    kinds = {key: _evidence_kind(key, entry) for key, entry in flat["evidence_kinds"].children.items()}
    roles = {key: _fields(entry, ("name",)).text("name") for key, entry in flat["roles"].children.items()}
    scales = {code: build_scale(code, entry) for code, entry in flat["scales"].children.items()}
    return Vocabulary(scales, kinds, roles)


def _evidence_kind(key: str, entry: Entry) -> EvidenceKind:
    fields = _fields(entry, ("label", "is_dated"))
    return EvidenceKind(key=key, label=fields.text("label"), is_dated=fields.flag("is_dated", True))


def _block(entry: Entry, words: Vocabulary) -> Block:
    fields = _fields(entry, ("code", "name", "sheet", "max_points"))
    code, max_points = fields.text("code"), _points(fields)
    indicators = tuple(_indicator(child, code, words) for child in entry.children.values())
    _refuse_sum(entry.where, "indicator", [indicator.max_points for indicator in indicators], max_points)
    return Block(code, fields.text("name"), fields.text("sheet"), max_points, indicators)


def _indicator(entry: Entry, block_code: str, words: Vocabulary) -> Indicator:
    fields = _fields(entry, ("number", "name", "max_points"))
    number, max_points = fields.text("number"), _points(fields)
    questions = tuple(_question(child, number, block_code, words) for child in entry.children.values())
    _refuse_sum(entry.where, "question", [question.max_points for question in questions], max_points)
    return Indicator(number, fields.text("name"), max_points, block_code, questions)


def _question(entry: Entry, number: str, block_code: str, words: Vocabulary) -> Question:
    fields = _fields(entry, _QUESTION_KEYS)
    scale = words.scales[_known(fields, "scale", (fields.text("scale"),), words.scales)[0]]
    question = Question(
        question_id=fields.text("id"),
        label=fields.text("label"),
        measure=fields.text("measure"),
        scale=scale,
        max_points=_points(fields),
        owners=_known(fields, "owners", fields.texts("owners"), words.roles),
        evidence_kinds=_known(fields, "evidence_kinds", fields.texts("evidence_kinds"), words.evidence_kinds),
        indicator_number=number,
        block_code=block_code,
        periods=fields.whole("periods", 1),
        note=fields.text("note", ""),
        condition=fields.text("condition", ""),
        gate_id=fields.text("gate_id", ""),
    )
    _refuse_question(fields, question)
    return question


def _refuse_question(fields: Fields, question: Question) -> None:
    """Refuse a question whose parts contradict each other."""
    if not question.owners:
        raise fields.refuse("owners", "nobody owns the question", "Name at least one role, the lead first.")
    if question.periods not in (1, 2):
        raise fields.refuse("periods", f"{question.periods} years", "Write 1 or 2.")
    if question.scale.answer == "count" and question.periods != 2:
        raise fields.refuse("periods", "a change needs both years", "Write periods: 2.")
    if question.scale.is_scored != (question.max_points > 0):
        what = (
            f"max_points is {question.max_points} on {'a scored' if question.scale.is_scored else 'an unscored'} scale"
        )
        raise fields.refuse("max_points", what, "Scored questions earn points, unscored ones 0.")


def _known(fields: Fields, key: str, words: tuple[str, ...], known: Mapping[str, object]) -> tuple[str, ...]:
    """Return the words; one that is not known, or given twice, is refused."""
    for word in words:
        if word not in known:
            raise fields.refuse(key, f'"{word}" is not known', near(word, known).strip() or "Add it or correct it.")
    if len(set(words)) != len(words):
        raise fields.refuse(key, f"{', '.join(words)}: one is given twice", "Remove it.")
    return words


def _each_question(blocks: Iterable[Entry]) -> Iterable[Entry]:
    for block in blocks:
        for indicator in block.children.values():
            yield from indicator.children.values()


def _refuse_repeats(blocks: list[Entry]) -> None:
    """Refuse an indicator number or a question id that stands in two places, and a sheet used by two blocks."""
    indicators = [child for block in blocks for child in block.children.values()]
    _refuse_repeat(indicators, "indicator", lambda entry: str(entry.values["number"]))
    _refuse_repeat(_each_question(blocks), "question", lambda entry: str(entry.values["id"]))
    _refuse_repeat(blocks, "sheet", lambda entry: str(entry.values["sheet"]))


def _refuse_repeat(entries: Iterable[Entry], kind: str, name: Callable[[Entry], str]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        if name(entry) in seen:
            what = f"{kind} {name(entry)} is also given in {seen[name(entry)]}"
            raise InstrumentError(entry.where, what, "Remove one or correct its id.")
        seen[name(entry)] = entry.where


def _refuse_gates(blocks: tuple[Block, ...], entries: list[Entry]) -> None:
    """Refuse a gate that is no unscored question of this cycle."""
    unscored = {q.question_id for block in blocks for q in block.questions if not q.scale.is_scored}
    for entry in _each_question(entries):
        gate = entry.values.get("gate_id")
        if gate and gate not in unscored:
            hint = near(str(gate), unscored).strip() or "Name a question on an unscored scale."
            raise InstrumentError(f"{entry.where}, gate_id", f"{gate} is not an unscored question", hint)


def _cycle(head: Fields, where: str) -> int:
    """Return the cycle; it is the folder's name."""
    cycle, folder = head.whole("cycle"), where.split("/")[1]
    if str(cycle) != folder:
        raise head.refuse("cycle", f"{cycle} but the folder is {folder}", "Make both the same.")
    return cycle


def _evidence_years(head: Fields) -> tuple[int, int]:
    years = head.texts("evidence_years")
    if len(years) != 2 or not all(year.isdigit() for year in years) or int(years[0]) + 1 != int(years[1]):
        raise head.refuse("evidence_years", f"{', '.join(years)} are not two years in a row", "Write [T-2, T-1].")
    return int(years[0]), int(years[1])


def _stages(head: Fields) -> tuple[str, ...]:
    stages = head.texts("stages")
    if not stages or len(set(stages)) != len(stages):
        raise head.refuse(
            "stages", f"{', '.join(stages) or 'none'}: empty or repeated", "Name each stage once, in order."
        )
    return stages


def _bands(head: Fields, max_points: Decimal) -> tuple[Band, ...]:
    """Return the bands from lowest to highest; none may repeat, overlap or lie outside 0 to max_points."""
    bands: list[Band] = []
    for values in head.mappings("bands"):
        fields = Fields(values, "instrument.yaml, bands", ("predikat", "at_least"), InstrumentError)
        band = Band(fields.text("predikat"), fields.decimal("at_least"))
        place = f"{band.predikat} at_least {band.at_least}"
        if band.predikat in {other.predikat for other in bands}:
            raise head.refuse("bands", f"{place}: the predikat is given twice", "Remove one.")
        if not 0 <= band.at_least <= max_points:
            raise head.refuse("bands", f"{place} is outside 0 to {max_points}", "Correct the bound.")
        if bands and band.at_least <= bands[-1].at_least:
            what = f"{place} overlaps {bands[-1].predikat} at_least {bands[-1].at_least}"
            raise head.refuse("bands", what, "Order the bands from lowest to highest, each bound once.")
        bands.append(band)
    if not bands:
        raise head.refuse("bands", "no band is given", "Give predikat and at_least for each.")
    return tuple(bands)
