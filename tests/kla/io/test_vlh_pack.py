"""The pack of one klaster holds that klaster and no other, every question once at least, and the same bytes each time."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from kla.causes import Change
from kla.gaps import Gap
from kla.instrument import Block
from kla.io.contacts import Contact, Contacts
from kla.io.letter_words import PACK, entry
from kla.io.vlh_pack import Beside, Delivered, delivered_files, pack_bytes
from kla.measures import Action, EffortClass
from kla.needs import Need
from kla.scoring import Cause
from reports import factory

PICTURE = factory.picture(office_count=6, questions_per_block=4)
BLOCK = PICTURE.instrument.block("K3")
QUESTION = BLOCK.questions[0]
LEAD = PICTURE.district.owners_of(QUESTION)[0].code


def need(block: Block, cause: Cause = Cause.NO_EVIDENCE, key: str = "", lost: str = "1.50") -> Need:
    """A loss of a block's first question; `key` names a verifier's cause."""
    question = block.questions[0]
    gap = Gap(
        *(question.question_id, question.indicator_number, block.code, LEAD, cause, Decimal(lost)), question.max_points
    )
    return Need(
        *(gap, key or cause.value, bool(key), Action.UPLOAD, Decimal(1), 0, Decimal("0.5"), EffortClass.LIGHT),
        *(None, True, ""),
    )


def evidence(question_id: str, link: str, **changes: object) -> dict[str, object]:
    """One row of data dukung as the warehouse gives it."""
    row = {"question_id": question_id, "opd_code": LEAD, "kind": "dokumen", "title": "SK", "number": "1/2023"}
    row |= {"dated_on": "2023-05-20", "year": None, "link": link, "is_quarantined": 0}
    return {**row, "file_name": "isian.xlsx", "sheet": "Data Dukung", "cell": "D6", **changes}


def opened(content: bytes) -> dict[str, list[tuple[object, ...]]]:
    """The rows of each workbook in a pack, below its heading."""
    with ZipFile(io.BytesIO(content)) as pack:
        return {
            name: list(load_workbook(io.BytesIO(pack.read(name))).active.iter_rows(min_row=2, values_only=True))
            for name in pack.namelist()
            if name.endswith(".xlsx")
        }


def pack(*needs: Need, rows: tuple[dict[str, object], ...] = (), beside: Beside | None = None, **changes: object):
    return pack_bytes(replace(PICTURE, **changes), BLOCK, needs, rows, beside or {})


def test_a_pack_holds_its_five_lists_and_the_digest_of_each() -> None:
    with ZipFile(io.BytesIO(pack())) as found:
        sums = dict(reversed(line.split("  ")) for line in found.read("SHA256SUMS.txt").decode().splitlines())
        assert sums == {name: hashlib.sha256(found.read(name)).hexdigest() for name in sums}
        assert sorted(sums) == sorted(name for name in found.namelist() if name.endswith(".xlsx"))
        assert len(sums) == 5


def test_the_same_picture_gives_the_same_bytes() -> None:
    rows = (evidence(QUESTION.question_id, "a.pdf"),)
    assert pack(need(BLOCK), rows=rows) == pack(need(BLOCK), rows=rows)


def test_answers_show_every_question_of_the_klaster_and_no_other() -> None:
    rows = opened(pack())["1-jawaban.xlsx"]
    assert {row[1] for row in rows} == {question.question_id for question in BLOCK.questions}


def test_a_question_nobody_answered_has_a_row_of_its_own() -> None:
    rows = opened(pack(answers=()))["1-jawaban.xlsx"]
    assert [row[1] for row in rows] == [question.question_id for question in BLOCK.questions]
    assert {row[5] for row in rows} == {None}


@pytest.mark.parametrize("hostile", ['=HYPERLINK("http://contoh.invalid","klik")', "=1+1", "+62 812", "@SUM(A1)"])
def test_what_an_office_wrote_is_never_a_formula(hostile: str) -> None:
    text = replace(PICTURE.answers[0], question_id=QUESTION.question_id, answer=hostile, is_lead=True)
    content = pack(answers=(text,), rows=(evidence(QUESTION.question_id, hostile, title=hostile),))
    with ZipFile(io.BytesIO(content)) as found:
        for name in ("1-jawaban.xlsx", "2-daftar-bukti.xlsx"):
            cells = [it for row in load_workbook(io.BytesIO(found.read(name))).active.iter_rows() for it in row]
            assert {it.data_type for it in cells if it.value == hostile} == {"s"}


def test_evidence_has_a_row_per_file_with_its_digest_where_it_was_delivered() -> None:
    beside = {(LEAD, "a.pdf"): Delivered("ab" * 32, 17), ("LAIN", "b.pdf"): Delivered("cd" * 32, 18)}
    rows = (evidence(QUESTION.question_id, "a.pdf; b.pdf"), evidence("1.P1", "a.pdf"))
    found = opened(pack(rows=rows, beside=beside))["2-daftar-bukti.xlsx"]
    assert [(row[0], row[6], row[8], row[9]) for row in found] == [
        (QUESTION.question_id, "a.pdf", "ab" * 32, 17),
        (QUESTION.question_id, "b.pdf", None, None),
    ]


def test_evidence_sent_back_is_said_to_be() -> None:
    rows = tuple(evidence(QUESTION.question_id, "", is_quarantined=it) for it in (0, 1))
    assert [row[7] for row in opened(pack(rows=rows))["2-daftar-bukti.xlsx"]] == ["diterima", "dikembalikan"]


def test_the_likely_questions_follow_the_causes_dearest_first_then_what_earned_its_points() -> None:
    losses = (need(BLOCK, Cause.CUT_BY_VERIFIER, "outdated"), need(PICTURE.instrument.block("K1")))
    rows = opened(pack(*losses))["3-pertanyaan-verifikator.xlsx"]
    assert rows[0][0] == QUESTION.question_id
    assert "tahun penilaian" in str(rows[0][5])
    assert {row[0] for row in rows} == {question.question_id for question in BLOCK.questions}
    assert all("bukti asli" in str(row[5]) for row in rows[1:])


def test_every_cause_has_its_question() -> None:
    told = entry("verifier", PACK)
    assert isinstance(told, dict)
    assert set(told["changes"]) == {change.value for change in Change}
    assert set(told["losses"]) == {cause.value for cause in Cause if cause is not Cause.FULL}


def test_contacts_are_the_klasters_offices_and_count_what_each_leads() -> None:
    rows = opened(pack())["4-kontak.xlsx"]
    owners = [PICTURE.district.owners_of(question) for question in BLOCK.questions]
    assert {row[0] for row in rows} == {office.code for offices in owners for office in offices}
    assert sum(int(str(row[2])) for row in rows) == len(BLOCK.questions)


def test_the_role_that_speaks_for_an_office_is_told_where_contacts_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    code = PICTURE.district.owners_of(BLOCK.questions[0])[0].code
    named = Contacts(offices={code: Contact("Sekretaris dinas")})
    monkeypatch.setattr("kla.io.vlh_pack.load_contacts", lambda _: named)
    rows = {row[0]: row[4] for row in opened(pack())["4-kontak.xlsx"]}
    assert rows.pop(code) == "Sekretaris dinas"
    assert set(rows.values()) <= {"", None}


def test_the_checklist_names_each_loss_that_can_be_mended_and_none_that_must_be_raised() -> None:
    general = len(opened(pack())["5-daftar-periksa.xlsx"])
    rows = opened(pack(need(BLOCK), need(BLOCK, Cause.BELOW_FULL)))["5-daftar-periksa.xlsx"]
    assert len(rows) == general + 1
    assert str(rows[-1][1]).startswith(f"{QUESTION.question_id}: ")


def test_files_beside_a_form_are_found_by_any_name_of_the_office_and_links_are_not_followed(tmp_path: Path) -> None:
    office = PICTURE.district.offices[0]
    folder = tmp_path / "99.01" / office.code.lower()
    folder.mkdir(parents=True)
    (folder / "SK.pdf").write_bytes(b"isi")
    (folder / "isian.xlsx").write_bytes(b"formulir")
    (folder / "~$SK.pdf").write_bytes(b"kunci")
    (tmp_path / "rahasia.pdf").write_bytes(b"rahasia")
    (folder / "tautan.pdf").symlink_to(tmp_path / "rahasia.pdf")
    os.mkfifo(folder / "pipa.pdf")
    (tmp_path / "99.01" / "_verifikasi").mkdir()
    (tmp_path / "99.01" / "_verifikasi" / "SK.pdf").write_bytes(b"lain")
    found = delivered_files(tmp_path, PICTURE.district)
    assert list(found.values()) == [Delivered(hashlib.sha256(b"isi").hexdigest(), 3)]
    assert {code for code, _ in found} == {office.code}


def test_without_an_inbox_nothing_was_delivered(tmp_path: Path) -> None:
    assert delivered_files(tmp_path, PICTURE.district) == {}
