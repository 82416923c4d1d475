"""The pages themselves: what they say, where they lead, and what can never be in them."""

from __future__ import annotations

import base64
import hashlib
import os
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from reports.factory import HOSTILE, bare_picture, picture, recap_picture, small_picture
from reports.reading import Page

from kla.findings import Severity
from kla.io.overview import overview_line
from kla.io.page_views import PictureView
from kla.io.page_words import words
from kla.io.rendering import district_pages
from kla.picture import Picture
from kla.scoring import Cause
from kla.states import State
from kla.submission import REPAIR_RULES

GOLDEN = Path(__file__).parent / "golden"
PICTURES: dict[str, Callable[[], Picture]] = {
    "small": small_picture,
    "full": picture,
    "recap": recap_picture,
    "bare": bare_picture,
}


@cache
def pages(name: str) -> Mapping[str, bytes]:
    return district_pages(PictureView(PICTURES[name]()))


def read(shown: Picture, path: str = "index.html") -> Page:
    return Page(district_pages(PictureView(shown))[path])


@pytest.mark.parametrize("path", ["index.html", "opd/dinas03.html", "klaster/k0.html", "findings.html"])
def test_the_page_says_what_was_agreed(path: str) -> None:
    """Compare with the golden text; KLA_TEST_GOLDEN=1 writes it anew, to be reviewed in the diff."""
    golden = GOLDEN / f"{Path(path).stem}.txt"
    text = Page(pages("small")[path]).text
    if os.environ.get("KLA_TEST_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PICTURES)
def test_every_link_leads_to_a_page_and_an_anchor_that_exist(name: str) -> None:
    made = {path: Page(content) for path, content in pages(name).items()}
    anchors = {path: {a["id"] for _, a in page.elements if "id" in a} for path, page in made.items()}
    others = {"gap.xlsx", "findings.xlsx", "scores.json", "manifest.json", "../../index.html", "../../pemeriksaan.html"}
    others.add("../../keadaan/index.html")
    for path, page in made.items():
        for link in page.all("a"):
            target, _, anchor = link["href"].partition("#")
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
            assert there in made or there in others, link
            assert not anchor or anchor in anchors[there], link


@pytest.mark.parametrize("name", PICTURES)
def test_no_page_repeats_an_id(name: str) -> None:
    for path, content in pages(name).items():
        ids = Counter(attributes["id"] for _, attributes in Page(content).elements if "id" in attributes)
        assert [key for key, count in ids.items() if count > 1] == [], path


@pytest.mark.parametrize("name", PICTURES)
def test_a_page_needs_nothing_from_elsewhere(name: str) -> None:
    for content in pages(name).values():
        page = Page(content)
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base"}
        assert not [a for _, a in page.elements if "style" in a or any(key.startswith("on") for key in a)]
        assert {a.get("href", "") for a in page.all("link")} == {"data:,"}
        assert not re.search(rb"url\(|@import|https?://(?!www\.w3\.org/)", content)


def test_the_policy_allows_the_one_stylesheet_and_nothing_else() -> None:
    for content in pages("small").values():
        policy = next(a["content"] for a in Page(content).all("meta") if "http-equiv" in a)
        (css,) = re.findall(rb"<style>(.*?)</style>", content, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(css).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_a_workbook_never_becomes_an_element_and_survives(text: str) -> None:
    harmless, base = small_picture(), small_picture()
    shown = replace(
        base,
        answers=tuple(replace(row, answer=text, file_name=text, sheet=text, cell=text) for row in base.answers),
        submissions=tuple(replace(row, file_name=text) for row in base.submissions),
        findings=tuple(
            replace(row, tell=text, fix=text, value=text, file_name=text, sheet=text) for row in base.findings
        ),
        district=replace(base.district, coordinator=text, notes=(text,)),
    )
    plain = district_pages(PictureView(harmless))
    shape = {path: Page(content) for path, content in district_pages(PictureView(shown)).items()}
    for path, page in shape.items():
        extra = Counter(tag for tag, _ in page.elements) - Counter(tag for tag, _ in Page(plain[path]).elements)
        assert set(extra) <= {"h3", "ul", "li"}, path  # the district's note, shown in the footer
        assert not [a for a in page.all("a") if "contoh.invalid" in a["href"] or "javascript" in a["href"]]
        assert text in page.raw


def test_the_first_screen_answers_what_a_sekda_asks() -> None:
    text = read(picture()).text
    first = text[: text.index("Skor per klaster")]
    for answer in (
        "798,91",
        "Nindya",
        "Target: Utama\nKurang 2,09",
        "16 hari",
        "VLH 5 Juni 2025 Perbaikan sesudahnya sampai 7 Juni 2025",
        "Isian masuk: 30 dari 34",
        "DINAS01 Belum mengirim",
        "DINAS04 Berkas ditolak",
        "Siapkan bukti tambahan bersama DINAS01",
    ):
        assert answer in first, answer


@pytest.mark.parametrize(
    ("days", "told"), [(-3, "Lewat 3 hari"), (0, "Hari ini"), (1, "1 hari"), (None, "Jadwal tahap belum ditetapkan.")]
)
def test_the_deadline_is_told_before_on_and_after_its_day(days: int | None, told: str) -> None:
    assert f"\n{told}\n" in read(picture(days_left=days, office_count=3, questions_per_block=2)).text


def test_the_day_of_the_field_verification_is_told_while_it_is_to_come() -> None:
    shown = picture(office_count=3, questions_per_block=2)
    assert "16 hari\nVLH 5 Juni 2025 Perbaikan sesudahnya sampai 7 Juni 2025" in read(shown).text
    earlier = replace(shown, deadline_stage="administrasi", deadline_on=date(2025, 5, 19))
    assert "VLH 5 Juni 2025, 16 hari lagi" in read(earlier).text
    after = replace(shown, as_of=date(2025, 6, 6), deadline_on=date(2025, 6, 7), days_left=1)
    assert "1 hari\nVerifikasi lapangan hybrid ditutup 7 Juni 2025" in read(after).text


@pytest.mark.parametrize("path", ["index.html", "opd/dinas03.html", "klaster/k0.html", "findings.html"])
def test_sample_data_say_so_on_every_page(path: str) -> None:
    shown = small_picture()
    assert "Data contoh" not in read(shown, path).text
    assert words()["notice"]["sample"] in read(replace(shown, notices=("sample",)), path).text


def test_an_empty_form_keeps_the_district_waiting() -> None:
    shown = picture(office_count=3, questions_per_block=2, missing=0)
    empty = replace(shown, offices=tuple(replace(line, status="empty") for line in shown.offices))
    assert [line.opd_code for line in PictureView(shown).holding] == ["DINAS01"]  # its file was refused
    assert len(PictureView(empty).holding) == 3
    assert (
        "0 dari 3 perangkat daerah dan instansi (0 diterima, 0 perlu perbaikan, 0 ditolak, 3 kosong)"
        in read(empty).text
    )
    assert overview_line(empty).offices_accepted == 0


def test_a_status_without_words_is_still_a_page() -> None:
    shown = picture(office_count=3, questions_per_block=2)
    odd = replace(shown, offices=tuple(replace(line, status="baru") for line in shown.offices))
    assert "Tidak diketahui" in read(odd).text


def test_a_score_below_the_first_band_has_no_predikat_and_says_the_bound() -> None:
    text = read(picture(shares=(("mandiri", "0.3"),), office_count=3, questions_per_block=2)).text
    assert "Belum berpredikat" in text
    assert "Di bawah batas Pratama (500 poin)." in text


def test_a_reached_target_is_told_as_reached() -> None:
    shown = picture(shares=(("mandiri", "0.95"),), office_count=3, questions_per_block=2)
    assert "Target: Utama\nSudah tercapai" in read(shown).text


def test_a_district_without_anything_is_still_a_whole_page() -> None:
    text = Page(pages("bare")["index.html"]).text
    assert "Belum ada skor" in text
    assert "Tidak ada temuan." in text
    assert "Isian masuk: 0 dari 34" in text


def test_a_recap_shows_what_cannot_stand_and_what_counts() -> None:
    text = Page(pages("recap")["index.html"]).text
    section = text[text.index("Angka rekap yang tidak dapat dipertahankan") :]
    assert "Yang dihitung: jumlah baris pertanyaan yang dapat dipertahankan, yaitu 698,95 poin" in section
    assert re.search(
        r"R01 · Kartu mandiri\.xlsx · Kartu · E40 \| 6 \| \d+,\d\d \| Pertanyaan \S+ menyatakan 6", section
    )
    assert "R03 · Kartu mandiri.xlsx · Kartu · E9" in section
    assert "Skor ini berasal dari rekap" in text


def test_every_answer_names_file_sheet_and_cell() -> None:
    shown = small_picture()
    for block in shown.instrument.blocks:
        text = read(shown, f"klaster/{block.code.lower()}.html").text
        for question in block.questions:
            for answer in (row for row in shown.answers if row.question_id == question.question_id):
                assert f"{answer.file_name} · {answer.sheet} · {answer.cell}" in text


def test_an_office_page_holds_its_own_findings_only() -> None:
    shown = picture()
    text = read(shown, "opd/dinas10.html").text
    theirs = [found for found in shown.findings if found.opd_code == "DINAS10"]
    assert all(found.tell in text for found in theirs)
    assert "Isian DINAS11.xlsx" not in text[: text.index("Pertanyaan yang menjadi tanggung jawab")]


def test_findings_are_grouped_by_office_and_the_gravest_come_first() -> None:
    shown = picture()
    view = PictureView(replace(shown, findings=tuple(reversed(shown.findings))))
    assert view.findings == PictureView(shown).findings
    first = [placed.finding for placed in view.findings[:3]]
    assert [found.severity for found in first] == list(Severity)
    assert {found.opd_code for found in first} == {"DINAS01"}


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("cause", [cause.value for cause in Cause]),
        ("severity", [severity.value for severity in Severity]),
        ("outcome", ["accepted", "returned", "refused"]),
        ("kind", ["perangkat_daerah", "vertikal", "kecamatan", "forum"]),
        ("stage", ["mandiri", "administrasi", "vlh", "final"]),
        ("stage_short", ["mandiri", "administrasi", "vlh", "final"]),
        ("notice", ["sample", "published_card"]),
        ("finding_status", ["open", "waived", "acknowledged"]),
        ("repair_rule", list(REPAIR_RULES)),
        ("state", [state.value for state in State]),
        ("notice_short", ["sample", "published_card"]),
    ],
)
def test_every_name_of_the_field_has_its_words(key: str, names: list[str]) -> None:
    assert list(words()[key]) == names


def test_every_text_of_the_templates_is_used_or_asked_for_by_name() -> None:
    """A sentence nobody shows is a sentence nobody keeps true."""
    root = Path(__file__).resolve().parents[2]
    sources = [*(root / "reports" / "templates").glob("*.j2"), *(root / "kla" / "io").glob("*.py")]
    used = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    by_value = {
        "finding_status",
        "repair_rule",
        "state",
        "field",
        "alias_kind",
        "delta",
        "stage",
        "stage_short",
        "status",
        "outcome",
        "severity",
        "cause",
        "kind",
        "xlsx",
        "notice",
        "notice_short",
    }
    unused = [
        f"{section}.{key}"
        for section, texts in words().items()
        if isinstance(texts, dict) and section not in by_value
        for key in texts
        if f"{section}.{key}" not in used
    ]
    assert unused == []
