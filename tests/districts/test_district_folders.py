"""The six districts hold together and are what is known of them."""

from datetime import date

import pytest

from kla.deadlines import current_window, days_left
from kla.district import OfficeKind, office_words, resolve_office
from kla.io.districts import district_codes, load_district
from kla.io.instruments import load_instrument

SIX = pytest.mark.parametrize("code", district_codes())
# As published on the card of Ogan Ilir, 2024.
CARD_OFFICES = (
    "BAPPEDA",
    "BNN",
    "BPBD",
    "Bapenda",
    "DLH",
    "DPPPAPPKB",
    "Dinkes",
    "Dinsos",
    "Disdikbud",
    "Disdukcapil",
    "Dishub",
    "Disnaker",
    "Disparpor",
    "Dispora",
    "JDIH",
    "Kejaksaan",
    "Kemenag",
    "Kesbangpol",
    "Kominfo",
    "PAN",
    "Perpustakaan",
    "Polres",
    "Bagian Hukum",
    "Dinas PU",
    "Dinas PU Perkim",
    "Dinas PUPR",
    "Dinas Pariwisata",
    "Dunia Usaha",
    "Forum Anak Daerah (FAD)",
    "Satpol PP",
    "UPPA Polres",
    "UPTD PPA",
)


@SIX
def test_every_question_has_an_owner_and_every_office_owes_a_form(code):
    district = load_district(code)
    instrument = load_instrument(district.cycle)
    assert all(district.owners_of(question) for question in instrument.questions)
    assert district.expected_offices(instrument) == district.offices


@SIX
def test_every_word_for_an_office_means_that_office(code):
    district = load_district(code)
    for office in district.offices:
        assert {resolve_office(district, word) for word in office_words(office)} == {office}


@SIX
def test_what_is_assumed_is_said(code):
    assert any("diandaikan" in note or "pastikan" in note for note in load_district(code).notes)


@SIX
@pytest.mark.parametrize("word", ["Capil", "DUKCAPIL", "Kominfo", "Dinas PU", "Perpustakaan", "UPPA", "Kejaksaan"])
def test_names_found_in_the_wild_are_known(code, word):
    assert resolve_office(load_district(code), word) is not None


@pytest.mark.parametrize(
    ("code", "zone", "target", "kecamatan", "desa", "women_and_children"),
    [
        ("64.02", "Asia/Makassar", "Nindya", 20, 237, "DP3A"),
        ("17.04", "Asia/Jakarta", "Pratama", 15, 195, "DP2KBP3A"),
        ("63.10", "Asia/Makassar", "Utama", 12, 157, "DP3AP2KB"),
        ("62.02", "Asia/Jakarta", "Madya", 17, 185, "DPPPAP2KB"),
        ("53.71", "Asia/Makassar", "Madya", 6, 51, "DP3A"),
        ("16.10", "Asia/Jakarta", "Nindya", 16, 241, "DPPPAPPKB"),
    ],
)
def test_the_six_are_what_is_known_of_them(code, zone, target, kecamatan, desa, women_and_children):
    district = load_district(code)
    assert (district.zone.key, district.target_predikat) == (zone, target)
    assert (district.kecamatan_count, district.desa_count) == (kecamatan, desa)
    assert district.coordinator == women_and_children
    assert district.office(women_and_children).serves == ("DP3A",)
    assert resolve_office(district, "DP3A").code == women_and_children


def test_kutai_kartanegara_has_thirty_offices_and_four_vertical_agencies():
    kinds = [office.kind for office in load_district("64.02").offices]
    assert (len(kinds), kinds.count(OfficeKind.VERTIKAL)) == (34, 4)


@pytest.mark.parametrize("name", CARD_OFFICES)
def test_every_office_on_ogan_ilirs_card_is_known(name):
    assert resolve_office(load_district("16.10"), name) is not None


def test_marriage_dispensation_is_led_by_the_religious_court_in_kotawaringin_timur():
    question = load_instrument(2024).question("7.P2")
    lead = load_district("62.02").owners_of(question)[0]
    assert lead.serves == ("PENGADILAN_AGAMA",)
    assert load_district("63.10").owners_of(question)[0].code == "KEMENAG"


def test_tanah_bumbu_has_sixteen_days_until_its_vlh_on_20_may_2025():
    window = current_window(load_district("63.10").windows(), date(2025, 5, 20))
    assert (window.stage, window.vlh_on) == ("vlh", date(2025, 6, 5))
    assert days_left(window.vlh_on, date(2025, 5, 20)) == 16


def test_kaur_has_28_days_left_on_3_may_2024():
    window = current_window(load_district("17.04").windows(), date(2024, 5, 3))
    assert (window.stage, days_left(window.closes_on, date(2024, 5, 3))) == ("mandiri", 28)


def test_kotawaringin_timur_keeps_the_calendar_of_2023():
    windows = load_district("62.02").windows(2023)
    assert [window.stage for window in windows] == ["mandiri", "administrasi", "vlh", "final"]
    assert windows[0].closes_on == date(2023, 3, 31)
