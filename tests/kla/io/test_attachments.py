"""Data dukung beside a form: what a verifier could not open is told at the cell that names it."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfWriter
from rows_of_tests import form

from kla.io import attachments
from kla.io.attachments import attached, files_beside, look_into, looks_of, with_attachments
from kla.submission import EvidenceRow, Layout, Reading


def pdf(**passwords: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if passwords:
        writer.encrypt(algorithm="RC4-128", **passwords)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def naming(*links: str) -> list[EvidenceRow]:
    return [
        EvidenceRow("Data Dukung", row, "12.P1", "dokumen", "", "", None, None, link, "", {"link": f"G{row}"})
        for row, link in enumerate(links, 5)
    ]


def look_beside(folder: Path, evidence: list[EvidenceRow]) -> Reading:
    _, reading = form(evidence=evidence)
    return attached(reading, files_beside(folder), look_into)


def told(folder: Path, *links: str) -> list[tuple[str, str, str]]:
    return [
        (it.kind.removeprefix("attachment_"), it.cell, it.value) for it in look_beside(folder, naming(*links)).problems
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "isian.xlsx").write_bytes(b"PK")
    (tmp_path / "SK Gugus Tugas.pdf").write_bytes(pdf())
    return tmp_path


def test_a_sound_pdf_is_no_finding_and_known_by_its_bytes(folder):
    found = look_beside(folder, naming("sk gugus tugas.PDF"))
    assert found.problems == ()
    assert found.attachments == {
        "sk gugus tugas.pdf": hashlib.sha256((folder / "SK Gugus Tugas.pdf").read_bytes()).hexdigest()
    }


def test_a_pdf_behind_a_password_is_told_at_the_cell_that_names_it(folder):
    (folder / "rahasia.pdf").write_bytes(pdf(user_password="x", owner_password="y"))
    assert told(folder, "SK Gugus Tugas.pdf", "rahasia.pdf") == [("encrypted", "G6", "rahasia.pdf")]


def test_a_pdf_that_only_forbids_printing_is_sound(folder):
    (folder / "cetak.pdf").write_bytes(pdf(user_password="", owner_password="y"))
    assert told(folder, "cetak.pdf") == []


@pytest.mark.parametrize("content", [b"", b"JFIF foto", b"%PDF-1.7\n", pdf()[:150]])
def test_what_is_no_whole_pdf_is_unreadable(folder, content):
    (folder / "a.pdf").write_bytes(content)
    assert told(folder, "a.pdf") == [("unreadable", "G5", "a.pdf")]


def test_a_named_file_that_did_not_come_is_missed(folder):
    assert told(folder, "foto.jpg; SK Gugus Tugas.pdf") == [("missing", "G5", "foto.jpg")]


def test_where_no_data_dukung_is_delivered_nothing_is_missed(tmp_path):
    (tmp_path / "isian.xlsx").write_bytes(b"PK")
    assert told(tmp_path, "foto.jpg") == []
    assert told(tmp_path / "gone", "foto.jpg") == []


def test_links_of_the_web_and_words_are_not_files(folder):
    assert told(folder, "https://x.id/a.pdf", "ada di kantor", "") == []


def test_a_file_too_large_is_not_looked_into(folder, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_BYTES", 10)
    found = look_beside(folder, naming("SK Gugus Tugas.pdf"))
    assert [it.kind for it in found.problems] == ["attachment_too_large"]
    assert found.attachments == {}


def test_a_link_of_the_file_system_is_not_followed(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "b.pdf"
    elsewhere.write_bytes(pdf())
    (folder / "b.pdf").symlink_to(elsewhere)
    assert told(folder, "b.pdf") == [("missing", "G5", "b.pdf")]


def test_the_same_file_named_twice_is_told_at_both_cells(folder):
    (folder / "a.pdf").write_bytes(b"x")
    assert [cell for _, cell, _ in told(folder, "a.pdf", "a.pdf")] == ["G5", "G6"]


def test_data_dukung_in_a_folder_of_its_own_is_found(folder):
    (folder / "Lampiran").mkdir()
    (folder / "Lampiran" / "foto.jpg").write_bytes(b"x")
    assert told(folder, "foto.jpg") == []


def deadly(path: Path, archive: Path | None) -> attachments.Look:
    if path.name == "bom.pdf":
        os._exit(9)
    return look_into(path, archive)


def test_a_file_that_kills_its_reader_costs_only_itself(folder, monkeypatch):
    (folder / "bom.pdf").write_bytes(pdf())
    monkeypatch.setattr(attachments, "look_into", deadly)
    receipt, reading = form(evidence=naming("bom.pdf", "SK Gugus Tugas.pdf"))
    (found,) = with_attachments([receipt], [reading], lambda _: folder)
    assert [(it.kind, it.value) for it in found.problems] == [("attachment_unreadable", "bom.pdf")]
    assert set(found.attachments) == {"sk gugus tugas.pdf"}


def test_a_recap_has_no_data_dukung_beside_it(folder):
    receipt, reading = form(evidence=naming("foto.jpg"))
    recap = replace(receipt, layout=Layout.RECAP)
    assert with_attachments([recap], [reading], lambda _: folder) == (reading,)


def test_what_was_seen_is_kept_and_counts_when_the_files_are_gone(folder, tmp_path):
    receipt, reading = form(evidence=naming("SK Gugus Tugas.pdf", "foto.jpg"))
    (first,) = with_attachments([receipt], [reading], lambda _: folder, archive=tmp_path / "arsip")
    (kept,) = [path for path in (tmp_path / "arsip").rglob("*") if path.is_file()]
    assert kept.read_bytes() == (folder / "SK Gugus Tugas.pdf").read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o400
    assert kept.name == first.attachments["sk gugus tugas.pdf"]
    looks = looks_of(first)
    (again,) = with_attachments([receipt], [reading], lambda _: None, seen=lambda _: looks)
    assert again == first


def test_of_a_form_that_was_judged_only_what_was_wanting_is_looked_for_again(folder):
    receipt, reading = form(evidence=naming("SK Gugus Tugas.pdf", "foto.jpg"))
    (first,) = with_attachments([receipt], [reading], lambda _: folder)
    (folder / "SK Gugus Tugas.pdf").write_bytes(b"lain")
    (folder / "foto.jpg").write_bytes(b"JFIF")
    (again,) = with_attachments([receipt], [reading], lambda _: folder, seen=lambda _: looks_of(first))
    assert again.problems == ()
    assert again.attachments["sk gugus tugas.pdf"] == first.attachments["sk gugus tugas.pdf"]
    assert set(again.attachments) == {"sk gugus tugas.pdf", "foto.jpg"}


def test_a_form_beside_which_nothing_lay_misses_nothing_later(folder):
    receipt, reading = form(evidence=naming("foto.jpg"))
    assert with_attachments([receipt], [reading], lambda _: folder, seen=lambda _: {}) == (reading,)
