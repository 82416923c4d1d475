"""Certain meanings are taken, near ones are left to a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.io.layout_words import load_limits
from kla.resolving import Certainty, Limits, Names, Way, key_of, resolve

LIMITS = Limits(certain=90, margin=8, near=75, shortest=6, apart=frozenset({"belum"}))
NAMES = Names(
    {"Dinas Kesehatan": "DINKES", "Dinas Pendidikan": "DISDIK", "Dinkes": "DINKES", "Belum ada laporan": "NOL"}
)


@pytest.mark.parametrize("text", ["dinas  KESEHATAN", "Dinas-Kesehatan.", "dinkes", "Dinas\u00a0Kesehatan"])
def test_the_same_letters_mean_the_same_for_certain(text: str) -> None:
    found = resolve(text, NAMES, {}, None)
    assert (found.certainty, found.candidate, found.score, found.way) == (Certainty.CERTAIN, "DINKES", 100, Way.EXACT)


@pytest.mark.parametrize("text", ["Dinas Kesehtan", "Kesehatan Dinas", "DinasKesehatann"])
def test_a_slip_of_the_pen_is_taken(text: str) -> None:
    found = resolve(text, NAMES, {}, LIMITS)
    assert (found.candidate, found.way, found.name) == ("DINKES", Way.SIMILAR, "Dinas Kesehatan")
    assert LIMITS.certain <= found.score <= 100


def test_what_is_only_near_is_left_to_a_person_with_its_score() -> None:
    found = resolve("Dinas Kesehatn Kab", NAMES, {}, LIMITS)
    assert (found.certainty, found.candidate, found.way) == (Certainty.NEAR, "DINKES", None)
    assert LIMITS.near <= found.score < LIMITS.certain


@pytest.mark.parametrize("text", ["", "   ", "Badan Pusat Statistik", "x"])
def test_what_is_like_nothing_is_unknown(text: str) -> None:
    assert resolve(text, NAMES, {}, LIMITS).certainty is Certainty.UNKNOWN


def test_a_stewards_choice_is_learned_unless_it_means_nothing_here() -> None:
    found = resolve("Dinas Sehat", NAMES, {"DINAS  sehat": "DINKES"}, LIMITS)
    assert (found.candidate, found.way) == ("DINKES", Way.LEARNED)
    assert resolve("Dinas Sehat", NAMES, {"Dinas Sehat": "dinas kesehatan"}, None).candidate == "DINKES"
    assert resolve("Dinas Sehat", NAMES, {"Dinas Sehat": "PUPR"}, LIMITS).certainty is Certainty.UNKNOWN
    assert resolve("Dinas Kesehtan", NAMES, {"Dinas Kesehtan": ""}, LIMITS).certainty is Certainty.UNKNOWN


def test_two_meanings_equally_near_are_never_taken() -> None:
    names = Names({"Kecamatan Angsaba": "A", "Kecamatan Angsana": "B"})
    assert resolve("Kecamatan Angsama", names, {}, LIMITS).certainty is Certainty.NEAR


@pytest.mark.parametrize(
    ("text", "name"),
    [("ada laporan", "Belum ada laporan"), ("Penyebut 2022", "Penyebut 2023"), ("Klaster II", "Klaster III")],
)
def test_a_number_or_a_negation_that_differs_is_no_slip_of_the_pen(text: str, name: str) -> None:
    limits = Limits(certain=60, margin=0, near=50, shortest=1, apart=frozenset({"belum"}))
    assert resolve(text, Names({name: name}), {}, limits).certainty is Certainty.NEAR


def test_a_short_text_is_never_taken_by_likeness() -> None:
    assert resolve("Dnkes", NAMES, {}, LIMITS).certainty is Certainty.NEAR


def test_a_name_of_two_meanings_means_neither() -> None:
    names = Names({"Bagian Umum": "A", "BAGIAN UMUM": "B"})
    assert resolve("bagian umum", names, {}, LIMITS).certainty is Certainty.UNKNOWN


@given(st.text(max_size=30))
def test_without_limits_only_the_same_letters_count(text: str) -> None:
    found = resolve(text, NAMES, {}, None)
    assert (found.certainty is Certainty.CERTAIN) == (key_of(text) in {key_of(name) for name in NAMES.meanings})


def test_the_limits_hold_together() -> None:
    limits = load_limits()
    assert set(limits) == {"office", "header", "level", "kind"}
    assert all(0 < it.near < it.certain <= 100 and it.margin > 0 and it.shortest > 3 for it in limits.values())
