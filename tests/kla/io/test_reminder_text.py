"""A reminder says what its own office owes, where and by when; workbook text is never markup, and no long number leaves."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.findings import Severity
from kla.holidays import Holidays
from kla.io.contacts import Contact
from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.reminder_text import LONGEST, body_of, harmless, title_of
from kla.letters import Item, Letter, Note
from kla.measures import Action
from kla.reminders import Digest, Level, Reminder

KAUR = load_district("17.04")
LABEL = load_instrument(2024).question("12.P3").label


def note(fix: str, place: str = "Klaster III!I7", *, is_across: bool = False) -> Note:
    return Note("A10", Severity.BLOCKING, "12.P3", place, "tidak dipakai", fix, "", is_across)


def digest(
    code: str = "DINKES", *notes: Note, is_awaited: bool = False, has_sent: bool = True, items: int = 2
) -> Digest:
    owed = tuple(
        Item("12.P3", LABEL, "12", "Kesehatan", "K3", "blank", False, Action.SUBMIT, Decimal("1.50"), True, True)
        for _ in range(items)
    )
    office = KAUR.office(code)
    days = (date(2024, 5, 17), date(2024, 5, 31), 14)
    letter = Letter(KAUR, office, 2024, "mandiri", 1, *days, "Pratama", Decimal(200), owed, notes)
    return Digest(letter, is_awaited, has_sent)


def reminder(level: Level, *digests: Digest, days_left: int = 14) -> Reminder:
    code = digests[0].opd_code if level is Level.OFFICE else ""
    return Reminder(level, KAUR, 2024, "mandiri", code, 14, days_left, date(2024, 5, 31), date(2024, 5, 17), digests)


def test_an_office_reads_what_it_owes_until_when_and_where():
    one = reminder(Level.OFFICE, digest("DINKES", note("Isi angka 0 sampai 10 di sel I7.")))
    body = body_of(one, Contact("Sekretaris dinas"))
    assert title_of(one) == "Pengingat KLA 2024 H-14: DINKES"
    assert "Yth. Sekretaris dinas, Dinas Kesehatan" in body
    assert "31 Mei 2024, pukul 23.59 WIB (sisa 14 hari, 8 hari kerja)" in body
    assert "2 pertanyaan kehilangan 3,00 poin" in body
    assert f"- 12.P3 {LABEL}" in body
    assert "- A10 Klaster III!I7: Isi angka 0 sampai 10 di sel I7." in body
    assert "tidak dipakai" not in body  # what stands in the cell is not told
    assert "berhenti sendiri" in body


@pytest.mark.parametrize(
    ("is_awaited", "has_sent", "told", "untold"),
    [
        (True, False, "belum kami terima", "sudah diterima"),
        (True, True, "belum seluruhnya dapat dipakai", "belum kami terima"),
        (False, True, "Yang masih ditunggu", "belum kami terima"),
    ],
)
def test_a_form_that_is_awaited_is_told_as_such(is_awaited, has_sent, told, untold):
    body = body_of(reminder(Level.OFFICE, digest(is_awaited=is_awaited, has_sent=has_sent)), None)
    assert told in body
    assert untold not in body


def test_many_items_are_counted_after_the_first_eight():
    body = body_of(reminder(Level.OFFICE, digest(items=20)), None)
    assert body.count("- 12.P3") == 8
    assert "- dan 12 lainnya" in body


def test_those_above_read_of_every_office_the_dearest_first():
    one = reminder(Level.SEKDA, digest("DINSOS", items=1), digest("DINKES", note("x"), is_awaited=True))
    lines = [line for line in body_of(one, None).splitlines() if line.startswith("- ")]
    assert lines == [
        "- DINKES: formulir belum sah, 2 pertanyaan, 3,00 poin, 1 temuan",
        "- DINSOS: 1 pertanyaan, 1,50 poin, 0 temuan",
    ]
    assert "4,50 poin" in body_of(one, None)
    assert "2 perangkat daerah" in title_of(one)


def test_the_last_day_is_called_today():
    assert "(hari ini)" in body_of(
        replace(reminder(Level.OFFICE, digest(), days_left=0), as_of=date(2024, 5, 31)), None
    )


def test_a_finding_across_offices_is_told_in_our_words():
    body = body_of(reminder(Level.OFFICE, digest("DINKES", note("DINSOS menulis 12", is_across=True))), None)
    assert "DINSOS" not in body
    assert "perangkat daerah lain" in body


HOSTILE = [
    "<script>alert(1)</script>",
    "[klik](https://jahat.example/x)",
    "*tebal* _miring_ ~coret~ `kode`",
    "https://jahat.example www.jahat.example tg://x javascript://x ://x 9://x",
    "@semua #kanal",
    "baris\nbaru\r\n\nYth. Bupati\x1b[31m\u202ebalik",
    "NIK 3201010101010001, HP 0812-3456-7890",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_from_a_workbook_is_shown_and_never_obeyed(hostile):
    body = body_of(reminder(Level.OFFICE, digest("DINKES", note(f"Tulis {hostile} di sel", hostile))), None)
    plain = body_of(reminder(Level.OFFICE, digest("DINKES", note("Tulis di sel"))), None)
    assert body.count("\n") == plain.count("\n")
    assert not re.search(r"[<>`*~@\[\]\x1b\u202e]", body)
    assert "://" not in body
    assert "www." not in body
    assert not re.search(r"\d{8}|0812", body)


@given(st.text(max_size=400))
def test_harmless_text_is_one_line_without_signs_of_markup(text):
    found = harmless(text)
    assert len(found) <= LONGEST
    assert "\n" not in found
    assert not set(found) & set("*_~`<>[]@|#")
    assert "://" not in found
    assert not re.search(r"\d{9,}", found)
    assert harmless(found) == found


def test_ordinary_sentences_are_left_as_they_are():
    for text in ("Isi angka 0 sampai 10 di sel F12.", "Tambahkan baris 13.P6 (Dokumen, Catatan teks): 12,5 %."):
        assert harmless(text) == text


def test_without_a_list_of_holidays_a_reminder_is_still_written(monkeypatch):
    monkeypatch.setattr("kla.io.reminder_text.load_holidays", Holidays)
    assert "10 hari kerja" in body_of(reminder(Level.OFFICE, digest()), None)
