"""The words a reader must know of one cycle, small enough to hand to a child process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kla import layout
from kla.instrument import AnswerKind, Instrument
from kla.resolving import Limits, Names
from kla.values import clean


@dataclass(frozen=True, slots=True)
class RecapWords:
    """How recaps name columns and rows (expectations/layouts.yaml); every text is compared cleaned.

    `headers` maps a header to its field; points columns are "points" or "points:<stage>" and may have several meanings.
    `subtotals` are the totals that may also stand below one block only; `sum_beginnings` stand before what is added up
    ("jumlah klaster i"). `predikat_names` name the cell before a predikat; `predikats` maps its texts to its name.
    """

    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    totals: frozenset[str] = frozenset()
    total_beginnings: tuple[str, ...] = ()
    blocks: Mapping[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names({}))  # header -> its meanings, joined by a bar
    subtotals: frozenset[str] = frozenset()
    sum_beginnings: tuple[str, ...] = ()
    predikat_names: frozenset[str] = frozenset()
    predikats: Mapping[str, str] = field(default_factory=dict)


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
    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # question id -> indicator number, block code


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
        recap=_with_names(recap or RecapWords(), instrument),
        level_texts={question.question_id: scales[question.scale.code][2] for question in choices},
        kind_texts={kind.key: kind.label for kind in kinds},
        answer_titles=answer_titles,
        evidence_titles=evidence_titles,
        answer_names=Names({title: key for key, title in answer_titles.items()}),
        evidence_names=Names({title: key for key, title in evidence_titles.items()}),
        kind_names=Names({kind.label: kind.label for kind in kinds}),
        limits=limits or {},
        places={q.question_id: (q.indicator_number, q.block_code) for q in instrument.questions},
    )


def recap_words(lists: Mapping[str, Any]) -> RecapWords:
    """Return the words of recaps from the lists of expectations/layouts.yaml.

    Raises:
        KeyError: a list is missing.
    """
    meanings: dict[str, tuple[str, ...]] = {}
    named = [(key, text) for key, texts in lists["headers"].items() for text in texts]
    named += [
        ("points" if stage == "any" else f"points:{stage}", text)
        for stage, texts in lists["points"].items()
        for text in texts
    ]
    for key, text in named:
        meanings[clean(text)] = (*meanings.get(clean(text), ()), key)
    return RecapWords(
        headers=meanings,
        totals=frozenset(clean(text) for text in lists["totals"]),
        total_beginnings=tuple(text.casefold() for text in lists["total_beginnings"]),
        blocks={clean(text): code for text, code in lists["block_words"].items()},
        names=Names({text: "|".join(meant) for text, meant in meanings.items()}),
        subtotals=frozenset(clean(text) for text in lists["subtotals"]),
        sum_beginnings=tuple(text.casefold() for text in lists["sum_beginnings"]),
        predikat_names=frozenset(clean(text) for text in lists["predikat_names"]),
        predikats={clean(text): name for text, name in lists["predikat_words"].items()},
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


def _with_names(recap: RecapWords, instrument: Instrument) -> RecapWords:
    blocks = dict(recap.blocks)
    for block in instrument.blocks:
        for text in (block.code, block.sheet, block.name):
            blocks.setdefault(clean(text), block.code)
    predikats = {**recap.predikats, **{clean(band.predikat): band.predikat for band in instrument.bands}}
    return replace(recap, blocks=blocks, predikats=predikats)
