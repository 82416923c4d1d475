"""The words a reader must know of one cycle, small enough to hand to a child process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kla import layout
from kla.instrument import AnswerKind, Instrument
from kla.resolving import Limits, Names
from kla.values import clean


@dataclass(frozen=True, slots=True)
class RecapWords:
    """How recaps name columns and rows (expectations/layouts.yaml); every text is compared cleaned.

    `headers` maps a header to its field; points columns are "points" or "points:<stage>" and may have several meanings.
    """

    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    totals: frozenset[str] = frozenset()
    total_beginnings: tuple[str, ...] = ()
    blocks: Mapping[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names({}))  # header -> its meanings, joined by a bar


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the words of one cycle mean; all keys are cleaned texts.

    `levels`: question id -> label -> level key, choice questions only; `labels`: question id -> labels as printed.
    `level_texts` and `kind_texts` give the printed label of a key again, `answer_titles` and `evidence_titles` the header.
    """

    cycle: int
    levels: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, str]
    kinds: Mapping[str, str]
    kind_labels: str
    answer_headers: Mapping[str, str]
    evidence_headers: Mapping[str, str]
    block_sheets: frozenset[str]
    indicators: Mapping[str, str]  # "14", "indikator 14" and the name -> number
    recap: RecapWords
    level_texts: Mapping[str, Mapping[str, str]]
    kind_texts: Mapping[str, str]
    answer_titles: Mapping[str, str]
    evidence_titles: Mapping[str, str]
    answer_names: Names
    evidence_names: Names
    kind_names: Names
    limits: Mapping[str, Limits]  # by kind of name: office, header, level, kind


def vocabulary_of(
    instrument: Instrument, recap: RecapWords | None = None, limits: Mapping[str, Limits] | None = None
) -> Vocabulary:
    """Return the words of an instrument; without limits nothing is understood by mere likeness."""
    scales = {
        code: (
            {clean(level.label): level.key for level in scale.levels},
            "; ".join(level.label for level in scale.levels),
            {level.key: level.label for level in scale.levels},
        )
        for code, scale in instrument.scales.items()
    }
    choices = [question for question in instrument.questions if question.scale.answer is AnswerKind.CHOICE]
    kinds = instrument.evidence_kinds.values()
    years = instrument.evidence_years
    answer_titles = layout.header_texts(layout.ANSWER_HEADERS, years)
    evidence_titles = layout.header_texts(layout.EVIDENCE_HEADERS, years)
    return Vocabulary(
        cycle=instrument.cycle,
        levels={question.question_id: scales[question.scale.code][0] for question in choices},
        labels={question.question_id: scales[question.scale.code][1] for question in choices},
        kinds={clean(kind.key): kind.key for kind in kinds} | {clean(kind.label): kind.key for kind in kinds},
        kind_labels="; ".join(kind.label for kind in kinds),
        answer_headers=_keys_by_text(answer_titles),
        evidence_headers=_keys_by_text(evidence_titles),
        block_sheets=frozenset(clean(block.sheet) for block in instrument.blocks),
        indicators=_indicator_words(instrument),
        recap=_with_blocks(recap or RecapWords(), instrument),
        level_texts={question.question_id: scales[question.scale.code][2] for question in choices},
        kind_texts={kind.key: kind.label for kind in kinds},
        answer_titles=answer_titles,
        evidence_titles=evidence_titles,
        answer_names=Names({title: key for key, title in answer_titles.items()}),
        evidence_names=Names({title: key for key, title in evidence_titles.items()}),
        kind_names=Names({kind.label: kind.label for kind in kinds}),
        limits=limits or {},
    )


def recap_words(
    headers: Mapping[str, Sequence[str]],
    points: Mapping[str, Sequence[str]],
    totals: Sequence[str],
    total_beginnings: Sequence[str],
    blocks: Mapping[str, str],
) -> RecapWords:
    """Return the words of recaps from their lists: field -> headers, stage or "any" -> headers of points."""
    meanings: dict[str, tuple[str, ...]] = {}
    named = [(key, text) for key, texts in headers.items() for text in texts]
    named += [
        ("points" if stage == "any" else f"points:{stage}", text) for stage, texts in points.items() for text in texts
    ]
    for key, text in named:
        meanings[clean(text)] = (*meanings.get(clean(text), ()), key)
    return RecapWords(
        meanings,
        frozenset(clean(text) for text in totals),
        tuple(text.casefold() for text in total_beginnings),
        {clean(text): code for text, code in blocks.items()},
        Names({text: "|".join(meant) for text, meant in meanings.items()}),
    )


def _keys_by_text(headers: Mapping[str, str]) -> dict[str, str]:
    return {clean(text): key for key, text in headers.items()}


def _indicator_words(instrument: Instrument) -> dict[str, str]:
    words: dict[str, str] = {}
    for indicator in instrument.indicators:
        number = indicator.number
        for text in (number, f"indikator {number}", f"indikator {number}.", f"ind. {number}", indicator.name):
            words.setdefault(clean(text), number)
    return words


def _with_blocks(recap: RecapWords, instrument: Instrument) -> RecapWords:
    blocks = dict(recap.blocks)
    for block in instrument.blocks:
        for text in (block.code, block.sheet, block.name):
            blocks.setdefault(clean(text), block.code)
    return replace(recap, blocks=blocks)
