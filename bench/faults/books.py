"""Honest forms to spoil, and ways to spoil a workbook without opening it in a spreadsheet program."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from openpyxl import Workbook, load_workbook

from bench.faults.places import CODE
from kla import layout
from kla.district import District
from kla.instrument import Instrument
from kla.io.districts import load_district
from kla.io.form_sheets import column_of
from kla.io.forms import BuiltForm, build_form
from kla.io.instruments import load_instrument
from kla.submission import Layout, Receipt

CYCLE = 2024
ARRIVED = datetime(2024, 5, 10, 3, tzinfo=UTC)


@cache
def world() -> tuple[District, Instrument]:
    """Return the district and the instrument everything here is tried with."""
    return load_district(CODE), load_instrument(CYCLE)


def offices() -> tuple[str, ...]:
    """Return the codes of the offices that hand in a form, in order."""
    district, instrument = world()
    return tuple(office.code for office in district.expected_offices(instrument))


def built(office: str) -> BuiltForm:
    """Return a fresh form of an office, every question answered, each with a line of data dukung."""
    district, instrument = world()
    form = build_form(district, instrument, district.office(office), "mandiri")
    for question_id, (sheet, row) in form.places.answer_rows.items():
        question = instrument.question(question_id)
        asked = layout.asked_inputs(question)
        cells = form.workbook[sheet]
        if "answer" in asked:
            cells.cell(row, column_of("answer", layout.ANSWER_KEYS)).value = question.scale.levels[-1].label
        for key, content in (("value_t2", 80), ("denominator_t2", 100), ("value_t1", 82), ("denominator_t1", 100)):
            if key in asked:
                cells.cell(row, column_of(key, layout.ANSWER_KEYS)).value = content
    _prove(form, instrument)
    return form


def _prove(form: BuiltForm, instrument: Instrument) -> None:
    sheet = form.workbook[layout.EVIDENCE_SHEET]
    kind = next(iter(instrument.evidence_kinds.values())).label
    day = datetime(instrument.evidence_years[1], 6, 5)
    for row, question_id in zip(form.places.evidence_rows, form.places.answer_rows, strict=False):
        proof = (question_id, kind, f"Keputusan tentang {question_id}", f"188.45/{row}/2023", day, "sk.pdf", "lengkap")
        for column, content in enumerate(proof, column_of("question_id", layout.EVIDENCE_KEYS)):
            sheet.cell(row, column).value = content


@cache
def form_bytes(office: str) -> bytes:
    """Return that form as it is saved."""
    return saved(built(office).workbook)


@cache
def places_of(office: str) -> Mapping[str, tuple[str, int]]:
    """Return question id -> (sheet, row) of an office's form."""
    district, instrument = world()
    return build_form(district, instrument, district.office(office), "mandiri").places.answer_rows


def saved(workbook: Workbook) -> bytes:
    """Return a workbook as bytes."""
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def edited(content: bytes, change: Callable[[Workbook], object]) -> bytes:
    """Return a workbook changed by openpyxl."""
    workbook = load_workbook(io.BytesIO(content))
    change(workbook)
    return saved(workbook)


def with_parts(content: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """Return a package with parts replaced, added or (None) taken out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        names = [*old.namelist(), *(name for name in changes if name not in old.namelist())]
        for name in names:
            part = changes[name] if name in changes else old.read(name)
            if part is not None:
                new.writestr(name, part)
    return target.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return every part of a package."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def plain(rows: list[list[object]] | None = None) -> bytes:
    """Return a small workbook that is not ours."""
    workbook = Workbook()
    for row in rows or [["isi", 12], [3, "x"]]:
        workbook.worksheets[0].append(row)
    return saved(workbook)


def receipt_of(path: Path, number: int = 0, office: str = "", expects: Layout = Layout.FORM) -> Receipt:
    """Return a receipt for a file where it lies, as of an office's folder."""
    name = office or offices()[0]
    size = path.stat().st_size
    return Receipt(f"{number:064d}", CODE, name, name, "", None, expects, path.name, str(path), size, ARRIVED)
