"""Numbers of persons: found however they are written, and told from every honest figure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kla import personal_sheets
from kla.io.personal_words import load_personal_words
from kla.parsing.grid import Grid
from kla.personal import is_suspect, masked
from kla.personal_sheets import personal_places

WORDS = load_personal_words()
NIK = "6402155005100001"


def kinds(*rows: list) -> set[str]:
    return set(personal_places(Grid("Lembar", list(rows)), WORDS))


@st.composite
def niks(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(sorted(WORDS.regencies))) + f"{draw(st.integers(1, 40)):02d}"
    day, month, year = draw(st.integers(1, 28)), draw(st.integers(1, 12)), draw(st.integers(0, 99))
    day += 40 * draw(st.booleans())
    return f"{region}{day:02d}{month:02d}{year:02d}{draw(st.integers(1, 9999)):04d}"


@settings(max_examples=150, deadline=None)
@given(niks(), st.sampled_from(["{}", "NIK {}", "'{}", "NIK:{};", "({})", "Budi, {}, Sangatta", "x\n{}\ny", " {} "]))
def test_a_nik_is_found_wherever_it_stands_in_a_text_and_masked(nik: str, around: str) -> None:
    text = around.format(nik)
    assert kinds(["Catatan"], [text]) == {"personal_number"}
    assert nik not in masked(text, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "6402 1550 0510 0001",
        "6402-1550-0510-0001",
        "640215 500510 0001",
        "64.02.15.500510.0001",
        "64 02 15 50 05 10 0001",
        "６４０２１５５００５１００００１",
        "6402155\u200b005100001",
        "٦٤٠٢١٥٥٠٠٥١٠٠٠٠١",
    ],
)
def test_a_nik_cut_or_disguised_is_found(text: str) -> None:
    assert is_suspect(text, WORDS)


@pytest.mark.parametrize(
    "text",
    ["0812-3456-7890", "081234567890", "+62 812 3456 7890", "+6281234567890", "WA 6281234567890", "hp:0852 1234 567"],
)
def test_a_mobile_number_is_found(text: str) -> None:
    assert kinds(["Catatan"], [text]) == {"personal_phone"}


@pytest.mark.parametrize(
    "text",
    [
        "188.45/123/2023",
        "SK Bupati No. 188.45/0812/KUM/2023",
        "Rp 6.402.155.005.100.001",
        "Rp6402155005100001",
        "62.812.345.678",
        "5.1.02.01.01.0024.6402155005100001.1",
        "(0541) 123456",
        "0541-7654321",
        "31/12/2023",
        "2023-12-31 23:59:59",
        "SAPA 129 atau 08111-129-129",
        "https://facebook.com/posts/9999155005100001",
        "https://drive.google.com/file/d/1a2B3c4D5e6F7g8H/view",
        "1234567890123456",
        "3500000000000000",
        "NIK anak",
        "12.345 anak memiliki NIK",
    ],
)
def test_honest_text_gives_no_alarm(text: str) -> None:
    assert kinds(["Catatan"], [text]) == set()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(10**14, 10**17), min_size=1, max_size=8),
    st.sampled_from(["Anggaran (Rp)", "Pagu 2023", "Realisasi", "Jumlah anggaran", "Total belanja", "Dana desa"]),
    st.booleans(),
)
def test_budget_figures_of_any_length_give_no_alarm(figures: list[int], heading: str, as_text: bool) -> None:
    rows = [[f"Kegiatan {n}", str(it) if as_text else float(it)] for n, it in enumerate(figures)]
    assert kinds(["Kegiatan", heading], *rows) == set()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.integers(0, 10**12).map(float),
            st.decimals(0, 10**9, places=2).map(lambda it: f"{Decimal(it):,}".translate(str.maketrans(",.", ".,"))),
            st.dates().map(str),
            st.tuples(st.integers(1, 999), st.integers(1, 999), st.integers(2010, 2026)).map(
                lambda it: "{}/{}/{}".format(*it)
            ),
            st.sampled_from(
                ["Kecamatan Sangatta Utara", "SDN 001 Bengalon", "Desa Suka Maju", "PUSPAGA", "Nihil", "-"]
            ),
        ),
        min_size=3,
        max_size=30,
    ),
    st.sampled_from(
        ["Kecamatan", "Jumlah anak", "Nomor SK", "Nama sekolah", "Usia 0-5", "Anak memiliki NIK", "Jumlah KK", "Umur"]
    ),
)
def test_honest_tables_of_figures_give_no_alarm(column: list, heading: str) -> None:
    rows = [[n, content, 12.0] for n, content in enumerate(column)]
    assert kinds(["No", heading, "Jumlah"], *rows) == set()


def test_a_number_stored_as_a_figure_is_found_but_a_budget_is_not() -> None:
    assert kinds(["No", "Data"], [1.0, float(NIK)]) == {"personal_number"}
    assert kinds(["No", "Pagu"], [1.0, float(NIK)]) == set()
    assert kinds(["Uraian", "2023"], ["Realisasi anggaran", float(NIK)]) == set()
    assert kinds(["Realisasi anggaran", float(NIK)]) == set()
    assert kinds(["Realisasi anggaran", *[""] * 8, float(NIK)]) == {"personal_number"}
    assert kinds(["Uraian", "Angka / pembilang 2023"], ["Jumlah anak", NIK]) == {"personal_number"}


def test_what_stands_under_a_heading_of_persons_is_found_whatever_its_date() -> None:
    assert kinds(["No", "NIK"], [1.0, "9999999999999999"]) == {"personal_number"}
    assert kinds(["No. KK"], ["1234 5678 9012 3456"]) == {"personal_number"}
    assert kinds(["Jumlah", "NIK"], ["Kecamatan A", 1234.0]) == set()
    assert kinds(["No HP"], [81234567890.0]) == {"personal_phone"}
    assert kinds(["NIK", ":", NIK]) == {"personal_number"}


def test_lists_of_children_are_found_by_heading_and_by_ages_beside_names() -> None:
    assert kinds(["No", "Nama Anak"], [1.0, "Budi"]) == {"personal_names"}
    assert kinds(["Nama", "Umur"], ["Zxcv Qwer", 9.0]) == {"personal_names"}
    assert kinds(["Nama", "Jabatan"], ["Budi Santoso", "Kepala Dinas"]) == set()
    assert kinds(["Nama", "Jabatan", "Umur"], ["Budi Santoso", "Kepala Dinas", 50.0]) == set()
    assert kinds(["Nama kecamatan", "Umur 0-5"], ["Sangatta Utara", 9.0]) == set()
    assert kinds(*[[name, 9.0] for name in ("Siti Aminah", "Budi Santoso", "Ahmad Fauzi")]) == {"personal_names"}
    assert kinds(["Catatan"], ["Peserta: Siti Aminah (9 th), Budi Santoso (10 tahun)"]) == {"personal_names"}
    assert kinds(["Catatan"], ["korban atas nama Siti"]) == {"personal_names"}
    assert kinds(["Catatan"], ["Anak usia 5 tahun; Perda 12 Tahun 2022"]) == set()


def test_what_was_found_to_be_nobodys_hides_nothing_later_and_is_no_endless_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(personal_sheets, "_MOST_REMEMBERED", 3)
    words = replace(WORDS)
    for number in range(9):
        honest = Grid("Lembar", [["Judul", f"SK nomor {number}", number]])
        assert not personal_places(honest, words)
        assert set(personal_places(Grid("Lembar", [*honest.rows, [NIK]]), words)) == {"personal_number"}
        assert 1 <= len(words.harmless) <= 3
        assert NIK not in words.harmless


def test_a_clean_text_is_returned_as_it_is() -> None:
    assert masked("Isian ２０２４.xlsx", WORDS) == "Isian ２０２４.xlsx"
