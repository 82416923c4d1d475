"""A small district, a small instrument, and files as validation hands them on: built in code, no workbook needed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from kla.district import District, Office, OfficeKind, StageWindow
from kla.findings import CheckedFile, Finding, Outcome, Severity
from kla.instrument import Instrument
from kla.submission import AnswerRow, EvidenceRow, Layout, Ledger, Reading, Receipt, StatedLevel, StatedRow
from tests.kla.test_scoring import DOC, PERCENTAGE, TREND, instrument_of, question

WITA = ZoneInfo("Asia/Makassar")
CLOSES = date(2024, 5, 31)
DAY = datetime(2024, 5, 20, 9, 0, tzinfo=WITA)


def _owned(
    number: str, scale: object, points: str, owners: tuple[str, ...], evidence: tuple[str, ...] = ("sk",)
) -> object:
    base = question(number, scale, points, evidence)  # type: ignore[arg-type]
    fields = {name: getattr(base, name) for name in base.__dataclass_fields__}
    return type(base)(**{**fields, "owners": owners})


INSTRUMENT: Instrument = instrument_of(
    (
        _owned("1.P1", DOC, "400", ("DP3A", "DINKES")),
        _owned("1.P2", PERCENTAGE, "200.5", ("DINKES",)),
        _owned("2.P1", TREND, "199.5", ("DP3A",), ()),
        _owned("2.P2", DOC, "100", ("DISDIK",)),
        _owned("3.P1", DOC, "100", ("NOBODY",)),
    )  # type: ignore[arg-type]
)


def _office(code: str, role: str) -> Office:
    return Office(code, f"Dinas {code}", OfficeKind.PERANGKAT_DAERAH, (role,))


def district(code: str = "63.10") -> District:
    """A district of three offices; question 3.P1 is owned by none of them."""
    window = StageWindow("mandiri", date(2024, 1, 1), CLOSES)
    later = StageWindow("administrasi", date(2024, 7, 1), date(2024, 12, 31))
    return District(
        code=code,
        name="Tanah Contoh",
        province_code=code[:2],
        province_name="Provinsi Contoh",
        zone=WITA,
        cycle=2024,
        target_predikat="Utama",
        offices=(_office("DP3AKB", "DP3A"), _office("DINKES", "DINKES"), _office("DISDIK", "DISDIK")),
        owner_overrides={},
        without_roles=frozenset({"NOBODY"}),
        calendar={2024: (window, later)},
        kecamatan_count=1,
        desa_count=2,
    )


def answer(question_id: str, row: int, level: str = "", **numbers: str) -> AnswerRow:
    """An answer row as the reader gives it; no level and no numbers is a blank one."""
    cells = {"answer": f"F{row}", "value_t2": f"G{row}", "value_t1": f"I{row}", "denominator_t1": f"J{row}"}
    return AnswerRow(
        sheet="Kelembagaan",
        row=row,
        question_id=question_id,
        answer=level,
        level=level,
        value_t2=Decimal(numbers["value_t2"]) if "value_t2" in numbers else None,
        denominator_t2=None,
        value_t1=Decimal(numbers["value_t1"]) if "value_t1" in numbers else None,
        denominator_t1=Decimal(numbers["denominator_t1"]) if "denominator_t1" in numbers else None,
        note="",
        cells=cells,
        raw=({"answer": level} if level else {}) | numbers,
    )


def proof(question_id: str, row: int, title: str = "SK Bupati") -> EvidenceRow:
    """A row of data dukung."""
    day = date(2023, 2, 1)
    cells = {"question_id": f"A{row}", "title": f"C{row}"}
    raw = {"question_id": question_id, "title": title}
    return EvidenceRow("Data Dukung", row, question_id, "sk", title, "1/2023", day, None, "", "", cells, raw)


def stated(key: str, row: int, points: str | None, level: StatedLevel = StatedLevel.QUESTION) -> StatedRow:
    """A row of a recap."""
    raw = {"key": key} | ({"points": points} if points is not None else {})
    given = None if points is None else Decimal(points)
    return StatedRow("Rekap", row, level, key, key, None, given, "", "", {"key": f"A{row}", "points": f"C{row}"}, raw)


def form(
    opd: str,
    *answers: AnswerRow,
    evidence: tuple[EvidenceRow, ...] = (),
    blocked: Mapping[str, str] | None = None,
    outcome: Outcome | None = None,
    at: datetime = DAY,
    district_code: str = "63.10",
    name: str = "",
) -> CheckedFile:
    """A checked office form; `blocked` maps (frame:sheet!row) to the code that sends the row back."""
    return _checked(
        Layout.FORM, opd, opd, "mandiri", answers, evidence, (), blocked or {}, outcome, at, district_code, name
    )


def recap(
    stage: str, *rows: StatedRow, blocked: Mapping[str, str] | None = None, at: datetime = DAY, name: str = ""
) -> CheckedFile:
    """A checked recap of a stage."""
    folder = f"_verifikasi/{stage}"
    return _checked(
        Layout.RECAP, "", folder, stage, (), (), rows, blocked or {}, None, at + timedelta(days=60), "63.10", name
    )


def _checked(
    layout: Layout,
    opd: str,
    folder: str,
    stage: str,
    answers: tuple[AnswerRow, ...],
    evidence: tuple[EvidenceRow, ...],
    rows: tuple[StatedRow, ...],
    blocked: Mapping[str, str],
    outcome: Outcome | None,
    at: datetime,
    district_code: str,
    name: str,
) -> CheckedFile:
    sha256 = hashlib.sha256(repr((opd, stage, answers, evidence, rows, name)).encode()).hexdigest()
    file_name = name or f"{opd or stage}.xlsx"
    receipt = Receipt(sha256, district_code, opd, folder, stage, None, layout, file_name, "", 1000, at)
    used = sum(len(row.raw) for row in (*answers, *evidence, *rows))
    ledger = Ledger(used + 7, used, {"header": 5, "cover": 2})
    reading = Reading(sha256, layout, None, 2024, stage, answers, evidence, rows, (), ledger, "calamine")
    found = tuple(finding(receipt, code, *place.split(":", 1)) for place, code in blocked.items())
    if outcome is None:
        outcome = Outcome.RETURNED if found else Outcome.ACCEPTED
    elif outcome is Outcome.REFUSED and not found:
        found = (finding(receipt, "F01", "files", ""),)
    return CheckedFile(receipt, reading, found, outcome)


def finding(
    receipt: Receipt,
    code: str,
    frame: str,
    row_key: str,
    severity: Severity = Severity.BLOCKING,
    question_id: str = "1.P1",
) -> Finding:
    """A finding about a row (frame, sheet!row) or, with row_key "", about the file."""
    return Finding(
        code=code,
        severity=severity,
        sha256=receipt.sha256,
        district_code=receipt.district_code,
        opd_code=receipt.opd_code,
        cycle=2024,
        stage=receipt.stage,
        file_name=receipt.file_name,
        sheet=row_key.split("!")[0],
        cell="F7" if row_key else "",
        question_id=question_id,
        value="x",
        tell="Jawaban tidak ada di daftar.",
        fix="Pilih dari daftar.",
        frame=frame,
        row_key=row_key,
        points_at_stake=Decimal("12.5"),
    )
