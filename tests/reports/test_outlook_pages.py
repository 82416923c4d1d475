"""What lies ahead on the pages: sums that close, verdicts that hold, and each sample district's own question answered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports.factory import bare_picture, picture, recap_picture, small_picture
from reports.reading import Page

from kla.io.page_lines import NOTHING
from kla.io.page_losses import by_cause, by_cause_and_office
from kla.io.page_outlook import Outlook
from kla.io.page_outlook_words import certainty_text, outlook_charts
from kla.io.page_rows import BAR, WIDTH, ChartRow, Span, rows_chart
from kla.io.page_views import PictureView
from kla.io.rendering import district_pages
from kla.picture import OtherCycle, StageReason

SMALL = picture(office_count=3, questions_per_block=2)


@pytest.mark.parametrize("make", [small_picture, picture, recap_picture, bare_picture])
def test_losses_by_cause_office_and_block_sum_to_what_is_lost(make) -> None:
    view = PictureView(make())
    for summed in (by_cause(view.outlook.needs), by_cause_and_office(view.outlook.needs)):
        assert sum((it.lost_points for it in summed), NOTHING) == view.lost
        assert all(sum(it.by_block.values()) == it.lost_points for it in summed)
    blocks = [block.code for block in view.picture.instrument.blocks]
    assert sum(map(view.lost_in, blocks), NOTHING) == view.lost
    by_block = [it.lost_points for code in blocks for it in view.outlook.block_losses.get(code, ())]
    assert sum(by_block, NOTHING) == view.lost


@pytest.mark.parametrize("part", ["change", "block_code", "indicator_number", "opd_code", "question_id"])
def test_every_way_to_sum_a_fall_ends_at_its_difference(part: str) -> None:
    outlook = Outlook(SMALL)
    fall = outlook.last_fall
    assert fall is not None
    assert (fall.residual, sum(it.points for it in outlook.fall_by(fall, part))) == (0, fall.difference)


def test_what_is_at_risk_by_block_sums_to_the_whole() -> None:
    outlook = Outlook(picture())
    found = outlook.safety
    assert found is not None
    assert found.at_risk > 0
    assert sum(outlook.at_risk(block.code) for block in outlook.picture.instrument.blocks) == found.at_risk
    assert found.supported - found.at_risk == found.safe


def test_a_verdict_is_told_for_every_situation() -> None:
    def verdict(**changed: object) -> str:
        return Outlook(replace(SMALL, **changed)).verdict

    assert verdict() == "reachable"
    assert verdict(points_to_target=NOTHING) == "reached"
    assert verdict(deadline_on=None) == "no_calendar"
    assert verdict(deadline_on=date(2025, 5, 19)) == "over"
    assert Outlook(bare_picture()).verdict == "unscored"
    far = picture(shares=(("mandiri", "0.3"),), days_left=1, office_count=3, questions_per_block=2)
    assert Outlook(far).verdict == "unreachable"
    assert Outlook(replace(SMALL, target_predikat="Istimewa", points_to_target=Decimal(1))).route is None


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (16, "Utama tidak terjangkau sebelum 5 Juni 2025. Skor terbaik yang diharapkan"),
        (
            8,
            "Utama tidak terjangkau sebelum 28 Mei 2025. Tidak ada perbaikan yang masih dapat selesai sebelum hari itu.",
        ),
    ],
)
def test_an_unreachable_target_says_until_when_and_what_is_still_possible(days: int, told: str) -> None:
    far = picture(shares=(("mandiri", "0.3"),), days_left=days, office_count=3, questions_per_block=2)
    assert told in Page(district_pages(PictureView(far))["index.html"]).text


def test_the_way_is_shared_out_to_offices_without_loss() -> None:
    outlook = Outlook(picture(shares=(("mandiri", "0.6"),)))
    assert outlook.route is not None
    assert sorted(t.option.question_id for way in outlook.ways for t in way.tasks) == sorted(
        t.option.question_id for t in outlook.route.tasks
    )
    won = outlook.route.expected_score - outlook.route.current
    assert sum(way.sure_gain for way in outlook.ways) == won
    assert [way.sure_gain for way in outlook.ways] == sorted((way.sure_gain for way in outlook.ways), reverse=True)
    shown = [task for block in outlook.picture.instrument.blocks for task in outlook.block_tasks(block.code)]
    assert len(shown) == len(outlook.route.tasks)


def test_a_recaps_reasons_decide_the_causes_on_the_page() -> None:
    ids = [question.question_id for question in SMALL.instrument.questions]
    told = replace(
        SMALL,
        reasons=(
            StageReason("administrasi", ids[0], "Foto tidak jelas"),
            StageReason("administrasi", ids[1], "Belum ada SK"),
        ),
    )
    text = Page(district_pages(PictureView(told))["antartahap.html"]).text
    assert re.search(rf"{re.escape(ids[0])} .* \| Bukti tidak jelas \| Foto tidak jelas \|", text)
    assert re.search(rf"{re.escape(ids[1])} .* \| Tanpa dasar hukum \| Belum ada SK \|", text)
    assert "Sisa yang tidak terurai: 0,00" in text


def test_another_cycle_gives_a_trend_that_sums_and_an_own_history() -> None:
    alone = picture(shares=(("mandiri", "0.7"),), office_count=3, questions_per_block=2)
    assert Outlook(alone).trend == ()
    told = Outlook(replace(alone, cycle=2025, other_cycles=(OtherCycle(2024, SMALL.stages),)))
    assert [(line.cycle, line.stage) for line in told.trend] == [
        (2024, "mandiri"),
        (2024, "administrasi"),
        (2025, "mandiri"),
    ]
    assert all(it.residual == 0 for it in told.years)
    assert told.last_verified is not None
    assert told.last_verified.points == SMALL.current.total.points
    assert told.safety is not None
    assert told.safety.expectation is not None
    assert told.safety.expectation.own_pairs == 1


@given(
    st.lists(st.tuples(st.integers(-50, 1200), st.integers(-50, 1200)), max_size=5),
    st.tuples(st.integers(0, 500), st.integers(0, 1000)),
)
def test_no_rectangle_leaves_its_chart(spans: list[tuple[int, int]], bounds: tuple[int, int]) -> None:
    rows = [ChartRow("a", "b", (Span("loss", Decimal(a), Decimal(b)),)) for a, b in spans]
    low, high = sorted(map(Decimal, bounds))
    chart = rows_chart("k", "judul", rows, (low, high), [Span("mark", high, high)])
    for piece in chart.pieces:
        assert 0 <= float(piece.left) <= WIDTH
        assert float(piece.left) + float(piece.width) <= WIDTH + 0.1
        assert float(piece.width) > 0
        assert piece.top >= 0
        assert piece.top + piece.height <= chart.height
        assert piece.height in (BAR, BAR + 4)


def test_charts_are_drawn_only_of_what_is_there() -> None:
    assert set(outlook_charts(Outlook(SMALL))) == {"fall_causes", "fall_blocks", "safe"}
    assert outlook_charts(Outlook(bare_picture())) == {}


@pytest.mark.parametrize(("share", "told"), [("0.85", "85%"), ("0.5", "50%"), ("0.125", "12,5%"), ("1", "100%")])
def test_a_certainty_is_read_as_a_percentage(share: str, told: str) -> None:
    assert certainty_text(Decimal(share)) == told


# The questions of the sample districts, with the figures that were published of them.

ANSWERS = {
    "64.02": (
        "668,40",
        "Madya",
        "Kurang 32,60",
        "Ya, Nindya terjangkau sebelum 30 Juni 2024.",
        "Yang paling menentukan: DP3A",
    ),
    "17.04": ("300,41", "Kurang 199,59", "28 hari", "Ya, Pratama terjangkau sebelum 31 Mei 2024."),
    "63.10": (
        "Kurang 0,62",
        "Dari evaluasi mandiri 961,86 ke verifikasi administrasi 800,38: −161,48 poin, terurai habis (sisa 0,00).",
        "Menurut sebab: bukti tidak ada",
        "Ya, Utama terjangkau sebelum 5 Juni 2025.",
        "UPTD_PPA +8,00 poin",
    ),
    "62.02": (
        "Skor terverifikasi terakhir 588,40 (verifikasi administrasi 2023): 12,60 poin lagi menuju Madya.",
        "Salah alamat: menurut instrumen pada KEMENAG, di daerah ini dipimpin PA_SAMPIT (22 poin) (7.P2).",
        "Madya tidak terjangkau sebelum 30 Juni 2024. Skor terbaik yang diharapkan",
    ),
    "53.71": (
        "dari 190 pertanyaan bersama baru dikerjakan satu pihak saja. Paling sering bekerja sendiri: BAPPEDA",
        "Paling sering ditunggu: DP3A",
        "Ya, Madya terjangkau sebelum 30 Juni 2024.",
    ),
}


@pytest.mark.parametrize("code", ANSWERS)
def test_a_districts_question_is_answered_on_its_first_screen(sample_night, code: str) -> None:
    text = Page((sample_night.var / "public" / code / "2024" / "index.html").read_bytes()).text
    first = text[: text.index("Jalan menuju ", text.index("Jawaban singkat"))]
    for told in ANSWERS[code]:
        assert told in first, told


def test_kotims_verified_years_stand_in_its_trend(sample_night) -> None:
    text = Page((sample_night.var / "public" / "62.02" / "2024" / "index.html").read_bytes()).text
    for told in (
        "2021 Mandiri angka yang pernah terbit | 765,50",
        "2022 Administrasi angka yang pernah terbit | 413,00",
    ):
        assert told in text
    assert "2023 Administrasi | 588,40 | +175,40 | kurang 12,60" in text


def test_a_number_leads_to_the_row_that_names_its_cell(sample_night) -> None:
    folder: Path = sample_night.var / "public" / "63.10" / "2024"
    for page in ("index.html", "jalan.html", "antartahap.html", "kehilangan.html", "klaster/k5.html"):
        links = [a["href"] for a in Page((folder / page).read_bytes()).all("a")]
        rows = {link for link in links if "opd/" in link and "#" in link}
        assert rows, page
        for link in sorted(rows)[:10]:
            target, _, question_id = link.partition("#")
            shown = (folder / page).parent.joinpath(target).resolve().read_text(encoding="utf-8")
            (row,) = re.findall(rf'<tr id="{re.escape(question_id)}">(.*?)</tr>', shown, re.DOTALL)
            assert re.search(r"\.xlsx · [^<]+ · [A-Z]+[0-9]+", row), link
