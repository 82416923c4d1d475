"""The page says of each stage how many were expected, sent, are valid and came in time."""

from dataclasses import replace

from reports.factory import small_picture
from reports.reading import Page

from kla.io.page_views import PictureView
from kla.io.rendering import district_pages
from kla.turnout import Turnout


def test_who_has_sent_is_told_per_stage_and_a_stage_nobody_sent_to_is_left_out() -> None:
    told = (
        Turnout("mandiri", 34, 30, 21, 28),
        Turnout("administrasi", 1, 1, 1, None),
        Turnout("vlh", 1, 0, 0, 0),
    )
    text = Page(district_pages(PictureView(replace(small_picture(), turnouts=told)))["index.html"]).text
    assert "Evaluasi mandiri: 34 ditunggu, 30 sudah mengirim, 21 sah, 28 tepat waktu" in text
    assert "Verifikasi administrasi: 1 ditunggu, 1 sudah mengirim, 1 sah" in text
    assert "Verifikasi lapangan hybrid: 1 ditunggu" not in text
