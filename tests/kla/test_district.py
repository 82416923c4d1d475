"""An office is known by what people call it; an unknown word means none."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.district import District, Office, OfficeKind, StageWindow, office_key, resolve_office

DINAS = OfficeKind.PERANGKAT_DAERAH
OFFICES = (
    Office("DP3AP2KB", "Dinas Pemberdayaan Perempuan dan Perlindungan Anak", DINAS, ("DP3A",), ("DPPPA",)),
    Office("DISDUKCAPIL", "Dinas Kependudukan dan Pencatatan Sipil", DINAS, ("DISDUKCAPIL",), ("Capil", "Dukcapil")),
    Office("PUPR", "Dinas Pekerjaan Umum dan Penataan Ruang", DINAS, ("PUPR", "PERKIM"), ("Dinas PU & Perkim",)),
    Office("BAPPEDA", "Bappeda", DINAS, ("BAPPEDA",)),
    Office("UPPA", "Unit PPA", OfficeKind.VERTIKAL, ("POLRES",)),
    Office("POLSEK", "Kepolisian Sektor", OfficeKind.VERTIKAL, ("POLRES",)),
)


def district(name: str = "Kabupaten Tanah Bumbu", **changes) -> District:
    values = {
        "code": "63.10",
        "name": name,
        "province_code": "63",
        "province_name": "Kalimantan Selatan",
        "zone": ZoneInfo("Asia/Makassar"),
        "cycle": 2024,
        "target_predikat": "Utama",
        "offices": OFFICES,
        "owner_overrides": {},
        "without_roles": frozenset(),
        "calendar": {2024: (StageWindow("mandiri", date(2024, 1, 2), date(2024, 6, 30)),)},
        "kecamatan_count": 12,
        "desa_count": 157,
    }
    return District(**values | changes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DP3AP2KB", "DP3AP2KB"),
        ("dp3ap2kb", "DP3AP2KB"),
        ("DPPPA", "DP3AP2KB"),
        ("DP3A", "DP3AP2KB"),  # the role it alone fills
        ("CAPIL", "DISDUKCAPIL"),
        ("  Disdukcapil. ", "DISDUKCAPIL"),
        ("Dinas Kependudukan & Pencatatan Sipil", "DISDUKCAPIL"),
        ("dinas  kependudukan dan\u00a0pencatatan sipil", "DISDUKCAPIL"),
        ("\uff23\uff41\uff50\uff49\uff4c", "DISDUKCAPIL"),  # full-width letters
        ("Dinas P.U. / Perkim", "PUPR"),
        ("PERKIM", "PUPR"),
        ("Dukcapil Kab. Tanah Bumbu", "DISDUKCAPIL"),
        ("Dukcapil Kabupaten Tanah Bumbu", "DISDUKCAPIL"),
        ("BAPPEDA_TANAH_BUMBU", "BAPPEDA"),
    ],
)
def test_an_office_is_found_by_what_people_call_it(text, code):
    assert resolve_office(district(), text).code == code


@pytest.mark.parametrize("text", ["", " - ", "Dinas", "DINAS SIHIR", "Kab. Tanah Bumbu", "POLRES", "dan"])
def test_a_word_that_means_no_office_or_two_means_none(text):
    assert resolve_office(district(), text) is None


def test_a_citys_name_may_stand_after_the_office():
    assert resolve_office(district("Kota Kupang"), "Bappeda Kota Kupang").code == "BAPPEDA"


@given(office=st.sampled_from(OFFICES), upper=st.booleans(), around=st.text(" \t.,-_/()", max_size=5))
def test_case_and_punctuation_never_matter(office, upper, around):
    for word in (office.code, office.name, *office.aliases):
        text = around + (word.upper() if upper else word.lower()) + around
        assert resolve_office(district(), text) is office


@given(st.text(max_size=40))
def test_any_text_finds_an_office_or_none_and_never_fails(text):
    found = resolve_office(district(), text)
    assert found is None or found in OFFICES
    assert office_key(office_key(text)) == office_key(text)
