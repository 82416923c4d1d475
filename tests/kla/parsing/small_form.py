"""A small office form as grids, laid out as the writer does it."""

from __future__ import annotations

from kla import layout
from kla.instrument import AnswerKind
from kla.io.instruments import load_instrument
from kla.parsing import parse
from kla.parsing.grid import Cell, CellFault, Grid, Sheets
from kla.parsing.vocabulary import Vocabulary, vocabulary_of
from kla.submission import PROBLEM_KINDS, AnswerRow, Layout, Reading

INSTRUMENT = load_instrument(2024)
WORDS: dict[int, Vocabulary] = {2024: vocabulary_of(INSTRUMENT)}
CHOICE = next(q for q in INSTRUMENT.indicator("14").questions if q.scale.answer is AnswerKind.CHOICE).question_id
IDS = [CHOICE, "14.P10", "15.P1"]
Rows = dict[str, list[list[Cell]]]


def seal(ids: list[str] = IDS) -> list[list[Cell]]:
    values = ["63.10", "DINKES", "2024", "mandiri", "1", " ".join(ids)]
    values.append(layout.checksum("63.10", "DINKES", 2024, "mandiri", "1", ids))
    return [list(pair) for pair in zip(layout.SEAL_KEYS, values, strict=True)]


def line(keys: tuple[str, ...], **values: Cell) -> list[Cell]:
    return [None, *(values.get(key) for key in keys)]


def form() -> Rows:
    """A small form as the writer lays it out: column A holds the tags, row 4 the keys, row 5 the headers."""
    level = INSTRUMENT.question(CHOICE).scale.levels[-1].label
    answer_headers = layout.header_texts(layout.ANSWER_HEADERS, INSTRUMENT.evidence_years)
    evidence_headers = layout.header_texts(layout.EVIDENCE_HEADERS, INSTRUMENT.evidence_years)
    answers, evidence = layout.ANSWER_KEYS, layout.EVIDENCE_KEYS
    return {
        "Petunjuk": [["Formulir KLA"]],
        "Klaster III": [
            [None, "Klaster III"],
            [],
            ["#KLA:START K3"],
            [None, *answers],
            [None, *(answer_headers[key] for key in answers)],
            [None, None, "Indikator 14"],
            line(answers, question_id=CHOICE, label="ASI", role="Utama", answer=level, note="lengkap"),
            line(
                answers,
                question_id="14.P10",
                label="PMBA",
                value_t2="1.234.567",
                value_t1=12.0,
                denominator_t1="25 anak",
            ),
            line(answers, question_id="15.P1", label="Fasyankes", role="Pendukung"),
            ["#KLA:END K3"],
        ],
        "Data Dukung": [
            [None, "Data Dukung"],
            ["#KLA:START data_dukung"],
            [None, *evidence],
            [None, *(evidence_headers[key] for key in evidence)],
            line(evidence, question_id=CHOICE, kind="Foto", title="Ruang laktasi", dated_on="5 Juni 2023"),
            line(evidence, question_id=CHOICE, kind="sk", title="SK tim", number="188/1", dated_on=2023.0),
            [],
            ["#KLA:END data_dukung"],
        ],
        "_daftar": [["choice"], [level]],
        "_kla": seal(),
    }


def grids_of(rows: Rows) -> Sheets:
    faulty = any(isinstance(cell, CellFault) for sheet in rows.values() for row in sheet for cell in row)
    return Sheets(
        tuple(Grid(name, sheet, is_hidden=name.startswith("_"), has_faults=faulty) for name, sheet in rows.items())
    )


def read(rows: Rows) -> Reading:
    return parse("f" * 64, grids_of(rows), WORDS, Layout.FORM, None, "")


def facts(row: AnswerRow) -> tuple[object, ...]:
    return (row.question_id, row.answer, row.level, row.value_t2, row.value_t1, row.denominator_t1, row.note)


def kinds(reading: Reading) -> list[str]:
    assert {problem.kind for problem in reading.problems} <= set(PROBLEM_KINDS)
    return sorted(problem.kind for problem in reading.problems)
