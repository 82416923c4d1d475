"""A letter as Word and WhatsApp get it: text stays text, same bytes, and the district's own template is used or told."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document

from kla.errors import SettingsError
from kla.findings import Severity
from kla.io import project
from kla.io.contacts import Contact, Contacts
from kla.io.letter_template import template_bytes
from kla.io.letter_words import cause_words
from kla.io.letters import fields_of, letter_docx, template_for, whatsapp_text, write_letters
from kla.letters import Item, Letter, Note
from kla.measures import Action
from reports import factory

PICTURE = factory.picture(office_count=6, questions_per_block=4)
HOSTILE = [text for text in factory.HOSTILE if text.isprintable()]
ITEM = Item(
    *("14.P10", "Ruang laktasi", "14", "Fasilitas ramah anak", "K3", "no_evidence", False, Action.UPLOAD),
    *(Decimal("2.50"), True, True),
)
NOTE = Note("A02", Severity.BLOCKING, "14.P10", "Klaster III!F12", "Nilai 12 salah.", "Isi 0 sampai 10.", "", False)


def letter(**changes: object) -> Letter:
    """A letter to the first office; nothing in it unless told otherwise."""
    plain = Letter(
        *(PICTURE.district, PICTURE.district.offices[0], 2024, "administrasi", 1, date(2025, 5, 20)),
        *(date(2025, 6, 5), 16, "Utama", Decimal("0.62"), (), ()),
    )
    return replace(plain, **changes)


def text_of(content: bytes) -> str:
    """All text of a Word document, tables included."""
    body = Document(io.BytesIO(content)).element.body
    return "\n".join(
        "".join(part.text or "" for part in paragraph.iter() if part.tag.endswith("}t"))
        for paragraph in body.iter()
        if paragraph.tag.endswith("}p")
    )


def made(of: Letter) -> str:
    return text_of(letter_docx(of, template_bytes(), "contoh"))


def test_a_letter_says_what_is_missing_where_until_when_and_at_what_price() -> None:
    text = made(letter(items=(ITEM,), notes=(NOTE,)))
    for part in (
        *("PEMERINTAH KABUPATEN CONTOH", "400.2.4/001/KLA/2025", "Segera", "20 Mei 2025", "Bupati Contoh"),
        *("14.P10 Ruang laktasi", "14 Fasilitas ramah anak", "Tanpa data dukung", "2,50", "5 Juni 2025 (16 hari lagi)"),
        *("Klaster III!F12 (A02, harus diperbaiki)", "Nilai 12 salah.", "Isi 0 sampai 10."),
    ):
        assert part in text
    assert "{" not in text


def test_the_roles_of_contacts_are_told_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "u.p." not in made(letter())
    offices = {PICTURE.district.offices[0].code: Contact("Sekretaris dinas")}
    named = Contacts(Contact("Sekretariat Gugus Tugas KLA"), None, offices)
    monkeypatch.setattr("kla.io.letters.load_contacts", lambda _: named)
    text = made(letter())
    assert "u.p. Sekretaris dinas" in text
    assert "ditanyakan kepada Sekretariat Gugus Tugas KLA." in text


def test_an_office_that_owes_nothing_is_thanked_and_no_table_is_left_empty() -> None:
    text = made(letter())
    assert "tidak ada kekurangan" in text
    assert "Yang kurang" not in text
    assert "Temuan pada berkas" not in text


def test_a_complete_office_is_asked_for_what_the_target_still_needs() -> None:
    text = made(letter(items=(replace(ITEM, cause="below_full", is_owed=False),)))
    assert "sudah lengkap" in text
    assert "menuju predikat Utama masih diperlukan 0,62 poin" in text
    assert "paling banyak 2,50 poin" in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_from_a_workbook_is_never_markup_and_never_a_placeholder(hostile: str) -> None:
    note = replace(NOTE, tell=hostile, fix=hostile, place=hostile)
    text = made(letter(notes=(note,), items=(replace(ITEM, label=hostile),)))
    assert text.count(" ".join(hostile.split())) >= 4


@pytest.mark.parametrize("broken", ["a\x00b", "a\x0bb", "a\ud800b", "a\uffffb", "a\x07b", "a\x0cb"])
def test_what_word_cannot_hold_is_left_out_and_the_letter_still_opens(broken: str) -> None:
    assert "a b" in made(letter(notes=(replace(NOTE, tell=broken),)))


def test_a_finding_across_offices_is_told_in_our_words_and_with_the_lead_named() -> None:
    text = made(letter(notes=(replace(NOTE, code="X01", tell="", fix="", is_across=True, lead_name="Dinas Lain"),)))
    assert "tidak sama dengan isian OPD lain" in text
    assert "(penanggung jawab utama: Dinas Lain)" in text


def test_the_same_letter_gives_the_same_bytes_and_so_does_the_template() -> None:
    of = letter(items=(ITEM,), notes=(NOTE,))
    assert letter_docx(of, template_bytes(), "contoh") == letter_docx(of, template_bytes(), "contoh")
    assert template_bytes() == template_bytes()


def test_a_districts_own_template_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Document()
    own.add_paragraph("Salam dari {{ daerah }} untuk {{ opd_kode }}")
    (tmp_path / "99.01").mkdir()
    own.save(str(tmp_path / "99.01" / "surat.docx"))
    with monkeypatch.context() as patch:
        patch.setattr(project, "data", lambda _: tmp_path)
        template, where = template_for("99.01")
    assert where == "districts/99.01/surat.docx"
    assert text_of(letter_docx(letter(), template, where)) == "Salam dari Kabupaten Contoh untuk DINAS01"


@pytest.mark.parametrize(
    "wrong", ["{{ tidak_ada }}", "{{ daerah", "{% for %}", "{{ ''.__class__.__mro__ }}", "{{ opd_nama.salah() }}"]
)
def test_a_template_that_asks_for_what_no_letter_has_is_refused_by_name(wrong: str) -> None:
    own, out = Document(), io.BytesIO()
    own.add_paragraph(wrong)
    own.save(out)
    with pytest.raises(SettingsError, match=r"surat\.docx"):
        letter_docx(letter(), out.getvalue(), "districts/99.01/surat.docx")


@pytest.mark.parametrize("content", [b"", b"bukan dokumen", b"PK\x05\x06" + bytes(18)])
def test_a_template_that_is_no_word_document_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(SettingsError, match="no Word document"):
        letter_docx(letter(), content, "districts/99.01/surat.docx")


def test_letters_are_written_beside_what_lies_there_and_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "catatan.txt").write_text("milik saya")
    assert write_letters([letter(), letter(number=2)], tmp_path) == 2
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["01-DINAS01.docx", "01-DINAS01.txt", "02-DINAS01.docx", "02-DINAS01.txt", "catatan.txt"]


def test_an_offices_code_never_leaves_the_folder(tmp_path: Path) -> None:
    office = replace(PICTURE.district.offices[0], code="../../dinas /x")
    write_letters([letter(office=office)], tmp_path / "surat")
    assert [path.name for path in tmp_path.iterdir()] == ["surat"]


def test_whatsapp_shows_the_dearest_five_and_counts_the_rest() -> None:
    items = tuple(replace(ITEM, question_id=f"{number}.P1") for number in range(1, 9))
    text = whatsapp_text(letter(items=items))
    assert [line for line in text.splitlines() if line.startswith("•")] == [
        *(f"• {number}.P1: Tanpa data dukung, unggah bukti (2,50 poin)" for number in range(1, 6)),
        "• dan 3 pertanyaan lagi",
    ]
    assert "*5 Juni 2025*" in text
    assert len(text) < 1000


def test_without_a_calendar_the_letter_says_so_and_counts_no_days() -> None:
    fields = fields_of(letter(deadline_on=None, days_left=None))
    assert (fields["tenggat"], fields["sisa"]) == ("belum ditetapkan", "")


@pytest.mark.parametrize(("days", "told"), [(0, " (hari ini)"), (1, " (1 hari lagi)"), (-2, " (tenggat lewat 2 hari)")])
def test_days_left_are_told_as_people_say_them(days: int, told: str) -> None:
    assert fields_of(letter(days_left=days))["sisa"] == told


def test_a_city_is_led_by_a_wali_kota() -> None:
    city = replace(PICTURE.district, name="Kota Contoh")
    copies = fields_of(letter(district=city))["tembusan"]
    assert isinstance(copies, list)
    assert copies[0] == "Wali Kota Contoh (sebagai laporan)"


def test_a_verifiers_cause_and_one_of_ours_of_the_same_key_have_their_own_words() -> None:
    assert cause_words("no_evidence", True).label == "Bukti tidak ada"
    assert cause_words("no_evidence", False).label == "Tanpa data dukung"
