"""Rows and files as the reader would hand them on, for tests of rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from kla.findings import StandingRow
from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.layout import ANSWER_INPUTS, EVIDENCE_KEYS, NUMBER_KEYS
from kla.submission import AnswerRow, EvidenceRow, Layout, Ledger, Problem, Reading, Receipt, Seal

DISTRICTS = {code: load_district(code) for code in ("63.10", "16.10")}
INSTRUMENT = load_instrument(2024)
AS_OF = {"63.10": date(2024, 6, 20), "16.10": date(2024, 6, 15)}
ARRIVED = datetime(2024, 6, 10, 3, tzinfo=UTC)
SEAL = Seal("63.10", "DINKES", "2024", "mandiri", "1", "", True)
COLUMNS = dict(zip(ANSWER_INPUTS, "FGHIJK", strict=True))
EVIDENCE_COLUMNS = dict(zip(EVIDENCE_KEYS, "BCDEFGH", strict=True))
TREND = {"value_t2": "4", "value_t1": "3"}
RATIO = {"value_t2": "40", "denominator_t2": "50", "value_t1": "45", "denominator_t1": "50"}


def answer(question_id: str, row: int, text: str = "", note: str = "", **numbers: str) -> AnswerRow:
    """A row as the reader would hand it on; `text` is a level's key."""
    figures = {key: Decimal(numbers[key]) if key in numbers else None for key in NUMBER_KEYS}
    cells = {key: f"{column}{row}" for key, column in COLUMNS.items()}
    raw = {**numbers, **({"answer": text} if text else {})}
    return AnswerRow("Klaster III", row, question_id, text, text, **figures, note=note, cells=cells, raw=raw)


def evidence(question_id: str, row: int, **changes: object) -> EvidenceRow:
    cells = {key: f"{column}{row}" for key, column in EVIDENCE_COLUMNS.items()}
    sound = EvidenceRow(
        "Data Dukung", row, question_id, "dokumen", f"Laporan {row}", str(row), date(2023, 6, 5), None, "", "", cells
    )
    return replace(sound, **changes)


def form(
    answers: Iterable[AnswerRow] = (), evidence: Iterable[EvidenceRow] = (), problems: Iterable[Problem] = (), **changes
) -> tuple[Receipt, Reading]:
    sha = changes.pop("sha256", "a" * 64)
    opd = changes.pop("opd_code", "DINKES")
    receipt = Receipt(sha, "63.10", opd, opd, "", None, Layout.FORM, f"{opd}.xlsx", "", 1, ARRIVED)
    reading = Reading(
        sha, Layout.FORM, replace(SEAL, opd_code=opd), 2024, "mandiri", tuple(answers), tuple(evidence), (),
        tuple(problems), Ledger(0, 0, {}), "calamine",
    )  # fmt: skip
    return receipt, replace(reading, **changes)


def standing(question_id: str, opd_code: str, level: str = "", **changes: object) -> StandingRow:
    row = StandingRow(
        "63.10", 2024, "mandiri", question_id, opd_code, False, level, None, None, None, None, not level,
        f"{opd_code}.xlsx", "Klaster II", "F9", "a" * 64,
    )  # fmt: skip
    return replace(row, **changes)
