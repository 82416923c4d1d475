"""The printed gap report: same bytes, own fonts, sums that agree, and no text that becomes markup."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from kla.errors import SettingsError
from kla.gaps import Gap
from kla.io import project
from kla.io.printing import TEMPLATE, gap_pdf, report_data
from kla.measures import Action, EffortClass
from kla.needs import Need
from kla.picture import Picture
from kla.scoring import Cause
from reports import factory

PICTURE = factory.picture(office_count=6, questions_per_block=4)
HOSTILE = ['#eval("1+1")', "*tebal* _miring_", "$x^2$", '#include "/etc/passwd"', "\\", "]", "<a> @b `c` = d", "// x"]


def needs_of(picture: Picture) -> tuple[Need, ...]:
    """A need for each gap of a picture."""
    return tuple(
        Need(
            *(gap, gap.cause.value, False, Action.UPLOAD, Decimal(1), 0, Decimal("0.5"), EffortClass.LIGHT),
            *(picture.deadline_on, True, ""),
        )
        for gap in picture.gaps
    )


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_same_picture_gives_the_same_pdf() -> None:
    assert gap_pdf(PICTURE, needs_of(PICTURE)) == gap_pdf(PICTURE, needs_of(PICTURE))


def test_the_report_is_a4_dated_by_its_day_and_carries_its_fonts() -> None:
    reader = PdfReader(io.BytesIO(gap_pdf(PICTURE, needs_of(PICTURE))))
    page = reader.pages[0]
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    assert str(reader.metadata.get("/CreationDate")).startswith("D:20250520")
    fonts = [it.get_object()["/DescendantFonts"][0].get_object() for it in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(it["/FontDescriptor"].get_object()) for it in fonts)


def test_losses_by_cause_office_and_block_each_sum_to_maximum_less_score() -> None:
    data = report_data(PICTURE, needs_of(PICTURE))
    total = PICTURE.current.total
    lost = f"{total.max_points - total.points:.2f}".replace(".", ",")
    for key in ("causes", "offices", "blocks"):
        assert data[key][-1][-1] == lost
    assert f"= {lost}." in str(data["check"])


def test_every_loss_is_on_paper() -> None:
    text = text_of(gap_pdf(PICTURE, needs_of(PICTURE)))
    for gap in PICTURE.gaps:
        assert gap.question_id in text
    for office in PICTURE.district.offices:
        assert office.code in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_becomes_markup(hostile: str) -> None:
    picture = replace(PICTURE, district=replace(PICTURE.district, name=hostile))
    assert "".join(hostile.split()) in "".join(text_of(gap_pdf(picture, needs_of(PICTURE))).split())


def test_a_question_nobody_owns_and_one_too_late_are_said_to_be() -> None:
    question = PICTURE.instrument.questions[0]
    gap = Gap(question.question_id, "1", "K0", "", Cause.UNOWNED, Decimal("1.50"), question.max_points)
    late = replace(needs_of(PICTURE)[0], gap=gap, cause="unowned", is_possible=False)
    row = report_data(PICTURE, [late])["gaps"][0]
    assert row[2] == "belum ada OPD"
    assert row[6] == "tidak lagi dapat diubah"


def test_without_losses_and_without_a_calendar_the_report_says_so() -> None:
    text = " ".join(text_of(gap_pdf(replace(PICTURE, deadline_on=None, days_left=None), ())).split())
    assert "Tidak ada poin yang hilang." in text
    assert "belum ditetapkan" in text


def test_a_template_that_does_not_compile_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs, data = needs_of(PICTURE), project.data
    gap_pdf(PICTURE, needs)
    (tmp_path / TEMPLATE).parent.mkdir()
    (tmp_path / TEMPLATE).write_text("#tidak_ada")
    monkeypatch.setattr(project, "data", lambda folder: tmp_path if folder == "reports" else data(folder))
    with pytest.raises(SettingsError, match=r"gap\.typ"):
        gap_pdf(PICTURE, needs)


def test_the_report_prints_the_fall_the_way_and_skor_aman() -> None:
    data = report_data(PICTURE, needs_of(PICTURE))
    text = " ".join(text_of(gap_pdf(PICTURE, needs_of(PICTURE))).split())
    for told in (
        "Utama terjangkau sebelum 5 Juni 2025",
        "Jalan menuju Utama",
        "Skor aman",
        "Sisa yang tidak terurai: 0,00",
    ):
        assert told in text, told
    changes = [row[-1].replace("−", "-").replace(".", "").replace(",", ".") for row in data["falls"]]
    before, after = (sheet.total.points for sheet in PICTURE.stages)
    assert sum(map(Decimal, changes)) == after - before
    assert data["tasks"]
    assert {row[0] for row in data["tasks"]} == {row[0] for row in data["ways"]}
    assert data["safe"][-1][1].replace(",", ".") == f"{after:.2f}"


def test_a_report_before_anything_is_scored_twice_has_no_fall() -> None:
    alone = factory.picture(office_count=3, questions_per_block=2, shares=(("mandiri", "0.6"),), days_left=None)
    data = report_data(alone, needs_of(alone))
    assert (data["falls"], data["ways"], data["fall_charts"]) == ([], [], [])
    assert gap_pdf(alone, needs_of(alone)).startswith(b"%PDF")
