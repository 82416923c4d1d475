"""The loop on the pages: what was decided, what changed, what waits, and where the files lie."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from urllib.parse import unquote

import pytest
from reports.factory import HOSTILE, small_picture
from reports.loop import OFFICE, WAIVER, loop_picture
from reports.reading import Page

from kla.decisions import DecisionKind
from kla.io.delta_chart import chart_of
from kla.io.page_views import PictureView
from kla.io.rendering import district_pages
from kla.picture import OfficeDelta


@cache
def page(path: str) -> Page:
    return Page(district_pages(PictureView(loop_picture(), has_attempts=True))[path])


@pytest.mark.parametrize(
    "told",
    [
        "Sudah diperbaiki Kiriman perbaikan sudah dibaca, menunggu penerimaan wali data. 1 pertanyaan",
        "Kiriman 19 Mei 2025: 1 temuan baru, 2 muncul lagi, 2 tetap, 1 selesai.",
        "KLA-99.01-DINAS03-2024-mandiri-02-",
        "Versi 2: 2 sel berubah dari versi sebelumnya",
        "Klaster III!F12 Angka tahun kedua | 1.P1 | 12 | 10",
        "Data Dukung!D8 Judul data dukung | 2.P2 | – | SK Bupati",
        "Klaster III!F14 | 3.P1 | 961,86 | 961,86 | Spasi di tepi teks dibuang; Teks dibaca sebagai angka",
        "A02 | Data baru terbit bulan Juni | Budi | Siti Aminah 2 Mei 2025 | 1 Juni 2025 12 hari lagi",
    ],
)
def test_an_office_reads_what_came_of_its_attempts(told: str) -> None:
    assert told in page("opd/dinas03.html").text


def test_each_attempt_leads_to_its_files() -> None:
    links = [unquote(link["href"]) for link in page("opd/dinas03.html").all("a") if "percobaan" in link["href"]]
    assert [link.rpartition("-")[0] for link in links if "findings" in link] == [
        "../percobaan/findings-KLA-99.01-DINAS03-2024-mandiri-02",
        "../percobaan/findings-KLA-99.01-DINAS03-2024-mandiri-01",
    ]
    assert [link for link in links if "perbaikan-KLA-99.01-DINAS03-2024-mandiri" in link] == []


def test_without_files_no_attempt_leads_anywhere() -> None:
    shown = Page(district_pages(PictureView(loop_picture()))["opd/dinas03.html"])
    assert not [link for link in shown.all("a") if "percobaan" in link["href"]]


@pytest.mark.parametrize("path", ["index.html", "findings.html", "opd/dinas03.html", "wali-data.html"])
def test_a_waiver_is_in_every_report_with_reason_approver_and_end(path: str) -> None:
    for told in (
        "Dikecualikan" if path != "wali-data.html" else "Pengecualian",
        "Data baru terbit bulan Juni",
        "Siti Aminah",
        "1 Juni 2025",
    ):
        assert told in page(path).text, told


def test_what_a_decision_settled_is_counted_apart() -> None:
    text = page("index.html").text
    assert "Harus diperbaiki: 2 · Perlu diperhatikan: 1 · Catatan: 2 · Dikecualikan: 1 · Dikonfirmasi: 1." in text


def test_many_questions_accepted_in_one_move_are_one_line() -> None:
    shown = loop_picture()
    questions = [question.question_id for question in shown.instrument.questions[:3]]
    accepted = tuple(
        replace(WAIVER, kind=DecisionKind.ACCEPTANCE, code="", reason="Sudah lengkap", until_on=None, question_id=key)
        for key in questions
    )
    text = Page(district_pages(PictureView(replace(shown, decisions=accepted)))["opd/dinas03.html"]).text
    assert f"Penerimaan | {', '.join(sorted(questions))} | Sudah lengkap" in text


def test_the_steward_sees_first_what_changed_then_what_waits() -> None:
    text = page("wali-data.html").text
    order = [
        "Yang berubah pada proses terakhir",
        "Menunggu keputusan",
        "Nama yang belum dikenal",
        "Pengecualian yang berlaku",
    ]
    assert sorted(order, key=text.index) == order
    assert "DINAS03 Mandiri | 19 Mei 2025 | 1 | 2 | 1 | 2" in text
    assert "DINAS03 | 1 | 1 | – | –" in text
    assert "Dinas Kesehatn | Perangkat daerah | DINAS01 | 91%" in text
    assert "1 pengecualian berakhir dalam 30 hari." in text


def test_the_page_of_checks_is_linked_where_a_night_publishes_it() -> None:
    links = {link["href"] for link in page("wali-data.html").all("a")}
    assert "../../pemeriksaan.html" in links
    alone = Page(district_pages(PictureView(loop_picture()))["wali-data.html"])
    assert "../../pemeriksaan.html" not in {link["href"] for link in alone.all("a")}


def test_findings_come_by_points_at_stake_what_is_settled_last() -> None:
    view = PictureView(loop_picture())
    for found in view.findings_of_office.values():
        owed = [it.finding.points_at_stake for it in found if it.finding.is_owed]
        assert owed == sorted(owed, reverse=True)
        statuses = [it.finding.status != "open" for it in found]
        assert statuses == sorted(statuses)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_the_loop_never_becomes_an_element_and_survives(text: str) -> None:
    plain = {path: Page(content) for path, content in district_pages(PictureView(loop_picture())).items()}
    shown = {path: Page(content) for path, content in district_pages(PictureView(loop_picture(text))).items()}
    for path, made in shown.items():
        assert Counter(tag for tag, _ in made.elements) == Counter(tag for tag, _ in plain[path].elements), path
    assert text in shown["opd/dinas03.html"].raw
    assert text in shown["wali-data.html"].raw


def test_a_page_without_a_loop_says_so() -> None:
    made = {path: Page(content) for path, content in district_pages(PictureView(small_picture())).items()}
    text = made["wali-data.html"].text
    for told in ("Belum ada temuan yang datang atau pergi.", "Tidak ada nama yang menunggu.", "Tidak ada pengecualian"):
        assert told in text
    assert "Perubahan temuan" not in made["opd/dinas03.html"].text


def run(new: int, fixed: int, persisting: int = 0, returned: int = 0) -> OfficeDelta:
    return OfficeDelta(OFFICE, "mandiri", "run", 1, date(2025, 5, 1), new, fixed, persisting, returned)


@pytest.mark.parametrize("runs", [[run(1, 0)], [run(0, 0)], [run(400, 0), run(0, 400, 3, 2)], [run(0, 1)] * 10])
def test_the_chart_stays_in_its_frame_and_draws_every_count(runs: list[OfficeDelta]) -> None:
    chart = chart_of(runs)
    counts = [count for it in runs for count in (it.persisting, it.returned, it.new, it.fixed) if count]
    assert len(chart.pieces) == len(counts)
    for piece in chart.pieces:
        assert float(piece.top) >= 0
        assert float(piece.top) + float(piece.height) <= chart.height
        assert 0 <= piece.left <= chart.width - chart.bar
        assert (float(piece.top) >= chart.line) == (piece.kind == "fixed")


def test_the_same_run_is_told_the_same_whatever_else_is_there() -> None:
    shown = loop_picture()
    twice = district_pages(PictureView(replace(shown, attempts=tuple(reversed(shown.attempts)))))
    assert twice["opd/dinas03.html"] == district_pages(PictureView(shown))["opd/dinas03.html"]


def test_the_steward_sees_where_every_cell_went_summed_by_rule_and_by_file() -> None:
    picture = loop_picture()
    files = tuple(replace(it, ignored=(("cover", 5), ("header", 7))) for it in picture.submissions)
    text = Page(district_pages(PictureView(replace(picture, submissions=files)))["wali-data.html"]).text
    many = len(files)
    assert (
        f"{many} berkas, {320 * many} sel terisi = {300 * many} dimuat + {8 * many} dikembalikan + {12 * many}"
        in text.replace(".", "")
    )
    assert f"kepala tabel | {7 * many}" in text.replace(".", "")
    assert text.count("| 320 | 300 | 8 | 12") == many


def test_a_ledger_that_does_not_add_up_says_how_many_cells_are_missing() -> None:
    picture = loop_picture()
    first, *rest = picture.submissions
    files = (replace(first, cells_loaded=first.cells_loaded - 3), *rest)
    text = Page(district_pages(PictureView(replace(picture, submissions=files)))["wali-data.html"]).text
    assert "dilewati: 3 sel tidak terhitung." in text
