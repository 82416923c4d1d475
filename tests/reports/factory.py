"""Pictures built in code: small ones a person can check by head, and full ones as large as a real district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from kla.district import District, Office, OfficeKind, StageWindow
from kla.findings import Finding, Outcome, Severity
from kla.gaps import find_gaps
from kla.instrument import (
    AnswerKind,
    Band,
    Block,
    EvidenceKind,
    Indicator,
    Instrument,
    Level,
    Question,
    Scale,
)
from kla.picture import AnswerLine, OfficeLine, Picture, SubmissionLine
from kla.predikat import points_to
from kla.scoring import ScoreSheet, StatedPoints, score_stated

WITA = ZoneInfo("Asia/Makassar")
BANDS = tuple(
    Band(name, Decimal(low))
    for name, low in (("Pratama", 500), ("Madya", 601), ("Nindya", 701), ("Utama", 801), ("KLA", 901))
)
SCALE = Scale(
    "doc", AnswerKind.CHOICE, (Level("tidak_ada", "Tidak ada", Decimal(0)), Level("ada", "Ada dan sah", Decimal(1)))
)
BLOCK_NAMES = (
    ("K0", "Kelembagaan", "Kelembagaan", 164),
    ("K1", "Hak Sipil dan Kebebasan", "Klaster I", 115),
    ("K2", "Lingkungan Keluarga dan Pengasuhan Alternatif", "Klaster II", 120),
    ("K3", "Kesehatan Dasar dan Kesejahteraan", "Klaster III", 135),
    ("K4", "Pendidikan, Pemanfaatan Waktu Luang, dan Kegiatan Budaya", "Klaster IV", 126),
    ("K5", "Perlindungan Khusus", "Klaster V", 240),
    ("KD", "Penyelenggaraan KLA di Kecamatan (KELANA) dan Desa/Kelurahan (DEKELA)", "Kecamatan dan Desa", 100),
)
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    '=HYPERLINK("http://contoh.invalid","klik")',
    "=1+1",
    "+62 812",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "{{ 7 * 7 }}",
    "{district}",
    "{% raw %}",
    "$x^2$",
    "<!-- -->",
    "</style></svg><b>tebal</b>",
    "javascript:alert(1)",
    "http://contoh.invalid/",
    "<a href='http://contoh.invalid'>x</a>",
    "&lt;b&gt;",
    "a\nb",
    "]]>",
    "'1",
    "_x000D_",
    "\u202egnp.exe",
    "Ω≠ñ ‘kutip’",
)


def instrument(blocks: Sequence[tuple[str, str, str, int]] = BLOCK_NAMES, questions_per_block: int = 39) -> Instrument:
    """An instrument whose every block has two indicators and as many questions as asked for, 1000 points in all."""
    built = tuple(_block(place, row, questions_per_block) for place, row in enumerate(blocks))
    return Instrument(
        cycle=2024,
        max_points=Decimal(1000),
        evidence_years=(2022, 2023),
        stages=("mandiri", "administrasi", "vlh", "final"),
        bands=BANDS,
        scales={"doc": SCALE},
        evidence_kinds={"dokumen": EvidenceKind("dokumen", "Dokumen")},
        blocks=built,
        roles={"DP3A": "Dinas PPPA", "DISDIK": "Dinas Pendidikan"},
        legal_basis=("UU 35/2014", "Perpres 25/2021"),
        sources=("Nilai maksimum klaster: dua salinan umum yang saling sesuai.",),
        assumptions=("Bobot tiap tingkat jawaban adalah anggapan; tabel resmi tidak diterbitkan.",),
        version="instrumen-uji",
    )


def _block(place: int, row: tuple[str, str, str, int], count: int) -> Block:
    code, name, sheet, points = row
    each = (Decimal(points) / count).quantize(Decimal("0.01"), rounding="ROUND_DOWN")
    maxima = [each] * (count - 1) + [Decimal(points) - each * (count - 1)]
    numbers = (str(2 * place + 1), str(2 * place + 2))
    questions = [
        Question(
            question_id=f"{numbers[n % 2]}.P{n + 1}",
            label=f"Ketersediaan kebijakan daerah nomor {n + 1} tentang {name.lower()}",
            measure="doc_exists",
            scale=SCALE,
            max_points=maximum,
            owners=(f"ROLE{(place * count + n) % 34}", f"ROLE{(place * count + n + 5) % 34}"),
            evidence_kinds=("dokumen",),
            indicator_number=numbers[n % 2],
            block_code=code,
            note="Bunyi resmi tidak diketahui." if n == 3 else "",
        )
        for n, maximum in enumerate(maxima)
    ]
    indicators = tuple(
        Indicator(
            number=number,
            name=f"Indikator tentang {name}",
            max_points=sum((q.max_points for q in questions if q.indicator_number == number), Decimal(0)),
            block_code=code,
            questions=tuple(q for q in questions if q.indicator_number == number),
        )
        for number in numbers
    )
    return Block(code, name, sheet, Decimal(points), tuple(row for row in indicators if row.questions))


def offices(count: int = 34) -> tuple[Office, ...]:
    """Offices that share out the 34 roles of the instrument; the last four are vertical agencies."""
    kinds = [OfficeKind.VERTIKAL if count > 4 and n >= count - 4 else OfficeKind.PERANGKAT_DAERAH for n in range(count)]
    return tuple(
        Office(
            code=f"DINAS{n + 1:02}",
            name=f"Dinas Pemberdayaan Perempuan, Pelindungan Anak, Pengendalian Penduduk Nomor {n + 1}",
            kind=kinds[n],
            serves=tuple(f"ROLE{role}" for role in range(34) if role % count == n),
        )
        for n in range(count)
    )


def district(count: int = 34, windows: tuple[StageWindow, ...] | None = None) -> District:
    """A district in WITA with this many offices and, unless told otherwise, the calendar of three stages."""
    calendar = (
        StageWindow("mandiri", date(2025, 3, 1), date(2025, 4, 30)),
        StageWindow("administrasi", date(2025, 5, 1), date(2025, 5, 19)),
        StageWindow("vlh", date(2025, 5, 20), date(2025, 6, 7), vlh_on=date(2025, 6, 5)),
    )
    return District(
        code="99.01",
        name="Kabupaten Contoh",
        province_code="99",
        province_name="Provinsi Contoh",
        zone=WITA,
        cycle=2024,
        target_predikat="Utama",
        offices=offices(count),
        owner_overrides={},
        without_roles=frozenset({"KPU", "KONI"}),
        calendar={2024: calendar if windows is None else windows},
        kecamatan_count=12,
        desa_count=157,
        coordinator="Sekretaris Daerah",
    )


def sheet(of: Instrument, who: District, stage: str, earned: Decimal, before: ScoreSheet | None = None) -> ScoreSheet:
    """A score sheet where every question earns this share (0 to 1) of its maximum."""
    stated = {q.question_id: StatedPoints(q.question_id, n, q.max_points * earned) for n, q in enumerate(of.questions)}
    owners = {q.question_id: who.owners_of(q) for q in of.questions}
    leads = {key: rows[0].code for key, rows in owners.items() if rows}
    return score_stated(of, stated, stage, before, leads)


def submission(code: str, outcome: Outcome = Outcome.ACCEPTED, number: int = 1) -> SubmissionLine:
    """One version of an office's form."""
    return SubmissionLine(
        sha256=f"{abs(hash_of(code)) + number:064x}",
        opd_code=code,
        stage="mandiri",
        file_name=f"Isian {code}.xlsx",
        version=number,
        outcome=outcome,
        code="" if outcome is Outcome.ACCEPTED else "F03" if outcome is Outcome.REFUSED else "A02",
        received_at=datetime(2025, 4, 20, 9, 5, tzinfo=WITA) + timedelta(hours=number),
        is_on_time=True,
        cells_read=320,
        cells_loaded=300,
        cells_quarantined=8,
        cells_ignored=12,
    )


def hash_of(text: str) -> int:
    """A number for a text that is the same in every process."""
    return int.from_bytes(text.encode()[:8], "big")


def finding(number: int, opd_code: str, severity: Severity, question: Question, text: str = "") -> Finding:
    """One finding on an answer row."""
    return Finding(
        code={Severity.BLOCKING: "A02", Severity.WARNING: "D01", Severity.INFO: "X01"}[severity],
        severity=severity,
        sha256="0" * 64,
        district_code="99.01",
        opd_code=opd_code,
        cycle=2024,
        stage="mandiri",
        file_name=f"Isian {opd_code}.xlsx",
        sheet="Klaster III",
        cell=f"F{number + 10}",
        question_id=question.question_id,
        value=text or "12",
        tell=text or f"Nilai 12 melebihi nilai maksimum 10 untuk pertanyaan {question.question_id}.",
        fix=f"Isi angka 0 sampai 10 di sel F{number + 10}.",
        frame="answers",
        row_key=f"Klaster III!{number + 10}",
        points_at_stake=question.max_points,
    )


def picture(
    *,
    office_count: int = 34,
    questions_per_block: int = 39,
    shares: Sequence[tuple[str, str]] = (("mandiri", "0.96"), ("administrasi", "0.8")),
    days_left: int | None = 16,
    missing: int = 3,
    text: str = "",
) -> Picture:
    """A district as it is published: `missing` offices silent, one refused, one returned, a few findings each."""
    of = instrument(questions_per_block=questions_per_block)
    who = district(office_count)
    sheets: list[ScoreSheet] = []
    for stage, share in shares:
        sheets.append(sheet(of, who, stage, Decimal(share), sheets[-1] if sheets else None))
    lines, handed = _office_lines(of, who, missing)
    total = sheets[-1].total.points if sheets else Decimal(0)
    as_of = date(2025, 5, 20)
    return Picture(
        district=who,
        instrument=of,
        cycle=2024,
        as_of=as_of,
        stages=tuple(sheets),
        current_stage=sheets[-1].stage if sheets else "mandiri",
        target_predikat="Utama",
        points_to_target=points_to("Utama", total, BANDS),
        deadline_stage="vlh" if days_left is not None else "",
        deadline_on=as_of + timedelta(days=days_left) if days_left is not None else None,
        days_left=days_left,
        offices=lines,
        submissions=handed,
        answers=_answers(of, who, text),
        findings=_findings(of, who, text),
        gaps=find_gaps(sheets[-1], sheets[-2] if len(sheets) > 1 else None) if sheets else (),
        suite_version="aturan-uji",
        code_version="program-uji",
        last_run_id="run-1",
    )


def _office_lines(
    of: Instrument, who: District, missing: int
) -> tuple[tuple[OfficeLine, ...], tuple[SubmissionLine, ...]]:
    handed: list[SubmissionLine] = []
    lines = []
    for n, office in enumerate(who.expected_offices(of)):
        owned = who.questions_for(office.code, of)
        led = [question for question, is_lead in owned if is_lead]
        status, last = "expected", None
        if n >= missing:
            outcome = {missing: Outcome.REFUSED, missing + 1: Outcome.RETURNED}.get(n, Outcome.ACCEPTED)
            status, last = outcome.value, submission(office.code, outcome)
            handed.append(last)
        worth = sum((question.max_points for question in led), Decimal(0))
        answered = len(owned) if last else 0
        earned = worth / 2 if last else Decimal(0)
        lines.append(OfficeLine(office.code, status, len(owned), len(led), answered, earned, worth, last))
    return tuple(lines), tuple(handed)


def _answers(of: Instrument, who: District, text: str) -> tuple[AnswerLine, ...]:
    rows = []
    for n, question in enumerate(of.questions):
        for place, office in enumerate(who.owners_of(question)):
            rows.append(
                AnswerLine(
                    question_id=question.question_id,
                    opd_code=office.code,
                    is_lead=place == 0,
                    answer=text or "Ada dan sah",
                    file_name=text or f"Isian {office.code}.xlsx",
                    sheet=text or of.block(question.block_code).sheet,
                    cell=f"F{n + 12}",
                    is_counted=place == 0,
                    run_id="run-1",
                    evidence_accepted=1,
                    evidence_rejected=n % 2,
                )
            )
    return tuple(rows)


def _findings(of: Instrument, who: District, text: str) -> tuple[Finding, ...]:
    severities = (Severity.BLOCKING, Severity.WARNING, Severity.INFO)
    rows = []
    for n, office in enumerate(who.offices):
        for turn, severity in enumerate(severities):
            question = of.questions[(3 * n + turn) % len(of.questions)]
            rows.append(finding(turn, office.code, severity, question, text))
    return tuple(rows)


def small_picture() -> Picture:
    """Seven blocks of two questions, three offices: small enough to be read in a diff."""
    base = picture(office_count=3, questions_per_block=2, missing=1)
    return replace(base, findings=base.findings[:6])


def recap_picture() -> Picture:
    """A district known only by its own card: no forms, one row that cannot stand, one sum that does not agree."""
    base = picture(shares=(("mandiri", "0.7"),), missing=34)
    question = base.instrument.questions[5]
    row = replace(
        finding(1, "", Severity.BLOCKING, question),
        code="R01",
        frame="stated",
        file_name="Kartu mandiri.xlsx",
        sheet="Kartu",
        cell="E40",
        value="6",
        tell=f"Pertanyaan {question.question_id} menyatakan 6 dari paling banyak {question.max_points}.",
    )
    total = replace(row, code="R03", frame="rollups", question_id="", cell="E9", value="150", severity=Severity.WARNING)
    answers = tuple(
        AnswerLine(
            q.question_id, "", False, "Nilai tertulis", "Kartu mandiri.xlsx", "Kartu", f"E{n + 5}", True, "run-1", 0, 0
        )
        for n, q in enumerate(base.instrument.questions)
    )
    return replace(base, findings=(total, row), answers=answers, submissions=())


def bare_picture() -> Picture:
    """A district on its first day: nothing received, nothing scored, no calendar."""
    base = picture(shares=(), days_left=None, missing=34)
    return replace(base, district=district(windows=()), findings=(), answers=(), gaps=())
