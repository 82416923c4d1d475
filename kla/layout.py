"""What the office form looks like to a machine: sheets, tags, keys, headers, seal. Shared by the writer and the reader.

A table lies between a cell `#KLA:START <table>` and a cell `#KLA:END <table>`; the row after START holds the machine
keys, the next one the headers people read. Everything is found by searching, so inserted rows and columns do no harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from kla.instrument import AnswerKind, Question

TEMPLATE_VERSION = "1"

COVER_SHEET = "Petunjuk"
EVIDENCE_SHEET = "Data Dukung"
LISTS_SHEET = "_daftar"  # hidden: the ranges behind the lists
SEAL_SHEET = "_kla"  # very hidden: key in column A, value in column B
RETURN_SHEET = "Perbaikan"  # added to a workbook that goes back; the reader leaves it aside

TAG_PREFIX = "#KLA:"
START = f"{TAG_PREFIX}START"
END = f"{TAG_PREFIX}END"
RETURN_MARK = f"{TAG_PREFIX}RETURN"  # stands in that sheet's first rows, whatever the sheet is called by then
EVIDENCE_TABLE = "data_dukung"  # an answers table is named by its block code: K0 .. K5, KD

# Machine keys, in the order the writer lays the columns out.
ANSWER_KEYS = (
    "question_id",
    "label",
    "role",
    "max_points",
    "evidence_asked",
    "answer",
    "value_t2",
    "denominator_t2",
    "value_t1",
    "denominator_t1",
    "note",
)
ANSWER_INPUTS = ("answer", "value_t2", "denominator_t2", "value_t1", "denominator_t1", "note")
NUMBER_KEYS = ("value_t2", "denominator_t2", "value_t1", "denominator_t1")
EVIDENCE_KEYS = ("question_id", "kind", "title", "number", "dated_on", "link", "note")

# Headers people read; {t2} and {t1} are the evidence years. They stand in for the machine keys if that row is gone.
ANSWER_HEADERS: Mapping[str, str] = {
    "question_id": "Kode",
    "label": "Pertanyaan",
    "role": "Peran",
    "max_points": "Nilai maksimum",
    "evidence_asked": "Bukti yang diminta",
    "answer": "Jawaban",
    "value_t2": "Angka / pembilang {t2}",
    "denominator_t2": "Penyebut {t2}",
    "value_t1": "Angka / pembilang {t1}",
    "denominator_t1": "Penyebut {t1}",
    "note": "Catatan",
}
EVIDENCE_HEADERS: Mapping[str, str] = {
    "question_id": "Kode pertanyaan",
    "kind": "Jenis bukti",
    "title": "Judul dokumen",
    "number": "Nomor",
    "dated_on": "Tanggal",
    "link": "Tautan / nama berkas",
    "note": "Catatan",
}
ROLE_LEAD = "Utama"
ROLE_SUPPORT = "Pendukung"

# Keys of the seal. `question_ids` is the list the form was written with, joined by one blank, in the order of the card.
SEAL_KEYS = ("district", "opd", "cycle", "stage", "template_version", "question_ids", "checksum")


def start_tag(table: str) -> str:
    """Return the text of the cell that opens a table.

    >>> start_tag("K3")
    '#KLA:START K3'
    """
    return f"{START} {table}"


def end_tag(table: str) -> str:
    """Return the text of the cell that closes a table.

    >>> end_tag("data_dukung")
    '#KLA:END data_dukung'
    """
    return f"{END} {table}"


def header_texts(headers: Mapping[str, str], years: tuple[int, int]) -> dict[str, str]:
    """Return key -> header as people read it, the evidence years (T-2, T-1) filled in.

    >>> header_texts(ANSWER_HEADERS, (2022, 2023))["denominator_t1"]
    'Penyebut 2023'
    """
    return {key: text.format(t2=years[0], t1=years[1]) for key, text in headers.items()}


def asked_inputs(question: Question) -> frozenset[str]:
    """Return which input columns a question asks for; the others are grey and locked. `note` is always open.

    A choice asks for a level, and may carry a figure per year where it is about an amount, a count or two years; a
    ratio asks numerator and denominator, a count one figure; the earlier year only where two years are asked.
    """
    asked = {"note"}
    scale = question.scale
    if scale.answer is AnswerKind.CHOICE:
        asked.add("answer")
        if scale.has_amount or question.measure == "count" or question.periods > 1:
            asked.update(("value_t2", "value_t1"))
        return frozenset(asked)
    both = question.periods > 1 or scale.answer is AnswerKind.COUNT
    for year in ("t2", "t1") if both else ("t1",):
        asked.add(f"value_{year}")
        if scale.answer is AnswerKind.RATIO:
            asked.add(f"denominator_{year}")
    return frozenset(asked)


def checksum(
    district_code: str,
    opd_code: str,
    cycle: int | str,
    stage: str,
    template_version: str,
    question_ids: Sequence[str],
) -> str:
    """Return the seal's checksum: sha256 (64 hex digits) over the identity and the ordered question ids.

    >>> checksum("63.10", "DINKES", 2024, "mandiri", "1", ["12.P1"])[:8]
    '4675d820'
    """
    parts = (district_code, opd_code, str(cycle), stage, template_version, *question_ids)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
